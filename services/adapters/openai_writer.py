"""Drafts by a language model, through OpenAI's package and any server that speaks its protocol. Answers ports.Writer.

Not what is asked (services.prompts), nor whether the answer is true (services.evidence).
"""

import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from services import prompts, tracing
from services.adapters import openai_answers
from services.adapters.model_table import Manner, cost, manner
from services.adapters.openai_answers import Failed, Unusable, Usage
from services.errors import Unavailable
from services.evidence.drafts import Draft
from services.evidence.subject import Subject
from services.ports import Call, NotWritten, Secret, Written
from services.prompts import Malformed, Prompt
from services.settings import Settings
from services.vocabulary import JobFailureCode

if TYPE_CHECKING:
    from openai import OpenAI

log = logging.getLogger(__name__)

OPENAI_URL: Final = "https://api.openai.com/v1"
NO_KEY: Final = "none-needed"
"What a server of one's own gets for a key."
TRIES: Final = 3
"Calls of one write, a second look at a bad answer included; refusals of a parameter are not counted."
SHORTEST: Final = 1.0
"Seconds under which no call is begun."
CONNECTING: Final = 5.0
FIRST_WAIT: Final = 0.5
"Seconds before the second try, at most, where the provider names none; twice as many before the third."
LARGEST: Final = 1024 * 1024
"Bytes of an answer that are read."


@dataclass(slots=True)
class _Writing:
    """One write under way: what is asked, until when, and the calls so far."""

    prompt: Prompt
    deadline: float
    again: str = ""
    "What was wrong with the answer before, where the model is asked a second time."
    calls: list[Call] = field(default_factory=list)


class OpenAIWriter:
    """Asks the model of the settings. openai is loaded and the client made when it is first asked."""

    def __init__(
        self,
        settings: Settings,
        key: Secret | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self._settings = settings
        self._secret = key
        self._clock = clock
        self._sleep = sleep
        self._dice = dice
        self._manner: Manner = manner(settings.openai_model)
        self._openai: OpenAI | None = None
        self._key = ""
        "What the client was made with."

    def write(self, subject: Subject, *, within: timedelta) -> Written:
        writing = _Writing(prompts.build(subject), self._clock() + within.total_seconds())
        tried = 0
        while True:
            tried += 1
            try:
                return Written(self._draft(writing, subject), tuple(writing.calls))
            except Failed as failure:
                worth = failure.passing or (isinstance(failure, Unusable) and not writing.again)
                wait = self._wait(failure, tried)
                left = writing.deadline - self._clock()
                if tried == TRIES or not worth or wait + SHORTEST > left:
                    raise _not_written(failure, writing.calls) from failure
                log.warning("%s: again in %.1f s", failure.message, wait)
                if isinstance(failure, Unusable):
                    writing.again = failure.message
            self._sleep(wait)

    def _draft(self, writing: _Writing, subject: Subject) -> Draft:
        answer = self._answer(writing)
        try:
            return prompts.read(openai_answers.content(answer), subject)
        except Malformed as error:
            code = JobFailureCode.OUTPUT_TRUNCATED if error.cut_off else JobFailureCode.PROVIDER_UNAVAILABLE
            raise Unusable(f"the model's answer cannot be used: {error}", code) from error

    def _wait(self, failure: Failed, tried: int) -> float:
        """Seconds before the next try: what the provider asks for, else a half to the whole of a growing step."""
        if isinstance(failure, Unusable):
            return 0.0
        step: float = FIRST_WAIT * 2 ** (tried - 1)
        return max(failure.retry_after or 0.0, step * (1 + self._dice()) / 2)

    def _answer(self, writing: _Writing) -> Mapping[str, Any]:
        """The completion as JSON, asked without whatever parameter the server says that it does not take."""
        while True:
            try:
                return self._call(writing)
            except Failed as failure:
                another = self._manner.without(failure.refused)
                if another is None:
                    raise
                log.warning("%s: asking as %s instead", failure.message, another)
                self._manner = another

    def _call(self, writing: _Writing) -> Mapping[str, Any]:
        """One call, counted whatever becomes of it, with the tokens that the answer tells."""
        model = self._settings.openai_model
        with tracing.span(f"chat {model}", {"gen_ai.request.model": model}, kind="CLIENT"):
            return self._counting(writing)

    def _counting(self, writing: _Writing) -> Mapping[str, Any]:
        self._client()  # loading it takes seconds where a machine is slow: they are not the model's
        began = self._clock()
        seconds = min(float(self._settings.openai_timeout_seconds), writing.deadline - began)
        if seconds < SHORTEST:
            raise Failed(JobFailureCode.TIMED_OUT, "no time is left to ask the model")
        usage = None
        try:
            with _told(self._settings.openai_model, seconds):
                answer = openai_answers.parsed(self._body(self._request(writing), began + seconds))
            usage = openai_answers.usage(answer)
            if usage is not None:
                tokens = {"gen_ai.usage.input_tokens": usage.prompt, "gen_ai.usage.output_tokens": usage.completion}
                tracing.note(tokens)
            return answer
        except Failed as failure:
            if failure.code is JobFailureCode.INTERNAL and not failure.refused and self._has_a_new_key():
                raise Failed(JobFailureCode.PROVIDER_UNAVAILABLE, "the key has been replaced", passing=True) from None
            raise
        finally:
            writing.calls.append(self._counted(usage, self._clock() - began))

    def _body(self, request: dict[str, Any], until: float) -> bytes:
        """The answer's bytes. They are read piece by piece, so that a server that trickles cannot hold us."""
        from openai import Timeout

        seconds = until - self._clock()
        timeout = Timeout(seconds, connect=min(seconds, CONNECTING))
        body = bytearray()
        completions = self._client().chat.completions.with_streaming_response
        with completions.create(**request, timeout=timeout) as response:
            for part in response.iter_bytes():
                body += part
                if len(body) > LARGEST:
                    message = f"the model's provider sent more than {LARGEST:,} bytes"
                    raise Failed(JobFailureCode.PROVIDER_UNAVAILABLE, message)
                if self._clock() > until:
                    raise Failed(JobFailureCode.TIMED_OUT, "the model's answer did not come to an end", passing=True)
        return bytes(body)

    def _request(self, writing: _Writing) -> dict[str, Any]:
        prompt = writing.prompt
        system = prompt.system if self._manner.holds_a_schema else prompt.spelled_out
        messages = [{"role": "system", "content": system}, {"role": "user", "content": prompt.user}]
        if writing.again:
            messages.append({"role": "user", "content": f"Answer again, in the shape asked for: {writing.again}."})
        return {"model": self._settings.openai_model, "messages": messages, **self._manner.parameters(prompt)}

    def _counted(self, usage: Usage | None, seconds: float) -> Call:
        model, took = self._settings.openai_model, usage or Usage()
        return Call(
            model=model,
            prompt_tokens=took.prompt,
            completion_tokens=took.completion,
            cached_tokens=took.cached,
            cost=cost(model, took) if usage else None,
            duration_ms=round(seconds * 1000),
        )

    def _client(self) -> "OpenAI":
        if self._openai is None:
            from openai import OpenAI

            key, url = self._known_key() or NO_KEY, self._settings.openai_base_url or OPENAI_URL
            if not (key.isascii() and key.isprintable() and " " not in key):
                raise Failed(JobFailureCode.INTERNAL, "OPENAI_API_KEY holds characters that no key has")
            if not _is_address(url):
                raise Failed(JobFailureCode.INTERNAL, "OPENAI_BASE_URL is no address of the form https://host/v1")
            self._openai, self._key = OpenAI(api_key=key, base_url=url, max_retries=0), key
        return self._openai

    def _known_key(self, *, refused: str | None = None) -> str:
        if self._secret is None:
            return self._settings.openai_api_key
        try:
            return self._secret.value(refused=refused)
        except Unavailable as error:
            log.warning("OPENAI_API_KEY: %s", error)
            raise Failed(JobFailureCode.PROVIDER_UNAVAILABLE, "OPENAI_API_KEY cannot be read") from error

    def _has_a_new_key(self) -> bool:
        """Whether another key is kept now than the one that was refused; the next call is made with it."""
        if self._openai is None or self._known_key(refused=self._key) in (self._key, ""):
            return False
        self._openai.close()
        self._openai = None
        return True


@contextmanager
def _told(model: str, seconds: float) -> Iterator[None]:
    """Turns the errors of openai and of what it speaks HTTP with into ours."""
    import httpx2
    import openai

    try:
        yield
    except openai.APIStatusError as error:
        # without the cause: its text is the server's, and some repeat the key that they refuse
        raise openai_answers.failed(error, model) from None
    except (openai.APITimeoutError, httpx2.TimeoutException) as error:
        message = f"the model did not answer within {seconds:.0f} s"
        raise Failed(JobFailureCode.TIMED_OUT, message, passing=True) from error
    except (openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, OSError) as error:
        message = "the model's provider cannot be reached, or broke off"
        raise Failed(JobFailureCode.PROVIDER_UNAVAILABLE, message, passing=True) from error


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _not_written(failure: Failed, calls: Sequence[Call]) -> NotWritten:
    wait = None if failure.retry_after is None else timedelta(seconds=failure.retry_after)
    return NotWritten(failure.code, failure.message, retry_after=wait, calls=calls)
