"""What can go wrong, as one family.

Failure
├── NotFound      the thing asked for is not there
├── Rejected      the caller can mend it: a value, a version, a key (carries a code and a path)
├── Unavailable   a dependency did not answer: try again later
│   ├── Unsettled     it did not answer any more when a change may have been made: look first
│   └── TooLong       a statement, or a request before this part of it, took as long as it may: ask for less
├── TooLarge      what was asked for is more than one answer may hold
├── Unauthenticated   nobody knows who asks
├── Forbidden     it is known who asks, and that is not for them
└── NotWritten    an engine gave no draft of an insight (stands in services/ports.py with the rest of that port)
"""

from collections.abc import Sequence


class Failure(Exception):
    """Root of every failure that this product raises on purpose. Messages are lower case and name the thing."""


class NotFound(Failure):
    """Nothing has that id or key."""


class Rejected(Failure):
    """The request cannot be carried out as it is, and the caller can mend it.

    `code` is one of the contract's UserErrorCode names; `path` leads to the offending input field.
    """

    def __init__(self, code: str, message: str, path: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.path = tuple(path)


class Unavailable(Failure):
    """A dependency (database, S3, SQS) did not answer. The same call may succeed later."""


class Unsettled(Unavailable):
    """A dependency stopped answering when the change may have been made already. The message is for the client."""


class TooLong(Unavailable):
    """A statement was stopped, or not begun, since it or its request took longer than it may. It has changed nothing.

    The same takes as long.
    """


class TooLarge(Failure):
    """What was asked for is more than one answer may hold. The message is for the client."""

    def __init__(self) -> None:
        super().__init__("the answer would be too large: ask for fewer entries at once")


class Unauthenticated(Failure):
    """Nobody knows who asks. It says the same whatever was wrong with what they sent, if they sent anything."""

    def __init__(self) -> None:
        super().__init__("send a valid key or token as Authorization: Bearer ...")


class Forbidden(Failure):
    """The role of whoever asks does not allow it. It says the same whatever was asked for, there or not."""

    def __init__(self) -> None:
        super().__init__("your role does not allow this")
