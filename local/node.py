"""Packages that run on Node.js, as a folder's lock file names them: for what is measured and tested beside Python."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from services.errors import Failure


def install(folder: Path, tell: Callable[[str], None]) -> Path:
    """Bring `folder`/node_modules up to its package-lock.json by npm, and answer that folder. Raises Failure."""
    npm = shutil.which("npm")
    if npm is None:
        raise Failure("npm is not on the PATH")
    lock = (folder / "package-lock.json").read_bytes()
    modules = folder / "node_modules"
    installed = modules / "installed"
    if not installed.exists() or installed.read_bytes() != lock:
        tell(f"installing what {folder.name}/package-lock.json names (npm ci)")
        command = [npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failure(f"npm ci failed: {done.stderr.strip()[-500:]}")
        installed.write_bytes(lock)
    return modules
