"""Who is not known gets one answer, wherever they ask and whatever they send; and no log has what they sent."""

import asyncio
import base64
import json
import logging
from collections.abc import Mapping
from contextlib import closing
from typing import Any

import httpx
import pytest

from graph.app import Parts, application
from graph.threads import Threads
from services import key_texts, logs
from services.db.connection import Database
from services.errors import Rejected
from services.settings import Settings, from_environment
from services.vocabulary import Role
from tests.access import ISSUER, Issuer, a_key, bearer
from tests.api import NOON, Api

BODY = b'{"query": "{ viewer { id } }"}'
KEY = key_texts.make(bytes)
REFUSAL = {
    "errors": [
        {
            "message": "send a valid key or token as Authorization: Bearer ...",
            "extensions": {"code": "UNAUTHENTICATED"},
        }
    ]
}


@pytest.fixture
def guarded(database: Database) -> Api:
    return Api(database, lambda: None, Settings(graphiql=True), access="keys")  # type: ignore[arg-type, return-value]


def _expired(database: Database) -> str:
    return a_key(database, days=1, now=NOON.replace(year=2025))


def _revoked(database: Database) -> str:
    from services import keys

    text = a_key(database)
    with database.writing() as session:
        keys.revoke(session, text[5:13], actor="local", now=NOON)
    return text


def test_every_refusal_is_the_same_but_for_its_id_and_its_time(guarded: Api, database: Database) -> None:
    good = a_key(database)
    asked: list[Mapping[str, str]] = [
        {},
        {"authorization": ""},
        {"authorization": "Bearer"},
        {"authorization": "Bearer "},
        {"authorization": f"Basic {base64.b64encode(b'a:b').decode()}"},
        {"authorization": good},
        {"authorization": f"Token {good}"},
        {"authorization": f"Bearer {good},Bearer {good}"},
        {"authorization": f"Bearer {good} {good}"},
        {"x-api-key": good},
        {"cookie": f"authorization=Bearer {good}"},
        bearer(KEY),
        bearer(good[:-1]),
        bearer(_expired(database)),
        bearer(_revoked(database)),
        bearer(Issuer().token()),
    ]

    answers = [guarded.send("POST", "/graphql", BODY, headers) for headers in asked]

    seen = {(one.status, one.body, one.headers["www-authenticate"], frozenset(one.headers)) for one in answers}
    assert len(seen) == 1
    assert (answers[0].status, answers[0].json(), answers[0].headers["www-authenticate"]) == (401, REFUSAL, "Bearer")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_may_be_written_in_any_case(guarded: Api, database: Database, scheme: str) -> None:
    assert guarded.send("POST", "/graphql", BODY, {"authorization": f"{scheme} {a_key(database)}"}).status == 200


@pytest.mark.parametrize(
    ("method", "path", "query", "body"),
    [
        ("POST", "/graphql", "", b"no JSON"),
        ("POST", "/graphql", "", b'{"query": "{ nonsense"}'),
        ("POST", "/graphql", "", b'{"query": "{ __schema { types { name } } }"}'),
        ("GET", "/graphql", "query=%7B%20viewer%20%7B%20id%20%7D%20%7D", b""),
        ("GET", "/graphql", "query=%7B%7D&access_token=KEY", b""),
        ("GET", f"/uploads/upl_{'0' * 32}/errors.csv", "", b""),
        ("GET", "/", "", b""),
        ("GET", "/no/such/address", "", b""),
        ("POST", "/healthz/", "", b""),
        ("PUT", "/graphql", "", b""),
        ("OPTIONS", "/graphql", "", b""),
        ("DELETE", "/no/such/address", "", b""),
    ],
)
def test_strangers_learn_nothing_at_any_address(
    guarded: Api, statements: list[str], method: str, path: str, query: str, body: bytes
) -> None:
    answer = guarded.send(method, path, body, query=query.replace("KEY", KEY))

    assert (answer.status, answer.json()) == (401, REFUSAL)
    assert statements == []


def test_strangers_are_not_told_that_there_is_no_explorer(database: Database) -> None:
    closed = Api(database, lambda: None, Settings(), access="keys")  # type: ignore[arg-type, return-value]
    asked = [{"accept": "text/html"}, {"accept": "*/*"}]

    refused = [closed.send("GET", "/graphql", headers=headers) for headers in asked]
    known = closed.send("GET", "/graphql", headers={"accept": "text/html", **bearer(a_key(database))})

    assert [(answer.status, answer.json()) for answer in refused] == [(401, REFUSAL)] * 2
    assert known.status == 404


def test_the_explorer_s_page_and_the_health_are_for_everybody(guarded: Api) -> None:
    page = guarded.send("GET", "/graphql", headers={"accept": "text/html"})
    health = guarded.send("GET", "/healthz")

    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert (health.status, health.json()["status"]) == (200, "ok")


@pytest.mark.parametrize("role", list(Role))
def test_error_reports_are_for_those_who_may_see_bad_rows(guarded: Api, database: Database, role: Role) -> None:
    answer = guarded.send("GET", f"/uploads/upl_{'0' * 32}/errors.csv", headers=bearer(a_key(database, role)))

    assert answer.status == (404 if role.includes(Role.CSM) else 403)
    assert role.includes(Role.CSM) or answer.json() == {"error": "your role does not allow this"}


def test_a_preflight_needs_no_key(database: Database) -> None:
    settings = Settings(cors_origins=("https://app.example.com",))
    api = Api(database, lambda: None, settings, access="keys")  # type: ignore[arg-type, return-value]
    asked = {"origin": "https://app.example.com", "access-control-request-method": "POST",
             "access-control-request-headers": "authorization,content-type"}  # fmt: skip

    before, refused = api.send("OPTIONS", "/graphql", headers=asked), api.send("POST", "/graphql", BODY, asked)

    assert before.status == 200
    assert "authorization" in before.headers["access-control-allow-headers"]
    assert (refused.status, refused.headers["access-control-allow-origin"]) == (401, "https://app.example.com")


# --- a container ---


def _ask(
    app: Any, *, client: tuple[str, int] = ("127.0.0.1", 1), at: str = "localhost", **headers: Any
) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=app, client=client)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{at}") as session:
            return await session.post("/graphql", content=BODY, headers={"content-type": "application/json", **headers})

    with closing(asyncio.new_event_loop()) as loop:
        return loop.run_until_complete(ask())


@pytest.mark.parametrize(
    ("client", "host", "header", "status"),
    [
        ("127.0.0.1", "localhost", "localhost:8000", 200),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1", 200),
        ("::1", "localhost", "[::1]:8000", 200),
        ("192.0.2.1", "localhost", "localhost", 401),
        ("127.0.0.1", "10.0.0.5", "10.0.0.5", 401),
        ("127.0.0.1", "10.0.0.5", "localhost", 401),
        ("127.0.0.1", "localhost", "evil.example", 401),  # its name now leads here: DNS rebinding
        ("127.0.0.1", "localhost", "localhost.evil.example", 401),
        ("127.0.0.1", "localhost", "[", 401),
        ("127.0.0.1", "localhost", "", 401),
    ],
)
def test_an_open_server_answers_its_own_machine_alone(
    database: Database, client: str, host: str, header: str, status: int
) -> None:
    app = application(Parts(Settings(access="open"), lambda: database, pytest.fail, pytest.fail, lambda: NOON))

    assert _ask(app, client=(client, 1), at=host, host=header).status_code == status


FORWARDED: list[tuple[dict[str, str], int]] = [
    ({"x-forwarded-for": "203.0.113.9"}, 401),
    ({"x-forwarded-for": "127.0.0.1, 203.0.113.9"}, 401),
    ({"x-forwarded-for": "203.0.113.9, 127.0.0.1"}, 401),
    ({"x-forwarded-for": "::ffff:203.0.113.9"}, 401),
    ({"x-forwarded-for": "2001:db8::1"}, 401),
    ({"x-forwarded-for": "unknown"}, 401),
    ({"x-forwarded-for": ""}, 401),
    ({"x-real-ip": "203.0.113.9"}, 401),
    ({"x-forwarded-host": "insights.example.com"}, 401),
    ({"x-forwarded-for": "127.0.0.1", "x-forwarded-host": "insights.example.com"}, 401),
    ({"forwarded": "for=203.0.113.9"}, 401),
    ({"forwarded": "for=127.0.0.1"}, 401),  # nobody's development server writes it
    ({"x-forwarded-for": "::1", "x-forwarded-host": "localhost:3000", "x-forwarded-proto": "http"}, 200),
    ({"x-forwarded-for": "::ffff:127.0.0.1,127.0.0.1"}, 200),
]


@pytest.mark.parametrize(("headers", "status"), FORWARDED, ids=str)
def test_an_open_server_answers_nobody_whom_a_proxy_on_its_machine_speaks_for(
    database: Database, headers: dict[str, str], status: int
) -> None:
    app = application(Parts(Settings(access="open"), lambda: database, pytest.fail, pytest.fail, lambda: NOON))
    behind_the_gateway = Api(database, lambda: None, Settings())  # type: ignore[arg-type, return-value]

    assert _ask(app, **headers).status_code == status
    assert behind_the_gateway.send("POST", "/graphql", BODY, headers).status == status


def test_in_a_container_keys_are_looked_for_in_a_thread_and_then_remembered(
    database: Database, database_url: str, statements: list[str]
) -> None:
    text = a_key(database)
    with closing(Threads(2)) as threads:
        app = application(Parts(Settings(), lambda: database, pytest.fail, pytest.fail, lambda: NOON, threads))
        answers = [_ask(app, authorization=f"Bearer {text}") for _ in range(3)]
        refused = _ask(app, authorization=f"Bearer {KEY}")

    assert [answer.status_code for answer in answers] == [200] * 3
    assert refused.json() == REFUSAL
    assert ["api_keys" in statement for statement in statements] == [True, True]


def test_two_headers_are_one_too_many(database: Database) -> None:
    credential = (b"authorization", f"Bearer {a_key(database)}".encode())
    local, other = (b"host", b"localhost"), (b"host", b"evil.example")

    assert _statuses(database, Settings(), [credential]) == [200, None]
    assert _statuses(database, Settings(), [credential, credential]) == [401, None]
    assert _statuses(database, Settings(access="open"), [local]) == [200, None]
    assert _statuses(database, Settings(access="open"), [other, local]) == [401, None]
    assert _statuses(database, Settings(access="open"), [local, other]) == [401, None]
    assert _statuses(database, Settings(access="open"), [(b"host", b"localhost:80"), other]) == [401, None]


def _statuses(database: Database, settings: Settings, headers: list[tuple[bytes, bytes]]) -> list[Any]:
    app = application(Parts(settings, lambda: database, pytest.fail, pytest.fail, lambda: NOON))
    told: list[Any] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": BODY, "more_body": False}

    async def send(message: Any) -> None:
        told.append(message.get("status"))

    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "scheme": "http",
             "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
             "headers": [(b"content-type", b"application/json"), *headers]}  # fmt: skip
    with closing(asyncio.new_event_loop()) as loop:
        loop.run_until_complete(app(scope, receive, send))
    return told


# --- starting ---


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"STAGE": "dev"}, "ACCESS=open would let strangers in: nothing starts so with STAGE=dev"),
        ({"STAGE": "prod"}, "ACCESS=open would let strangers in: nothing starts so with STAGE=prod"),
        ({"AWS_LAMBDA_FUNCTION_NAME": "insights-graphql"}, "ACCESS=open would let strangers in: nothing starts so on Lambda (insights-graphql)"),
        ({"STAGE": "local", "AWS_LAMBDA_FUNCTION_NAME": "a"}, "ACCESS=open would let strangers in: nothing starts so on Lambda (a)"),
    ],
)  # fmt: skip
def test_what_is_deployed_does_not_start_open(environment: dict[str, str], reason: str) -> None:
    with pytest.raises(Rejected) as refused:
        from_environment({"ACCESS": "open", **environment})

    assert str(refused.value) == reason
    assert from_environment(environment).access == "keys"


def test_a_function_that_is_told_to_be_open_answers_nobody(database_url: str) -> None:
    import subprocess
    import sys

    script = "import handler; print(handler.graphql(handler._NO_QUESTION))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PATH": "", "PYTHONPATH": ".", "DATABASE_URL": database_url, "ACCESS": "open", "AWS_LAMBDA_FUNCTION_NAME": "api"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].endswith("nothing starts so on Lambda (api)")


@pytest.mark.parametrize(
    "environment",
    [
        {"CORS_ORIGINS": "*"},
        {"CORS_ORIGINS": "http://localhost:3000, *"},
        {"CORS_ORIGIN_PATTERN": ".*"},
        {"CORS_ORIGIN_PATTERN": "https?://.+"},
        {"CORS_ORIGIN_PATTERN": "http://.*|https://pr-.*"},
    ],
    ids=str,
)
def test_an_open_server_does_not_start_where_every_page_may_read_its_answers(environment: dict[str, str]) -> None:
    """A page of others in this machine's browser asks from this machine."""
    with pytest.raises(Rejected, match="every page"):
        from_environment({"ACCESS": "open", **environment})

    assert from_environment(environment).access == "keys"
    from_environment(
        {"ACCESS": "open", "CORS_ORIGINS": "http://localhost:3000", "CORS_ORIGIN_PATTERN": r"http://localhost:\d+"}
    )


# --- logs ---


@pytest.mark.parametrize("whose", ["key", "JWT"])
def test_no_log_line_has_a_key_or_a_token_wherever_it_was_sent(
    guarded: Api, database: Database, caplog: pytest.LogCaptureFixture, whose: str
) -> None:
    secret = a_key(database) if whose == "key" else Issuer().token(iss=ISSUER)
    caplog.set_level(logging.DEBUG)
    caplog.handler.setFormatter(logs.Line())
    good = bearer(a_key(database))
    query = json.dumps({"query": "query ($id: ID!) { node(id: $id) { id } }", "variables": {"id": secret}}).encode()
    sent: list[tuple[Any, ...]] = [
        ("POST", "/graphql", BODY, bearer(secret)),
        ("POST", "/graphql", BODY, bearer(secret[:-3])),
        ("POST", "/graphql", BODY, {"authorization": secret}),
        ("POST", "/graphql", BODY, {"x-api-key": secret}),
        ("POST", "/graphql", BODY, {"x-request-id": secret[:100]}),
        ("POST", "/graphql", BODY, {**good, "x-request-id": secret[:100]}),
        ("POST", "/graphql", BODY, {"cookie": secret, "user-agent": secret, "host": secret[:60]}),
        ("POST", "/graphql", query, good),
        ("POST", "/graphql", f'{{"query": "{{ {secret} }}"}}'.encode(), good),
        ("POST", "/graphql", secret.encode(), good),
        ("POST", "/graphql", BODY, {**good, "content-type": secret}),
        ("POST", f"/{secret}", BODY, good),
        ("GET", f"/uploads/{secret}/errors.csv", b"", good),
        (secret, "/graphql", b"", good),
    ]

    for request in sent:
        guarded.send(*request)
    for place in ("access_token", "query", "variables"):
        guarded.send("GET", "/graphql", b"", good, query=f"{place}={secret}")
    guarded.headers = good
    guarded("mutation ($id: ID!) { revokeApiKey(input: {id: $id}) { userErrors { code } } }", id=secret)

    lines = caplog.text
    assert lines.count('"answered"') >= len(sent)
    parts = [secret[14:]] if whose == "key" else secret.split(".")[1:]
    assert [part[:20] for part in parts if part[:20] in lines] == []


def test_a_failure_s_trace_hides_them_too() -> None:
    record = logging.makeLogRecord(
        {"msg": "%s and %s", "args": (KEY, Issuer().token()), "levelname": "ERROR", "secret": KEY}
    )

    line = logs.Line().format(record)

    assert json.loads(line)["message"] == "aisi_00000000_... and eyJ..."
    assert KEY not in line
