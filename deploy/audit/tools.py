"""cfn-lint, checkov and hadolint, each a program in the folder .audit. What they may say: deploy/audit/skips.py."""

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from deploy.audit.synthesis import ROOT
from services.errors import Failure

TOOLS: Final = ROOT / ".audit" / "bin"
"A venv of their own: checkov alone brings a hundred packages, older ones than the product's."


@dataclass(frozen=True, slots=True)
class Said:
    """What a tool holds against a file. `check` is the tool's own name of it."""

    check: str
    file: str
    resource: str
    "A logical id with the property where it is told, or a line."
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.check}: {self.resource}: {self.message}"


def cfn_lint(templates: Sequence[Path], regions: Sequence[str]) -> list[Said]:
    """Structure, types, values, references, and whether IAM's actions exist."""
    if not templates:
        return []
    told = _json("cfn-lint", "--format", "json", "--include-checks", "I", "--regions", *regions, "--", *templates)
    return [
        Said(
            one["Rule"]["Id"],
            Path(one["Filename"]).name,
            ".".join(map(str, one["Location"].get("Path") or [one["Location"]["Start"]["LineNumber"]])),
            one["Message"],
        )
        for one in told
    ]


def checkov(files: Sequence[Path], framework: str) -> list[Said]:
    """The security of resources and roles; cloudsplaining's checks of policies are among them."""
    found: list[Said] = []
    if not files:
        return found
    given = [part for file in files for part in ("--file", file)]
    told = _json(
        "checkov", *given, "--framework", framework, "--output", "json", "--quiet", "--compact", "--skip-download"
    )
    for report in told if isinstance(told, list) else [told]:
        for one in report.get("results", {}).get("failed_checks", []):
            resource = one["resource"].rpartition(".")[2] if framework == "cloudformation" else one["resource"]
            found.append(Said(one["check_id"], Path(one["file_path"]).name, resource, one["check_name"]))
        for broken in report.get("results", {}).get("parsing_errors", []):
            found.append(Said("parsing", Path(broken).name, "", "checkov cannot read it"))
    return found


def hadolint(dockerfile: Path) -> list[Said]:
    """How a Dockerfile is written."""
    told = _json("hadolint", "--format", "json", "--no-color", dockerfile)
    return [Said(one["code"], dockerfile.name, f"line {one['line']}", one["message"]) for one in told]


def _json(tool: str, *arguments: str | Path) -> Any:
    """What the tool prints. Its exit code only repeats that it found something. Raises Failure."""
    command = [str(TOOLS / tool), *map(str, arguments)]
    environment = {
        **os.environ,
        "PATH": f"{TOOLS}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "LOG_LEVEL": "ERROR",
    }
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=ROOT)
        return json.loads(done.stdout or "[]")
    except FileNotFoundError as error:
        raise Failure(f"{command[0]} is not there: `make audit` installs it") from error
    except ValueError as error:
        raise Failure(f"{tool} failed:\n{done.stdout[-1000:]}{done.stderr[-2000:]}") from error
