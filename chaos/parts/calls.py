"""S3, SQS and SNS answer errors, late, or not at all, for a share of the calls of clients, web server and workers."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from chaos import machine
from chaos.between import Faults, before_aws
from chaos.clients import Shared
from chaos.disturbing import Result, Tell, Wanted, under_load
from chaos.machine import WORKERS

SHARE: Final = 0.25
"Of the calls that go wrong."


def run(folder: Path, wanted: Wanted, tell: Tell) -> Result:
    faults = Faults(wanted.seed)
    with machine.started(folder) as one, before_aws(one.aws_url, faults) as address:
        # Addresses of queues say where they are reached: all of them by the server in between.
        others = {
            "AWS_ENDPOINT_URL": address,
            "INGEST_QUEUE_URL": one.made.ingest.url.replace(one.aws_url, address),
            "INSIGHTS_QUEUE_URL": one.made.insights.url.replace(one.aws_url, address),
        }
        url = one.web(**others)
        one.start(*WORKERS, **others)

        def disturb(_: Shared) -> Mapping[str, object]:
            faults.share = SHARE
            time.sleep(wanted.seconds)
            faults.share = 0.0
            tell(f"calls that went wrong: {dict(faults.met)}")
            return {"calls that went wrong": dict(faults.met)}

        return under_load(one, url, wanted, tell, disturb)
