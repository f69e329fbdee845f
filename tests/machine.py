"""`python -m local run` as a test sees it: started in a folder on free ports, waited for, stopped."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

REPOSITORY = Path(__file__).parents[1]


class Machine:
    """`with Machine(folder) as machine`: everything runs, with an empty database, until the end of the block."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        port, aws_port = free_ports(2)
        self.environment = {
            "PATH": os.environ["PATH"],
            "PORT": str(port),
            "AWS_PORT": str(aws_port),
            "DATA_DIR": str(folder / "data"),
            "DEMO_DATA": "0",
            "TMPDIR": os.environ.get("TMPDIR", "/tmp"),
            **(environment or {}),
        }
        self.address = f"http://127.0.0.1:{self.environment['PORT']}"
        self.url = f"{self.address}/graphql"
        self._output = folder / "output"

    def __enter__(self) -> Self:
        self.start()
        self.wait_for("Ctrl-C stops everything")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.stop()

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "local", "run"],
                env=self.environment, cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip

    def stop(self, number: int = signal.SIGINT) -> int:
        """Ask it to stop; its exit code."""
        self.process.send_signal(number)
        return self.process.wait(120)

    def output(self) -> str:
        return self._output.read_text()

    def wait_for(self, text: str, *, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while text not in self.output():
            if self.process.poll() is not None or time.monotonic() > until:
                raise AssertionError(f"{text!r} never came:\n{self.output()}")
            time.sleep(0.05)

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run `python -m local ...` beside it."""
        return subprocess.run(
            [sys.executable, "-m", "local", *arguments],
            env=self.environment, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def processes(self) -> list[str]:
        """The command lines of all that runs on behalf of the data folder."""
        folder = self.environment["DATA_DIR"]
        found = []
        for process in psutil.process_iter(["cmdline"]):
            line = " ".join(process.info["cmdline"] or ())
            try:
                if folder in line or ("-m local" in line and process.environ().get("DATA_DIR") == folder):
                    found.append(line)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return sorted(found)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listened on a moment ago."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listening.getsockname()[1] for listening in sockets]
    for listening in sockets:
        listening.close()
    return ports
