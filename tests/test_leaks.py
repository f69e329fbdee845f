"""Secrets and customers' texts, planted wherever something can fail: in no answer, no line of the log, no span.

Every log line is looked at, of all libraries and at every level, as well as what goes to stdout and stderr and what
Lambda's runtime would be given of a failure.
"""

import io
import json
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

import psycopg2
import pytest

import handler
from graph.app import Parts, application
from local.lambdas import Context
from services import key_texts, keys, logs, maintenance, mock_data, settings, uploads, wiring
from services.adapters.openai_writer import OpenAIWriter
from services.adapters.storage import Bucket
from services.db.connection import NO_ADDRESS, Connection, Database
from services.errors import Failure, Unavailable
from services.ingest import staging
from services.insights import saving
from services.settings import Settings
from tests import spans as kept_spans
from tests.access import ISSUER, Issuer, a_key, bearer
from tests.api import NOON, Api, event
from tests.importing import Importer
from tests.importing import event as file_event
from tests.insight_function import deployed
from tests.insights import ASK, failing_account
from tests.spans import Spans
from tests.test_logs import bare_root

CUSTOMER: Final = "Hooli Secret GmbH"
NOTE: Final = "Gavin leaves in June"
CELL: Final = "cell-4711-x"
PASSWORD: Final = "Sesame-open-77"
MODEL_KEY: Final = "sk-proj-Planted0123456789abcdef"
AWS_SECRET: Final = "wJalrXUtnFEMI/K7MDENG/bPxRfiPLANTEDKEY"
AWS_TOKEN: Final = "IQoJb3JpZ2luX2VjPLANTEDTOKEN=="
KEY: Final = key_texts.make(lambda size: bytes(range(1, size + 1)))
JWT: Final = Issuer().token(iss=ISSUER)
URL: Final = f"postgresql://insights:{PASSWORD}@db.internal/insights"

PLANTED: Final[Mapping[str, str]] = {
    "customer": CUSTOMER, "note": NOTE, "cell": CELL, "database password": PASSWORD, "model key": MODEL_KEY[8:],
    "AWS secret": AWS_SECRET, "AWS token": AWS_TOKEN, "API key": KEY[16:40], "JWT": JWT.split(".")[1][:24],
}  # fmt: skip
ALL: Final = f"{CUSTOMER}; {NOTE}; {CELL}; {URL}; {MODEL_KEY}; {AWS_SECRET}; {AWS_TOKEN}; {KEY}; {JWT}"
MASKED: Final = "something went wrong here; it has been logged under request"
AWAY: Final = "the service cannot answer right now: try again"


@dataclass
class Told:
    """All that the process told anybody but in its answers."""

    spans: Spans
    log: io.StringIO = field(default_factory=io.StringIO)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    def everything(self) -> str:
        return self.log.getvalue() + "".join(span.to_json() for span in self.spans.all())


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Told]:
    """At the end nothing may have been told of what is planted, whatever the test looked at."""
    monkeypatch.setattr(logs, "_hidden", set())
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", AWS_SECRET)
    monkeypatch.setenv("AWS_SESSION_TOKEN", AWS_TOKEN)
    with bare_root() as root, kept_spans.kept() as spans, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        told = Told(spans)
        root.addHandler(logging.StreamHandler(told.log))
        logs.configure("DEBUG")
        for secret in (URL, MODEL_KEY, AWS_SECRET, AWS_TOKEN):
            logs.hide(secret)
        yield told
    out, err = capfd.readouterr()
    printed = "".join(line for line in (out + err).splitlines(keepends=True) if not line.startswith("LOG:"))
    assert leaks(told.everything() + printed + "".join(str(one.message) for one in warned)) == []
    logs._known.cache_clear()


def leaks(text: str | bytes) -> list[str]:
    """Which of what is planted stands in it, as it is or as JSON, an address or Python would write it."""
    whole = text if isinstance(text, str) else text.decode("utf-8", "replace")
    return [
        name
        for name, value in PLANTED.items()
        if any(form in whole for form in (value, quote(value), quote(value, safe=""), value.replace(" ", "+")))
    ]


def test_what_is_planted_would_be_found() -> None:
    assert leaks(json.dumps(ALL)) == list(PLANTED)
    assert leaks(quote(ALL)) == list(PLANTED)
    assert leaks(str(RuntimeError(ALL))) == list(PLANTED)


# --- failures that quote what they should not ---


def _of_postgresql(sql: str) -> Callable[[str], BaseException]:
    """PostgreSQL's own error of a statement, with the DETAIL, CONTEXT and LINE that quote its values."""

    def made(url: str) -> BaseException:
        with closing(psycopg2.connect(url)) as raw, raw.cursor() as cursor:
            try:
                cursor.execute("create temporary table t (name text constraint one unique, n numeric check (n > 0))")
                if sql.startswith("copy"):
                    cursor.copy_expert(sql, io.StringIO(f"{CUSTOMER}\t{CELL}\n"))
                else:
                    cursor.execute(sql, {"name": CUSTOMER, "note": NOTE, "cell": CELL})
            except psycopg2.Error as error:
                quoting = error
        assert leaks(str(quoting))
        return quoting

    return made


def _grouped(url: str) -> BaseException:
    inner = ValueError(ALL)
    inner.add_note(ALL)
    return ExceptionGroup(ALL, [inner, _chained(url)])


def _chained(url: str) -> BaseException:
    try:
        try:
            raise KeyError(ALL)
        except KeyError as error:
            raise ValueError(ALL) from error
    except ValueError as error:
        return error


OWN: Final = "of one's own"
"Failures that we raise on purpose quote nothing; Lambda may be told of them."
FAILURES: Final[Mapping[str, Callable[[str], BaseException]]] = {
    "unexpected": lambda _: RuntimeError(ALL),
    OWN: lambda _: Failure(ALL),
    "a value": lambda _: ValueError(ALL),
    "a key": lambda _: KeyError(ALL),
    "a decoder": lambda _: UnicodeDecodeError("utf-8", ALL.encode(), 0, 1, ALL),
    "chained": _chained,
    "grouped": _grouped,
    "a unique row": _of_postgresql("insert into t (name) values (%(name)s), (%(name)s)"),
    "a check": _of_postgresql("insert into t values (%(name)s, -1)"),
    "a number": _of_postgresql("select %(name)s::numeric"),
    "JSON": _of_postgresql("select %(note)s::jsonb"),
    "a statement": _of_postgresql("select %(cell)s, nothing from t"),
    "a copy": _of_postgresql("copy t from stdin"),
}


@pytest.fixture(params=FAILURES)
def failure(request: pytest.FixtureRequest, database_url: str) -> BaseException:
    return FAILURES[request.param](database_url)


def raising(failure: BaseException) -> Callable[..., Any]:
    def broken(*_: Any, **__: Any) -> Any:
        raise failure

    return broken


# --- the API ---

READ = "{ accounts { totalCount } }"
WRITE = f'mutation {{ updateAccount(input: {{id: "acc_1", name: "{CUSTOMER}"}}) {{ account {{ id }} userErrors {{ code }} }} }}'


@dataclass(frozen=True)
class Place:
    """Where something breaks: of whom which attribute, and the request that comes there."""

    owner: Any
    attribute: str
    method: str = "POST"
    path: str = "/graphql"
    query: str = READ


PLACES: Final[Mapping[str, Place]] = {
    "a read": Place(Database, "rows"),
    "a node": Place(Database, "rows", query='{ node(id: "acc_1") { id } }'),
    "a write": Place(Database, "writing", query=WRITE),
    "a statement of a write": Place(Connection, "cursor", query=WRITE),
    "the door": Place(keys, "find"),
    "health": Place(Database, "revision", "GET", "/healthz"),
    "an error report": Place(uploads, "report_link", "GET", f"/uploads/upl_{'0' * 32}/errors.csv"),
    "made-up data": Place(mock_data, "generate", query="mutation { generateMockData(input: {}) { seed } }"),
    "signing": Place(uploads, "open", query='mutation { requestUploadUrl(input: {kind: ACCOUNTS, fileName: "a.csv", sizeBytes: 9}) { upload { id } } }'),
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_a_failure_of_a_request_is_masked(
    place: str, failure: BaseException, told: Told, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = PLACES[place]
    api = Api(database, lambda: None, Settings(database_url=URL), access="keys")  # type: ignore[arg-type, return-value]
    key = a_key(database)
    if place != "the door":
        api.send("POST", "/graphql", json.dumps({"query": "{ __typename }"}).encode(), bearer(key))
    monkeypatch.setattr(at.owner, at.attribute, raising(failure))

    answer = api.send(at.method, at.path, json.dumps({"query": at.query}).encode(), bearer(key))

    assert leaks(answer.body + str(answer.headers).encode()) == []
    assert answer.status in (200, 500, 503)
    broken = [line for line in told.lines() if line["level"] == "ERROR"]
    assert broken
    assert answer.status != 200 or answer.json()["errors"][0]["message"].startswith((MASKED, AWAY))
    assert all("def broken" not in line.get("trace", "") for line in broken)
    assert all("raise failure" in line["trace"] for line in broken if "trace" in line)


@pytest.mark.parametrize("row", ["no JSON", "a wrong type", "a wrong shape"])
def test_a_document_that_cannot_be_completed_is_masked(
    row: str, told: Told, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = {
        "no JSON": f'{{"accounts": "{ALL}',
        "a wrong type": json.dumps({"totalCount": ALL, "nodes": [{"id": 1, "arr": ALL, "segment": CUSTOMER}]}),
        "a wrong shape": json.dumps([ALL]),
    }[row]
    monkeypatch.setattr(Database, "rows", lambda *_: [(text,)])
    api = Api(database, lambda: None, Settings())  # type: ignore[arg-type, return-value]
    query = json.dumps({"query": "{ accounts { totalCount nodes { id arr { amount } segment } } }"}).encode()

    answers = [api.send("POST", "/graphql", query) for _ in range(3)]  # the second is answered by a plan

    assert [leaks(answer.body) for answer in answers] == [[]] * 3
    assert [answer.json()["errors"][0]["extensions"]["code"] for answer in answers] == ["INTERNAL"] * 3


SENT: Final[Mapping[str, dict[str, Any]]] = {
    "a name": {"query": f"{{ {CUSTOMER} }}"},
    "no field": {"query": f"{{ Hooli_Secret_GmbH(note: {json.dumps(NOTE)}) }}"},
    "half a text": {"query": f'{{ account(by: {{externalId: "{ALL}'},
    "a literal": {"query": f"{{ account(by: {{id: {json.dumps(ALL)}}}) {{ id }} }}"},
    "a wrong variable": {"query": "query ($a: Int!) { accounts(first: $a) { totalCount } }", "variables": {"a": ALL}},
    "an enumeration": {"query": "query ($f: AccountFilter) { accounts(filter: $f) { totalCount } }", "variables": {"f": {"segment": {"eq": ALL}}}},
    "an unknown input": {"query": "query ($f: AccountFilter) { accounts(filter: $f) { totalCount } }", "variables": {"f": {CUSTOMER: ALL}}},
    "a good variable": {"query": "query ($f: AccountFilter) { accounts(filter: $f) { totalCount } }", "variables": {"f": {"search": CUSTOMER}}},
    "an operation": {"query": "query A { viewer { id } }", "operationName": ALL},
    "variables of no kind": {"query": READ, "variables": ALL},
    "a document's hash": {"documentId": ALL},
    "a hash of Apollo's": {"extensions": {"persistedQuery": {"sha256Hash": ALL, "version": 1}}},
    "a change": {"query": WRITE},
    "a refused change": {"query": "mutation ($i: UpdateAccountInput!) { updateAccount(input: $i) { userErrors { code } } }", "variables": {"i": {"id": "acc_1", "name": CUSTOMER * 99, "csOwner": NOTE}}},
}  # fmt: skip


@pytest.mark.parametrize("sent", SENT)
def test_what_a_client_sends_is_told_to_nobody_else(sent: str, told: Told, database: Database) -> None:
    api = Api(database, lambda: None, Settings())  # type: ignore[arg-type, return-value]

    api.send("POST", "/graphql", json.dumps(SENT[sent]).encode())
    api.send(
        "GET", "/graphql", query="&".join(f"{name}={quote(json.dumps(value))}" for name, value in SENT[sent].items())
    )

    assert [line["message"] for line in told.lines()].count("answered") == 2


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("GET", "/no/such", ""), ("PUT", "/graphql", ""), ("DELETE", "/healthz", ""), ("POST", "/uploads/x/errors.csv", ""),
        ("GET", "/graphql", ""), ("TRACE", "/", ""), ("GET", "/graphql", "query=%7Bviewer"), ("GET", "/healthz/", ""),
    ],
)  # fmt: skip
@pytest.mark.parametrize("credential", [KEY, JWT], ids=["key", "JWT"])
def test_no_address_answers_with_what_it_was_sent(
    method: str, path: str, query: str, credential: str, told: Told, database: Database
) -> None:
    headers = {
        **bearer(credential),
        "cookie": ALL,
        "x-note": NOTE,
        "user-agent": CUSTOMER,
        "referer": f"https://{CELL}/",
    }
    for access in ("open", "keys"):
        api = Api(database, lambda: None, Settings(database_url=URL, openai_api_key=MODEL_KEY), access=access)  # type: ignore[arg-type, return-value]

        answer = api.send(method, path, ALL.encode(), headers, query=f"{query}&note={quote(ALL)}")

        assert leaks(answer.body + str(answer.headers).encode()) == []


def test_a_container_s_server_writes_no_message_of_a_crash(
    told: Told, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Database, "revision", raising(RuntimeError(ALL)))
    app = application(Parts(Settings(), lambda: database, pytest.fail, pytest.fail, lambda: NOON))
    crashed = logging.getLogger("uvicorn.error")

    try:
        _asked(app, "/healthz")
    except RuntimeError:
        crashed.exception("Exception in ASGI application\n")  # as uvicorn does

    [line] = [line for line in told.lines() if line["logger"] == "uvicorn.error"]
    assert line["trace"].endswith("raise failure\nRuntimeError")


def _asked(app: Any, path: str) -> None:
    import asyncio

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(_: Any) -> None:
        """Nobody listens."""

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [], "scheme": "http"}
    with closing(asyncio.new_event_loop()) as loop:
        loop.run_until_complete(app(scope, receive, send))


# --- the database's address ---


@pytest.mark.parametrize(
    "url",
    [
        f"postgres//u:{PASSWORD}@h/d",
        f"postgresql://u:p@{PASSWORD}@h/d",
        f"postgresql://u:p/{PASSWORD}@h/d",
        f"postgresql://u:{PASSWORD}/x@h/d",
        f"postgresql://u:{PASSWORD}",
        f"postgresql://u@h:{PASSWORD}/d",
        f"postgresql://u:%{PASSWORD}@h/d",
        f"postgresql://u:p@h/d?{PASSWORD}",
        f"postgresql://u:p@h/d?{PASSWORD}=1",
        f"host=h password=a {PASSWORD}",
        f"{PASSWORD}",
        f"host=h '{PASSWORD}",
    ],
)
def test_an_address_that_is_none_is_not_quoted(url: str, told: Told, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Unavailable) as refused:
        Database(url).read("select 1")

    assert str(refused.value) == NO_ADDRESS


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u%40tenant:p%40ss%2Fw@127.0.0.1:1/d?sslmode=verify-full",
        "postgresql://u:a:b?c@127.0.0.1:1,127.0.0.1:2/d",
        "host=127.0.0.1 port=1 user=u@tenant password='a @ b'",
        "postgresql://[::1]:1/d",
    ],
)
def test_an_address_that_is_one_is_connected_to(url: str) -> None:
    with pytest.raises(Unavailable, match="the database cannot be reached: connection to server at"):
        Database(url, patience=settings.Settings(database_patience_seconds=1).database_patience).read("select 1")


@pytest.mark.parametrize("host", ["127.0.0.1:1", "no-such-host.invalid", "%2Fno%2Fsuch%2Ffolder"])
def test_a_database_that_is_away_is_told_without_its_password(host: str, told: Told, database: Database) -> None:
    away = Database(
        f"postgresql://insights:{PASSWORD}@{host}/insights",
        patience=settings.Settings(database_patience_seconds=1).database_patience,
    )
    api = Api(away, lambda: None, Settings())  # type: ignore[arg-type, return-value]

    answers = [
        api.send("POST", "/graphql", json.dumps({"query": READ}).encode()), api.send("GET", "/healthz"),
        api.send("GET", f"/uploads/upl_{'0' * 32}/errors.csv"),
    ]  # fmt: skip

    assert [leaks(answer.body) for answer in answers] == [[]] * 3
    assert [answer.status for answer in answers] == [200, 503, 503]
    assert [line["level"] for line in told.lines()].count("ERROR") == 3


# --- the other functions ---


@contextmanager
def process(database_url: str, aws: str, **more: str) -> Iterator[Any]:
    with deployed(database_url, aws, LOG_LEVEL="DEBUG", OPENAI_API_KEY=MODEL_KEY, TRACING="", **more) as function:
        yield function


HANDLERS: Final[Mapping[str, tuple[Any, str, Callable[[], Any]]]] = {
    "ingest": (Database, "writing", lambda: handler.ingest(file_event("uploaded"))),
    "insights": (Database, "writing", lambda: handler.insights(file_event("uploaded") | {"Records": [_job()]}, _context())),
    "sweep": (Database, "writing", lambda: handler.maintenance({"task": "sweep"}, _context())),
    "nightly": (maintenance, "nightly", lambda: handler.maintenance({"task": "nightly"}, _context())),
    "prune": (Database, "writing", lambda: handler.maintenance({"task": "prune"}, _context())),
    "loading": (wiring, "request_database", lambda: _ask()),
    "graphql": (wiring, "clock", lambda: _ask()),
}  # fmt: skip
FUNCTIONS: Final = {"sweep": "maintenance", "nightly": "maintenance", "prune": "maintenance", "loading": "graphql"}
"Of those that are not called as their function."


def _ask() -> Any:
    return handler.graphql(event("POST", "/graphql", b'{"query": "{ viewer { id } }"}'), _context())


def _context() -> Context:
    return Context("function", 60.0)


def _job() -> dict[str, Any]:
    return {"messageId": "m", "receiptHandle": "gone", "body": json.dumps({"job": f"job_{'0' * 32}"})}


@pytest.mark.parametrize("kind", [kind for kind in FAILURES if kind != OWN])
@pytest.mark.parametrize("name", HANDLERS)
def test_a_failure_of_a_function_tells_lambda_nothing(
    name: str, kind: str, told: Told, database: Database, database_url: str, aws: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    failure = FAILURES[kind](database_url)
    owner, attribute, call = HANDLERS[name]
    answer, escaped = "", None
    with process(database_url, aws), monkeypatch.context() as broken:
        broken.setattr(owner, attribute, raising(failure))
        try:
            answer = json.dumps(call())
        except RuntimeError as error:
            escaped = error

    assert escaped is None or (str(escaped), escaped.__context__) == (
        f"{FUNCTIONS.get(name, name)} failed: {type(failure).__name__}, which is in the log",
        None,
    )
    assert (escaped is None) is (name in ("ingest", "insights", "graphql"))
    assert leaks(answer) == []
    assert any("trace" in line for line in told.lines())


@pytest.mark.parametrize("body", [ALL, json.dumps({"job": ALL}), json.dumps([ALL]), json.dumps({"Records": ALL}),
                                  json.dumps({"Records": [{"s3": {"object": {"key": f"{CUSTOMER}/{CELL}.csv", "eTag": "0a"}}}]})])  # fmt: skip
@pytest.mark.parametrize("name", ["ingest", "insights"])
def test_a_message_that_is_none_is_not_quoted(
    name: str, body: str, told: Told, database: Database, database_url: str, aws: str
) -> None:
    message = {"messageId": "m", "receiptHandle": "gone", "body": body}
    with process(database_url, aws):
        answer = getattr(handler, name)({"Records": [message]}, _context())

    assert leaks(json.dumps(answer)) == []
    assert [line["message"] for line in told.lines()].count("message handled") == 1


FILE = f"name,arr,segment,external_id,renewal_date\n{CUSTOMER},{CELL},SMB,A,\n{CUSTOMER} 2,1,{NOTE},B,{CELL}\n{CUSTOMER} 3,1,SMB,C,\n"


@pytest.mark.parametrize("breaks", ["nothing", "the copy", "the merge", "a dependency"])
def test_a_file_s_cells_are_told_to_nobody(
    breaks: str,
    told: Told,
    database: Database,
    database_url: str,
    aws_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    importer = Importer(database, aws_settings)
    upload_id = importer.send("ACCOUNTS", FILE, file_name=f"{CUSTOMER}.csv")
    if breaks == "the copy":
        monkeypatch.setattr(staging, "_copy", raising(_of_copy(database_url)))
    elif breaks == "the merge":
        _execute(
            database_url,
            "create function broken() returns trigger language plpgsql as $$ begin raise exception '%', new.name; end $$;"
            "create trigger broken before insert on accounts for each row execute function broken()",
        )
    elif breaks == "a dependency":
        monkeypatch.setattr(Bucket, "store", raising(Unavailable("the bucket refused reports/x: SlowDown")))
    try:
        outcome: object = importer.work(upload_id)
    except Exception as error:  # noqa: BLE001 - what is looked at here is how it is told
        outcome = error
        handler.log.warning("message %s must come again", "m", exc_info=error)
    finally:
        if breaks == "the merge":
            _execute(database_url, "drop function broken() cascade")

    assert isinstance(outcome, Exception) is (breaks != "nothing")


def _execute(database_url: str, sql: str) -> None:
    with closing(psycopg2.connect(database_url)) as raw, raw, raw.cursor() as cursor:
        cursor.execute(sql)


def _of_copy(database_url: str) -> BaseException:
    with closing(psycopg2.connect(database_url)) as raw, raw.cursor() as cursor:
        cursor.execute("create temporary table c (n int)")
        with pytest.raises(psycopg2.DataError) as raised:
            cursor.copy_expert("copy c from stdin", io.StringIO(f"{CUSTOMER}\n"))
    assert leaks(str(raised.value)) == ["customer"]
    return raised.value


def test_a_database_that_stops_within_a_file_s_rows_is_told_without_them(told: Told, database: Database) -> None:
    class Cut(io.BytesIO):
        def read(self, *_: Any) -> bytes:
            raise OSError("the disk is gone")

    class Stopping:
        """PostgreSQL cancels a COPY, and says in which row."""

        def cursor(self) -> "Stopping":
            return self

        def close(self) -> None:
            """Nothing is open."""

        def copy_expert(self, *_: Any) -> None:
            raise psycopg2.errors.QueryCanceled(
                f'canceling statement due to user request\nCONTEXT:  COPY c, line 1: "{CUSTOMER}\t{CELL}"\n'
            )

    class Session:
        def connection(self) -> Any:
            return type("Connected", (), {"connection": Stopping()})

    with pytest.raises(Unavailable) as raised:
        staging._copy(Session(), "c", ["n"], Cut())  # type: ignore[arg-type]

    assert str(raised.value) == "the database did not take the rows: canceling statement due to user request"


def test_a_change_that_deadlocks_is_told_without_its_rows(told: Told, database: Database) -> None:
    quoting = f'deadlock detected\nDETAIL:  Process 1 waits.\nCONTEXT:  while updating "{CUSTOMER}"\n'

    with pytest.raises(Unavailable) as raised, database.writing():
        raise psycopg2.errors.DeadlockDetected(quoting)

    assert str(raised.value) == "the database did not take the change: deadlock detected"


@pytest.mark.parametrize("breaks", ["the prompt", "the check", "the saving"])
def test_an_insight_s_facts_are_told_to_nobody(
    breaks: str, told: Told, database: Database, database_url: str, aws: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = failing_account(database, CUSTOMER, cs_owner=NOTE)
    with process(database_url, aws) as function:
        function.ask(ASK, account=account)
        owner, attribute = {
            "the prompt": (OpenAIWriter, "write"), "the check": (saving, "check"), "the saving": (saving, "save"),
        }[breaks]  # fmt: skip
        with monkeypatch.context() as broken:
            broken.setattr(OpenAIWriter, "write", _drafting)
            broken.setattr(owner, attribute, raising(RuntimeError(ALL)))
            function.work()
    failure = database.read("select to_jsonb(j) from jobs j")

    assert leaks(json.dumps(failure)) == []
    assert any("trace" in line for line in told.lines())


def _drafting(_: Any, subject: Any, **__: Any) -> Any:
    from services.ports import Call, Written
    from tests.insights import honest

    return Written(honest(subject), (Call("m", 1, 1, 0, Decimal(0), 1),))
