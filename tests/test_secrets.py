"""Settings that are kept in SSM or Secrets Manager: fetched once, together, late, anew where one was refused."""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import boto3
import psycopg2
import pytest

from services.adapters.secrets import Secrets
from services.db.connection import Database
from services.errors import Unavailable
from services.settings import CredentialsPlace
from tests.scripted_aws import PLACE, Answer, ScriptedAws, parameters, refused


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def _secrets(url: str, clock: Clock | None = None) -> Secrets:
    return Secrets("eu-central-1", url, PLACE, clock=clock or Clock())


def test_parameters_and_secrets_are_read_from_an_emulator(aws: str) -> None:
    name = uuid4().hex
    ssm, manager = (boto3.client(one, endpoint_url=aws) for one in ("ssm", "secretsmanager"))
    ssm.put_parameter(Name=f"/{name}/database-url", Value="postgresql://ü/ssm", Type="SecureString")
    arn = manager.create_secret(Name=f"{name}/plain", SecretString="postgresql://plain")["ARN"]
    manager.create_secret(Name=f"{name}/many", SecretString=json.dumps({"url": "postgresql://member", "port": 5432}))
    secrets = _secrets(aws)

    references = [
        f"ssm:/{name}/database-url", f"secretsmanager:{name}/plain", f"secretsmanager:{arn}",
        f"secretsmanager:{name}/many#url",
    ]  # fmt: skip
    values = [secrets.at(one).value() for one in references]

    assert values == ["postgresql://ü/ssm", "postgresql://plain", "postgresql://plain", "postgresql://member"]


def test_what_is_not_there_is_named(aws: str) -> None:
    name = uuid4().hex
    boto3.client("secretsmanager", endpoint_url=aws).create_secret(Name=name, SecretString='{"port": 5432}')
    secrets = _secrets(aws)

    for reference, message in (
        ("ssm:/none", "ssm:/none cannot be read: there is none"),
        ("secretsmanager:none", "secretsmanager:none cannot be read: ResourceNotFoundException"),
        (f"secretsmanager:{name}#url", f"secretsmanager:{name}#url cannot be read: there is no text under url"),
        (f"secretsmanager:{name}#port", f"secretsmanager:{name}#port cannot be read: there is no text under port"),
    ):
        with pytest.raises(Unavailable, match=f"^{re.escape(message)}$"):
            secrets.at(reference).value()


def test_nothing_is_fetched_before_it_is_needed_and_parameters_come_together_once() -> None:
    with ScriptedAws(parameters(a="1", b="2")) as aws:
        secrets = _secrets(aws.url)
        a, b, again = secrets.at("ssm:/a"), secrets.at("ssm:/b"), secrets.at("ssm:/a")
        assert aws.asked == []

        values = [one.value() for one in (b, a, again, b)]

    assert values == ["2", "1", "1", "2"]
    assert [body for _, _, body in aws.asked] == [{"Names": ["/b", "/a"], "WithDecryption": True}]


def test_one_that_is_missing_takes_no_other_with_it() -> None:
    with ScriptedAws(parameters(a="1")) as aws:
        secrets = _secrets(aws.url)
        a, b = secrets.at("ssm:/a"), secrets.at("ssm:/b")

        assert a.value() == "1"
        with pytest.raises(Unavailable, match="ssm:/b cannot be read: there is none"):
            b.value()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (refused("AccessDeniedException"), "ssm:/a cannot be read: AccessDeniedException"),
        (refused("ThrottlingException"), "ssm:/a cannot be read: ThrottlingException"),
        ((500, "hunter2"), "ssm:/a cannot be read: 500"),
        ((200, "hunter2"), "ssm:/a cannot be read: there is none"),
    ],
)
def test_a_failure_names_the_reference_and_the_next_use_tries_again(answer: Answer, said: str) -> None:
    with ScriptedAws(answer) as failing, pytest.raises(Unavailable) as told:
        _secrets(failing.url).at("ssm:/a").value()

    assert str(told.value) == said
    with ScriptedAws(refused("AccessDeniedException"), parameters(a="1")) as aws:
        a = _secrets(aws.url).at("ssm:/a")
        with pytest.raises(Unavailable):
            a.value()
        assert a.value() == "1"


def test_no_message_holds_a_value(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    clock = Clock()
    with ScriptedAws((200, {"SecretString": '{"user": "hunter2"}'})) as aws:
        with pytest.raises(Unavailable) as told:
            _secrets(aws.url).at("secretsmanager:a#url").value()
        kept = _secrets(aws.url, clock).at("secretsmanager:a")
        value = kept.value()
    clock.now += 60
    kept.value(refused=value)  # nobody is there any more

    assert "hunter2" not in str(told.value) + caplog.text + repr(kept)
    assert "a value that was refused is kept: secretsmanager:a cannot be read: 127.0.0.1 did not answer" in caplog.text


def test_a_refused_value_is_fetched_anew_at_most_once_a_minute() -> None:
    clock = Clock()
    with ScriptedAws(parameters(a="old"), parameters(a="old"), parameters(a="new"), parameters(a="newest")) as aws:
        a = _secrets(aws.url, clock).at("ssm:/a")
        seen = [a.value()]
        for seconds, rejected in ((59, "old"), (1, "old"), (30, "old"), (30, "old"), (60, "old"), (0, "new")):
            clock.now += seconds
            seen.append(a.value(refused=rejected))

    assert seen == ["old", "old", "old", "old", "new", "new", "newest"]
    assert len(aws.asked) == 4


@pytest.fixture
def login(database_url: str) -> Iterator[str]:
    """A role that the server asks for its password."""
    name = f"rotated_{uuid4().hex[:8]}"
    with closing(psycopg2.connect(database_url)) as raw, raw.cursor() as cursor:
        raw.autocommit = True
        cursor.execute("show hba_file")
        rules = Path(cursor.fetchone()[0])
        before = rules.read_text()
        rules.write_text(f"local all {name} scram-sha-256\n{before}")
        cursor.execute(f"create role {name} login password 'old'; select pg_reload_conf()")
        yield name
        rules.write_text(before)
        cursor.execute(f"drop role {name}; select pg_reload_conf()")


def test_a_rotated_password_is_fetched_for_the_next_connection(database_url: str, login: str) -> None:
    clock = Clock()
    old, new = (database_url.replace("postgres:@", f"{login}:{password}@") for password in ("old", "new"))
    with (
        ScriptedAws(parameters(a=old), parameters(a=new)) as aws,
        closing(Database(_secrets(aws.url, clock).at("ssm:/a"))) as database,
    ):
        assert database.read("select current_user") == login
        with closing(psycopg2.connect(database_url)) as raw, raw, raw.cursor() as cursor:
            cursor.execute(f"alter role {login} password 'new'")
        assert database.read("select current_user") == login  # on the connection that is there
        database.close()
        with pytest.raises(Unavailable, match="password authentication failed"):
            database.read("select 1")
        clock.now += 60

        assert database.read("select current_user") == login

    assert len(aws.asked) == 2


def test_a_database_that_is_away_is_no_reason_to_fetch_each_time() -> None:
    clock = Clock()
    with ScriptedAws(parameters(a="postgresql://nobody@127.0.0.1:1/nothing")) as aws:
        database = Database(_secrets(aws.url, clock).at("ssm:/a"))
        for seconds in (0, 30, 30):
            clock.now += seconds
            with pytest.raises(Unavailable, match="the database cannot be reached"):
                database.read("select 1")

    assert len(aws.asked) == 2


def test_the_connection_that_was_refused_is_made_with_the_new_value(database_url: str) -> None:
    clock = Clock()
    with ScriptedAws(parameters(a="postgresql://nobody@127.0.0.1:1/nothing"), parameters(a=database_url)) as aws:
        secret = _secrets(aws.url, clock).at("ssm:/a")
        secret.value()
        clock.now += 60
        with closing(Database(secret)) as database:
            assert database.read("select 1") == 1

    assert len(aws.asked) == 2


def test_a_secret_that_cannot_be_had_leaves_the_database_unavailable() -> None:
    with ScriptedAws(refused("AccessDeniedException")) as aws:
        database = Database(_secrets(aws.url).at("ssm:/a"))

        with pytest.raises(Unavailable, match=r"^ssm:/a cannot be read: AccessDeniedException$"):
            database.read("select 1")


def test_without_credentials_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boto3.Session.get_credentials", lambda _: None)
    with ScriptedAws(parameters(a="1")) as aws:
        secret = Secrets("eu-central-1", aws.url, CredentialsPlace()).at("ssm:/a")

        with pytest.raises(Unavailable, match="ssm:/a cannot be read: no credentials of AWS"):
            secret.value()

    assert aws.asked == []
