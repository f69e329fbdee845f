"""EventBridge's schedules on one machine: calls `handler.maintenance` with their events, at start and by time.

Here the daily tasks come when the day changes (UTC), and again every minute until they are finished.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from local import children
from local.lambdas import Context, Crashed, Handler, invoke

log = logging.getLogger(__name__)

EVERY = 60.0
"Seconds between two sweeps. Five minutes on AWS, where a start costs something."
DAILY = ("nightly", "prune")
TIMEOUT = 300.0
"Seconds that the maintenance function has on AWS."


def turn(handler: Handler, done: Mapping[str, date], today: date) -> dict[str, date]:
    """Send what is due: the sweep, and what was not finished today. The day that each task was last finished on."""
    finished = dict(done)
    for task in ("sweep", *(daily for daily in DAILY if done.get(daily) != today)):
        answer: Any = invoke(handler, {"task": task}, Context("maintenance", TIMEOUT))
        if not isinstance(answer, Crashed) and answer.get("finished", True):
            finished[task] = today
    return finished


def main() -> None:
    children.log_as("scheduler")
    told = children.until_told()
    children.ready()
    from handler import maintenance  # after the others have started: nobody waits for this one's imports

    done: dict[str, date] = {}
    while not told.is_set():
        done = turn(maintenance, done, datetime.now(UTC).date())
        told.wait(EVERY)


if __name__ == "__main__":
    main()
