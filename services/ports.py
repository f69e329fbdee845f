"""What the use cases need from outside, named for the need. The adapters answer it; the tests may too."""

from dataclasses import dataclass
from datetime import datetime
from typing import IO, Protocol


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


class Clock(Protocol):
    def __call__(self) -> datetime:
        """Now, in UTC and aware."""
