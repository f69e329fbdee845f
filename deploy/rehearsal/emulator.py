"""The emulator of AWS: ministack, on a free port of 127.0.0.1, by TLS, with the roles' policies enforced."""

import os
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import boto3
import httpx
from botocore.config import Config

from deploy.rehearsal import certificate
from deploy.rehearsal.tools import HOME, Tools
from local.lambdas import ACCOUNT, REGION
from services.errors import Failure

HOST: Final = "127.0.0.1"
ROOT_KEY: Final = "test"
"Key and secret by which the emulator knows the account's owner."
START: Final = """
import sys
sys.path.insert(0, sys.argv.pop())
from ministack import app
app._port_is_bindable = lambda *_: False  # it would take port 443 beside its own
app.main()
"""
PATIENCE: Final = 60.0


@dataclass(frozen=True)
class Emulator:
    """A running one."""

    port: int
    certificate: Path
    "The one it answers with, and whom to trust."
    log: Path

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """For command lines that deploy to it."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": ROOT_KEY,
            "AWS_SECRET_ACCESS_KEY": ROOT_KEY,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CA_BUNDLE": str(self.certificate),
            "NODE_EXTRA_CA_CERTS": str(self.certificate),
        }

    def client(self, service: str, credentials: Mapping[str, str] | None = None) -> Any:
        """A boto3 client: of the account's owner, or of whom the credentials (as STS gives them) are."""
        given = credentials or {"AccessKeyId": ROOT_KEY, "SecretAccessKey": ROOT_KEY, "SessionToken": ""}
        session: Any = boto3.Session(
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"] or None,
            region_name=REGION,
        )
        return session.client(
            service,
            endpoint_url=self.url,
            verify=str(self.certificate),
            config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}, signature_version="s3v4"),
        )

    @cached_property
    def http(self) -> httpx.Client:
        """Speaks to the deployed API and to the bucket as a browser would."""
        return httpx.Client(verify=ssl.create_default_context(cafile=str(self.certificate)), timeout=60)


@contextmanager
def running(tools: Tools, folder: Path) -> Iterator[Emulator]:
    """Started, with what it writes in `folder`, and stopped with every function that it runs. Raises Failure."""
    public, private = certificate.write(folder)
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    emulator = Emulator(port, public, HOME / "emulator.log")
    (folder / "tmp").mkdir()
    environment = {
        # The functions get all of these too: nothing of this machine's own settings is among them.
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(folder),
        "TMPDIR": str(folder / "tmp"),
        "LANG": "C.UTF-8",
        "AUTH": "true",
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "USE_SSL": "1",
        "MINISTACK_SSL_CERT": str(public),
        "MINISTACK_SSL_KEY": str(private),
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "LAMBDA_EXECUTOR": "local",
        "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.2",  # AWS waits a minute, then two
        "IOT_MTLS_ENABLED": "0",  # would listen for devices on every address
        "SFTP_ENABLED": "0",
        "S3_DATA_DIR": str(folder / "s3"),
        "LOG_LEVEL": "INFO",
    }
    with emulator.log.open("w") as log:
        process = subprocess.Popen(
            [tools.runtime, "-c", START, tools.emulator],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for the rehearsal, which stops this one last
        )
    try:
        _wait(emulator, process)
        yield emulator
        emulator.http.close()
    finally:
        _stop(process)


def _wait(emulator: Emulator, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        try:
            if emulator.http.get(f"{emulator.url}/_ministack/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    lines = emulator.log.read_text(errors="replace").splitlines()[-5:]
    raise Failure("the emulator did not start:\n" + "\n".join(lines))


def _stop(process: subprocess.Popen[bytes]) -> None:
    """The emulator and the functions' processes are one group, which begins with it."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, how)
            process.wait(10)
    process.wait()
