"""One rehearsal, from an empty emulator to an empty one: deploy, use, deploy again, remove."""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from deploy.rehearsal import deployed, emulator, logs, mended, tools
from deploy.rehearsal.deployed import Deployed
from deploy.rehearsal.deploying import STACK, STAGE, Project, copied
from deploy.rehearsal.postgres import Postgres
from deploy.rehearsal.report import Say, Seen, Wrong, tell
from deploy.rehearsal.stories import alarmed, asking, denied, failing, files, removed, scheduled, using
from deploy.rehearsal.tools import Tools
from local.model_double import ModelDouble
from services import keys
from services.access import LOCAL
from services.db.connection import Database
from services.vocabulary import Role

DATABASE_SECRET = f"/success-insights/{STAGE}/database-url"
Plant = Callable[[Path], None]
"Changes the copy of the project in that folder before it is deployed."


def rehearse(found: Tools, by: str, say: Say, plant: Plant | None = None) -> int:
    """How many things were seen. Raises Wrong at the first that is wrong, Failure where there can be no rehearsal."""
    began = time.monotonic()
    with (
        _folder() as folder,
        ModelDouble() as model,
        Postgres(folder / "postgres") as database,
        emulator.running(found, folder) as aws,
    ):
        say(f"{by}: {aws.url} is AWS, PostgreSQL is at {database.url.rpartition('@')[2]}")
        try:
            copy = Project(folder / "project", found, aws, by)
            copied(copy.folder)
            if plant is not None:
                plant(copy.folder)
            seen = _rehearse(copy, database, model, say)
        except Wrong as wrong:
            raise Wrong(f"{by}: {wrong}{logs.complaints(aws)}") from wrong
    say(f"\n{by}: {seen} things seen, nothing wrong, in {time.monotonic() - began:.0f} s")
    return seen


def _rehearse(copy: Project, database: Postgres, model: ModelDouble, say: Say) -> int:
    key = _key(database)
    first = _parameters(copy, database) | {
        "OpenAiBaseUrl": model.url,
        "CorsOrigins": asking.ORIGIN,
        "CorsOriginPattern": asking.PREVIEW_PATTERN,
        "GraphiQL": "yes",
    }
    stack = _deployed(copy, first, key, "deployed", say)
    scheduled.hurry(stack)
    announced = alarmed.subscribed(stack, "rehearsal-uploads", stack.environment("ingest", "UPLOADS_TOPIC_ARN"))
    alarms = alarmed.listened(stack)
    stories: list[tuple[str, Seen]] = [
        ("the HTTP API", asking.asking(stack, graphiql=True)),
        ("the front end", asking.front_end(stack, by_gateway=False)),
        ("the upload's form", files.enforced(stack)),
        ("imports", files.imported(stack, announced)),
        ("accounts", using.reading(stack)),
        ("an insight", using.insight(stack, engine="OPENAI")),
        ("a poison message", failing.poison(stack)),
        ("a job that fails for good", failing.refused(stack, model)),
        ("a database that is away", failing.away(stack, database)),
        ("what roles deny", denied.denied(stack)),
        ("schedules", scheduled.scheduled(stack)),
        ("a schedule that fails", scheduled.failing(stack)),
        ("alarms", alarmed.alarmed(stack, alarms)),
    ]
    seen = sum(tell(say, title, story) for title, story in stories)
    second = first | {"OpenAiBaseUrl": "", "CorsOriginPattern": "", "GraphiQL": "no"}
    again = _deployed(copy, second, key, "deployed again, with other settings", say)
    seen += tell(say, "the HTTP API", asking.asking(again, graphiql=False))
    seen += tell(say, "the front end, answered by API Gateway", asking.front_end(again, by_gateway=True))
    seen += tell(say, "an insight, by rules", using.insight(again, engine="RULES"))
    tell(say, "removed", _timed(copy.remove, f"{copy.by} remove"))
    return seen + tell(say, "what is left", removed.removed(again))


def _key(postgres: Postgres) -> str:
    """The deployment's first key, made as operators make it."""
    database = Database(postgres.url)
    try:
        with database.writing() as session:
            made = keys.create(
                session, name="rehearsal", role=Role.ADMIN, expires_at=None, idempotency_key=None, actor=LOCAL.actor,
                now=datetime.now(UTC),
            )  # fmt: skip
    finally:
        database.close()
    assert made.text is not None  # it was not there before
    return made.text


def _parameters(copy: Project, database: Postgres) -> dict[str, str]:
    """Those of every deployment here. The database's address is a secret that the functions fetch."""
    copy.emulator.client("ssm").put_parameter(
        Name=DATABASE_SECRET, Value=database.url, Type="SecureString", Overwrite=True
    )
    return {"DatabaseUrl": f"ssm:{DATABASE_SECRET}", "Architecture": tools.architecture()}


def _deployed(copy: Project, parameters: Mapping[str, str], key: str, title: str, say: Say) -> Deployed:
    tell(say, title, _timed(lambda: copy.deploy(parameters), f"{copy.by} deploy"))
    stack = deployed.find(copy.emulator, STACK, key)
    mended.mend(stack)
    return stack


def _timed(act: Callable[[], None], what: str) -> Seen:
    act()
    yield what, "done"


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="rehearsal-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL, which runs as another user where this one is root, comes through here
        yield folder
