"""Every message comes three times and out of order, to two workers of each kind at once."""

import random
import threading
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from chaos import machine
from chaos.clients import Shared
from chaos.disturbing import Result, Tell, Wanted, under_load
from chaos.machine import WORKERS, Machine

COPIES: Final = 3
LATEST: Final = 3
"Seconds by which a copy is late, at most."


def run(folder: Path, wanted: Wanted, tell: Tell) -> Result:
    with machine.started(folder) as one:
        ingest, insights = (machine.another_queue(one, f"{name}-tripled") for name in ("ingest", "insights"))
        url = one.web()
        one.start(*WORKERS, *WORKERS, INGEST_QUEUE_URL=ingest, INSIGHTS_QUEUE_URL=insights)
        sent: Counter[str] = Counter()
        ended = threading.Event()
        triplers = [
            threading.Thread(target=_triple, args=(one, source, queue, random.Random(wanted.seed), sent, ended))
            for source, queue in ((one.made.ingest.url, ingest), (one.made.insights.url, insights))
        ]
        for tripler in triplers:
            tripler.start()

        def disturb(_: Shared) -> Mapping[str, object]:
            time.sleep(wanted.seconds)
            return {}

        try:
            result = under_load(one, url, wanted, tell, disturb)
        finally:
            ended.set()
            for tripler in triplers:
                tripler.join()
        result.figures = {"messages": sent["messages"], "deliveries": sent["copies"], **result.figures}
        return result


def _triple(
    one: Machine, source: str, queue: str, dice: random.Random, sent: Counter[str], ended: threading.Event
) -> None:
    """Take messages from `source` and send copies of each to `queue`, until it has ended."""
    sqs: Any = one.sqs()
    while not ended.is_set():
        messages = sqs.receive_message(QueueUrl=source, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
        copies = [message["Body"] for message in messages for _ in range(COPIES)]
        dice.shuffle(copies)
        for body in copies:
            sqs.send_message(QueueUrl=queue, MessageBody=body, DelaySeconds=dice.randrange(LATEST + 1))
        for message in messages:
            sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
        sent.update(messages=len(messages), copies=len(copies))
