"""A disturbance of the running system under load, and the account of it afterwards. What disturbs is in chaos.parts."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Final

from chaos import audit
from chaos.clients import Client, Shared
from chaos.ledger import Ledger, Told, counted, writes
from chaos.machine import Machine
from chaos.settling import settle
from local import api
from services.errors import Rejected

Tell = Callable[[str], None]

ACCOUNTS: Final = 40
DAYS: Final = 30
CLIENTS: Final = 4
GENERATE: Final = """mutation ($input: GenerateMockDataInput!) {
  generateMockData(input: $input) { accountsCreated userErrors { message } } }"""
ALL: Final = "{ accounts(first: 100) { nodes { id } } }"


@dataclass
class Result:
    """What a part found: figures to be printed, and the promises that were broken; or why it could not be tried."""

    figures: dict[str, object] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    skipped: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How hard a part tries."""

    seed: int
    seconds: float
    "Of load, of each part that has one."
    every: int
    "Of the steps of a worker, every how many-th it is killed at."


def fill(url: str, accounts: int = ACCOUNTS, days: int = DAYS) -> list[str]:
    """Make a portfolio up by the API; the ids of at most 100 of its accounts. Raises Rejected or Unavailable."""
    made = api.ask(url, GENERATE, {"input": {"accounts": accounts, "days": days, "seed": 1}}, timeout=300)
    if made["generateMockData"]["userErrors"]:
        raise Rejected("INVALID_VALUE", made["generateMockData"]["userErrors"][0]["message"])
    nodes = api.ask(url, ALL)["accounts"]["nodes"]
    return [node["id"] for node in nodes]


@contextmanager
def clients(shared: Shared, seed: int, number: int = CLIENTS) -> Iterator[list[Client]]:
    """So many clients at work until the end of the block; each has its last answer then."""
    working = [Client(shared, at, seed) for at in range(number)]
    for one in working:
        one.start()
    try:
        yield working
    finally:
        shared.stop.set()
        for one in working:
            one.join(120)
            if one.is_alive():
                shared.false.append(f"{one.name} never got its answer")


def under_load(
    machine: Machine, url: str, wanted: Wanted, tell: Tell, disturb: Callable[[Shared], Mapping[str, object]]
) -> Result:
    """Let clients work while `disturb` does its part, let everything settle, and hold the system to what it said."""
    began = time.monotonic()
    with closing(Ledger(machine.folder / "ledger.jsonl")) as ledger:
        shared = Shared(url, ledger, fill(url))
        with clients(shared, wanted.seed):
            figures = dict(disturb(shared))
    tell(f"the load has ended after {time.monotonic() - began:.0f} s: settling")
    return accounted(machine, shared, figures, tell)


def accounted(machine: Machine, shared: Shared, figures: Mapping[str, object], tell: Tell) -> Result:
    """Let everything settle, then hold the database against what the clients wrote down."""
    known = writes(shared.ledger.path)
    settled = settle(machine, audit.accepted(known), tell)
    broken = [*shared.false, *settled.hanging, *audit.broken(machine.database_url, known)]
    broken += [f"{name} ended by itself" for name in machine.died()]
    made = [write for write in known if write.told is Told.MADE]
    return Result(
        {
            **figures,
            "answers": dict(shared.answers.most_common()),
            "writes by what was told": dict(sorted(counted(known).items())),
            "acknowledged writes": len(made),
            "files accepted": len(audit.accepted(known)),
            "settled in seconds": round(settled.seconds, 1),
            "swept": settled.swept,
            "redriven": settled.redriven,
            "time moved": settled.moved,
        },
        broken,
    )
