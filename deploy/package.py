"""Packages for Lambda: `python -m deploy.package` lays out build/<function> and zips it. Not the sending to AWS.

A package holds a function's part of the product, its own locked dependencies and the byte code of both. Why what is
left out is left out: docs/decisions/0019.
"""

import argparse
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.functions import FUNCTIONS, MIB, UNUSED
from services.errors import Failure

ROOT: Final = Path(__file__).parent.parent
BUILD: Final = ROOT / "build"
PYTHON: Final = (3, 13)
"Lambda's."
EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"The time of every file in a zip, so that the same files make the same zip."
WHEELS: Final = {"x86_64": "x86_64", "arm64": "aarch64"}
"Lambda's architectures, and their names in the names of wheels."
GLIBC: Final = range(34, 16, -1)
"Minor versions of glibc 2 that wheels may be built for; Amazon Linux 2023 has 2.34."

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Built:
    """A package on this disk. Sizes are in bytes."""

    folder: Path
    archive: Path
    unzipped: int
    zipped: int
    version: tuple[int, int]
    "Of the Python whose byte code it holds."


def build(name: str, *, architecture: str = "x86_64", python: str = "", into: Path = BUILD, tell: Tell) -> Built:
    """Lay out the package of FUNCTIONS[name] in `into`/name and zip it beside it. What was there is replaced.

    `python` names the interpreter that writes the byte code; without it, one of Lambda's version is looked for in PATH.
    Raises Failure.
    """
    function, folder = FUNCTIONS[name], into / name
    compiler, version = interpreter(python)
    if version != PYTHON:
        wanted, found = (".".join(map(str, one)) for one in (PYTHON, version))
        tell(
            f"no Python {wanted} here: the byte code is Python {found}'s, and Lambda's will compile at each cold start"
        )
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
    return Built(folder, archive, unzipped, archive.stat().st_size, version)


def install(lock: Path, folder: Path, architecture: str) -> None:
    """Install the wheels that `lock` names for Lambda's Python and architecture, whatever runs here. Raises Failure."""
    wheels = WHEELS[architecture]
    platforms = [f"manylinux_2_{minor}_{wheels}" for minor in GLIBC] + [f"manylinux2014_{wheels}"]
    _run(
        sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--root-user-action=ignore",
        "--target", folder, "--requirement", lock, "--require-hashes", "--no-deps", "--no-compile",
        "--only-binary=:all:", "--implementation=cp", f"--python-version={'.'.join(map(str, PYTHON))}",
        *(f"--platform={one}" for one in platforms),
    )  # fmt: skip


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
    _run(
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


def interpreter(python: str) -> tuple[str, tuple[int, int]]:
    """A Python to compile with, and its version: the one that is asked for, else Lambda's, else the one running this.

    Raises Failure where the one that is asked for does not run.
    """
    if python:
        version = _version(python)
        if version is None:
            raise Failure(f"{python} is no Python that runs")
        return python, version
    wanted = ".".join(map(str, PYTHON))
    kept = sorted(Path.home().glob(f".pyenv/versions/{wanted}.*/bin/python{wanted}"))  # where no shell switched it on
    for found in (f"python{wanted}", *map(str, kept)):
        if _version(found) == PYTHON:
            return found, PYTHON
    return sys.executable, sys.version_info[:2]


def _version(python: str) -> tuple[int, int] | None:
    ask = "import sys; print(*sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):  # such as pyenv's stand-in for a version that is not switched on
        return None
    major, minor = done.stdout.split()
    return int(major), int(minor)


def _run(*command: str | Path, env: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    if done.returncode != 0:
        raise Failure(f"{' '.join(map(str, command[:4]))} ... failed:\n{done.stdout}{done.stderr}".rstrip())


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the asked functions' packages and print their sizes; 1 where one is not built, or over a limit."""
    asked = _parser().parse_args(arguments)
    names = asked.functions or list(FUNCTIONS)
    try:
        made = {
            name: build(name, architecture=asked.architecture, python=asked.python, into=asked.into, tell=print)
            for name in names
        }
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    print(f"for Lambda on {asked.architecture}, in {asked.into}:\n")
    print("\n".join(table(made)))
    over = [line for name, built in made.items() for line in over_limits(name, built)]
    for line in over:
        print(line, file=sys.stderr)
    return 1 if over else 0


def table(made: Mapping[str, Built]) -> list[str]:
    """A head and a line for each package."""
    rows = [("package", "zipped, bytes", "MiB", "unzipped, bytes", "MiB")]
    for name, built in made.items():
        sizes = (text for size in (built.zipped, built.unzipped) for text in (f"{size:,}", f"{size / MIB:.1f}"))
        rows.append((f"{name}.zip", *sizes))  # type: ignore[arg-type]
    return [f"{row[0]:<16}" + "".join(f"{cell:>17}" for cell in row[1:]) for row in rows]


def over_limits(name: str, built: Built) -> list[str]:
    """A line for each limit of FUNCTIONS[name] that the package is over."""
    limits = FUNCTIONS[name]
    sizes = (("zipped", built.zipped, limits.zipped), ("unzipped", built.unzipped, limits.unzipped))
    return [f"{name}: {size:,} bytes {form}, and at most {most:,} wanted" for form, size, most in sizes if size > most]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m deploy.package",
        description="Lay out the packages of Lambda's functions in build/ and zip them: of the product what a function "
        "needs, its locked dependencies, and the byte code of both for Python 3.13.",
    )
    parser.add_argument("functions", nargs="*", metavar="FUNCTION", help=f"{', '.join(FUNCTIONS)} (all of them)")
    parser.add_argument("--architecture", choices=WHEELS, default="x86_64", help="Lambda's (%(default)s)")
    parser.add_argument(
        "--python", default="", metavar="PYTHON", help="the interpreter that writes the byte code (python3.13 in PATH)"
    )
    parser.add_argument("--into", type=Path, default=BUILD, metavar="DIR", help="where to (build)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
