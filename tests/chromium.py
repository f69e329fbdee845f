"""A headless Chromium with one empty page, driven over the pipe of its DevTools protocol."""

import fcntl
import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe",
    "--window-size=1280,800",
)  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome")


def program() -> str | None:
    """The browser on this machine, if there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Chromium:
    """`with Chromium(program, profile) as page`, where `profile` is an empty folder."""

    def __init__(self, program: str, profile: Path) -> None:
        self._command = [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        self._number = 0
        self._unread = b""
        self._session = ""

    def __enter__(self) -> Self:
        # Chromium reads from descriptor 3 and writes to 4; ours are kept away from those numbers until then.
        child_in, self._out = (_high(end) for end in os.pipe())
        self._in, child_out = (_high(end) for end in os.pipe())
        self._process = subprocess.Popen(
            ["/bin/bash", "-c", f'exec 3<&{child_in} 4>&{child_out}; exec "$@"', "chromium", *self._command],
            pass_fds=(child_in, child_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(child_in)
        os.close(child_out)
        targets = self._ask("Target.getTargets")["targetInfos"]
        page = next(target["targetId"] for target in targets if target["type"] == "page")
        self._session = self._ask("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._out)
        os.close(self._in)
        self._process.terminate()
        self._process.wait(20)

    def open(self, address: str) -> None:
        self._ask("Page.navigate", url=address)

    def evaluate(self, script: str) -> Any:
        """The value of a JavaScript expression in the page; None where it throws."""
        answer = self._ask("Runtime.evaluate", expression=script, returnByValue=True)
        return answer["result"].get("value") if "exceptionDetails" not in answer else None

    def wait_for(self, script: str, *, seconds: float = 30) -> Any:
        """The first value of the expression that is true."""
        until = time.monotonic() + seconds
        while not (value := self.evaluate(script)):
            if time.monotonic() > until:
                raise AssertionError(
                    f"{script} never came true in {self.evaluate('document.documentElement.outerHTML')}"
                )
            time.sleep(0.1)
        return value

    def screenshot(self) -> str:
        """The page as a PNG, base64."""
        picture: str = self._ask("Page.captureScreenshot")["data"]
        return picture

    def _ask(self, method: str, **parameters: object) -> dict[str, Any]:
        self._number += 1
        message: dict[str, object] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']['message']}")
                result: dict[str, Any] = answer["result"]
                return result

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._unread:
            read = os.read(self._in, 1 << 16)
            if not read:
                raise AssertionError("the browser is gone")
            self._unread += read
        line, _, self._unread = self._unread.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        return message


def _high(end: int) -> int:
    moved = fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(end)
    return moved
