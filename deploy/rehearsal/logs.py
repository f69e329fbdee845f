"""What the functions' logs hold: as CloudWatch has it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from deploy.rehearsal.deployed import Deployed
from deploy.rehearsal.emulator import Emulator

GROUPS: Final = "/aws/lambda/"
OF_THE_EMULATOR: Final = (" ERROR [", " WARNING [")
KNOWN: Final = ("ESM SQS poller", "[asyncio]")
"Of a gap that is mended once the stack is there, and of connections that nobody closed."
SHOWN: Final = 8
LONGEST: Final = 400


def lines(deployed: Deployed, function: str, holding: str) -> list[str]:
    """Lines of a function's log that hold the text."""
    group = f"{GROUPS}{deployed.functions[function].name}"
    return [text for line in _lines(deployed.emulator, group) if holding in (text := json.dumps(line))]


def complaints(emulator: Emulator) -> str:
    """The last warnings and errors of the functions and of the emulator, a line each, or nothing."""
    found: dict[str, None] = {}
    for group in emulator.client("logs").describe_log_groups(logGroupNamePrefix=GROUPS)["logGroups"]:
        for line in _lines(emulator, group["logGroupName"]):
            if line.get("level") in {"WARNING", "ERROR"}:
                because = str(line.get("trace", "")).strip().rpartition("\n")[2]
                found[f"{group['logGroupName'].rpartition('-')[2]}: {line['message']} {because}".strip()] = None
    for text in emulator.log.read_text(errors="replace").splitlines():
        if any(mark in text for mark in OF_THE_EMULATOR) and not any(known in text for known in KNOWN):
            found[f"emulator: {text}"] = None
    return "".join(f"\n  {one[:LONGEST]}" for one in list(found)[-SHOWN:])


def _lines(emulator: Emulator, group: str) -> Iterator[Mapping[str, Any]]:
    """Those that services.logs wrote."""
    pages = emulator.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
    for page in pages:
        for event in page["events"]:
            for text in event["message"].splitlines():
                if text.startswith("{"):
                    yield json.loads(text)
