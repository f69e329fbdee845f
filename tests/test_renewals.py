"""Renewal windows and the order of attention: inclusive at every edge, and the same in Python and in SQL."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from services.db.connection import Database
from services.renewals import attention, attention_sql, window, window_sql
from services.vocabulary import RenewalWindow

DAY = date(2026, 3, 31)
EDGES = [
    (-400, "OVERDUE", "3"),
    (-1, "OVERDUE", "3"),
    (0, "D0_30", "3"),
    (30, "D0_30", "3"),
    (31, "D31_60", "2.5"),
    (60, "D31_60", "2.5"),
    (61, "D61_90", "2"),
    (90, "D61_90", "2"),
    (91, "D91_180", "1.3"),
    (180, "D91_180", "1.3"),
    (181, "LATER", "1"),
    (4000, "LATER", "1"),
]
GRID = [None, *(DAY + timedelta(days) for days in range(-200, 400))]


@pytest.mark.parametrize(("days", "word", "factor"), EDGES)
def test_a_window_holds_both_its_first_and_its_last_day(days: int, word: str, factor: str) -> None:
    renewal = DAY + timedelta(days)

    assert window(renewal, DAY) is RenewalWindow(word)
    assert attention(Decimal(1000), Decimal("40.0"), renewal, DAY) == 600 * Decimal(factor)


def test_an_account_without_a_renewal_date_is_in_no_window_and_weighs_plainly() -> None:
    assert window(None, DAY) is RenewalWindow.NONE
    assert attention(Decimal(1000), Decimal("40.0"), None, DAY) == 600


def test_an_account_in_perfect_health_asks_for_no_attention() -> None:
    assert attention(Decimal(1000), Decimal("100.0"), DAY, DAY) == 0


def test_the_database_tells_the_same_windows(database: Database) -> None:
    told = database.rows(
        f"select renewal, {window_sql('renewal', '%(day)s::date')} from unnest(%(grid)s::date[]) as renewal",
        {"day": DAY, "grid": GRID},
    )

    assert told == [(renewal, window(renewal, DAY)) for renewal in GRID]


def test_the_database_tells_the_same_attention(database: Database) -> None:
    scores = [Decimal("0.0"), Decimal("49.9"), Decimal("74.95"), Decimal("100.0"), None]
    amounts = [Decimal("0.00"), Decimal("1234.56"), Decimal("999999999999.99")]
    told = database.rows(
        f"""select arr, score, renewal, {attention_sql("arr", "score", "renewal", "%(day)s::date")}
        from unnest(%(amounts)s::numeric[]) as arr, unnest(%(scores)s::numeric[]) as score,
          unnest(%(grid)s::date[]) as renewal""",
        {"day": DAY, "grid": GRID, "amounts": amounts, "scores": scores},
    )

    assert len(told) == len(amounts) * len(scores) * len(GRID)
    assert [row for row in told if row[3] != (None if row[1] is None else attention(row[0], row[1], row[2], DAY))] == []
