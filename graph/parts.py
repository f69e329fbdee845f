"""What the HTTP application is built over."""

from collections.abc import Callable
from dataclasses import dataclass

from graph.threads import Threads
from services.db.connection import Database
from services.ports import Clock, Files, Queue, Tokens
from services.settings import Settings


@dataclass(frozen=True, slots=True)
class Parts:
    """What the application is built over. None of it is opened before the first request that needs it."""

    settings: Settings
    database: Callable[[], Database]
    files: Callable[[], Files]
    queue: Callable[[], Queue]
    clock: Clock
    threads: Threads | None = None
    "Where GraphQL requests are worked on side by side; None where one comes at a time, as on Lambda."
    tokens: Callable[[], Tokens] | None = None
    "What verifies JWTs; None where nothing does."
