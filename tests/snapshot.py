"""What SnapStart does to handler.graphql, by forks: one process warmed and stopped, several that go on from there.

Run as `python -m tests.snapshot CHILDREN`. It prints a JSON line a child, and a last one of the moment before the forks.
"""

import json
import os
import random
import sys
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from types import ModuleType
from typing import Any

from tests.api import event

QUERY = event("POST", "/graphql", b'{"query": "{ accounts { totalCount } viewer { workspaceName } }"}')

before: list[Callable[[], None]] = []
after: list[Callable[[], None]] = []


def main(children: int) -> None:
    runtime: Any = ModuleType("snapshot_restore_py")
    runtime.register_before_snapshot, runtime.register_after_restore = before.append, after.append
    sys.modules["snapshot_restore_py"] = runtime
    import handler
    from services import wiring

    answers = [handler.graphql(QUERY) for _ in range(2)]
    first = {"pid": _backend(), "key": _signing_key(), "random": random.random(), "ids": _request_ids(answers)}
    for hook in before:
        hook()
    held = [
        part.__name__ for part in (wiring.database, wiring.files, wiring.the_settings) if part.cache_info().currsize
    ]
    moment, copied = wiring.clock(), random.getstate()
    time.sleep(0.01)
    pipes = [_fork(number, copied) for number in range(children)]
    lines = [report.readline() for report, _ in pipes]  # each child still holds its connection
    alive = wiring.database().read("select json_agg(pid) from pg_stat_activity where application_name like 'success%'")
    for _, go_on in pipes:
        os.close(go_on)
    for _ in pipes:
        assert os.wait()[1] == 0
    for line in lines:
        print(line.strip())
    print(
        json.dumps({**first, "held": held, "clock": moment.isoformat(), "alive": alive, "hooks": len(before + after)})
    )


def _fork(number: int, copied: Any) -> tuple[Any, int]:
    """A child's report, and what it waits for to be closed before it ends."""
    reports, report = os.pipe()
    waits, go_on = os.pipe()
    if os.fork() == 0:
        os.close(go_on)
        random.setstate(copied)  # a fork seeds anew by itself, a restored machine does not
        os.environ["AWS_ACCESS_KEY_ID"] = f"KEY{number}"
        os.environ["WORKSPACE_NAME"] = f"Workspace {number}"
        for hook in after:
            hook()
        os.write(report, json.dumps(_child()).encode() + b"\n")
        os.read(waits, 1)
        os._exit(0)
    os.close(report)
    os.close(waits)
    return os.fdopen(reports), go_on


def _child() -> dict[str, object]:
    import handler
    from services import wiring

    answers = [handler.graphql(QUERY) for _ in range(3)]
    bodies = [json.loads(answer["body"]) for answer in answers]
    now: datetime = wiring.clock()
    return {
        "pid": _backend(), "key": _signing_key(), "random": random.random(), "ids": _request_ids(answers),
        "uuid": str(uuid.uuid4()), "clock": now.isoformat(), "workspace": bodies[0]["data"]["viewer"]["workspaceName"],
        "errors": [body["errors"] for body in bodies if "errors" in body],
    }  # fmt: skip


def _backend() -> Any:
    from services import wiring

    return wiring.database().read("select pg_backend_pid()")


def _signing_key() -> str:
    """The access key that a form is signed with."""
    from services import wiring

    return dict(wiring.files().form("a", now=wiring.clock()).fields)["x-amz-credential"].split("/")[0]


def _request_ids(answers: list[dict[str, Any]]) -> list[str]:
    return [answer["headers"]["x-request-id"] for answer in answers]


if __name__ == "__main__":
    main(int(sys.argv[1]))
