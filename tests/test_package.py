"""The API's package: built with pip for Lambda, and answering with nothing else on its path."""

import json
import os
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from deploy import package
from deploy.functions import MIB
from services.errors import Failure
from tests.api import event
from tests.conftest import TABLES

ALONE = """
import json, sys
sys.path.insert(0, sys.argv[1])
import handler
print(json.dumps({
    "answers": [handler.graphql(json.loads(given)) for given in sys.argv[2:]],
    "files": [module.__file__ for module in sys.modules.values() if getattr(module, "__file__", None)],
    "interpreted": [name for name, module in sys.modules.items()
        if (cached := getattr(getattr(module, "__spec__", None), "cached", None)) and not __import__("os").path.exists(cached)],
    "library": __import__("os").path.dirname(__import__("os").__file__),
}))
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> package.Built:
    return package.build("graphql", into=tmp_path_factory.mktemp("build"), tell=print)


@pytest.fixture(scope="module")
def alone(built: package.Built, database_url: str) -> dict[str, Any]:
    """What Lambda's Python tells after a query and a mutation by the unzipped archive, with no site-packages."""
    python, version = package.interpreter("")
    if version != package.PYTHON:
        pytest.skip("Lambda's Python is not on this machine")
    folder = built.folder.parent / "unzipped"
    with zipfile.ZipFile(built.archive) as archive:
        archive.extractall(folder)
    asked = [
        event("POST", "/graphql", json.dumps({"query": query}).encode())
        for query in (
            "mutation { generateMockData(input: {accounts: 3, days: 2, seed: 5, replace: true}) { accountsCreated } }",
            "{ accounts(first: 2) { totalCount nodes { name health { score } } } }",
        )
    ]
    done = subprocess.run(
        [python, "-I", "-S", "-c", ALONE, str(folder), *map(json.dumps, asked)],
        env={"PATH": os.defpath, "DATABASE_URL": database_url, "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=folder.parent, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    emptied = psycopg2.connect(database_url)
    with emptied, emptied.cursor() as cursor:
        cursor.execute(f"truncate {TABLES} restart identity")
    emptied.close()
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {**told, "folder": str(folder)}


def test_it_answers_queries_and_writes(alone: dict[str, Any]) -> None:
    bodies = [json.loads(answer["body"]) for answer in alone["answers"]]

    assert bodies[0] == {"data": {"generateMockData": {"accountsCreated": 3}}}
    assert bodies[1]["data"]["accounts"]["totalCount"] == 3
    assert len(bodies[1]["data"]["accounts"]["nodes"]) == 2


def test_it_needs_nothing_beside_it(alone: dict[str, Any]) -> None:
    places = (alone["folder"] + "/", alone["library"] + "/")

    assert [path for path in alone["files"] if not path.startswith(places)] == []


def test_all_of_it_was_compiled(alone: dict[str, Any]) -> None:
    assert [name for name in alone["interpreted"] if name != "__main__"] == []


def test_its_byte_code_is_valid_whatever_the_time_of_its_source(built: package.Built) -> None:
    codes = list(built.folder.rglob("*.pyc"))

    assert len(codes) > 500
    flags = {int.from_bytes(path.read_bytes()[4:8], "little") for path in codes}
    assert flags == {0b01}  # by hash, and never checked


def test_it_holds_what_the_api_needs_and_no_more(built: package.Built) -> None:
    packages = {path.name for path in built.folder.iterdir()}

    assert {"handler.py", "graph", "resolvers", "services", "strawberry", "psycopg2"} <= packages
    assert packages & {"boto3", "botocore", "pandas", "numpy", "openai", "alembic", "pytest", "local", "tests"} == set()
    assert list(built.folder.rglob("tests")) == []
    assert not (built.folder / "services" / "ingest").exists()
    assert {path.name[:4].upper() for path in built.folder.glob("*.dist-info/*")} == {"META", "LICE"}


def test_its_sizes_are_told(built: package.Built) -> None:
    assert built.unzipped == sum(path.stat().st_size for path in built.folder.rglob("*") if path.is_file())
    assert built.zipped == built.archive.stat().st_size
    assert built.unzipped < 45 * MIB


def test_the_same_files_make_the_same_zip(tmp_path: Path) -> None:
    made = []
    for number, names in enumerate((["b/c.py", "a.py", "lib.so"], ["lib.so", "a.py", "b/c.py"])):
        folder = tmp_path / str(number)
        (folder / "b").mkdir(parents=True)
        for name in names:
            (folder / name).write_text(name)
            os.utime(folder / name, (number * 1e9, number * 1e9))
        package.write_zip(folder, tmp_path / f"{number}.zip")
        made.append((tmp_path / f"{number}.zip").read_bytes())

    assert made[0] == made[1]
    with zipfile.ZipFile(tmp_path / "0.zip") as archive:
        modes = {entry.filename: oct(entry.external_attr >> 16) for entry in archive.infolist()}
        assert modes == {"a.py": "0o100644", "b/c.py": "0o100644", "lib.so": "0o100755"}


def test_what_is_never_loaded_is_pruned(tmp_path: Path) -> None:
    kept = ["one/__init__.py", "one-1.dist-info/METADATA", "one-1.dist-info/licenses/LICENSE"]
    gone = ["one/tests/test_a.py", "one/deep/test/b.py", "one/a.pyi", "one-1.dist-info/RECORD", "bin/one"]
    for name in kept + gone:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    package.prune(tmp_path, package.UNUSED)

    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()) == sorted(
        kept
    )


def test_each_function_is_made_of_what_is_there() -> None:
    for name, function in package.FUNCTIONS.items():
        assert (package.ROOT / f"requirements-{name}.txt").is_file()
        assert [name for name in function.product if not (package.ROOT / name).exists()] == []


def test_a_function_s_lock_has_the_versions_that_are_tested() -> None:
    tested = _pinned("requirements.txt")

    for name in package.FUNCTIONS:
        assert _pinned(f"requirements-{name}.txt").items() <= tested.items()


def test_a_lock_that_cannot_be_installed_is_a_failure(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text("orjson==3.0.0")

    with pytest.raises(Failure, match=r"pip install .* failed"):
        package.install(lock, tmp_path / "into", "x86_64")


def test_a_python_that_does_not_run_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert package.main(["graphql", "--python", "no-such-python"]) == 1
    assert capsys.readouterr().err == "no-such-python is no Python that runs\n"


def _pinned(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", (package.ROOT / lock).read_text(), re.MULTILINE))
