"""Writes docs/query-plans.md: how PostgreSQL answers the typical questions about accounts, in the bench's own world.

`python -m bench.plans --help`. Times are of the machine it runs on: what counts is which index serves.
"""

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from bench import world
from services import accounts
from services.accounts import Filter, Order
from services.asks import Ask, asks
from services.db.connection import Database, Values
from services.db.statement import Statement
from services.vocabulary import AccountOrderField as By
from services.vocabulary import SortDirection

FILE: Final = Path(__file__).parent.parent / "docs" / "query-plans.md"
ROW: Final = """id external_id name segment industry region owner arr { amount currency } renewal_date
  days_to_renewal status seats_purchased active_users health { score bucket }"""
PAGE: Final = Ask(
    "accounts",
    "accounts",
    {"first": 50},
    asks(f"total_count nodes {{ {ROW} }} page_info {{ has_next_page end_cursor }}"),
)
NOISE: Final = ("Storage:", "Window:", "Index Searches:", "Sort Method:", "Full-sort Groups:", "Heap Fetches:",
                "Heap Blocks:", "Recheck Cond:", "Planning Time:", "Batches:", "Cache Mode:", "Hits:", "Buckets:",
                "InitPlan", "Buffers:")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """A page of 50 accounts with their totalCount."""

    title: str
    filter: Filter
    order: Order


QUESTIONS: Final = (
    Question("Q1 of the bench: RED or AMBER, from an ARR on, the largest first",
             {"bucket": {"in_": ["RED", "AMBER"]}, "arr": {"gte": Decimal(20_000)}}, Order(By.ARR, SortDirection.DESC)),
    Question("One bucket, the largest first", {"bucket": {"eq": "RED"}}, Order(By.ARR, SortDirection.DESC)),
    Question("Everybody by score, the worst first", {}, Order(By.HEALTH_SCORE)),
    Question("One segment by score", {"segment": {"eq": "ENTERPRISE"}}, Order(By.HEALTH_SCORE)),
    Question("One owner's accounts by renewal", {"owner": {"eq": "Amara Okafor"}}, Order(By.RENEWAL_DATE)),
    Question("What renews within 90 days, by renewal", {"renews_within_days": 90}, Order(By.RENEWAL_DATE)),
    Question("One region by name", {"region": {"eq": "Europe"}}, Order(By.NAME)),
    Question("Everybody by attention", {}, Order(By.ATTENTION, SortDirection.DESC)),
)  # fmt: skip


class Listening(Database):
    """Remembers what it was asked last."""

    asked: tuple[str, Values | None]

    def document(self, sql: str, values: Values | None = None) -> Any:
        self.asked = sql, values
        return super().document(sql, values)


def plan(database: Listening, question: Question, statement: Statement) -> list[str]:
    """The plan's lines, without costs and what says nothing about the way taken; the time it took comes last."""
    accounts.find(database, PAGE, question.filter, [question.order], statement)
    sql, values = database.asked
    explained = database.rows(f"explain (analyze, costs off, timing off, buffers off) {sql}", values)
    lines = [str(line).replace(".00 loops", " loops") for (line,) in explained]
    return [line for line in lines if not line.strip().startswith(NOISE)]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.plans", description=__doc__)
    parser.add_argument("--accounts", type=int, default=world.ACCOUNTS, metavar="N", help="size of the world")
    parser.add_argument("--data", type=Path, default=world.FOLDER, metavar="DIR", help="where the bench's world lies")
    parser.add_argument("--file", type=Path, default=FILE, help="where to write (%(default)s)")
    asked = parser.parse_args(arguments)
    with world.opened(asked.accounts, world.DAYS, print, asked.data) as made, closing(Listening(made.url)) as database:
        parts = [HEAD.format(accounts=made.accounts, version=database.read("show server_version"))]
        for question in QUESTIONS:
            lines = plan(database, question, Statement(today=made.today))
            parts.append(f"## {question.title}\n\n```\n" + "\n".join(line[:150] for line in lines) + "\n```\n")
    asked.file.write_text("\n".join(parts))
    return 0


HEAD: Final = """# How the database answers

Written by `python -m bench.plans` over {accounts:,} made-up accounts on PostgreSQL {version}: `EXPLAIN (ANALYZE)` of
the whole statement of a page of 50 accounts with 15 fields, `totalCount` and `pageInfo`. The first branch is the count,
the second the page: its rows are found first, and joined with their observations afterwards.
"""

if __name__ == "__main__":
    sys.exit(main())
