"""Spans: whole trees of a query, of a mutation with its insight, of an import; what they tell, and what they must not."""

import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.trace import SpanKind, StatusCode

import handler
from local.connections import SERVED
from local.lambdas import Context
from local.model_double import ModelDouble
from services import logs, tracing, wiring
from services.db.connection import Database
from services.settings import Settings
from tests import spans as kept_spans
from tests.api import event
from tests.importing import Importer
from tests.importing import event as file_event
from tests.insight_function import deployed
from tests.insights import ASK, failing_account
from tests.spans import Spans

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
XRAY = {"x-amzn-trace-id": f"Root=1-{TRACE[:8]}-{TRACE[8:]};Parent=00f067aa0ba902b7;Sampled=1"}


@pytest.fixture
def spans() -> Iterator[Spans]:
    with kept_spans.kept() as kept:
        yield kept


def _ask(query: str, headers: dict[str, str] | None = None, **variables: object) -> None:
    body = json.dumps({"query": query, "variables": variables}).encode()
    answer = handler.graphql(event("POST", "/graphql", body, headers), Context("graphql", 30.0))
    assert "errors" not in json.loads(answer["body"]), answer


def test_a_query_is_a_tree_with_a_statement_under_its_root_field(
    database: Database, database_url: str, aws: str, spans: Spans
) -> None:
    with deployed(database_url, aws):
        query = (
            "query Find($words: String!) { accounts(filter: {search: $words}) { totalCount } viewer { workspaceName } }"
        )
        _ask(query, words="Hooli Secret")

    assert spans.tree() == [
        "POST",
        "  query Find",
        "    accounts",
        "      sql",
        "    viewer",
    ]  # fmt: skip
    operation = dict(spans.named("query Find")[0].attributes or {})
    assert (operation["graphql.operation.name"], operation["graphql.operation.type"]) == ("Find", "query")
    assert len(str(operation["graphql.document.hash"])) == 16
    [answered] = spans.named("POST")
    told = dict(answered.attributes or {})
    assert (answered.kind, told["http.request.method"], told["http.response.status_code"]) == (
        SpanKind.SERVER,
        "POST",
        200,
    )
    assert "Hooli" not in _all_that_is_told(spans)


@pytest.mark.parametrize("headers", [PARENT, XRAY])
def test_a_request_goes_on_with_its_callers_trace(
    database: Database, database_url: str, aws: str, spans: Spans, headers: dict[str, str]
) -> None:
    with deployed(database_url, aws):
        _ask("{ viewer { workspaceName } }", headers)

    assert {f"{span.context.trace_id:032x}" for span in spans.all() if span.context} == {TRACE}
    parent = spans.named("POST")[0].parent
    assert parent is not None
    assert f"{parent.span_id:016x}" == "00f067aa0ba902b7"


@pytest.mark.parametrize(
    "headers", [{}, {"traceparent": "00-nonsense"}, {"x-amzn-trace-id": "Root=1-67891233-abcdef012345678912345678"}]
)
def test_a_request_of_no_trace_begins_one(
    database: Database, database_url: str, aws: str, spans: Spans, headers: dict[str, str]
) -> None:
    with deployed(database_url, aws):
        _ask("{ viewer { workspaceName } }", headers)

    [answered] = spans.named("POST")
    assert answered.parent is None


def test_an_insight_is_one_trace_from_the_mutation_to_its_row(
    database: Database, database_url: str, aws: str, spans: Spans
) -> None:
    account = failing_account(database, "Hooli Secret")
    with ModelDouble() as double, deployed(database_url, aws, OPENAI_BASE_URL=double.url) as function:
        spans.forget()
        _ask(ASK, PARENT, account=account)
        assert function.work() == 1
        assert function.dead() == []

    assert spans.tree() == [
        "POST",
        "  mutation",
        "    queueInsight",
        "      sql",
        "      send",
        "        process message",
        "          claim",
        "            connect",
        "            sql",
        "          sql",
        "          facts",
        "            sql",
        "          write",
        "            sql",
        "            chat gpt-6-luna",
        "            verify",
        "            sql",
        "          save",
        "            sql",
        "          sql",
        "      sql",
    ]  # fmt: skip
    assert {f"{span.context.trace_id:032x}" for span in spans.all() if span.context} == {TRACE}
    [call] = spans.named("chat gpt-6-luna")
    told = dict(call.attributes or {})
    assert (told["gen_ai.usage.input_tokens"], told["gen_ai.usage.output_tokens"]) == _tokens(database)
    assert dict(spans.named("process message")[0].attributes or {})["outcome"] == "done"
    assert "Hooli" not in _all_that_is_told(spans)


@pytest.fixture
def importer(
    database: Database, aws_settings: Settings, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Importer]:
    for name, value in {
        "DATABASE_URL": database_url, "UPLOADS_BUCKET": aws_settings.uploads_bucket,
        "UPLOADS_TOPIC_ARN": aws_settings.uploads_topic_arn, "AWS_ENDPOINT_URL": aws_settings.aws_endpoint_url,
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    wiring.forget()
    yield Importer(database, aws_settings, now=datetime.now(UTC))
    wiring.forget()


def test_an_import_is_a_tree_of_its_phases(importer: Importer, spans: Spans) -> None:
    upload_id = importer.send("ACCOUNTS", "name,arr,segment\nHooli Secret,1,SMB\nGlobex Hush,many,SMB\n")
    spans.forget()

    handler.ingest(file_event("uploaded", upload_id))

    assert spans.tree() == [
        "process message",
        "  claim",
        "    connect",
        "    sql",
        "  fetch",
        "    get object",
        "  sql",
        "  survey",
        "  clean",
        "    sql",
        "  merge",
        "    sql",
        "    score",
        "      sql",
        "    sql",
        "  sql",
        "  report",
        "    sql",
        "    put object",
        "  sql",
        "  publish",
    ]  # fmt: skip
    assert [word for word in ("Hooli", "Globex", "many") if word in _all_that_is_told(spans)] == []


def test_a_failure_is_told_by_its_type_and_not_by_its_words(spans: Spans) -> None:
    with pytest.raises(ValueError, match="Hooli"), tracing.span("failing"):
        raise ValueError("Hooli Secret is no number")

    [failed] = spans.all()
    assert (failed.status.status_code, failed.status.description) == (StatusCode.ERROR, None)
    assert (dict(failed.attributes or {}), list(failed.events)) == ({"error.type": "ValueError"}, [])


def test_a_message_that_failed_is_a_span_that_failed(spans: Spans, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.CRITICAL):
        handler.ingest({"Records": [{"messageId": "m", "body": "no JSON"}]})

    [failed] = spans.named("process message")
    assert failed.status.status_code is StatusCode.ERROR


def test_a_line_of_the_log_names_its_trace(spans: Spans) -> None:
    record = logging.LogRecord("x", logging.INFO, "", 1, "hello", (), None)
    with tracing.span("around", parent=PARENT):
        inside = json.loads(logs.Line().format(record))

    assert inside["trace_id"] == TRACE
    assert "trace_id" not in json.loads(logs.Line().format(record))


def test_where_it_is_off_there_is_nothing() -> None:
    tracing.end()

    assert tracing.span("a") is tracing.span("b", {"c": 1}, kind="CLIENT", parent=PARENT)
    assert (tracing.carrier(), tracing.trace_id(), tracing.is_on()) == ({}, "", False)


def test_without_the_package_it_is_said_and_queries_are_answered() -> None:
    script = f"""
import sys
sys.modules["opentelemetry"] = None
import handler
print(handler.graphql({event("POST", "/graphql", b'{"query": "{ __typename }"}')!r})["statusCode"])
"""
    done = subprocess.run(
        [sys.executable, "-c", script], env={"PATH": "", "PYTHONPATH": ".", "TRACING": "otel", "ACCESS": "open"}, capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (0, "200\n"), done.stderr
    assert "there is no opentelemetry-api here: no spans are made" in done.stderr


def test_a_container_sends_its_spans_to_a_collector(database: Database, database_url: str) -> None:
    with Collector() as collector, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        environment = {
            "PATH": os.defpath, "PYTHONPATH": ".", "DATABASE_URL": database_url, "TRACING": "otel", "ACCESS": "open",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        }  # fmt: skip
        server = subprocess.Popen(
            [sys.executable, *SERVED, "--port", str(port), "--log-level", "warning"],
            env=environment, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            _answered(f"http://127.0.0.1:{port}/graphql", server)
        finally:
            server.terminate()
            _, said = server.communicate(timeout=30)

    assert {"POST", "query Counted", "accounts", "SELECT"} <= collector.names, said
    assert collector.services == {"success-insights"}
    assert collector.traces == {bytes.fromhex(TRACE)}


class Collector:
    """A collector of OTLP over HTTP, which keeps what it is sent."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.services: set[str] = set()
        self.traces: set[bytes] = set()
        keep = self._keep

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.path == "/v1/traces":
                    keep(ExportTraceServiceRequest.FromString(body))
                self.send_response_only(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def _keep(self, sent: ExportTraceServiceRequest) -> None:
        for resource in sent.resource_spans:
            named = {one.key: one.value.string_value for one in resource.resource.attributes}
            self.services.add(named["service.name"])
            for scope in resource.scope_spans:
                self.names |= {span.name for span in scope.spans}
                self.traces |= {span.trace_id for span in scope.spans}

    def __enter__(self) -> "Collector":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _answered(url: str, server: "subprocess.Popen[str]") -> None:
    """Ask one question as soon as somebody listens."""
    until = time.monotonic() + 30
    while True:
        try:
            answer = httpx.post(url, json={"query": "query Counted { accounts { totalCount } }"}, headers=PARENT)
        except httpx.TransportError:
            assert server.poll() is None, server.stderr and server.stderr.read()
            assert time.monotonic() < until
            time.sleep(0.1)
        else:
            assert "errors" not in answer.json()
            return


def _all_that_is_told(spans: Spans) -> str:
    return "".join(span.to_json() for span in spans.all())


def _tokens(database: Database) -> tuple[int, int]:
    [row] = database.rows("select prompt_tokens, completion_tokens from model_calls")
    return row[0], row[1]
