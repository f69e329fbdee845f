"""What scoring all accounts costs over a plain SELECT of their facts: all of it, written, in one transaction."""

from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, date, datetime, timedelta
from typing import Final

from bench import timing
from bench.figures import Differs, Figure
from bench.world import World, execute
from services import scoring
from services.db.connection import Database
from services.scoring.facts import FACTS

LIMIT: Final = 5.0
ROUNDS: Final = 9
"At most, for a call takes seconds."


class _Undone(Exception):
    """Ends a transaction of which nothing is to stay."""


def figures(world: World, tell: Callable[[str], None], rounds: int) -> list[Figure]:
    """Tomorrow is a day without snapshots, so that all are new. Today has them all, and not one changes."""
    tomorrow, now = world.today + timedelta(1), datetime.now(UTC)
    with world.scratch("scoring", filled=True) as url, closing(Database(url)) as database:
        ids = [key for (key,) in database.rows(_CUSTOMERS, {"day": tomorrow})]

        def select() -> None:
            found = len(database.rows(FACTS, {"day": tomorrow, "ids": ids}))
            if found != len(ids):
                raise Differs(f"{found} of {len(ids)} accounts have facts")

        def score(day: date) -> None:
            with suppress(_Undone), database.writing() as session:
                scored = scoring.score(session, day, now=now, actor="bench")
                if scored.accounts != len(ids):
                    raise Differs(f"{scored.accounts} of {len(ids)} accounts were scored")
                raise _Undone

        variants = {
            "select": select,
            "a new day": lambda: score(tomorrow),
            "the same day again": lambda: score(world.today),
            "vacuum": lambda: execute(url, "vacuum accounts, health_snapshots"),  # of what was undone
        }
        times = timing.interleaved(variants, min(rounds, ROUNDS), warm_up=1)
    for name in ("select", "a new day", "the same day again"):
        each, over = timing.median(times, name) / len(ids), timing.ratio(times, name, over="select")
        tell(f"{name}: {each * 1000:.3f} ms an account, {over:.2f} times the select")
    ratio = timing.ratio(times, "a new day", over="select")
    return [Figure(f"scoring {world.accounts // 1000}k accounts over a plain SELECT of their facts", ratio, LIMIT)]


_CUSTOMERS: Final = "select id from accounts where churned_on is null or churned_on > %(day)s order by id"
