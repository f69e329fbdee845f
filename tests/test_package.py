"""The functions' packages: built with pip for Lambda, answering real events by themselves, and no mistake goes unnamed."""

import os
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy import artefacts, package
from deploy.functions import FUNCTIONS, UNUSED
from deploy.python import ROOT, install
from services.errors import Failure
from tests.packages import Packages, lambdas_python, skipped_offline

NO_RUNTIME = Path("/nowhere")


def test_each_package_answers_real_events_with_nothing_beside_it(packages: Packages) -> None:
    lambdas_python()
    archives = {name: packages.archive(name) for name in FUNCTIONS}
    unseen: list[str] = []

    faults = artefacts.faults(archives, architecture="x86_64", runtime=packages.runtime, tell=unseen.append)

    assert (faults, unseen) == ([], [])


def test_the_api_s_package_has_its_size_on_arm_too(tmp_path: Path) -> None:
    with skipped_offline():
        built = package.build("graphql", architecture="arm64", into=tmp_path, tell=print)

    assert built.zipped == built.archive.stat().st_size <= 15_000_000
    assert built.unzipped == sum(path.stat().st_size for path in built.folder.rglob("*") if path.is_file())
    given = {"graphql": built.archive}
    assert artefacts.faults(given, architecture="arm64", runtime=NO_RUNTIME, tell=print) == []
    assert "psycopg2/_psycopg.cpython-313-aarch64-linux-gnu.so is not for x86_64" in "\n".join(
        artefacts.faults(given, architecture="x86_64", runtime=NO_RUNTIME, tell=print)
    )


def _left_out(folder: Path) -> None:
    shutil.rmtree(folder / "services" / "scoring")


def _library_left_out(folder: Path) -> None:
    shutil.rmtree(folder / "sqlmodel")


def _carries_another_s(folder: Path) -> None:
    shutil.copytree(folder / "sqlmodel", folder / "strawberry")


def _carries_nobody_s(folder: Path) -> None:
    shutil.copy2(folder / "sqlmodel" / "main.pyc", folder / "requests.pyc")


def _stale(folder: Path) -> None:
    with (folder / "services" / "wiring.py").open("a") as source:
        source.write("# newer\n")


def _not_compiled(folder: Path) -> None:
    (folder / "services" / "__pycache__" / "wiring.cpython-313.pyc").unlink()


def _of_another_python(folder: Path) -> None:
    code = folder / "sqlmodel" / "main.pyc"
    code.write_bytes(b"\xa7\x0d\x0d\x0a" + code.read_bytes()[4:])


def _checked_at_each_start(folder: Path) -> None:
    code = folder / "services" / "__pycache__" / "wiring.cpython-313.pyc"
    code.write_bytes(code.read_bytes()[:4] + b"\x03" + code.read_bytes()[5:])


def _for_another_machine(folder: Path) -> None:
    library = next((folder / "orjson").glob("*.so"))
    head = library.read_bytes()
    library.write_bytes(head[:18] + b"\xb7\x00" + head[20:])


def _too_large(folder: Path) -> None:
    (folder / "services" / "data.bin").write_bytes(os.urandom(50_000_000))


@pytest.mark.parametrize(
    ("mistake", "named"),
    [
        (_left_out, r"maintenance: ImportError: cannot import name 'scoring' from 'services' \(.*\)"),
        (_library_left_out, "maintenance: it lacks sqlmodel"),
        (_carries_another_s, "maintenance: it carries strawberry, which is for graphql"),
        (_carries_nobody_s, "maintenance: it carries requests, which it never loads"),
        (_stale, r"maintenance: the byte code of services/wiring\.py is stale: its source was changed since"),
        (_not_compiled, r"maintenance: services/wiring\.py has no byte code"),
        (_of_another_python, r"maintenance: sqlmodel/main\.pyc is another Python's"),
        (_checked_at_each_start, r"maintenance: the byte code of services/wiring\.py is compared .* at each start"),
        (_for_another_machine, r"maintenance: orjson/orjson\.cpython-313-x86_64-linux-gnu\.so is not for x86_64"),
        (_too_large, r"maintenance: it has [567]\d,\d{3},\d{3} bytes zipped, and may have 50,000,000"),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_a_mistake_in_a_package_is_named(
    packages: Packages, tmp_path: Path, capsys: pytest.CaptureFixture[str], mistake: Callable[[Path], None], named: str
) -> None:
    lambdas_python()
    folder = tmp_path / "maintenance"
    with zipfile.ZipFile(packages.archive("maintenance")) as archive:
        archive.extractall(folder)
    mistake(folder)
    with zipfile.ZipFile(tmp_path / "maintenance.zip", "w") as archive:  # compressing would take longer than looking
        for path in folder.rglob("*"):
            archive.write(path, path.relative_to(folder))
    (tmp_path / "runtime").symlink_to(packages.runtime)

    assert package.main(["maintenance", "--check", "--into", str(tmp_path)]) == 1
    assert re.fullmatch(named, capsys.readouterr().err.strip())


def test_building_ends_in_a_table_and_the_check(
    packages: Packages, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "runtime").symlink_to(packages.runtime)

    assert package.main(["maintenance", "--into", str(tmp_path)]) == 0

    said = capsys.readouterr().out
    assert re.search(
        r"^maintenance\.zip +\d{1,2},\d{3},\d{3} +\d+\.\d +\d{2},\d{3},\d{3} +\d+\.\d$", said, re.MULTILINE
    )
    assert said.endswith("no fault was found\n")
    made, before = (tmp_path / "maintenance.zip").read_bytes(), packages.archive("maintenance").read_bytes()
    assert made == before, "the same sources make the same zip"


def test_a_package_keeps_licenses_and_its_own_sources(packages: Packages) -> None:
    folder = packages.folder / "graphql"

    assert {path.name[:4].upper() for path in folder.glob("*.dist-info/*")} == {"META", "LICE"}
    sources = {path.relative_to(folder).parts[0] for path in folder.rglob("*.py")}
    assert sources == set(FUNCTIONS["graphql"].product)
    assert list(folder.rglob("tests")) == []
    assert not (folder / "services" / "ingest").exists()


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

    package.prune(tmp_path, UNUSED)

    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()) == sorted(
        kept
    )


def test_each_function_is_made_of_what_is_there() -> None:
    for name, function in FUNCTIONS.items():
        assert (ROOT / f"requirements-{name}.txt").is_file()
        assert [part for part in function.product if not (ROOT / part).exists()] == []


def test_a_function_s_lock_has_the_versions_that_are_tested() -> None:
    tested = _pinned("requirements.txt")

    for name in FUNCTIONS:
        assert _pinned(f"requirements-{name}.txt").items() <= tested.items()


def test_a_lock_that_cannot_be_installed_is_a_failure(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text("orjson==3.0.0")

    with pytest.raises(Failure, match=r"pip install .* failed"):
        install(lock, tmp_path / "into", "x86_64")


def test_a_python_that_does_not_run_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert package.main(["graphql", "--python", "no-such-python"]) == 1
    assert capsys.readouterr().err == "no-such-python is no Python that runs\n"


def _pinned(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", (ROOT / lock).read_text(), re.MULTILINE))
