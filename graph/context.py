"""What a resolver may touch in one request: the data, the files, the time, who is asking."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from graph.limits import MAX_SECONDS
from graph.threads import Threads
from services.access import Identity
from services.db.connection import Database
from services.db.statement import EARLIEST, Statement
from services.errors import Rejected, TooLong
from services.ports import Files, Queue
from services.settings import Settings

if TYPE_CHECKING:
    from sqlmodel import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One request."""

    all_data: Database
    "For `database`, which is the way to it."
    open_files: Callable[[], Files]
    "Opens the bucket; not called on the path of a query, since that loads boto3."
    open_queue: Callable[[], Queue]
    "Opens the queue of the insight worker; likewise."
    settings: Settings
    now: datetime
    base_url: str
    request_id: str
    identity: Identity
    "Who asks."
    threads: Threads | None = None
    "Where requests are worked on side by side; None where one comes at a time."
    timer: Callable[[], float] = time.monotonic
    began: float = field(default_factory=time.monotonic)
    "By the timer: waiting for a thread counts."

    @property
    def database(self) -> Database:
        """The data, for something to be begun with. Raises TooLong once the request's time is up."""
        if self.timer() - self.began > MAX_SECONDS:
            raise TooLong(f"the request has had its {MAX_SECONDS} seconds: nothing more of it is begun")
        return self.all_data

    @property
    def actor(self) -> str:
        """Whom changes are recorded under."""
        return self.identity.actor

    def statement(self, as_of: date | None = None) -> Statement:
        """A statement that speaks of today, or of an earlier day. Raises Rejected for a day to come."""
        today = self.now.date()
        if as_of is not None and not EARLIEST <= as_of <= today:
            raise Rejected("OUT_OF_RANGE", f"asOf must be from {EARLIEST} to today ({today}), not {as_of}", ["asOf"])
        return Statement(today=today, as_of=as_of, currency=self.settings.currency)

    def writing(self) -> "AbstractContextManager[Session]":
        """One root field's unit of work, committed when the block ends: see docs/decisions/0002."""
        return self.database.writing()
