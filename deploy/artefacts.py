"""Whether packages are what Lambda needs: the faults of finished zips, a line each. Not the making of them.

Each is unzipped and held against deploy.functions; where this machine is like Lambda's, it also answers real events.
"""

import platform
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from deploy import trial
from deploy.functions import FUNCTIONS
from deploy.python import PYTHON, ROOT, WHEELS, install, interpreter, run
from services.errors import Failure

BYTE_CODE: Final = Path(__file__).with_name("byte_code.py")
LOCK: Final = ROOT / "requirements-runtime.txt"
ELF: Final = b"\x7fELF"
CODE: Final = {"x86_64": 0x3E, "arm64": 0xB7}
"e_machine in the head of a shared library, from its 18th byte on."
LOADABLE: Final = (".py", ".pyc", ".so")


def faults(archives: Mapping[str, Path], *, architecture: str, runtime: Path, tell: Callable[[str], None]) -> list[str]:
    """What is wrong with those functions' packages; empty where nothing is. What could not be looked at is told.

    They are run where nothing else is wrong. `runtime` is a folder for what Lambda's own runtime brings.
    """
    found: list[str] = []
    with tempfile.TemporaryDirectory(prefix="packages-") as temporary:
        folders = {name: Path(temporary) / name for name in archives}
        for name, archive in archives.items():
            with zipfile.ZipFile(archive) as zipped:
                zipped.extractall(folders[name])
            found += (f"{name}: {fault}" for fault in _standing(name, archive, folders[name], architecture))
        python, version = interpreter("")
        if version != PYTHON:
            tell("byte code was not looked at and nothing was run: there is no Python like Lambda's here")
            return found
        for name, folder in folders.items():
            told = run(python, "-I", "-S", BYTE_CODE, folder)
            found += (f"{name}: {fault}" for fault in told.splitlines() if fault)
        if found:
            return found
        if not runs_here(architecture):
            tell(f"nothing was run: these are packages for Linux on {architecture}")
            return found
        fill(runtime, architecture)
        with trial.world() as world:
            for name, folder in folders.items():
                found += (f"{name}: {fault}" for fault in _working(name, folder, runtime, python, world))
    return found


def _standing(name: str, archive: Path, folder: Path, architecture: str) -> Iterator[str]:
    """Faults that show without running it."""
    function = FUNCTIONS[name]
    unzipped = sum(path.stat().st_size for path in folder.rglob("*"))
    for size, most, form in (
        (archive.stat().st_size, function.zipped, "zipped"),
        (unzipped, function.unzipped, "unzipped"),
    ):
        if size > most:
            yield f"it has {size:,} bytes {form}, and may have {most:,}"
    wanted = {Path(one).stem for one in function.product} | set(function.loads)
    carried = {path.name.partition(".")[0] for path in folder.iterdir() if _is_loadable(path)}
    for package in sorted(carried - wanted):
        owners = [other for other, one in FUNCTIONS.items() if package in one.loads + one.product]
        yield f"it carries {package}, which " + (f"is for {' and '.join(owners)}" if owners else "it never loads")
    for package in sorted(wanted - carried):
        yield f"it lacks {package}"
    for path in sorted(folder.rglob("*.so*")):
        head = path.read_bytes()[:20]
        if head[:4] == ELF and int.from_bytes(head[18:20], "little") != CODE[architecture]:
            yield f"{path.relative_to(folder).as_posix()} is not for {architecture}"


def _is_loadable(path: Path) -> bool:
    if path.is_dir():
        is_ours = path.suffix not in (".dist-info", ".libs") and path.name != "__pycache__"
        return is_ours and any(one.suffix in LOADABLE for one in path.rglob("*"))
    return path.suffix in LOADABLE


def _working(name: str, folder: Path, runtime: Path, python: str, world: trial.World) -> Iterator[str]:
    """Faults that show when it answers events, with nothing else on its path."""
    try:
        files = trial.Process(python, (folder, runtime), world.environment).run(name, world.events(name))
    except Failure as failure:
        yield str(failure)
        return
    if undone := world.left_undone(name):
        yield undone
    loaded = {module.partition(".")[0] for module, file in files.items() if file and Path(file).is_relative_to(folder)}
    for package in sorted(set(FUNCTIONS[name].loads) - loaded):
        yield f"it is to carry {package}, which it never loads"


def runs_here(architecture: str) -> bool:
    return sys.platform == "linux" and platform.machine() == WHEELS[architecture]


def fill(runtime: Path, architecture: str) -> None:
    """Install what Lambda's own runtime brings, once for each state of its lock. Raises Failure."""
    stamp = runtime / "installed"
    if not stamp.is_file() or stamp.read_bytes() != LOCK.read_bytes():
        install(LOCK, runtime, architecture)
        stamp.write_bytes(LOCK.read_bytes())
