"""PostgreSQL is stopped, killed and started again while clients read, change, upload and queue."""

import random
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from chaos import machine
from chaos.clients import Shared
from chaos.disturbing import Result, Tell, Wanted, under_load
from chaos.machine import WORKERS
from chaos.server import WAYS


def run(folder: Path, wanted: Wanted, tell: Tell) -> Result:
    """Each way in turn, until the time is up and each has come once."""
    dice = random.Random(wanted.seed)
    with machine.started(folder) as one:
        url = one.web()
        one.start(*WORKERS)

        def disturb(_: Shared) -> Mapping[str, object]:
            outages: Counter[str] = Counter()
            until = time.monotonic() + wanted.seconds
            while time.monotonic() < until or not outages:
                way = WAYS[outages.total() % len(WAYS)]
                time.sleep(dice.uniform(1.0, 3.0))
                began = time.monotonic()
                one.server.stop(way)
                time.sleep(dice.uniform(0.2, 2.5))
                one.server.start()
                outages[way] += 1
                tell(f"PostgreSQL stopped ({way}) and back after {time.monotonic() - began:.1f} s")
            time.sleep(2.0)
            return {"outages": dict(outages)}

        return under_load(one, url, wanted, tell, disturb)
