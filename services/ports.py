"""What the use cases need from outside, named for the need. The adapters answer it; the tests may too."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Protocol

from services.errors import Failure
from services.vocabulary import JobFailureCode

if TYPE_CHECKING:
    from services.evidence.drafts import Draft
    from services.evidence.subject import Subject


@dataclass(frozen=True, slots=True)
class UploadForm:
    """A form that a browser or curl posts, as multipart/form-data, with the file last."""

    url: str
    fields: tuple[tuple[str, str], ...]
    expires_at: datetime


class Files(Protocol):
    """The bucket of uploaded files and their reports."""

    def form(self, key: str, *, now: datetime) -> UploadForm:
        """A signed form that lets one CSV file of 1 byte to 10 MB be posted to `key` for five minutes."""

    def fetch(self, key: str, into: IO[bytes], *, limit: int) -> int:
        """Copy the object into `into` and say how many bytes it has.

        Raises NotFound where there is none and Rejected("OUT_OF_RANGE") where it has more than `limit` bytes
        (nothing is copied then).
        """

    def store(self, key: str, content: IO[bytes]) -> None:
        """Write `content` as the CSV object `key`."""

    def link(self, key: str, *, file_name: str) -> str:
        """A signed address, valid for five minutes, that downloads the object as `file_name`."""


class Announcements(Protocol):
    """Whoever listens for finished uploads."""

    def upload_finished(self, message: dict[str, object]) -> None:
        """Tell it. Raises Unavailable where it cannot be told."""


@dataclass(frozen=True, slots=True)
class Call:
    """What one call of a model took. `cost` is in US dollars; None where the model's price is not known."""

    model: str
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    "Of the prompt's tokens, those that the provider had read before."
    cost: Decimal | None
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Written:
    """A draft, and the calls that it took: more than one where the provider failed in between; none for rules."""

    draft: "Draft"
    calls: tuple[Call, ...]


class NotWritten(Failure):
    """The writer has no draft to give. `calls` were paid for all the same.

    `retry_after` is how long the provider wants to be left alone; None where it did not say.
    """

    def __init__(
        self,
        code: JobFailureCode,
        message: str,
        *,
        retry_after: timedelta | None = None,
        calls: Sequence[Call] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after = retry_after
        self.calls = tuple(calls)


class Writer(Protocol):
    """Writes a draft of an insight from facts."""

    def write(self, subject: "Subject", *, within: timedelta) -> Written:
        """The draft, unchecked, after at most `within`. Raises NotWritten."""


class Queue(Protocol):
    """The queue that the insight worker takes its messages from."""

    def send(self, job_ids: Sequence[str]) -> Sequence[str]:
        """Queue a message for each job, by the id that clients know; says those that could not be queued."""

    def postpone(self, receipt: str, delay: timedelta) -> None:
        """Let the received message come back after `delay` (0 seconds to 12 hours) rather than when its time is up.

        Where that fails, the message comes back when its time is up.
        """


class Secret(Protocol):
    """A password, an address that holds one, a key: kept elsewhere, and perhaps changed there."""

    def value(self, *, refused: str | None = None) -> str:
        """What it is. Raises Unavailable where it can't be had.

        Where it is still what was `refused`, it is fetched anew, but not more often than every minute.
        """


class Tokens(Protocol):
    """What verifies JWTs by their issuer's keys."""

    def claims(self, token: str) -> Mapping[str, object]:
        """What a token says that the issuer has signed; nothing else of it is checked.

        Raises Unauthenticated, and Unavailable where the issuer's keys cannot be had.
        """


class Clock(Protocol):
    def __call__(self) -> datetime:
        """Now, in UTC and aware."""
