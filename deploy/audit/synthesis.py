"""The CloudFormation that a deploy would send, made here. Not a deploy: no account, no network.

Kept in build/audit for as long as nothing that it is made of changes.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from deploy import cloudformation
from services.errors import Failure

ROOT: Final = Path(__file__).parents[2]
KEPT: Final = ROOT / "build" / "audit"
STACK: Final = ROOT / "deploy" / "stack"
TEMPLATE: Final = ROOT / "template.yaml"
OSLS: Final = ROOT / "node_modules" / ".bin" / "osls"
FUNCTIONS: Final = ("graphql", "ingest", "insights", "maintenance")
WAYS: Final = ("serverless.yml", "template.yaml")
URL: Final = "ssm:/success-insights/prod/database-url"


def templates(tell: Callable[[str], None]) -> list[Path]:
    """Every way to deploy, synthesised for production. That osls is missing is told, and in CI a Failure."""
    if not OSLS.exists() and not os.environ.get("CI"):
        tell("osls is not here (`make node`): serverless.yml is not looked at")
        return [sam()]
    return [serverless(), sam()]


def sam() -> Path:
    """What CloudFormation makes of template.yaml. AWS does it by the very library."""
    kept = KEPT / f"sam-{checksum([TEMPLATE, ROOT / 'requirements-dev.txt'])[:16]}" / "sam.json"
    if not kept.exists():
        from samtranslator.translator.transform import transform

        os.environ.setdefault("AWS_DEFAULT_REGION", "eu-central-1")  # it asks boto3 for the region's partition
        template = cloudformation.read(TEMPLATE)
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::Serverless::Function":
                resource["Properties"]["CodeUri"] = "s3://packages/package.zip"
        _keep(kept, transform(template, {"Stage": "prod", "DatabaseUrl": URL}, _NoPolicies()))
    return kept


class _NoPolicies:
    """Of AWS's own policies none is used."""

    def load(self) -> dict[str, str]:
        return {}


def serverless() -> Path:
    """What `osls deploy --stage prod` would send. Raises Failure where osls is not there, or refuses."""
    stack = sorted(STACK.glob("*.yml"))
    sources = [ROOT / "serverless.yml", ROOT / "package.json", ROOT / "package-lock.json", *stack]
    kept = KEPT / f"serverless-{checksum(sources)[:16]}" / "serverless.json"
    if kept.exists():
        return kept
    if not OSLS.exists():
        raise Failure(f"{OSLS.relative_to(ROOT)} is not there: `make node` installs it")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for source in ("serverless.yml", "package.json"):
            shutil.copy2(ROOT / source, folder / source)
        (folder / "deploy").mkdir()
        (folder / "deploy" / "stack").symlink_to(STACK)
        (folder / "node_modules").symlink_to(ROOT / "node_modules")
        (folder / "build").mkdir()
        for function in FUNCTIONS:  # osls only reads their checksums
            (folder / "build" / f"{function}.zip").write_bytes(b"not a package")
        done = subprocess.run(
            [OSLS, "package", "--stage", "prod", "--param", f"DatabaseUrl={URL}"],
            cwd=folder, env={**os.environ, "SLS_TELEMETRY_DISABLED": "1"}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        made = folder / ".serverless" / "cloudformation-template-update-stack.json"
        if done.returncode != 0 or not made.exists():
            raise Failure(f"osls package failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        document = json.loads(made.read_text())
    _keep(kept, document)
    return kept


def _keep(kept: Path, document: object) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_name(f"{os.getpid()}.part")
    part.write_text(json.dumps(document, indent=1))
    part.replace(kept)


def checksum(files: Iterable[Path]) -> str:
    """Of the files' names and contents."""
    digest = hashlib.sha256()
    for file in files:
        content = file.read_bytes()
        digest.update(f"{file.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()
