"""The deployments that are rehearsed: the command lines that an operator runs, in a copy of what they read."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.__main__ import NO_DATABASE
from deploy.functions import FUNCTIONS
from deploy.package import BUILD
from deploy.python import ROOT
from deploy.rehearsal.emulator import Emulator
from deploy.rehearsal.report import Wrong
from deploy.rehearsal.tools import Tools

KINDS: Final = ("osls", "sam")
STAGE: Final = "rehearsal"
STACK: Final = f"success-insights-{STAGE}"
SAM_BUCKET: Final = "rehearsal-sam"
"Where SAM puts the packages on their way."
FILES: Final = ("serverless.yml", "template.yaml", "package.json", "package-lock.json", "deploy/stack")
EMPTY: Final = '""'
"As SAM reads it. A setting that it is not given keeps the value it had; with osls it gets its usual one."
PATIENCE: Final = 600


@dataclass(frozen=True, slots=True)
class Project:
    """A copy of the templates and packages, which may be changed, and whose deployment they are."""

    folder: Path
    tools: Tools
    emulator: Emulator
    by: str
    "osls or sam."

    def deploy(self, parameters: Mapping[str, str]) -> None:
        """Make the stack, or bring it up to the templates. Raises Wrong with what the command line said."""
        if self.by == "osls":
            given = [f"--param={name}={value}" for name, value in parameters.items() if value]
            self._run(self.tools.osls, "deploy", "--stage", STAGE, *given)
            return
        s3 = self.emulator.client("s3")
        if SAM_BUCKET not in [one["Name"] for one in s3.list_buckets()["Buckets"]]:
            s3.create_bucket(Bucket=SAM_BUCKET, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
        overrides = [
            f"ParameterKey={name},ParameterValue={value or EMPTY}"
            for name, value in {"Stage": STAGE, **parameters}.items()
        ]
        self._run(
            self.tools.sam, "deploy", "--template-file", "template.yaml", "--stack-name", STACK,
            "--s3-bucket", SAM_BUCKET, "--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND",
            "--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar",
            "--parameter-overrides", *overrides,
        )  # fmt: skip

    def remove(self) -> None:
        """Take the stack away. Raises Wrong with what the command line said."""
        if self.by == "osls":
            self._run(self.tools.osls, "remove", "--stage", STAGE, NO_DATABASE)
        else:
            self._run(self.tools.sam, "delete", "--stack-name", STACK, "--s3-bucket", SAM_BUCKET, "--no-prompts")

    def _run(self, program: Path, command: str, *arguments: str) -> None:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder.parent),
            "LANG": "C.UTF-8",
            "TMPDIR": str(self.folder.parent / "tmp"),
            "SLS_TELEMETRY_DISABLED": "1",
            "SLS_NOTIFICATIONS_MODE": "off",
            "SLS_AWS_MONITORING_FREQUENCY": "500",
            "SAM_CLI_TELEMETRY": "0",
            "SAM_CLI_POLL_DELAY": "0.5",
            **self.emulator.environment,
        }
        done = subprocess.run(
            [program, command, *arguments],
            cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", timeout=PATIENCE, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise Wrong(f"{program.name} {command} failed:\n{done.stdout.strip()[-3000:]}")


def copied(folder: Path) -> None:
    """Make `folder` hold what a deployment reads. Raises Wrong where a package is not built."""
    for name in FILES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        else:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, folder / name)
    (folder / "build").mkdir(parents=True)
    for name in FUNCTIONS:
        archive = BUILD / f"{name}.zip"
        if not archive.exists():
            raise Wrong(f"{archive.relative_to(ROOT)} is not there: make package")
        shutil.copy2(archive, folder / "build" / archive.name)
