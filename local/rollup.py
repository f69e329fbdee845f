"""`python -m local rollup`: is what is kept beside the accounts what they amount to? docs/decisions/0018."""

from local.options import Options
from local.reaching import address
from services.db.connection import Database
from services.maintenance import account_sums
from services.portfolio_ledger import SUMS


def run(chosen: Options, task: str) -> int:
    """Verify, or mend and then verify. 1 where something differs. Raises Unavailable."""
    with address(chosen) as url:
        database = Database(url)
        try:
            database.revision()
            if task == "rebuild":
                account_sums.rebuild(database)
            found = account_sums.verify(database)
        finally:
            database.close()
    for cell in found.cells:
        pairs = {name: getattr(cell, name) for name in SUMS}
        told = ", ".join(f"{name} {kept} instead of {true}" for name, (kept, true) in pairs.items() if kept != true)
        print(f"{cell.facet} {cell.key or '(none)'}: {told}")
    for one in found.accounts:
        print(f"acc_{one.account_id}: {one.kept} beside the account, {one.true} in its newest snapshot")
    if found:
        print("mend it by: python -m local rollup rebuild")
        return 1
    print("all figures are what the accounts amount to")
    return 0
