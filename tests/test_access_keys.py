"""The life of an API key: made, shown once, used, expired, revoked; what it costs, and what changes made by it say."""

import threading
from contextlib import closing
from datetime import timedelta
from typing import Any
from zlib import crc32

import pytest

from local.__main__ import main
from services import ids, key_texts, keys, wiring
from services.db.connection import Database
from services.identities import MOST, REMEMBERED, Identities
from services.ports import UploadForm
from services.settings import Settings
from services.vocabulary import Role
from tests.access import a_key, bearer
from tests.api import NOON, Api
from tests.aws import post
from tests.importing import Importer
from tests.insights import Worker

CREATE = """mutation ($name: String!, $role: Role!, $expiresAt: DateTime, $key: ID) {
  createApiKey(input: {name: $name, role: $role, expiresAt: $expiresAt, idempotencyKey: $key}) {
    key apiKey { id prefix name role createdBy createdAt expiresAt lastUsedAt revokedBy revokedAt } userErrors { code path }
  }
}"""
UPLOAD = """mutation ($size: Int!) {
  requestUploadUrl(input: {kind: ACCOUNTS, fileName: "a.csv", sizeBytes: $size}) { upload { id } target { url fields { name value } } }
}"""
REVOKE = "mutation ($id: ID!) { revokeApiKey(input: {id: $id}) { apiKey { id revokedAt revokedBy } userErrors { code message path } } }"
WHO = "{ viewer { id name role } }"
KNOWN = 200
UNKNOWN = 401


@pytest.fixture
def guarded(database: Database, database_url: str) -> Api:
    settings = Settings(database_url=database_url, insights_queue_url="kept by the test")
    guarded = Api(database, lambda: None, settings, access="keys")  # type: ignore[arg-type, return-value]
    guarded.headers = bearer(a_key(database, name="root"))
    return guarded


def _status(api: Api, key: str) -> int:
    return api.send("POST", "/graphql", b'{"query": "{ viewer { id } }"}', bearer(key)).status


def _create(api: Api, role: str = "CSM", **more: object) -> tuple[str, dict[str, Any]]:
    made = api.data(CREATE, name="nightly export", role=role, **more)["createApiKey"]
    assert made["userErrors"] == []
    return made["key"], made["apiKey"]


def test_a_key_is_shown_once_and_then_never_again(guarded: Api, database: Database) -> None:
    text, kept = _create(guarded, expiresAt="2026-04-10T12:00:00Z")

    prefix = text[:13]
    assert key_texts.SHAPE.fullmatch(text)
    assert kept == {
        "id": f"key_{text[5:13]}", "prefix": prefix, "name": "nightly export", "role": "CSM",
        "createdBy": guarded.data(WHO)["viewer"]["id"], "createdAt": "2026-03-10T12:00:00.000000Z",
        "expiresAt": "2026-04-10T12:00:00.000000Z", "lastUsedAt": None, "revokedBy": None, "revokedAt": None,
    }  # fmt: skip
    listed = guarded.data("{ apiKeys { nodes { prefix name } edges { cursor } pageInfo { hasNextPage } } }")["apiKeys"]
    assert [node["name"] for node in listed["nodes"]] == ["nightly export", "root"] or len(listed["nodes"]) == 2
    stored = str(database.rows("select to_jsonb(k) from api_keys k"))
    assert prefix[5:] in stored
    assert text[14:] not in stored
    assert key_texts.digest(text) in stored


def test_whoever_asks_with_it_is_known_by_its_name_and_role(guarded: Api) -> None:
    text, _ = _create(guarded)
    guarded.headers = bearer(text)

    viewer = guarded.data(WHO)["viewer"]

    assert viewer == {"id": f"key:{text[5:13]}/nightly export", "name": "nightly export", "role": "CSM"}


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda key: key[:-1] + ("a" if key[-1] != "a" else "b"),  # the checksum
        lambda key: key[:20] + ("a" if key[20] != "a" else "b") + key[21:],  # the secret, under the old checksum
        lambda key: _sealed(key[:20] + ("a" if key[20] != "a" else "b") + key[21:-6]),  # the secret, well-formed
        lambda key: _sealed("aisi_" + "0" * 8 + key[13:-6]),  # the prefix
        lambda key: key.upper(),
        lambda key: key + "a",
        lambda key: key[:-1],
        lambda key: key.replace("aisi", "aisl"),
        lambda key: key + "\u00e9",
        lambda key: key[:0],
        lambda key: key * 200,
    ],
)
def test_what_is_not_the_key_lets_nobody_in(guarded: Api, spoilt: Any) -> None:
    text, _ = _create(guarded)

    assert (_status(guarded, text), _status(guarded, spoilt(text))) == (KNOWN, UNKNOWN)


def _sealed(body: str) -> str:
    """With the right checksum."""
    return body + key_texts._digits(crc32(body.encode()), 6)


def test_a_key_expires(guarded: Api) -> None:
    text, _ = _create(guarded, expiresAt="2026-03-10T12:00:20Z")

    seen = []
    for _ in range(4):
        seen.append(_status(guarded, text))
        guarded.now += timedelta(seconds=10)

    assert seen == [KNOWN, KNOWN, UNKNOWN, UNKNOWN]  # to the second, though it is remembered for longer


def test_a_revoked_key_lets_nobody_in_once_it_is_forgotten(guarded: Api) -> None:
    text, kept = _create(guarded)
    assert _status(guarded, text) == KNOWN

    revoked = guarded.data(REVOKE, id=kept["id"])["revokeApiKey"]["apiKey"]
    seen = []
    for seconds in (0, 29, 1, 3600):
        guarded.now += timedelta(seconds=seconds)
        seen.append(_status(guarded, text))

    assert revoked["revokedAt"] == "2026-03-10T12:00:00.000000Z"
    assert timedelta(seconds=30) == REMEMBERED
    assert seen == [KNOWN, KNOWN, UNKNOWN, UNKNOWN]


def test_a_key_that_nobody_used_lately_is_refused_at_once(guarded: Api) -> None:
    text, kept = _create(guarded)
    guarded.data(REVOKE, id=kept["id"])

    assert _status(guarded, text) == UNKNOWN


def test_revoking_again_changes_nothing(guarded: Api) -> None:
    _, kept = _create(guarded)
    first = guarded.data(REVOKE, id=kept["id"])
    guarded.now += timedelta(minutes=1)
    guarded.headers = bearer(_create(guarded, role="ADMIN")[0])

    assert guarded.data(REVOKE, id=kept["id"]) == first


@pytest.mark.parametrize(
    ("id_", "code"), [("key_00000000", "NOT_FOUND"), ("acc_1", "INVALID_VALUE"), ("", "INVALID_VALUE")]
)
def test_what_is_no_key_cannot_be_revoked(guarded: Api, id_: str, code: str) -> None:
    told = guarded.data(REVOKE, id=id_)["revokeApiKey"]

    assert (told["apiKey"], [error["code"] for error in told["userErrors"]]) == (None, [code])


def test_a_key_is_no_node(guarded: Api) -> None:
    _, kept = _create(guarded)

    answer = guarded("query ($id: ID!) { node(id: $id) { id } }", id=kept["id"])

    assert answer["errors"][0]["extensions"]["code"] == "INVALID_VALUE"


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"name": ""}, "INVALID_VALUE", "name"),
        ({"name": " "}, "INVALID_VALUE", "name"),
        ({"name": "x" * 101}, "INVALID_VALUE", "name"),
        ({"name": "a\nb"}, "INVALID_VALUE", "name"),
        ({"name": "a\0b"}, "INVALID_VALUE", "name"),
        ({"expiresAt": "2026-03-10T12:00:00Z"}, "OUT_OF_RANGE", "expiresAt"),
        ({"key": ""}, "OUT_OF_RANGE", "idempotencyKey"),
        ({"key": "x" * 201}, "OUT_OF_RANGE", "idempotencyKey"),
    ],
)
def test_what_no_key_is_made_of(guarded: Api, given: dict[str, object], code: str, path: str) -> None:
    told = guarded.data(CREATE, {"name": "fine", "role": "CSM", **given})["createApiKey"]

    assert told == {"key": None, "apiKey": None, "userErrors": [{"code": code, "path": ["input", path]}]}


def test_the_same_request_again_makes_no_second_key_and_shows_nothing(guarded: Api) -> None:
    text, kept = _create(guarded, key="once")

    again = guarded.data(CREATE, name="nightly export", role="CSM", key="once")["createApiKey"]
    other = guarded.data(CREATE, name="nightly export", role="ADMIN", key="once")["createApiKey"]

    assert text is not None
    assert again == {"key": None, "apiKey": kept, "userErrors": []}
    assert [error["code"] for error in other["userErrors"]] == ["IDEMPOTENCY_MISMATCH"]


def test_two_same_requests_at_once_make_one_key(database_url: str, database: Database) -> None:
    made: list[keys.Made] = []
    barrier = threading.Barrier(4)

    def ask() -> None:
        with closing(Database(database_url)) as mine:
            barrier.wait(30)
            with mine.writing() as session:
                one = keys.create(
                    session, name="a", role=Role.CSM, expires_at=None, idempotency_key="at once", actor="local", now=NOON
                )  # fmt: skip
            made.append(one)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len({one.prefix for one in made}) == 1
    assert len([one for one in made if one.text is not None]) == 1
    assert database.read("select count(*) from api_keys") == 1


def test_two_who_revoke_at_once_are_both_answered_and_the_first_counts(database_url: str, database: Database) -> None:
    prefix = a_key(database)[5:13]
    barrier = threading.Barrier(4)

    def revoke(number: int) -> None:
        with closing(Database(database_url)) as mine:
            barrier.wait(30)
            with mine.writing() as session:
                keys.revoke(session, prefix, actor=f"actor {number}", now=NOON + timedelta(minutes=number))

    threads = [threading.Thread(target=revoke, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    [(by, at)] = database.rows("select revoked_by, revoked_at from api_keys")
    assert at == NOON + timedelta(minutes=int(by.split()[1]))


def test_requests_in_flight_while_a_key_is_revoked(database_url: str, database: Database) -> None:
    """Several processes' worth of caches, asked all the time: from half a minute after the commit on nobody gets in."""
    text = a_key(database)
    prefix = text[5:13]
    now, stop = [NOON], threading.Event()
    let_in: list[tuple[Any, Any]] = []

    def serve() -> None:
        with closing(Database(database_url)) as mine:
            known = Identities(Settings(), lambda: mine)
            while not stop.is_set():
                moment = now[0]
                try:
                    known.remembered(text, moment) or known.find(text, moment)
                except Exception as error:  # noqa: BLE001 - whatever it is, it is told
                    let_in.append((moment, type(error).__name__))
                else:
                    let_in.append((moment, True))

    threads = [threading.Thread(target=serve) for _ in range(3)]
    for thread in threads:
        thread.start()
    for second in range(90):
        now[0] = NOON + timedelta(seconds=second)
        if second == 20:
            with database.writing() as session:
                keys.revoke(session, prefix, actor="local", now=now[0])
        stop.wait(0.01)
    stop.set()
    for thread in threads:
        thread.join(30)

    revoked = NOON + timedelta(seconds=20)
    assert {told for at, told in let_in if at < revoked} == {True}
    assert {told for at, told in let_in if at >= revoked + REMEMBERED + timedelta(seconds=1)} == {"Unauthenticated"}


def test_a_query_costs_one_statement_and_a_key_one_more_when_it_is_not_remembered(
    guarded: Api, statements: list[str]
) -> None:
    query = "{ accounts { nodes { name } } }"
    text, _ = _create(guarded)
    guarded.headers = bearer(text)
    counts = []

    for seconds in (0, 1, 28, 1, 1, 29):
        statements.clear()
        guarded.now += timedelta(seconds=seconds)
        guarded.data(query)
        counts.append(["api_keys" in statement for statement in statements])

    assert counts == [[True, False], [False], [False], [True, False], [False], [True, False]]


@pytest.mark.parametrize("kind", ["unknown", "expired", "revoked", "another's secret"])
def test_a_key_that_is_no_good_costs_one_statement_whatever_is_wrong_with_it(
    guarded: Api, database: Database, statements: list[str], kind: str
) -> None:
    text = a_key(database, days=1)
    if kind == "revoked":
        guarded.data(REVOKE, id=f"key_{text[5:13]}")
    elif kind == "expired":
        guarded.now += timedelta(days=2)
    elif kind == "unknown":
        text = key_texts.make(lambda count: bytes(range(count)))
    else:
        text = _sealed(text[:14] + a_key(database)[14:-6])
    statements.clear()

    assert _status(guarded, text) == UNKNOWN
    assert [statement for statement in statements if "api_keys" not in statement] == []
    assert len(statements) == 1


def test_what_looks_like_no_key_costs_no_statement(guarded: Api, statements: list[str]) -> None:
    statements.clear()

    assert [_status(guarded, text) for text in ("aisi_", "secret", "a" * 63)] == [UNKNOWN] * 3
    assert statements == []


def test_the_last_use_is_noted_once_an_hour(guarded: Api, database: Database) -> None:
    text, _ = _create(guarded)

    def written() -> tuple[Any, Any]:
        [row] = database.rows("select xmin::text, last_used_at from api_keys where prefix = %(p)s", {"p": text[5:13]})
        return row

    _status(guarded, text)
    first = written()
    guarded.now += timedelta(minutes=59)
    _status(guarded, text)
    second = written()
    guarded.now += timedelta(minutes=1)
    _status(guarded, text)

    assert first[1] == NOON
    assert second == first
    assert written()[1] == NOON + timedelta(hours=1)


def test_a_key_that_is_no_good_is_not_noted_as_used(guarded: Api, database: Database) -> None:
    text, kept = _create(guarded)
    guarded.data(REVOKE, id=kept["id"])

    _status(guarded, text)
    _status(guarded, _sealed(text[:14] + "0" * 43))

    assert database.read("select last_used_at from api_keys where revoked_at is not null") is None


def test_how_many_are_remembered_is_bounded(database: Database) -> None:
    known = Identities(Settings(), lambda: database)
    text = a_key(database)
    known.find(text, NOON)
    place = next(iter(known._known.items()))
    for number in range(MOST):
        known._known[str(number).encode()] = place[1]

    known.find(text, NOON)

    assert len(known._known) <= MOST
    assert text.encode() not in known._known


def test_while_the_database_is_gone_nobody_is_told_that_their_key_is_wrong(caplog: pytest.LogCaptureFixture) -> None:
    nowhere = Database("postgresql://nobody@127.0.0.1:1/nothing")
    api = Api(nowhere, lambda: None, Settings(), access="keys")  # type: ignore[arg-type, return-value]

    answer = api.send("POST", "/graphql", b'{"query": "{ viewer { id } }"}', bearer(key_texts.make(bytes)))

    assert (answer.status, answer.json()["errors"][0]["extensions"]) == (503, {"code": "UNAVAILABLE"})
    assert "nobody can be let in" in caplog.text


def test_every_change_says_who_made_it(database: Database, database_url: str, aws_settings: Settings) -> None:
    """Those that workers make later too: the import's, the scoring's, the job's."""
    from services.adapters.storage import Bucket

    settings = Settings(database_url=database_url, insights_queue_url="kept by the test")
    api = Api(database, lambda: Bucket(aws_settings), settings, access="keys")
    text = a_key(database, Role.MANAGER, name="Dana's script")
    api.headers = bearer(text)
    actor = f"key:{text[5:13]}/Dana's script"
    content = b"name,arr,segment,nps\nAcme,1,SMB,7\n"
    asked = api.data(UPLOAD, size=len(content))["requestUploadUrl"]
    fields = tuple((field["name"], field["value"]) for field in asked["target"]["fields"])
    post(UploadForm(asked["target"]["url"], fields, NOON), content)
    Importer(database, aws_settings, now=api.now).work(ids.uuid(asked["upload"]["id"], ids.UPLOAD))

    assert database.rows("select requested_by, status from uploads") == [(actor, "SUCCEEDED")]
    assert set(database.rows("select actor, source from changes")) >= {(actor, "IMPORT")}
    api.data("mutation { generateMockData(input: {accounts: 1, days: 2}) { accountsCreated } }")
    found = api.data('{ accounts(filter: {search: "Acme"}) { nodes { id } } }')["accounts"]["nodes"][0]
    api.data("mutation ($id: ID!) { updateAccount(input: {id: $id, nps: -5}) { userErrors { code } } }", id=found["id"])
    job = api.data("mutation ($id: ID!) { queueInsight(input: {accountId: $id}) { job { id } } }", id=found["id"])
    Worker(database).deliver(job["queueInsight"]["job"]["id"])
    insight = api.data("{ insights { nodes { id } } }")["insights"]["nodes"][0]["id"]
    api.data(
        "mutation ($id: ID!) { rateInsight(input: {insightId: $id, rating: HELPFUL}) { userErrors { code } } }",
        id=insight,
    )
    api.data("mutation { recomputeHealth(input: {}) { userErrors { code } } }")

    assert set(database.rows("select distinct actor from changes")) == {(actor,)}
    assert set(database.rows("select distinct requested_by from jobs")) == {(actor,)}
    assert database.rows("select rated_by from insights") == [(actor,)]


def test_the_first_key_is_made_by_the_command_line(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)

    assert main(["keys", "create", "--name", "first", "--role", "ADMIN", "--days", "30"]) == 0
    text = capsys.readouterr().out.strip()
    api = Api(database, lambda: None, Settings(), access="keys", now=wiring.clock())  # type: ignore[arg-type, return-value]
    api.headers = bearer(text)
    assert api.data(WHO)["viewer"] == {"id": f"key:{text[5:13]}/first", "name": "first", "role": "ADMIN"}

    assert main(["keys", "list"]) == 0
    listed = capsys.readouterr()
    assert listed.out.startswith(f"{text[:13]}  ADMIN    valid    until ")
    assert text[14:] not in listed.out + listed.err

    assert main(["keys", "revoke", text[:13]]) == 0
    assert main(["keys", "list"]) == 0
    assert "  revoked  " in capsys.readouterr().out
    assert database.rows("select created_by, revoked_by from api_keys") == [("local", "local")]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["revoke", "aisi_00000000"], "no API key has the id key_00000000\n"),
        (["create", "--name", "", "--role", "CSM"], "a key's name has from 1 to 100 printable characters\n"),
        (["create", "--name", "a", "--role", "CSM", "--days", "0"], "a key lasts from 1 to 3650 days, not 0\n"),
    ],
)
def test_what_the_command_line_refuses(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    asked: list[str], told: str,
) -> None:  # fmt: skip
    monkeypatch.setenv("DATABASE_URL", database_url)

    assert main(["keys", *asked]) == 1
    assert capsys.readouterr().err == told
