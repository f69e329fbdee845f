"""A worker's process that is there at once: forked from one that has loaded everything, and meant to be killed.

It runs the loop of `local.worker` over the real handler. Nothing that it needs was opened before the fork.
"""

import multiprocessing
import os
import threading
from collections.abc import Mapping
from multiprocessing.process import BaseProcess

# what a worker loads with its first message, loaded before the fork
import pandas  # noqa: F401
import sqlmodel  # noqa: F401

import handler
import services.ingest
import services.insights.work
import services.wiring  # noqa: F401
from local import children
from local.resources import client
from local.worker import FUNCTIONS, serve


def forked(name: str, environment: Mapping[str, str]) -> BaseProcess:
    """Start a worker of that queue."""
    context = multiprocessing.get_context("forkserver")
    # The program too: each child looks at it again, and finds it loaded.
    context.set_forkserver_preload(["chaos.worker", "chaos.__main__"])
    process = context.Process(target=_work, args=(name, dict(environment)), name=f"worker {name}", daemon=True)
    process.start()
    return process


def _work(name: str, environment: Mapping[str, str]) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.environ.update(environment)
    children.log_as(f"{name} worker")
    sqs = client("sqs", environment["AWS_ENDPOINT_URL"])
    serve(sqs, environment[f"{name.upper()}_QUEUE_URL"], FUNCTIONS[name], getattr(handler, name), threading.Event())


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
