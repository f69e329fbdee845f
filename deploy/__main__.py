"""What `npm run` calls: `python -m deploy COMMAND --stage STAGE`. Checks the settings, then lets osls do its work."""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from deploy import stage
from deploy.stage import DIRECT, Stage
from local import node
from services.errors import Failure

ROOT: Final = Path(__file__).parent.parent
OSLS: Final = ROOT / "node_modules" / ".bin" / "osls"
NO_DATABASE: Final = "--param=DatabaseUrl=ssm:/none"
"For commands that change nothing, where no file says the stage's settings."


@dataclass(frozen=True, slots=True)
class Step:
    """A program to run, and what is added to its environment."""

    about: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


def main(arguments: Sequence[str] | None = None) -> int:
    asked, rest = _parser().parse_known_args(arguments)
    try:
        node.install(ROOT, print)
        for step in steps(asked, rest, release=_release()):
            print(f"--- {step.about}", flush=True)
            done = subprocess.run(step.command, cwd=ROOT, env={**os.environ, **step.environment}, check=False)
            if done.returncode != 0:
                print(f"stopped: {step.about} failed", file=sys.stderr)
                return done.returncode
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


def steps(asked: argparse.Namespace, rest: Sequence[str], *, release: str, kept: Path = stage.KEPT) -> Iterator[Step]:
    """What a command takes, in order. Raises Failure before the first step where a setting is wrong."""
    if asked.with_files and (asked.command != "remove" or asked.stage == "prod"):
        raise Failure("--with-files is for `remove`, and not for prod: its files are deleted by hand or not at all")
    where = ["--stage", asked.stage, "--region", asked.region]
    aws = {"AWS_REGION": asked.region, **({"AWS_PROFILE": asked.aws_profile} if asked.aws_profile else {})}
    given = [f"--param={one}" for one in asked.param]
    if asked.command in ("deploy", "package"):
        chosen = stage.read(asked.stage, asked.param, kept=kept)
        yield _packages(chosen)
        if asked.command == "deploy":
            yield _migrations(chosen, aws)
        if not chosen.settings["Release"]:
            given.append(f"--param=Release={release}")
    elif not (kept / f"{asked.stage}.yml").is_file():
        given.append(NO_DATABASE)
    yield Step(f"osls {asked.command}", [str(OSLS), asked.command, *where, *given, *rest], aws)
    if asked.with_files:
        yield Step("the uploaded files", [sys.executable, "-m", "deploy.files", *where], aws)


def _packages(chosen: Stage) -> Step:
    command = [sys.executable, "-m", "deploy.package", "--architecture", chosen.settings["Architecture"]]
    return Step("the functions' packages", command)


def _migrations(chosen: Stage, aws: Mapping[str, str]) -> Step:
    """Before the functions that need them: a migration must suit the functions that still run."""
    url = chosen.settings[DIRECT] or chosen.settings["DatabaseUrl"]
    command = [sys.executable, "-m", "local", "migrate"]
    return Step("the database's migrations", command, {**aws, "DATABASE_URL_DIRECT": url})


def _release() -> str:
    """The commit and the time: another one with each deploy."""
    try:
        asked = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        commit = asked.stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        commit = "unknown"
    return f"{commit}-{datetime.now(UTC):%Y%m%dT%H%M%S}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m deploy",
        allow_abbrev=False,
        description=__doc__,
        epilog="Whatever else is given is osls's, such as --verbose.",
    )
    parser.add_argument("command", choices=["deploy", "package", "info", "logs", "remove"])
    parser.add_argument("--stage", default="dev", help="which deployment (%(default)s)")
    parser.add_argument("--region", default=os.environ.get("AWS_REGION", "eu-central-1"), help="where (%(default)s)")
    parser.add_argument("--param", action="append", default=[], metavar="NAME=VALUE", help="a setting, again and again")
    parser.add_argument("--with-files", action="store_true", help="remove: the uploads too, which else are kept")
    parser.add_argument("--aws-profile", default="", metavar="PROFILE", help="whose credentials")
    return parser


if __name__ == "__main__":
    sys.exit(main())
