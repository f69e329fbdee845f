"""Lambda's Python: where one is on this machine, and the wheels that it takes there. Not what is made of them."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from services.errors import Failure

ROOT: Final = Path(__file__).parent.parent
PYTHON: Final = (3, 13)
"Lambda's."
WHEELS: Final = {"x86_64": "x86_64", "arm64": "aarch64"}
"Lambda's architectures, and their names in the names of wheels."
GLIBC: Final = range(34, 16, -1)
"Minor versions of glibc 2 that wheels may be built for; Amazon Linux 2023 has 2.34."


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


def install(lock: Path, folder: Path, architecture: str) -> None:
    """Install the wheels that `lock` names for Lambda's Python and architecture, whatever runs here. Raises Failure."""
    wheels = WHEELS[architecture]
    platforms = [f"manylinux_2_{minor}_{wheels}" for minor in GLIBC] + [f"manylinux2014_{wheels}"]
    run(
        sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--root-user-action=ignore",
        "--target", folder, "--requirement", lock, "--require-hashes", "--no-deps", "--no-compile",
        "--only-binary=:all:", "--implementation=cp", f"--python-version={'.'.join(map(str, PYTHON))}",
        *(f"--platform={one}" for one in platforms),
    )  # fmt: skip


def run(*command: str | Path, env: Mapping[str, str] | None = None) -> str:
    """What the command printed. Raises Failure where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    if done.returncode != 0:
        raise Failure(f"{' '.join(map(str, command[:4]))} ... failed:\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout
