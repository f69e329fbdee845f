"""The packages of all functions, built once a test run, whichever of its processes asks first."""

import contextlib
import fcntl
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy import artefacts, package
from deploy.functions import FUNCTIONS
from deploy.python import PYTHON, interpreter
from services.errors import Failure

NO_NETWORK = ("NewConnectionError", "Temporary failure in name resolution", "ConnectTimeoutError", "ProxyError")


@dataclass(frozen=True, slots=True)
class Packages:
    """A folder with what `make package` makes, and what Lambda's own runtime brings."""

    folder: Path
    runtime: Path

    def archive(self, name: str) -> Path:
        return self.folder / f"{name}.zip"


@contextlib.contextmanager
def skipped_offline() -> Iterator[None]:
    """Skip the test where the wheels cannot be had."""
    try:
        yield
    except Failure as failure:
        if any(sign in str(failure) for sign in NO_NETWORK):
            pytest.skip("no package index can be reached")
        raise


def built_once(shared: Path) -> Packages:
    """The packages in `shared`, made where they are not there yet."""
    packages = Packages(shared / "packages", shared / "packages" / "runtime")
    shared.mkdir(parents=True, exist_ok=True)
    with (shared / "packages.lock").open("w") as lock, skipped_offline():
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (packages.folder / "made").exists():
            shutil.rmtree(packages.folder, ignore_errors=True)
            package.build_all(list(FUNCTIONS), into=packages.folder, tell=print)
            artefacts.fill(packages.runtime, "x86_64")
            (packages.folder / "made").touch()
    return packages


def lambdas_python() -> str:
    """Lambda's Python, on a machine like Lambda's; else the test is skipped."""
    python, version = interpreter("")
    if version != PYTHON or not artefacts.runs_here("x86_64"):
        pytest.skip("Lambda's Python for Linux on x86_64 is not on this machine")
    return python
