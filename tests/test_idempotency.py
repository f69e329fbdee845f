"""Whatever creates, done once for one idempotency key: repeated, at once from several connections, after a crash."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from services.db.connection import Database
from services.errors import Unavailable
from services.settings import Settings
from services.vocabulary import Role
from tests.access import a_key, bearer
from tests.api import Api
from tests.container import serving
from tests.insights import failing_account

AT_ONCE = 4


@dataclass(frozen=True)
class Creation:
    """A mutation that creates: its fields beside userErrors, an input, another one, and what counts its creations."""

    name: str
    answer: str
    input: dict[str, Any]
    other: dict[str, Any]
    made: str
    once: tuple[str, ...] = ()
    "Parts of the answer that only the first request gets."

    def ask(self, api: Api, key: str, **changed: Any) -> Any:
        return api.data(self.document, input=self.input | changed | {"idempotencyKey": key})[self.name]

    @property
    def document(self) -> str:
        type_ = self.name[0].upper() + self.name[1:] + "Input"
        return f"mutation ($input: {type_}!) {{ {self.name}(input: $input) {{ {self.answer} userErrors {{ code path }} }} }}"


JOBS = "select count(*) from jobs where parent_id is null"
CREATIONS = [
    Creation("requestUploadUrl", "upload { id }", {"kind": "ACCOUNTS", "fileName": "a.csv", "sizeBytes": 9}, {"sizeBytes": 8},
             "select count(*) from uploads"),
    Creation("queueInsight", "job { id } reused", {"accountId": "acc_1", "reuseIfFresh": False}, {"reuseIfFresh": True}, JOBS),
    Creation("queueInsights", "job { id } matched estimatedTokens", {"filter": {}}, {"max": 3}, JOBS),
    Creation("queuePortfolioInsight", "job { id } reused", {"filter": {}, "reuseIfFresh": False}, {"reuseIfFresh": True}, JOBS),
    Creation("recomputeHealth", "job { id }", {"filter": {}}, {"asOf": "2026-03-01"}, JOBS),
    Creation("generateMockData", "accountsCreated metricsCreated seed", {"accounts": 3, "days": 9}, {"seed": 2},
             "select count(*) from accounts where origin = 'MOCK'"),
    Creation("createApiKey", "apiKey { id } key", {"name": "a", "role": "CSM"}, {"role": "VIEWER"},
             "select count(*) from api_keys where name = 'a'", ("key",)),
]  # fmt: skip
each = pytest.mark.parametrize("creation", CREATIONS, ids=[one.name for one in CREATIONS])


@pytest.fixture(autouse=True)
def world(database: Database) -> None:
    failing_account(database)
    failing_account(database, name="Globex")


def lasting(creation: Creation, answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in creation.once}


def test_every_mutation_that_takes_a_key_is_here(api: Api) -> None:
    inputs = api.data("{ __schema { types { kind name inputFields { name } } } }")["__schema"]["types"]

    taking = {one["name"] for one in inputs if one["kind"] == "INPUT_OBJECT"
              and any(field["name"] == "idempotencyKey" for field in one["inputFields"])}  # fmt: skip
    assert taking == {one.name[0].upper() + one.name[1:] + "Input" for one in CREATIONS}


@each
def test_a_repeat_is_answered_alike_and_makes_nothing(api: Api, database: Database, creation: Creation) -> None:
    first = creation.ask(api, "monday")
    made = database.read(creation.made)
    failing_account(database, name="Initrode")  # what the second would find otherwise

    again = creation.ask(api, "monday")

    assert first["userErrors"] == []
    assert again == first | dict.fromkeys(creation.once)
    assert database.read(creation.made) == made > 0


@each
def test_another_input_under_the_same_key_is_refused(api: Api, database: Database, creation: Creation) -> None:
    creation.ask(api, "monday")
    made = database.read(creation.made)

    other = creation.ask(api, "monday", **creation.other)

    assert other["userErrors"] == [{"code": "IDEMPOTENCY_MISMATCH", "path": ["input", "idempotencyKey"]}]
    assert database.read(creation.made) == made


@each
@pytest.mark.parametrize("key", ["", "k" * 201, "a\0b"])
def test_a_key_that_is_no_key_is_refused(api: Api, database: Database, creation: Creation, key: str) -> None:
    refused = creation.ask(api, key)

    assert refused["userErrors"] == [{"code": "OUT_OF_RANGE", "path": ["input", "idempotencyKey"]}]
    assert database.read(creation.made) == 0


@each
def test_each_actor_has_keys_of_their_own(database: Database, aws_settings: Settings, creation: Creation) -> None:
    from services.adapters.storage import Bucket

    settings = Settings(insights_queue_url="kept by the test")
    api = Api(database, lambda: Bucket(aws_settings), settings, access="keys")
    answers = []
    for name in ("dana", "erin"):
        api.headers = bearer(a_key(database, Role.ADMIN, name=name))
        answers.append(creation.ask(api, "monday"))
        answers.append(creation.ask(api, "monday", **creation.other))

    assert [one["userErrors"] == [] for one in answers] == [True, False, True, False]
    if "job" in creation.answer or "id" in creation.answer:
        assert lasting(creation, answers[0]) != lasting(creation, answers[2])


@each
def test_what_was_committed_before_a_crash_is_answered_after_it(
    database: Database, api: Api, aws_settings: Settings, creation: Creation, monkeypatch: pytest.MonkeyPatch
) -> None:
    crashing = Crashing(database)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(database, "writing", crashing.writing)
        answer = api(creation.document, input=creation.input | {"idempotencyKey": "monday"})
    made = database.read(creation.made)
    assert answer["errors"]
    assert made > 0

    again = creation.ask(api, "monday")

    assert again["userErrors"] == []
    assert database.read(creation.made) == made
    assert creation.ask(api, "monday") == again


class Crashing:
    """A database that dies after a commit, before anybody is told of it."""

    def __init__(self, database: Database) -> None:
        self._writing: Callable[[], Any] = database.writing

    @contextmanager
    def writing(self) -> Iterator[Any]:
        with self._writing() as session:
            yield session
        raise Unavailable("died after the commit")


def test_at_once_from_several_connections_it_is_made_once(
    database: Database, database_url: str, aws_settings: Settings
) -> None:
    environment = {
        "AWS_ENDPOINT_URL": aws_settings.aws_endpoint_url, "UPLOADS_BUCKET": aws_settings.uploads_bucket,
        "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": aws_settings.aws_region,
        "INSIGHTS_QUEUE_URL": f"{aws_settings.aws_endpoint_url}/000000000000/nobody",
    }  # fmt: skip

    with serving(database_url, connections=AT_ONCE, **environment) as client:
        for creation in CREATIONS:
            before = database.read(creation.made)
            asked = {"input": creation.input | {"idempotencyKey": f"{creation.name} at once"}}

            answers = _at_once(client, {"query": creation.document, "variables": asked}, creation.name)

            assert [one["userErrors"] for one in answers] == [[]] * AT_ONCE
            assert len({repr(lasting(creation, one)) for one in answers}) == 1
            assert [[one[part] for one in answers].count(None) for part in creation.once] == (
                [AT_ONCE - 1] * len(creation.once)
            )
            made = answers[0]["accountsCreated"] if creation.name == "generateMockData" else 1
            assert database.read(creation.made) - before == made


def _at_once(client: httpx.Client, content: dict[str, Any], name: str) -> list[Any]:
    together = threading.Barrier(AT_ONCE)

    def ask(_: int) -> Any:
        together.wait()
        return client.post("/graphql", json=content).json()["data"][name]

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(ask, range(AT_ONCE)))


def test_a_repeated_replacement_of_made_up_accounts_replaces_nothing(api: Api, database: Database) -> None:
    [_, _, _, _, _, made_up, _] = CREATIONS
    made_up.ask(api, "monday", replace=True)
    ids = database.rows("select id from accounts order by id")

    made_up.ask(api, "monday", replace=True)

    assert database.rows("select id from accounts order by id") == ids
