"""The programs that a rehearsal runs, each with packages of its own under build/rehearsal: made once a lock file.

The functions run on a Python that has what Lambda's runtime brings and nothing else, so that the emulator's packages do
not stand in for one that is missing in theirs.
"""

import hashlib
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.package import BUILD
from deploy.python import PYTHON, ROOT, interpreter
from deploy.rehearsal.report import Say
from local import node
from services.errors import Failure

HOME: Final = BUILD / "rehearsal"
ARCHITECTURES: Final = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
"What machines call themselves, and what Lambda calls them."


@dataclass(frozen=True, slots=True)
class Tools:
    """Where they are."""

    runtime: Path
    "A Python with what Lambda's runtime brings."
    emulator: Path
    "The emulator's packages, and those of SAM's command line."
    sam: Path
    osls: Path


def ready(say: Say) -> Tools:
    """All of them, installed where they are not yet. Raises Failure, naming what is missing."""
    if sys.platform != "linux":
        raise Failure(f"the packages are for Linux and cannot be run on {sys.platform}: rehearse in a Linux container")
    python, version = interpreter("")
    if version != PYTHON:
        raise Failure("a rehearsal runs the functions on Lambda's Python, and there is no python3.13 in PATH")
    osls = node.install(ROOT, say) / ".bin" / "osls"
    runtime = _environment("runtime", python, ROOT / "requirements-runtime.txt", say)
    emulator = _environment("emulator", python, ROOT / "requirements-rehearsal.txt", say)
    packages = emulator / "lib" / f"python{'.'.join(map(str, PYTHON))}" / "site-packages"
    return Tools(runtime / "bin" / "python", packages, emulator / "bin" / "sam", osls)


def architecture() -> str:
    """This machine's, in Lambda's words. Raises Failure for one that Lambda does not have."""
    machine = platform.machine().lower()
    if machine not in ARCHITECTURES:
        raise Failure(f"Lambda has no {machine} machines")
    return ARCHITECTURES[machine]


def _environment(name: str, python: str, lock: Path, say: Say) -> Path:
    folder = HOME / name
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    mark = folder / "installed"
    if not mark.exists() or mark.read_text() != wanted:
        say(f"installing {lock.name} into {folder.relative_to(ROOT)}")
        _uv("venv", "--quiet", "--clear", "--python", python, folder)
        _uv("pip", "install", "--quiet", "--python", folder / "bin" / "python", "--require-hashes", "-r", lock)
        mark.write_text(wanted)
    return folder


def _uv(*arguments: str | Path) -> None:
    done = subprocess.run([sys.executable, "-m", "uv", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(f"uv {' '.join(map(str, arguments[:2]))} failed:\n{done.stderr.strip()}")
