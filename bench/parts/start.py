"""What a cold start costs over what cannot be done without: processes made anew that answer Q1, or only import.

Of the package in build/ where there is one that Lambda's Python can run here, else of the source tree. Byte code is
there in both.
"""

import compileall
import os
import site
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import orjson

from bench import asking, timing
from bench.figures import Differs, Figure, Missing
from bench.world import World
from deploy.package import BUILD
from deploy.python import PYTHON, ROOT, interpreter
from local.gateway import request_event
from services.errors import Failure

LIMIT: Final = 1.5
ROUNDS: Final = 25
"At most: a round takes most of a second."

IMPORTS: Final = "import strawberry, starlette, psycopg2; print(1, flush=True)"
ANSWERS: Final = """
import json, os, handler
answer = handler.graphql(json.loads(os.environ["EVENT"]))
print(answer["body"], flush=True)
"""


def figures(world: World, tell: Callable[[str], None], rounds: int) -> list[Figure]:
    python, folder, what = _subject()
    tell(what)
    question = asking.question("Q1")
    environment = {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(folder), "DATABASE_URL": world.url,
        "ACCESS": "open",
        "EVENT": orjson.dumps(_event(question.body)).decode(),
    }  # fmt: skip
    asking.data(_run([python, "-c", ANSWERS], environment), "a new process")
    ready: dict[str, list[float]] = {}
    variants: dict[str, Callable[[], object]] = {
        name: partial(_until_ready, [python, "-c", script], environment, ready.setdefault(name, []))
        for name, script in (("ours", ANSWERS), ("imports", IMPORTS))
    }
    whole = timing.interleaved(variants, min(rounds, ROUNDS), warm_up=1)
    ratio = timing.ratio(ready, "ours", over="imports")
    tell(f"until the answer, or the last import, is there: {timing.in_words(ready)}; ours over the imports {ratio:.2f}")
    # A process that only imports takes long to end, which nobody waits for; ours has frozen what would be torn down.
    tell(
        f"whole processes, their ends included: {timing.in_words(whole)}; "
        f"ours over the imports {timing.ratio(whole, 'ours', over='imports'):.2f}"
    )
    return [Figure("cold start to the first answer, over the imports", ratio, LIMIT)]


def _subject() -> tuple[str, Path, str]:
    """The interpreter, what it finds the product in, and that in words."""
    folder = BUILD / "graphql"
    wanted = ".".join(map(str, PYTHON))
    if folder.is_dir():
        try:
            python, version = interpreter("")
        except Failure as failure:
            raise Missing(str(failure)) from failure
        if version == PYTHON:
            return python, folder, f"the package in {folder.name}, by Python {wanted}"
    for source in ("graph", "resolvers", "services"):
        compileall.compile_dir(ROOT / source, quiet=2)
    compileall.compile_file(ROOT / "handler.py", quiet=2)
    for packages in site.getsitepackages():
        for name in ("graphql", "mangum", "msgspec", "orjson", "psycopg2", "starlette", "strawberry"):
            compileall.compile_dir(Path(packages) / name, quiet=2)
    running = ".".join(map(str, sys.version_info[:2]))
    return sys.executable, ROOT, f"the source tree, by Python {running} (`make package` makes the package)"


def _event(body: bytes) -> object:
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "path": "/graphql", "raw_path": b"/graphql",
        "query_string": b"", "scheme": "http", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")],
    }  # fmt: skip
    return request_event(scope, body, at=datetime.now(UTC))


def _run(command: Sequence[str], environment: Mapping[str, str]) -> bytes:
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    if done.returncode != 0:
        raise Differs(f"a new process failed: {done.stderr.decode()[-500:]}")
    return done.stdout


def _until_ready(command: Sequence[str], environment: Mapping[str, str], ready: list[float]) -> None:
    """Run a process to its end, and note when its first line came."""
    started = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        process.stdout.readline()
        ready.append(time.perf_counter() - started)
        process.stdout.read()
