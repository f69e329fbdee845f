"""Mistakes, planted one at a time into a copy of the project: each must be found, by whichever check meets it first.

python -m deploy.rehearsal --mistakes            all of them
python -m deploy.rehearsal --plant no-redrive    one, by the rehearsal alone
"""

import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy import artefacts
from deploy.package import BUILD
from deploy.python import ROOT
from deploy.rehearsal import tools
from deploy.rehearsal.deploying import copied
from deploy.rehearsal.rehearsing import rehearse
from deploy.rehearsal.report import Say, Wrong
from deploy.rehearsal.tools import Tools

ELF: Final = b"\x7fELF"
MACHINE: Final = slice(18, 20)
OTHER: Final = {"x86_64": (b"\xb7\x00", "aarch64"), "arm64": (b"\x3e\x00", "x86_64")}
"The other architecture's code in the head of a shared library, and its name in that of an extension module."


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that somebody got wrong."""

    where: str
    about: str
    plant: Callable[[Path], None]
    "Changes the copy in that folder."
    named: str
    "A pattern of what the check that finds it must say."


def _without(file: str, pattern: str) -> Callable[[Path], None]:
    """Takes away what the pattern means, which must be there once."""
    return _instead(file, pattern, "")


def _instead(file: str, pattern: str, other: str) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        path = folder / file
        text, found = re.subn(pattern, other, path.read_text(), flags=re.MULTILINE)
        if found != 1:
            raise Wrong(f"{file} has {pattern!r} {found} times: plant the mistake anew")
        path.write_text(text)

    return plant


def _repacked(name: str, keep: Callable[[str, bytes], tuple[str, bytes] | None]) -> Callable[[Path], None]:
    """Makes a package again of what `keep` makes of each of its files."""

    def plant(folder: Path) -> None:
        path = folder / "build" / f"{name}.zip"
        with zipfile.ZipFile(path) as zipped:
            files = [keep(entry.filename, zipped.read(entry)) for entry in zipped.infolist()]
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zipped:
            for file in filter(None, files):
                zipped.writestr(*file)

    return plant


def _of_another_machine(name: str, content: bytes) -> tuple[str, bytes]:
    here = tools.architecture()
    code, other = OTHER[here]
    if content.startswith(ELF):
        content = content[: MACHINE.start] + code + content[MACHINE.stop :]
    return name.replace("x86_64" if here == "x86_64" else "aarch64", other), content


ROLES: Final = "deploy/stack/roles.yml"
QUEUES: Final = "deploy/stack/queues.yml"

BORROWED: Final = ("deploy", "services", "local", "node_modules", "requirements-dev.txt")
AUDIT: Final = """
import json
from deploy.audit import rules, synthesis
from deploy.audit.template import Template
for path in synthesis.templates(lambda _: None):
    for finding in rules.findings(Template(json.loads(path.read_text()))):
        print(f"{path.name}: {finding}")
"""
"The rules of our own: the tools that `make audit` asks beside them take a minute."

MISTAKES: Final[Mapping[str, Mistake]] = {
    "no-sending": Mistake(
        "role", "graphql may not send to the insights queue",
        _without(ROLES, r"^ +- Sid: Insights\n(?: +[^-\n]+\n)+"), r"graphql.*sqs:SendMessage",
    ),
    "no-announcing": Mistake(
        "role", "ingest may not tell the topic of finished uploads",
        _without(ROLES, r"^ +- Sid: Announcements\n(?: +[^-\n]+\n)+"), r"ingest.*sns:Publish",
    ),
    "too-wide": Mistake(
        "role", "graphql may read every file",
        _instead(ROLES, r"(- Sid: ReportLinks\n.*\n.*\n.*)/reports/\*", r"\1/*"), r"graphql.*(?:s3:GetObject|read)",
    ),
    "no-notification": Mistake(
        "queue", "the bucket tells nobody of files",
        _without("deploy/stack/storage.yml", r"^      NotificationConfiguration:\n(?:        .*\n)+"),
        r"S3's event|notification",
    ),
    "no-redrive": Mistake(
        "queue", "what fails at the ingest queue comes for ever",
        _without(QUEUES, r"^      RedrivePolicy:\n        deadLetterTargetArn: !GetAtt IngestDeadLetters.Arn\n.*\n"),
        r"ingest.*(?:redrive|dead-letter)",
    ),
    "no-failures": Mistake(
        "queue", "ingest does not report which messages failed",
        _instead("serverless.yml", r"(arn: !GetAtt IngestQueue.Arn\n.*\n) +functionResponseType: .*\n", r"\1"),
        r"report ?batch ?item ?failures",
    ),
    "no-module": Mistake(
        "package", "graphql is packed without mangum",
        _repacked("graphql", lambda name, content: None if name.startswith("mangum/") else (name, content)), r"mangum",
    ),
    "wrong-handler": Mistake(
        "package", "graphql's handler has another name",
        _instead("serverless.yml", r"handler: handler\.graphql", "handler: handler.api"), r"handler\.(?:api|graphql)",
    ),
    "other-machine": Mistake(
        "package", "maintenance is packed for another machine", _repacked("maintenance", _of_another_machine),
        r"maintenance.*(?:arm64|aarch64|x86_64)",
    ),
}  # fmt: skip


def run(found: Tools, say: Say, names: list[str]) -> None:
    """Plant each in turn and tell which check found it, in which words. Raises Wrong at one that none finds."""
    for name in names:
        mistake = MISTAKES[name]
        say(f"\n{name} ({mistake.where}): {mistake.about}")
        for check, words in _checks(found, mistake):
            line = next((line for line in words.splitlines() if re.search(mistake.named, line, re.IGNORECASE)), "")
            if line:
                say(f"  found by {check}: {line.strip()[:400]}")
                break
            say(f"  {check}: {'nothing' if not words else f'not named: {words[:300]}'}")
        else:
            raise Wrong(f"the mistake {name} is not found by any check")


def _checks(found: Tools, mistake: Mistake) -> Iterator[tuple[str, str]]:
    """What each check says of a copy with the mistake, the quick ones first; nothing where it is content."""
    with tempfile.TemporaryDirectory(prefix="mistake-") as temporary:
        folder = Path(temporary) / "project"
        copied(folder)
        mistake.plant(folder)
        if mistake.where == "package":
            archives = {path.stem: path for path in sorted((folder / "build").glob("*.zip"))}
            changed = {name: path for name, path in archives.items() if path.read_bytes() != _built(name)}
            faults = artefacts.faults(
                changed, architecture=tools.architecture(), runtime=BUILD / "runtime", tell=lambda _: None
            )
            yield "make package", "\n".join(faults)
        yield "make audit", _audited(folder)
        told: list[str] = []
        try:
            rehearse(found, "osls", told.append, mistake.plant)
        except Wrong as wrong:
            yield "make rehearse", str(wrong)


def _built(name: str) -> bytes:
    return (BUILD / f"{name}.zip").read_bytes()


def _audited(folder: Path) -> str:
    """What our own rules say of the copy's templates, synthesised as for a deployment."""
    for name in BORROWED:
        _borrow(ROOT / name, folder / name)
    done = subprocess.run([sys.executable, "-c", AUDIT], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else done.stderr


def _borrow(there: Path, here: Path) -> None:
    """Link to whatever the copy lacks, folder by folder."""
    if not here.exists():
        here.symlink_to(there)
    elif here.is_dir() and not here.is_symlink():
        for one in there.iterdir():
            _borrow(one, here / one.name)
