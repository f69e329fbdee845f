"""Renewal windows and the order of attention: one table, read by Python and written into SQL.

Not health: a near renewal makes an account urgent, never ill.
"""

from datetime import date
from decimal import Decimal
from typing import Final

from services.vocabulary import RenewalWindow

# (window, last day that belongs to it, factor of the attention order); days are inclusive: docs/health.md.
_WINDOWS: Final = (
    (RenewalWindow.OVERDUE, -1, Decimal("3")),
    (RenewalWindow.D0_30, 30, Decimal("3")),
    (RenewalWindow.D31_60, 60, Decimal("2.5")),
    (RenewalWindow.D61_90, 90, Decimal("2")),
    (RenewalWindow.D91_180, 180, Decimal("1.3")),
)
_OTHERWISE: Final = Decimal("1")


def window(renewal: date | None, day: date) -> RenewalWindow:
    """The window that the renewal lies in, seen from `day`.

    >>> window(date(2026, 1, 31), date(2026, 1, 1)).value, window(date(2025, 12, 31), date(2026, 1, 1)).value
    ('D0_30', 'OVERDUE')
    """
    if renewal is None:
        return RenewalWindow.NONE
    days = (renewal - day).days
    for window, last, _ in _WINDOWS:
        if days <= last:
            return window
    return RenewalWindow.LATER


def attention(arr: Decimal, score: Decimal, renewal: date | None, day: date) -> Decimal:
    """How much the account asks for attention: ARR * (100 - score)/100 * window factor.

    >>> attention(Decimal(1000), Decimal("40.0"), date(2026, 2, 15), date(2026, 1, 1))
    Decimal('1500.00')
    """
    factors = {window: factor for window, _, factor in _WINDOWS}
    return arr * (100 - score) / 100 * factors.get(window(renewal, day), _OTHERWISE)


def window_sql(renewal: str, day: str) -> str:
    """`window` as an SQL expression over two date expressions."""
    cases = " ".join(f"when {renewal} - {day} <= {last} then '{window}'" for window, last, _ in _WINDOWS)
    return f"case when {renewal} is null then '{RenewalWindow.NONE}' {cases} else '{RenewalWindow.LATER}' end"


def attention_sql(arr: str, score: str, renewal: str, day: str) -> str:
    """`attention` as an SQL expression; null where the score is null."""
    cases = " ".join(f"when {renewal} - {day} <= {last} then {factor}" for _, last, factor in _WINDOWS)
    return f"({arr} * (100 - {score}) / 100 * case {cases} else {_OTHERWISE} end)"
