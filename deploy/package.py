"""Packages for Lambda: `python -m deploy.package` lays out build/<function> and zips it. Not the sending to AWS.

A package holds a function's part of the product, its own locked dependencies and the byte code of both. Why what is
left out is left out: docs/decisions/0019.
"""

import argparse
import os
import shutil
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy import artefacts
from deploy.functions import FUNCTIONS, MIB, UNUSED
from deploy.python import PYTHON, ROOT, WHEELS, install, interpreter, run
from services.errors import Failure

BUILD: Final = ROOT / "build"
EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"The time of every file in a zip, so that the same files make the same zip."

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Built:
    """A package on this disk. Sizes are in bytes."""

    folder: Path
    archive: Path
    unzipped: int
    zipped: int


def build_all(
    names: Sequence[str], *, architecture: str = "x86_64", python: str = "", into: Path = BUILD, tell: Tell
) -> dict[str, Built]:
    """Build those of FUNCTIONS side by side, each in `into`/name with its zip beside it. What was there is replaced.

    `python` names the interpreter that writes the byte code; without it, one of Lambda's version is looked for.
    Raises Failure.
    """
    compiler, version = interpreter(python)
    if version != PYTHON:
        wanted, found = (".".join(map(str, one)) for one in (PYTHON, version))
        tell(
            f"no Python {wanted} here: the byte code is Python {found}'s, and Lambda's will compile at each cold start"
        )
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        made = threads.map(lambda name: _build(name, into, architecture, compiler, version), names)
        return dict(zip(names, made, strict=True))


def build(name: str, *, architecture: str = "x86_64", python: str = "", into: Path = BUILD, tell: Tell) -> Built:
    """Build one function's package. Raises Failure."""
    return build_all([name], architecture=architecture, python=python, into=into, tell=tell)[name]


def _build(name: str, into: Path, architecture: str, compiler: str, version: tuple[int, int]) -> Built:
    function, folder = FUNCTIONS[name], into / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    install(ROOT / f"requirements-{name}.txt", folder, architecture)
    copy(function.product, folder)
    prune(folder, (*UNUSED, *function.without))
    compile_all(folder, compiler)
    if version == PYTHON:
        drop_sources(folder, keep=function.product)
    archive = into / f"{name}.zip"
    write_zip(folder, archive)
    unzipped = sum(path.stat().st_size for path in _files(folder))
    return Built(folder, archive, unzipped, archive.stat().st_size)


def copy(product: Sequence[str], folder: Path) -> None:
    for name in product:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(ROOT / name, folder / name)


def prune(folder: Path, patterns: Sequence[str]) -> None:
    """Remove whatever a pattern means. Nothing happens where a pattern means nothing."""
    for pattern in patterns:
        for path in sorted(folder.glob(pattern)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def compile_all(folder: Path, compiler: str) -> None:
    """Write the byte code of every module, held valid without a look at its source. Raises Failure.

    By their times it would be compared with files whose times a zip has cut to two seconds of an unknown zone. In one
    process, in one order and with one seed, so that the same sources make the same bytes. Without the columns of each
    instruction, which only the carets under a trace's lines are drawn from: less to store and to read.
    """
    run(
        compiler, "-X", "no_debug_ranges", "-m", "compileall", "-q", "-j", "1", "--invalidation-mode", "unchecked-hash",
        "-s", folder, "-p", "/var/task", folder, env={**os.environ, "PYTHONHASHSEED": "0"},
    )  # fmt: skip


def drop_sources(folder: Path, *, keep: Sequence[str]) -> None:
    """Put the byte code of what is not ours in its sources' place: half the size, and one file less to look at."""
    for code in sorted(folder.glob("**/__pycache__/*.pyc")):
        source = code.parents[1] / f"{code.name.partition('.')[0]}.py"
        if source.relative_to(folder).parts[0] not in keep:
            code.rename(source.with_suffix(".pyc"))
            source.unlink()
    for cache in sorted(folder.glob("**/__pycache__")):
        if not any(cache.iterdir()):
            cache.rmdir()


def write_zip(folder: Path, archive: Path) -> None:
    """Zip the folder's files: sorted, of one time and one mode."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as zipped:
        for path in _files(folder):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
            entry.external_attr = 0o100755 << 16 if path.suffix == ".so" or ".so." in path.name else 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            zipped.writestr(entry, path.read_bytes())


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the asked functions' packages, print their sizes and their faults; 1 where there is any."""
    asked = _parser().parse_args(arguments)
    names = asked.functions or list(FUNCTIONS)
    try:
        if not asked.check:
            made = build_all(names, architecture=asked.architecture, python=asked.python, into=asked.into, tell=print)
            print(f"for Lambda on {asked.architecture}, in {asked.into}:\n")
            print("\n".join(table(made)))
        archives = {name: asked.into / f"{name}.zip" for name in names}
        found = artefacts.faults(archives, architecture=asked.architecture, runtime=asked.into / "runtime", tell=print)
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    print("\n".join(found) if found else "\nno fault was found", file=sys.stderr if found else sys.stdout)
    return 1 if found else 0


def table(made: Mapping[str, Built]) -> list[str]:
    """A head and a line for each package."""
    rows = [("package", "zipped, bytes", "MiB", "unzipped, bytes", "MiB")]
    for name, built in made.items():
        sizes = (text for size in (built.zipped, built.unzipped) for text in (f"{size:,}", f"{size / MIB:.1f}"))
        rows.append((f"{name}.zip", *sizes))  # type: ignore[arg-type]
    return [f"{row[0]:<16}" + "".join(f"{cell:>17}" for cell in row[1:]) for row in rows]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m deploy.package",
        description="Lay out the packages of Lambda's functions in build/ and zip them: of the product what a function "
        "needs, its locked dependencies, and the byte code of both for Python 3.13.",
    )
    parser.add_argument(
        "functions",
        nargs="*",
        choices=[*FUNCTIONS, []],
        metavar="FUNCTION",
        help=f"{', '.join(FUNCTIONS)} (all of them)",
    )
    parser.add_argument("--architecture", choices=WHEELS, default="x86_64", help="Lambda's (%(default)s)")
    parser.add_argument(
        "--python", default="", metavar="PYTHON", help="the interpreter that writes the byte code (python3.13 in PATH)"
    )
    parser.add_argument("--check", action="store_true", help="build nothing; look at what is there")
    parser.add_argument("--into", type=Path, default=BUILD, metavar="DIR", help="where to (build)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
