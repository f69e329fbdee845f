"""A made-up portfolio for an empty database, asked for through the API like anybody else's."""

import time
from collections.abc import Callable

from local import api
from services.errors import Failure

ACCOUNTS = 120
DAYS = 365
SEED = 1

GENERATE = """
mutation ($input: GenerateMockDataInput!) {
  generateMockData(input: $input) { accountsCreated metricsCreated userErrors { message } }
}
"""


def load(url: str, say: Callable[[str], None]) -> None:
    """Fill the database behind `url`, and say so; a failure is said too, and harms nobody."""
    say(f"loading demo data: {ACCOUNTS} accounts, {DAYS} days ... (DEMO_DATA=0 leaves the database empty)")
    started = time.monotonic()
    try:
        wanted = {"accounts": ACCOUNTS, "days": DAYS, "seed": SEED}
        made = api.ask(url, GENERATE, {"input": wanted}, timeout=300)["generateMockData"]
    except Failure as failure:
        say(f"no demo data: {failure}")
        return
    if made["userErrors"]:
        say(f"no demo data: {made['userErrors'][0]['message']}")
        return
    took = time.monotonic() - started
    say(f"demo data is there: {made['accountsCreated']} accounts, {made['metricsCreated']} daily rows, {took:.1f} s")
