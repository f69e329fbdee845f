"""What a server of OpenAI's protocol answered: a text and its usage, or why there is none. Not the asking.

The answer is read as plain JSON, for not every server keeps to the types of OpenAI's package. No message here quotes
what the server said: it may hold a key, or the model's words.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from services.vocabulary import JobFailureCode

if TYPE_CHECKING:
    from openai import APIStatusError

LONGEST_WAIT: Final = 86_400.0
"Seconds of a Retry-After that are believed."
OF_CONTENT: Final = {"content_filter", "content_policy_violation", "invalid_prompt"}
OF_MONEY: Final = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}


class Failed(Exception):
    """A call gave no text.

    `passing`: the same call may succeed soon. `retry_after` is in seconds, where told. `refused` is what the server
    said, in lower case, of a request that it does not understand: to find the parameter, not to show.
    """

    def __init__(
        self,
        code: JobFailureCode,
        message: str,
        *,
        passing: bool = False,
        retry_after: float | None = None,
        refused: str = "",
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.passing = passing
        self.retry_after = retry_after
        self.refused = refused


class Unusable(Failed):
    """The server answered, and the answer is not what was asked for: asking once more may help."""

    def __init__(self, message: str, code: JobFailureCode = JobFailureCode.PROVIDER_UNAVAILABLE) -> None:
        super().__init__(code, message)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of a call. `cached` and `cache_written` are parts of `prompt`."""

    prompt: int = 0
    completion: int = 0
    cached: int = 0
    cache_written: int = 0


def parsed(body: bytes) -> Mapping[str, Any]:
    """The answer as JSON. Raises Failed for anything else, such as the page of a proxy or half an answer."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Failed(
            JobFailureCode.PROVIDER_UNAVAILABLE, "the model's provider sent something else than JSON", passing=True
        ) from error
    if not isinstance(answer, dict):
        raise Failed(JobFailureCode.PROVIDER_UNAVAILABLE, "the model's provider sent no completion", passing=True)
    return answer


def usage(answer: Mapping[str, Any]) -> Usage | None:
    """What the answer says that it took; None where it does not say."""
    told = answer.get("usage")
    if not isinstance(told, dict):
        return None
    details = _object(told.get("prompt_tokens_details"))
    prompt = _count(told.get("prompt_tokens"))
    cached = min(_count(details.get("cached_tokens")), prompt)
    written = min(_count(details.get("cache_write_tokens")), prompt - cached)
    return Usage(prompt, _count(told.get("completion_tokens")), cached, written)


def content(answer: Mapping[str, Any]) -> str:
    """The text of the first choice. Raises Failed: why it ended counts first, then a refusal, then the text."""
    choices = answer.get("choices")
    if not isinstance(choices, list) or not choices:
        raise Failed(JobFailureCode.PROVIDER_UNAVAILABLE, "the model's provider sent no completion", passing=True)
    choice = _object(choices[0])
    message, ended = _object(choice.get("message")), choice.get("finish_reason")
    if ended == "length":
        raise Failed(JobFailureCode.OUTPUT_TRUNCATED, "the model's answer reached its limit of tokens")
    if ended == "content_filter":
        raise Failed(JobFailureCode.PROVIDER_REFUSED, "the provider's content filter held the answer back")
    if message.get("refusal"):
        raise Failed(JobFailureCode.PROVIDER_REFUSED, "the model refused to answer")
    if ended in ("tool_calls", "function_call"):
        raise Unusable("the model called a tool and has none")
    text = message.get("content")
    if not isinstance(text, str) or not text.strip():
        raise Unusable("the model's answer is empty")
    return text


def failed(error: "APIStatusError", model: str) -> Failed:
    """Why the server answered with a status of 400 or more. What our configuration causes is our own fault."""
    status, code = error.status_code, error.code or ""
    told = f" ({status}, {code})" if re.fullmatch(r"[a-z_]{1,40}", code) else f" ({status})"
    wait = _retry_after(error.response.headers)
    asked = error.response.headers.get("x-should-retry")
    passing = asked == "true" or (asked != "false" and (status in (408, 409, 429) or status >= 500))
    if status == 402 or code in OF_MONEY:
        message = f"the account with the model's provider has no credit left{told}"
        return Failed(JobFailureCode.PROVIDER_RATE_LIMITED, message, retry_after=wait)
    if status == 429:
        message = f"the model's provider asks us to slow down{told}"
        return Failed(JobFailureCode.PROVIDER_RATE_LIMITED, message, passing=passing, retry_after=wait)
    if status in (408, 409) or status >= 500:
        message = f"the model's provider failed{told}"
        return Failed(JobFailureCode.PROVIDER_UNAVAILABLE, message, passing=passing, retry_after=wait)
    if code in OF_CONTENT:
        return Failed(JobFailureCode.PROVIDER_REFUSED, f"the model's provider refused the prompt{told}")
    if status in (401, 403):
        message = f"the model's provider does not accept OPENAI_API_KEY{told}"
    elif status == 404:
        message = f"OPENAI_MODEL {model!r} is not to be had there, or OPENAI_BASE_URL leads nowhere{told}"
    else:
        message = f"the model's provider does not understand the request{told}"
    refused = str(error.body).lower() if status in (400, 422) else ""
    return Failed(JobFailureCode.INTERNAL, message, passing=asked == "true", retry_after=wait, refused=refused)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, from 0 to a day, that the server wants to be left alone; None where it tells none that make sense."""
    for header, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(header, "")) / unit
        except ValueError:
            continue
        if not math.isnan(seconds):
            return min(max(seconds, 0.0), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(headers.get("retry-after", ""))
        now = parsedate_to_datetime(headers.get("date", ""))  # the server's own clock, whatever ours says
    except ValueError:
        return None
    seconds = (_aware(until) - _aware(now)).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _count(value: Any) -> int:
    return value if type(value) is int and 0 <= value <= 1_000_000_000 else 0
