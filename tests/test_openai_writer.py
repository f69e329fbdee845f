"""The model's writer, against servers that answer as OpenAI's does, as others do, and as broken ones do."""

import json
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from local.model_double import ModelDouble
from services import prompts
from services.adapters.model_table import PRICES, cost, manner
from services.adapters.openai_answers import Usage
from services.adapters.openai_writer import OpenAIWriter
from services.errors import Unavailable
from services.ports import Call, NotWritten, Written
from services.settings import Settings
from services.vocabulary import JobFailureCode
from tests.subjects import ACCOUNT, PORTFOLIO

KEY = "sk-proj-0123456789abcdef"
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def running() -> Iterator[ModelDouble]:
    with ModelDouble(seconds=0.25) as double:
        yield double


@pytest.fixture
def double(running: ModelDouble) -> ModelDouble:
    running.become("honest", seconds=0.25)
    return running


class Asked:
    """A writer that does not really wait, and what it waited."""

    def __init__(self, url: str, **settings: Any) -> None:
        self.waits: list[float] = []
        known = Settings(openai_base_url=url, **{"openai_api_key": KEY, "openai_model": "gpt-5-mini", **settings})
        self.writer = OpenAIWriter(known, sleep=self.waits.append, dice=lambda: 1.0)

    def write(self, within: timedelta = MINUTE) -> Written:
        return self.writer.write(ACCOUNT, within=within)

    def failure(self, within: timedelta = MINUTE) -> NotWritten:
        with pytest.raises(NotWritten) as failed:
            self.write(within)
        assert KEY not in "".join(traceback.format_exception(failed.value))
        return failed.value


def _told(failure: NotWritten) -> tuple[JobFailureCode, str, timedelta | None]:
    return failure.code, failure.message, failure.retry_after


def _tokens(calls: tuple[Call, ...]) -> list[tuple[bool, Decimal | None]]:
    """Of each call, whether its tokens are counted, and its cost."""
    return [(call.prompt_tokens > 0, call.cost) for call in calls]


def test_a_draft_comes_with_what_it_took(double: ModelDouble) -> None:
    first, again = Asked(double.url), Asked(double.url)

    written, rewritten = first.write(), again.write()

    assert written.draft == rewritten.draft
    assert written.draft.findings[0].text == "Health score is {E1}."
    [call], [cached] = written.calls, rewritten.calls
    assert (call.model, call.completion_tokens, call.cached_tokens) == ("gpt-5-mini", cached.completion_tokens, 0)
    assert (cached.prompt_tokens, cached.cached_tokens) == (call.prompt_tokens, call.prompt_tokens // 128 * 128)
    assert call.cost == (call.prompt_tokens * Decimal("0.25") + call.completion_tokens * 2) / 1_000_000
    assert 0 < call.duration_ms < 60_000


def test_a_portfolio_is_written_of_too(double: ModelDouble) -> None:
    written = Asked(double.url).writer.write(PORTFOLIO, within=MINUTE)

    assert written.draft.findings[0].text == "ARR in red is {E2}."


def test_the_model_is_asked_for_the_schema_and_for_nothing_else(double: ModelDouble) -> None:
    Asked(double.url).write()

    prompt = prompts.build(ACCOUNT)
    assert double.calls == [
        {
            "model": "gpt-5-mini",
            "messages": [
                {"role": "system", "content": prompt.system},
                {"role": "user", "content": prompt.user},
            ],
            "max_completion_tokens": 10_000,
            "reasoning_effort": "low",
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "insight", "strict": True, "schema": prompt.schema},
            },
        }
    ]


@pytest.mark.parametrize(
    ("mode", "code", "message", "tries"),
    [
        ("broken", "PROVIDER_UNAVAILABLE", "the model's provider failed (500)", 3),
        ("no-credit", "PROVIDER_RATE_LIMITED", "the account with the model's provider has no credit left (429, insufficient_quota)", 1),
        ("unauthorized", "INTERNAL", "the model's provider does not accept OPENAI_API_KEY (401, invalid_api_key)", 1),
        ("unknown-model", "INTERNAL", "OPENAI_MODEL 'gpt-5-mini' is not to be had there, or OPENAI_BASE_URL leads nowhere (404, model_not_found)", 1),
        ("html", "PROVIDER_UNAVAILABLE", "the model's provider sent something else than JSON", 3),
        ("half", "PROVIDER_UNAVAILABLE", "the model's provider cannot be reached, or broke off", 3),
        ("silent", "TIMED_OUT", "the model did not answer within 1 s", 1),
        ("trickling", "TIMED_OUT", "the model's answer did not come to an end", 1),
    ],
)  # fmt: skip
def test_a_failure_says_what_it_is(double: ModelDouble, mode: str, code: str, message: str, tries: int) -> None:
    double.become(mode)
    asked = Asked(double.url, openai_timeout_seconds=1)

    failure = asked.failure(within=timedelta(seconds=1.9) if code == "TIMED_OUT" else MINUTE)

    assert _told(failure) == (JobFailureCode(code), message, None)
    assert _tokens(failure.calls) == [(False, None)] * tries


@pytest.mark.parametrize(
    ("mode", "code", "message", "tries"),
    [
        ("length", "OUTPUT_TRUNCATED", "the model's answer reached its limit of tokens", 1),
        ("refusal", "PROVIDER_REFUSED", "the model refused to answer", 1),
        ("filtered", "PROVIDER_REFUSED", "the provider's content filter held the answer back", 1),
        ("truncated", "OUTPUT_TRUNCATED", "the model's answer cannot be used: the answer is cut off", 2),
        ("empty", "PROVIDER_UNAVAILABLE", "the model's answer is empty", 2),
        ("tool", "PROVIDER_UNAVAILABLE", "the model called a tool and has none", 2),
        ("wrong-schema", "PROVIDER_UNAVAILABLE", "the model's answer cannot be used: the answer is no object of headline, summary, findings, actions", 2),
    ],
)  # fmt: skip
def test_an_answer_without_a_draft_is_paid_for_all_the_same(
    double: ModelDouble, mode: str, code: str, message: str, tries: int
) -> None:
    double.become(mode)
    asked = Asked(double.url)

    failure = asked.failure()

    assert _told(failure) == (JobFailureCode(code), message, None)
    assert len(failure.calls) == tries
    assert all(call.prompt_tokens > 0 and call.cost for call in failure.calls)
    assert asked.waits == [0.0] * (tries - 1)


@pytest.mark.parametrize(("mode", "waits"), [("broken-once", [0.5]), ("rate-limited-once", [0.5]), ("wrong-schema-once", [0.0])])  # fmt: skip
def test_what_fails_once_is_tried_again(double: ModelDouble, mode: str, waits: list[float]) -> None:
    expected = Asked(double.url).write().draft
    double.become(mode)
    asked = Asked(double.url)

    written = asked.write()

    assert (written.draft, len(written.calls), asked.waits) == (expected, 2, waits)


def test_a_model_that_is_asked_again_is_told_why_in_our_words(double: ModelDouble) -> None:
    double.become("wrong-schema-once")

    Asked(double.url).write()

    assert [len(call["messages"]) for call in double.calls] == [2, 3]
    assert double.calls[1]["messages"][2] == {
        "role": "user",
        "content": "Answer again, in the shape asked for: the model's answer cannot be used: "
        "the answer is no object of headline, summary, findings, actions.",
    }


def test_a_provider_is_left_alone_as_long_as_it_asks(double: ModelDouble) -> None:
    double.become("rate-limited", seconds=7.5)
    asked = Asked(double.url)

    failure = asked.failure()

    message = "the model's provider asks us to slow down (429, rate_limit_exceeded)"
    assert _told(failure) == (JobFailureCode.PROVIDER_RATE_LIMITED, message, timedelta(seconds=7.5))
    assert asked.waits == [7.5, 7.5]


def test_nobody_waits_past_the_time_given(double: ModelDouble) -> None:
    double.become("rate-limited", seconds=30)
    asked = Asked(double.url)

    failure = asked.failure(within=timedelta(seconds=30))

    assert (failure.retry_after, len(failure.calls), asked.waits) == (timedelta(seconds=30), 1, [])


def test_without_time_nobody_is_asked(double: ModelDouble) -> None:
    failure = Asked(double.url).failure(within=timedelta(seconds=0.9))

    assert _told(failure) == (JobFailureCode.TIMED_OUT, "no time is left to ask the model", None)
    assert (failure.calls, double.calls) == ((), [])


def test_a_slow_model_is_waited_for(double: ModelDouble) -> None:
    double.become("slow")

    [call] = Asked(double.url).write().calls

    assert call.duration_ms >= 250


def test_a_server_that_holds_no_schema_is_told_it_in_words_from_then_on(double: ModelDouble) -> None:
    expected = Asked(double.url).write().draft
    double.become("no-json-schema")
    asked = Asked(double.url)

    first, second = asked.write(), asked.write()

    assert (first.draft, second.draft) == (expected, expected)
    assert (len(first.calls), len(second.calls)) == (2, 1)
    formats = [call["response_format"]["type"] for call in double.calls]
    assert formats == ["json_schema", "json_object", "json_object"]
    assert double.calls[2]["messages"][0]["content"] == prompts.build(ACCOUNT).spelled_out


def test_a_server_that_counts_nothing_costs_what_nobody_knows(double: ModelDouble) -> None:
    double.become("no-usage")

    assert _tokens(Asked(double.url).write().calls) == [(False, None)]


def test_a_server_of_ones_own_needs_no_key(double: ModelDouble) -> None:
    written = Asked(double.url, openai_api_key="", openai_model="llama3.1:8b").write()

    assert [call.cost for call in written.calls] == [None]
    parameters = {name: value for name, value in double.calls[0].items() if name not in ("messages", "response_format")}
    assert parameters == {"model": "llama3.1:8b", "max_tokens": 3_000, "temperature": 0.2}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"openai_api_key": "sk-ab\n"}, "OPENAI_API_KEY holds characters that no key has"),
        ({"openai_api_key": "sk–ab"}, "OPENAI_API_KEY holds characters that no key has"),
        ({"openai_base_url": "localhost:1234/v1"}, "OPENAI_BASE_URL is no address of the form https://host/v1"),
        ({"openai_base_url": "http://host:port/v1"}, "OPENAI_BASE_URL is no address of the form https://host/v1"),
    ],
)
def test_settings_that_cannot_be_meant_are_named(settings: dict[str, str], message: str) -> None:
    writer = OpenAIWriter(Settings(**{"openai_base_url": "http://127.0.0.1:9/v1", **settings}))  # type: ignore[arg-type]

    with pytest.raises(NotWritten) as failed:
        writer.write(ACCOUNT, within=MINUTE)

    assert _told(failed.value) == (JobFailureCode.INTERNAL, message, None)


def test_a_server_that_is_not_there_is_unavailable() -> None:
    failure = Asked("http://127.0.0.1:9/v1").failure()

    message = "the model's provider cannot be reached, or broke off"
    assert _told(failure) == (JobFailureCode.PROVIDER_UNAVAILABLE, message, None)


# --- servers that answer as they please ---

Said = tuple[int, dict[str, str], str]


class Scripted:
    """A server that gives its answers one by one, and honest ones of the double's when they are used up."""

    def __init__(self, *answers: Said) -> None:
        self.asked: list[dict[str, Any]] = []
        script, asked = list(answers), self.asked

        class Handler(BaseHTTPRequestHandler):
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                asked.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                status, headers, body = script.pop(0) if script else (200, {}, json.dumps(COMPLETION))
                self.send_response_only(status)
                for name, value in {"content-type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> "Scripted":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


DRAFT = {
    "headline": "Licence utilisation is {E6}.",
    "summary": "Licence utilisation is {E6}.",
    "findings": [{"text": "Licence utilisation is {E6}.", "kind": "RISK", "evidence": ["E6"]}],
    "actions": [],
}
COMPLETION: dict[str, Any] = {"choices": [{"message": {"content": json.dumps(DRAFT)}}]}


def _error(message: str, **more: Any) -> str:
    return json.dumps({"error": {"message": message, "type": "invalid_request_error", **more}})


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "7", "retry-after-ms": "1500"}, 1.5),
        ({"retry-after": "Sun, 22 Nov 2026 06:00:09 GMT", "date": "Sun, 22 Nov 2026 06:00:00 GMT"}, 9.0),
        ({"retry-after": "Sun, 22 Nov 2026 06:00:00 GMT", "date": "Sun, 22 Nov 2026 06:00:09 GMT"}, 0.5),
        ({"retry-after": "-3"}, 0.5),
        ({"retry-after": "soon"}, 0.5),
        ({"retry-after": "nan"}, 0.5),
        ({}, 0.5),
    ],
)
def test_the_wait_is_read_in_every_form(headers: dict[str, str], wait: float) -> None:
    with Scripted((503, headers, "busy")) as server:
        asked = Asked(server.url)

        asked.write()

    assert asked.waits == [wait]


@pytest.mark.parametrize("told", ["1e999", "inf", "99999999999", "1" * 400])
def test_a_wait_without_end_is_a_day(told: str) -> None:
    with Scripted((429, {"retry-after": told}, _error("slow down"))) as server:
        failure = Asked(server.url).failure()

    assert failure.retry_after == timedelta(days=1)


@pytest.mark.parametrize(
    ("status", "told", "tries"),
    [(500, "false", 1), (429, "false", 1), (400, "true", 3), (413, "", 1), (409, "", 3), (408, "", 3), (529, "", 3)],
)
def test_a_server_may_say_whether_to_try_again(status: int, told: str, tries: int) -> None:
    headers = {"x-should-retry": told} if told else {}
    with Scripted(*[(status, headers, _error("no"))] * 3) as server:
        failure = Asked(server.url).failure()

    assert len(failure.calls) == tries


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, _error("flagged", code="content_policy_violation"), JobFailureCode.PROVIDER_REFUSED),
        (400, _error("too long", code="context_length_exceeded"), JobFailureCode.INTERNAL),
        (400, "Bad Request", JobFailureCode.INTERNAL),
        (402, _error("Insufficient Balance"), JobFailureCode.PROVIDER_RATE_LIMITED),
        (403, _error(f"the key {KEY} may not"), JobFailureCode.INTERNAL),
        (404, "<html>404</html>", JobFailureCode.INTERNAL),
        (422, '{"detail": [{"loc": ["body"], "msg": "no"}]}', JobFailureCode.INTERNAL),
        (529, "overloaded", JobFailureCode.PROVIDER_UNAVAILABLE),
    ],
)
def test_each_status_has_its_code(status: int, body: str, code: JobFailureCode) -> None:
    with Scripted(*[(status, {}, body)] * 3) as server:
        failure = Asked(server.url).failure()

    assert (failure.code, f"({status}" in failure.message) == (code, True)


@pytest.mark.parametrize(
    "body",
    [
        "null",
        "[]",
        "{}",
        '{"choices": []}',
        '{"choices": [null]}',
        '{"choices": [{"message": "hi"}]}',
        '{"choices": [{"message": {"content": 7}}], "usage": {"prompt_tokens": "many"}}',
        '{"error": {"message": "upstream", "code": 502}}',
        '{"choices": [{"message": {"content": "\\ud800"}}]}',
        "[" * 100_000,
        "",
        " " * 1_100_000,
    ],
)
def test_an_odd_answer_is_no_crash(body: str) -> None:
    with Scripted(*[(200, {}, body)] * 3) as server:
        failure = Asked(server.url).failure()

    assert failure.code == JobFailureCode.PROVIDER_UNAVAILABLE
    assert [call.prompt_tokens for call in failure.calls] == [0] * len(failure.calls)


def test_parameters_that_a_server_does_not_take_are_left_out_one_by_one() -> None:
    refusals = [
        _error("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", param="max_tokens"),
        _error("temperature must be 1", param="temperature"),
        '{"error": "response_format.type must be json_object or text"}',
        '{"error": "\'response_format.type\' must be \'text\'"}',
        _error("max_completion_tokens: unknown"),
    ]  # fmt: skip
    with Scripted(*[(400, {}, refusal) for refusal in refusals]) as server:
        written = Asked(server.url, openai_model="mistral-small").write()
        asked = [{name: call[name] for name in call if name not in ("model", "messages")} for call in server.asked]

    assert len(written.calls) == 6
    schema = asked[0].pop("response_format")
    assert schema["type"] == "json_schema"
    assert asked[1].pop("response_format") == asked[2].pop("response_format") == schema
    assert asked == [
        {"max_tokens": 3_000, "temperature": 0.2},
        {"max_completion_tokens": 3_000, "temperature": 0.2},
        {"max_completion_tokens": 3_000},
        {"max_completion_tokens": 3_000, "response_format": {"type": "json_object"}},
        {"max_completion_tokens": 3_000},
        {},
    ]


def test_an_answer_in_the_prices_unit_and_every_model_has_a_manner() -> None:
    usage = Usage(prompt=2_000, completion=1_000, cached=500, cache_written=1_000)

    assert cost("openai/GPT-6.1-Terra", usage) == Decimal("0.006775")
    assert cost("gpt-5.4-mini-2026-03-17", Usage()) == 0
    assert cost("llama3.1:8b", usage) is None
    assert {name: manner(name).effort for name in PRICES} == {
        name: None if name.startswith("gpt-4") else "low" for name in PRICES
    }
    assert [manner(name).limits for name in ("o3", "gpt-5-chat-latest", "gpt-4o", "qwen3")] == [
        ("max_completion_tokens",),
        ("max_completion_tokens",),
        ("max_tokens", "max_completion_tokens"),
        ("max_tokens", "max_completion_tokens"),
    ]


def test_nothing_heavy_is_loaded_before_the_model_is_asked() -> None:
    script = (
        "import sys; from services.adapters import insight_queue, openai_writer; from services.settings import Settings;"
        "openai_writer.OpenAIWriter(Settings()); insight_queue.to(Settings(insights_queue_url='x'));"
        "sys.exit(', '.join({'openai', 'httpx2', 'boto3', 'pydantic'} & set(sys.modules)) or 0)"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


class Rotating:
    """A key that is kept elsewhere and replaced once."""

    def __init__(self, *keys: str) -> None:
        self.keys = list(keys)

    def value(self, *, refused: str | None = None) -> str:
        if refused == self.keys[0] and len(self.keys) > 1:
            self.keys.pop(0)
        return self.keys[0]


class Away:
    def value(self, *, refused: str | None = None) -> str:  # noqa: ARG002 - how a secret is asked
        raise Unavailable("ssm:/key cannot be read: AccessDeniedException")


def test_a_key_that_was_replaced_is_taken_for_the_next_call() -> None:
    with Scripted((401, {}, _error("hunter2"))) as server:
        writer = OpenAIWriter(Settings(openai_base_url=server.url), Rotating("old", "new"), sleep=lambda _: None)

        assert len(writer.write(ACCOUNT, within=MINUTE).calls) == 2


def test_a_key_that_stays_refused_is_a_fault_of_ours() -> None:
    with Scripted((401, {}, _error("no")), (401, {}, _error("no"))) as server:
        writer = OpenAIWriter(Settings(openai_base_url=server.url), Rotating("old"), sleep=lambda _: None)
        with pytest.raises(NotWritten) as failed:
            writer.write(ACCOUNT, within=MINUTE)

    told = (JobFailureCode.INTERNAL, "the model's provider does not accept OPENAI_API_KEY (401)", None)
    assert (_told(failed.value), len(failed.value.calls)) == (told, 1)


def test_a_key_that_cannot_be_had_is_told_without_its_reference() -> None:
    writer = OpenAIWriter(Settings(), Away())
    with pytest.raises(NotWritten) as failed:
        writer.write(ACCOUNT, within=MINUTE)

    assert _told(failed.value) == (JobFailureCode.PROVIDER_UNAVAILABLE, "OPENAI_API_KEY cannot be read", None)
