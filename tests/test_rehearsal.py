"""What `make rehearse` is made of, as far as it works without an emulator. The rehearsal itself is `make rehearse`."""

import re
import ssl
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.rehearsal import certificate, deploying, gaps, mistakes
from deploy.rehearsal.report import Seen, Wrong, demand, tell, until


def story(*, ends_well: bool) -> Seen:
    yield "the first thing", "seen"
    demand(ends_well, "the second thing is not there")
    yield "the second thing", "seen"


def test_a_story_is_told_line_by_line() -> None:
    said: list[str] = []

    seen = tell(said.append, "a title", story(ends_well=True))

    assert seen == 2
    assert [re.sub(r"\(.* s\)", "", line).split() for line in said] == [
        ["a", "title"], ["the", "first", "thing", "seen"], ["the", "second", "thing", "seen"],
    ]  # fmt: skip


def test_the_first_thing_that_is_wrong_ends_a_story_with_its_title() -> None:
    said: list[str] = []

    with pytest.raises(Wrong, match=r"^a title: the second thing is not there$"):
        tell(said.append, "a title", story(ends_well=False))

    assert len(said) == 2


def test_what_does_not_come_in_time_is_named() -> None:
    answers: Iterator[str | None] = iter([None, "here"])

    assert until(lambda: next(answers), "it must come", within=10, every=0) == "here"
    with pytest.raises(Wrong, match="it must come: not within 0 s"):
        until(lambda: None, "it must come", within=0, every=0)


def test_the_certificate_is_trusted_by_whoever_is_given_it(tmp_path: Path) -> None:
    public, private = certificate.write(tmp_path)

    ssl.create_default_context(cafile=str(public))
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(public, private)
    assert private.stat().st_mode & 0o077 == 0


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of what a deployment reads, with packages of three files each."""
    built = tmp_path / "built"
    built.mkdir()
    for name in deploying.FUNCTIONS:
        with zipfile.ZipFile(built / f"{name}.zip", "w") as archive:
            archive.writestr("handler.py", b"")
            archive.writestr("mangum/__init__.py", b"")
            archive.writestr("psycopg2/_psycopg.cpython-313-x86_64-linux-gnu.so", b"\x7fELF" + bytes(14) + b"\x3e\x00")
    monkeypatch.setattr(deploying, "BUILD", built)
    folder = tmp_path / "project"
    deploying.copied(folder)
    return folder


@pytest.mark.parametrize("name", mistakes.MISTAKES)
def test_a_mistake_can_be_planted_in_the_project_as_it_is(project: Path, name: str) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}

    mistakes.MISTAKES[name].plant(project)

    assert len([path for path, content in before.items() if path.read_bytes() != content]) == 1


def test_there_are_three_mistakes_of_each_kind() -> None:
    kinds = [mistake.where for mistake in mistakes.MISTAKES.values()]

    assert {kind: kinds.count(kind) for kind in kinds} == {"role": 3, "queue": 3, "package": 3}


def test_what_is_not_shown_is_printed() -> None:
    assert set(gaps.lines()) >= {f"  {one}" for one in (*gaps.MENDED, *gaps.NOT_SHOWN)}
