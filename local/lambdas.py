"""How Lambda calls a handler: the context it hands over, and what it makes of an exception."""

import logging
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

log = logging.getLogger(__name__)

ACCOUNT = "123456789012"
REGION = "eu-central-1"

Handler = Callable[[dict[str, Any], Any], Any]


@dataclass(frozen=True, slots=True)
class Context:
    """The second argument of a handler, with the names that AWS gave it."""

    function_name: str
    seconds: float
    "The function's timeout."
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    function_version: str = "$LATEST"
    memory_limit_in_mb: int = 1024
    started: float = field(default_factory=time.monotonic)

    @property
    def invoked_function_arn(self) -> str:
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.function_name}"

    @property
    def log_group_name(self) -> str:
        return f"/aws/lambda/{self.function_name}"

    @property
    def log_stream_name(self) -> str:
        return f"local/[{self.function_version}]{self.aws_request_id}"

    def get_remaining_time_in_millis(self) -> int:
        """Never below 0. A handler that runs on is not stopped here."""
        return max(0, int((self.started + self.seconds - time.monotonic()) * 1000))


@dataclass(frozen=True, slots=True)
class Crashed:
    """The handler raised; its trace is in the log."""


def invoke(handler: Handler, event: Mapping[str, Any], context: Context) -> Any:
    """What the handler answers, or Crashed where it raised whatever it raised."""
    try:
        return handler(dict(event), context)
    except Exception:
        log.exception("%s failed", context.function_name)
        return Crashed()
