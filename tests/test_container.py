"""The container: its Dockerfile carried out without an engine, the process it starts, and what Fargate is told of it."""

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg2
import pytest
import yaml

from tests import images
from tests.images import Container, Stage
from tests.machine import free_ports
from tests.pooling import listening

ROOT = Path(__file__).parents[1]
DOCKERFILE = ROOT / "Dockerfile"
SERVICE = ROOT / "deploy" / "fargate" / "service.yml"


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    reason = images.why_not()
    if reason:
        pytest.skip(reason)
    return images.build(DOCKERFILE, tmp_path_factory.mktemp("image"))


@contextmanager
def serving(
    image: Stage, database_url: str, folder: Path, *, access: str = "open"
) -> Iterator[tuple[Container, httpx.Client, Path]]:
    """The image's own CMD, but at a free port of this machine and nowhere else."""
    (port,) = free_ports(1)
    command = image.last("CMD").words()
    command[command.index("--port") + 1] = str(port)
    command[command.index("--host") + 1] = "127.0.0.1"
    output = folder / "output"
    with listening(database_url) as url:
        environment = {"DATABASE_URL": url, "ACCESS": access, "DATABASE_CONNECTIONS": "2"}
        with (
            images.running(image, environment, output, command) as container,
            httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client,
        ):
            until = time.monotonic() + 60
            while True:
                try:
                    client.get("/healthz")
                    break
                except httpx.TransportError:
                    assert time.monotonic() < until, output.read_text()
                    time.sleep(0.05)
            yield container, client, output


def test_it_answers_as_nobody_who_can_write_nothing(image: Stage, database_url: str, tmp_path: Path) -> None:
    with serving(image, database_url, tmp_path) as (container, client, output):
        health = client.get("/healthz")
        by_post = client.post("/graphql", json={"query": "{ accounts { totalCount } }"})
        user, first = container.status("Uid"), container.status("NSpid")
        rights = container.status("CapEff")
        container.stop()
        code = container.wait(30)

    assert (health.status_code, health.json()["status"]) == (200, "ok")
    assert by_post.json()["data"]["accounts"] == {"totalCount": 0}
    assert "server" not in health.headers
    assert user.split() == ["10001"] * 4
    assert first.split()[-1] == "1"
    assert int(rights, 16) == 0
    assert code == 0
    lines = [json.loads(line) for line in output.read_text().splitlines()]
    assert {"Started server process [1]", "Finished server process [1]"} <= {line["message"] for line in lines}


def test_it_finishes_what_it_began_when_it_is_told_to_stop(image: Stage, database_url: str, tmp_path: Path) -> None:
    with serving(image, database_url, tmp_path) as (container, client, _), ThreadPoolExecutor(1) as beside:
        with closing(psycopg2.connect(database_url)) as raw, raw.cursor() as cursor:
            cursor.execute("lock table accounts in access exclusive mode")
            answer = beside.submit(client.post, "/graphql", json={"query": "{ accounts { nodes { id } } }"})
            _until_somebody_waits(database_url)
            container.stop()
            _until_refused(client.base_url)
            assert not answer.done()
        assert answer.result(30).json()["data"] == {"accounts": {"nodes": []}}
        assert container.wait(30) == 0


def _until_somebody_waits(database_url: str) -> None:
    with closing(psycopg2.connect(database_url)) as raw:
        raw.autocommit = True
        with raw.cursor() as cursor:
            for _ in range(600):
                cursor.execute("select count(*) from pg_locks where not granted")
                row = cursor.fetchone()
                assert row is not None
                if row[0]:
                    return
                time.sleep(0.05)
    raise AssertionError("the request never reached the table")


def _until_refused(url: httpx.URL) -> None:
    for _ in range(600):
        try:
            socket.create_connection((url.host, url.port or 80), 1).close()
        except OSError:
            return
        time.sleep(0.05)
    raise AssertionError("it still takes connections")


def test_its_health_check_tells_health(image: Stage, database_url: str, tmp_path: Path) -> None:
    check = image.last("HEALTHCHECK").said.partition(" CMD ")[2]
    with serving(image, database_url, tmp_path) as (_, client, _):
        asked = [word.replace(":8000/", f":{client.base_url.port}/") for word in json.loads(check)]
        with images.running(image, {}, tmp_path / "healthy", asked) as healthy:
            assert healthy.wait(30) == 0
    with images.running(image, {}, tmp_path / "gone", asked) as gone:
        assert gone.wait(30) == 1


def test_the_load_balancer_s_question_is_answered_as_it_expects(image: Stage, tmp_path: Path) -> None:
    group = _template()["TargetGroup"]["Properties"]

    nowhere = "postgresql://postgres:@/postgres?host=/no/such/folder"
    with serving(image, nowhere, tmp_path, access="keys") as (_, client, _):
        answer = client.get(group["HealthCheckPath"])
        health = client.get("/healthz")

    assert str(answer.status_code) == group["Matcher"]["HttpCode"]
    assert health.status_code == 503


def test_all_of_it_was_compiled(image: Stage) -> None:
    missing = [
        path.relative_to(image.root).as_posix()
        for folder in ("app", "venv/lib")
        for path in (image.root / folder).rglob("*.py")
        if not list((path.parent / "__pycache__").glob(f"{path.stem}.cpython-313.pyc"))
    ]
    codes = list((image.root / "app").rglob("*.pyc"))

    assert missing == []
    assert len(codes) > 100
    assert {int.from_bytes(path.read_bytes()[4:8], "little") for path in codes} == {0b01}


def test_it_holds_what_the_api_needs_and_no_more(image: Stage) -> None:
    packages = {path.name for path in (image.root / "venv" / "lib" / "python3.13" / "site-packages").iterdir()}

    assert {"strawberry", "psycopg2", "uvicorn", "uvloop", "httptools", "boto3"} <= packages
    assert packages & {"pip", "pandas", "openai", "alembic", "pytest", "moto"} == set()
    assert sorted(path.name for path in (image.root / "app").iterdir()) == [
        "graph", "local", "log.json", "resolvers", "services",
    ]  # fmt: skip
    assert {path.name for path in (image.root / "app" / "local").glob("*.py")} == {
        "__init__.py", "connections.py", "container.py",
    }  # fmt: skip


def test_what_is_not_named_is_not_sent_to_an_engine() -> None:
    assert images.sent(ROOT, "graph")
    assert not images.sent(ROOT, ".git")
    assert not images.sent(ROOT, "tests")


def test_fargate_is_told_what_the_image_says(tmp_path: Path) -> None:
    stage = images.read(DOCKERFILE, tmp_path)[-1]
    container = _template()["TaskDefinition"]["Properties"]["ContainerDefinitions"][0]
    check, command = stage.last("HEALTHCHECK"), stage.last("CMD").words()
    health = container["HealthCheck"]

    assert ["CMD", *json.loads(check.said.partition(" CMD ")[2])] == health["Command"]
    assert [check.option(name) for name in ("interval", "timeout", "start-period", "retries")] == [
        f"{health['Interval']}s", f"{health['Timeout']}s", f"{health['StartPeriod']}s", str(health["Retries"]),
    ]  # fmt: skip
    assert container["User"] == stage.last("USER").said
    assert container["ReadonlyRootFilesystem"] is True
    assert str(container["PortMappings"][0]["ContainerPort"]) == stage.last("EXPOSE").said
    assert container["StopTimeout"] > int(command[command.index("--timeout-graceful-shutdown") + 1]) > 29
    balancer = _template()["LoadBalancer"]["Properties"]["LoadBalancerAttributes"]
    idle = next(one["Value"] for one in balancer if one["Key"] == "idle_timeout.timeout_seconds")
    assert int(command[command.index("--timeout-keep-alive") + 1]) > int(idle)


def test_fargate_gives_settings_that_there_are_and_the_api_s_rights() -> None:
    settings = (ROOT / "services" / "settings.py").read_text()
    resources = _template()
    given = [one["Name"] for one in resources["TaskDefinition"]["Properties"]["ContainerDefinitions"][0]["Environment"]]
    allowed = {
        action
        for statement in resources["TaskRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }

    assert [name for name in given if f'"{name}"' not in settings] == []
    assert allowed == {
        "s3:PutObject", "s3:GetObject", "sqs:SendMessage",
        "ssm:GetParameter", "ssm:GetParameters", "secretsmanager:GetSecretValue", "kms:Decrypt",
    }  # fmt: skip


def _template() -> dict[str, Any]:
    """The template's resources; what CloudFormation's short tags mean does not matter here."""
    resources: dict[str, Any] = yaml.load(SERVICE.read_text(), _Plain)["Resources"]
    return resources


class _Plain(yaml.SafeLoader):
    """Takes `!Ref name` as the text after it."""


def _untagged(loader: yaml.Loader, _: str, node: yaml.Node) -> object:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    return loader.construct_sequence(node, deep=True) if isinstance(node, yaml.SequenceNode) else None


_Plain.add_multi_constructor("!", _untagged)
