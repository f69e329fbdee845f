"""`python -m deploy.audit.vulnerabilities`: what is known against what the locks name, by pip-audit and npm audit.

Not a part of `make check`: it asks PyPI and npm's registry, and what they know changes by the day. Ends with 1 where
something is known, and where it cannot be asked: a dependency that nobody could look up is not a clean one.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from deploy.audit.tools import TOOLS

ROOT: Final = Path(__file__).parents[2]
EXPLAINED: Final[Mapping[str, str]] = {}
"What is known and does not concern us: the advisory's id, with the reason."


def main() -> int:
    pythons = sorted([*ROOT.glob("requirements*.txt"), *ROOT.glob("*/requirements.txt")])
    nodes = sorted(path for path in ROOT.rglob("package-lock.json") if "node_modules" not in path.parts)
    wrong = [line for lock in pythons for line in _told(lock, *_pip_audit(lock))]
    wrong += [line for lock in nodes for line in _told(lock, *_npm_audit(lock))]
    print("\n".join(wrong) or f"nothing is known against what {len(pythons) + len(nodes)} locks name")
    return 1 if wrong else 0


def of_pip(report: Mapping[str, Any]) -> Iterator[str]:
    """What pip-audit's JSON says, a line each; a package that it did not find is one too."""
    for one in report["dependencies"]:
        if "skip_reason" in one:
            yield f"{one['name']}: not looked up: {one['skip_reason']}"
        for known in one.get("vulns", ()):
            if known["id"] not in EXPLAINED:
                mended = ", ".join(known["fix_versions"]) or "no version yet"
                yield f"{one['name']} {one['version']}: {known['id']}, mended in {mended}"


def of_npm(report: Mapping[str, Any]) -> Iterator[str]:
    """What `npm audit --json` says, a line each package; an endpoint that does not answer is one too."""
    if "vulnerabilities" not in report:
        yield f"not looked up: {report.get('message') or report.get('error') or 'npm audit gave no report'}"
    for name, one in report.get("vulnerabilities", {}).items():
        ids = [via["url"].rpartition("/")[2] for via in one["via"] if isinstance(via, dict)]
        if not ids or set(ids) - set(EXPLAINED):
            yield f"{name} {one['range']}: {one['severity']}, {', '.join(ids) or 'by what it needs'}"


def _told(lock: Path, answer: str, complaint: str) -> Iterable[str]:
    try:
        report = json.loads(answer)
    except ValueError:
        last = complaint.strip().splitlines()[-1:] or ["it said nothing"]
        return [f"{lock.relative_to(ROOT)}: not looked up: {last[0][:200]}"]
    found = of_npm(report) if lock.suffix == ".json" else of_pip(report)
    return [f"{lock.relative_to(ROOT)}: {line}" for line in found]


def _pip_audit(lock: Path) -> tuple[str, str]:
    # --disable-pip: the lock names all there is, with hashes, and nothing need be installed to be looked up
    return _run([str(TOOLS / "pip-audit"), "--requirement", str(lock), "--require-hashes", "--disable-pip",
                 "--format", "json", "--progress-spinner", "off"], ROOT)  # fmt: skip


def _npm_audit(lock: Path) -> tuple[str, str]:
    return _run(["npm", "audit", "--package-lock-only", "--json"], lock.parent)


def _run(command: list[str], folder: Path) -> tuple[str, str]:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return "", str(error)
    return done.stdout, done.stderr


if __name__ == "__main__":
    sys.exit(main())
