"""What one cell says: a typed value, no data, or what is wrong with it, in words for the person who has the file."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from services.csv_rows import dates
from services.csv_rows.columns import Column, Type
from services.csv_rows.formulas import rearm

YES = frozenset({"yes", "y", "true", "t", "1"})
NO = frozenset({"no", "n", "false", "f", "0"})
PLAIN = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(e[+-]?[0-9]+)?", re.IGNORECASE)
GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")
THOUSANDS_OR_DECIMALS = re.compile(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}")
CURRENCY = re.compile(r"^([+-]?)\s*[$€£]\s*|\s*[$€£]$")
PLAIN_TEXT = re.compile(r"[!-&(-~][!-~]*(?: [!-~]+)*")
"Letters and signs of ASCII with single spaces between them, and no quote in front: nothing is left to be mended."
LARGEST_EXPONENT = 30
EARLIEST_YEAR, LATEST_YEAR = 1970, 2100
LONGEST_KEY = 2000
"Bytes of a normalised text: an index of PostgreSQL takes 2,704, and normalising can make eighteen letters of one."

CHOICES: Mapping[str, Mapping[str, str]] = {
    "segment": {
        "smb": "SMB", "sme": "SMB", "small": "SMB", "smallbusiness": "SMB", "smallmediumbusiness": "SMB",
        "smallandmediumbusiness": "SMB",
        "midmarket": "MID_MARKET", "mm": "MID_MARKET", "mid": "MID_MARKET", "midsize": "MID_MARKET",
        "medium": "MID_MARKET",
        "enterprise": "ENTERPRISE", "ent": "ENTERPRISE", "large": "ENTERPRISE",
    },
    "status": {"onboarding": "ONBOARDING", "active": "ACTIVE", "churned": "CHURNED"},
    "renewal_risk": {"low": "LOW", "medium": "MEDIUM", "med": "MEDIUM", "high": "HIGH"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bad:
    """Why a cell cannot be taken. `code` is one of the contract's RowErrorCode names."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Onboarding:
    """Whether the customer is in onboarding, and how far (0..1), where the cell says so."""

    active: bool
    progress: Decimal | None = None


Value = str | int | Decimal | date | Onboarding


def parse(column: Column, text: str, *, today: date, order: str | None = None) -> Value | Bad | None:
    """What the cell says; None for an empty cell, which means no data. Never raises.

    `today` is the last day that is not in the future; `order` how the column writes its dates (see dates.settle).

    >>> from services.csv_rows.columns import COLUMNS
    >>> columns = {column.name: column for column in COLUMNS["ACCOUNTS"]}
    >>> def read(name, text): return parse(columns[name], text, today=date(2026, 1, 31))
    >>> read("arr", "$1,200"), read("feature_x_adoption", "85%"), read("segment", "mid_market"), read("nps", "")
    (Decimal('1200.00'), Decimal('0.8500'), 'MID_MARKET', None)
    >>> read("nps", "101")
    Bad(code='OUT_OF_RANGE', message='nps must be from -100 to 100')
    """
    if column.type is Type.TEXT and len(text) <= column.longest and PLAIN_TEXT.fullmatch(text):
        return text
    text = " ".join(rearm(text).split())
    if not text.isprintable() and any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text):
        return Bad("BAD_ENCODING", f"{column.name} has a character that is not text")
    if not text or not (text.isascii() or any(letter.isprintable() and letter != " " for letter in text)):
        return Bad("REQUIRED_MISSING", f"{column.name} must not be empty") if column.required else None
    if column.type is Type.DATE:
        return _date(column, text, today, order)
    return READERS[column.type](column, text)


def fits_a_key(text: str) -> bool:
    """Whether a text of up to 300 characters is still short enough for an index once it is normalised.

    >>> fits_a_key("Acme" * 75), fits_a_key("\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 300)
    (True, False)
    """
    return text.isascii() or len(unicodedata.normalize("NFKC", text).encode()) <= LONGEST_KEY


def _text(column: Column, text: str) -> str | Bad:
    if len(text) > column.longest:
        return Bad("TOO_LONG", f"{column.name} has {len(text)} characters, at most {column.longest} are taken")
    if not fits_a_key(text):
        return Bad("TOO_LONG", f"{column.name} is too long once its letters are written out plainly")
    return text


def _money(column: Column, text: str) -> Decimal | Bad:
    return _decimal(column, CURRENCY.sub(r"\1", text), "an amount like 1234.50, 1,234.50 or $1,200", grouped=True)


def _integer(column: Column, text: str) -> int | Bad:
    expected = "a whole number like 120 or 1,200"
    number = _number(column, text, expected, grouped=True)
    if isinstance(number, Bad):
        return number
    if number != number.to_integral_value():
        return Bad("NOT_A_NUMBER", f"{column.name} must be {expected}, without a fraction")
    return int(number)


def _plain_decimal(column: Column, text: str) -> Decimal | Bad:
    return _decimal(column, text, "a number like 18.5", grouped=False)


def _share(column: Column, text: str) -> Decimal | Bad:
    percent = text.endswith("%")
    number = _finite(column, text.removesuffix("%").rstrip(), "a share like 85% or 0.85", grouped=False)
    if isinstance(number, Bad):
        return number
    share = number / 100 if percent else number
    if not 0 <= share <= 1:
        return Bad("OUT_OF_RANGE", f"{column.name} must be from 0% to 100%, or 0 to 1 (85 per cent is 85% or 0.85)")
    return _rounded(column, share)


def _onboarding(column: Column, text: str) -> Onboarding | Bad:
    word = text.casefold()
    if word in YES | NO:
        return Onboarding(word in YES)
    share = _share(column, text)
    if isinstance(share, Bad):
        if share.code == "OUT_OF_RANGE":
            return share
        return Bad("NOT_A_BOOLEAN", f"{column.name} must be yes or no, or how far onboarding is, like 60% or 0.6")
    if text.endswith("%") or 0 < share < 1:
        return Onboarding(True, share)
    return Onboarding(share == 1)  # 1.0 and 0.00 are 1 and 0, which say yes and no


def _choice(column: Column, text: str) -> str | Bad:
    found = CHOICES[column.name].get(re.sub(r"[\W_]+", "", text.casefold()))
    if found is None:
        return Bad("UNKNOWN_VALUE", f"{column.name} must be one of {', '.join(column.allowed)}")
    return found


def _date(column: Column, text: str, today: date, order: str | None) -> date | Bad:
    found = _day(column, text, order)
    if isinstance(found, Bad):
        return found
    if not EARLIEST_YEAR <= found.year <= LATEST_YEAR:
        return Bad("OUT_OF_RANGE", f"{column.name} must lie in the years {EARLIEST_YEAR} to {LATEST_YEAR}")
    if found > today and not column.future:
        return Bad("FUTURE_DATE", f"{column.name} must not be after the day of the upload, {today} in UTC")
    return found


def _day(column: Column, text: str, order: str | None) -> date | Bad:
    iso, other = dates.ISO.fullmatch(text), dates.YEAR_LAST.fullmatch(text)
    found = iso or other
    if found is None:
        return Bad("NOT_A_DATE", f"{column.name} must be a date like 2026-04-03")
    if found[5] is not None and not dates.MIDNIGHT.fullmatch(found[5]):
        return Bad("NOT_A_DATE", f"{column.name} must be a date like 2026-04-03, without a time of day")
    first, second, third = int(found[1]), int(found[3]), int(found[4])
    if iso:
        day = dates.day(first, second, third)
    elif order == dates.YEAR_MONTH_DAY:
        return Bad("NOT_A_DATE", f"{column.name} must be written year first, like 2026-04-03, as the upload says")
    else:
        day_first, month_first = dates.day(third, second, first), dates.day(third, first, second)
        if day_first != month_first and order not in (dates.DAY_MONTH_YEAR, dates.MONTH_DAY_YEAR):
            return _unsettled(column, day_first, month_first, order)
        day = month_first if order == dates.MONTH_DAY_YEAR else day_first
    if day is None:
        return Bad("NOT_A_DATE", f"{column.name} is no day of the calendar{_as_read(order) if other else ''}")
    return day


def _unsettled(column: Column, day_first: date | None, month_first: date | None, order: str | None) -> Bad:
    if order == dates.CONTRADICTED:
        return Bad(
            "NOT_A_DATE",
            f"the column {column.name} has dates that can only be day first and others that can only be month first: "
            "write them like 2026-04-03, or state the date order",
        )
    return Bad(
        "NOT_A_DATE",
        f"{column.name} could be {day_first} (day first) or {month_first} (month first): "
        f"write it as {day_first} or {month_first}, or state the date order",
    )


def _as_read(order: str | None) -> str:
    words = {dates.DAY_MONTH_YEAR: "day first", dates.MONTH_DAY_YEAR: "month first"}
    return f", read {words[order]} as the column is" if order in words else ""


def _decimal(column: Column, text: str, expected: str, *, grouped: bool) -> Decimal | Bad:
    number = _number(column, text, expected, grouped=grouped)
    return number if isinstance(number, Bad) else _rounded(column, number)


def _number(column: Column, text: str, expected: str, *, grouped: bool) -> Decimal | Bad:
    """The number, finite and inside the column's bounds."""
    number = _finite(column, text, expected, grouped=grouped)
    if isinstance(number, Decimal) and not column.least <= number <= column.most:
        return Bad("OUT_OF_RANGE", f"{column.name} must be from {column.least:,} to {column.most:,}")
    return number


def _finite(column: Column, text: str, expected: str, *, grouped: bool) -> Decimal | Bad:
    if grouped and THOUSANDS_OR_DECIMALS.fullmatch(text):
        thousands = text.replace(".", "")
        return Bad("NOT_A_NUMBER", f"{column.name} could be {thousands} or {text}0: write one of the two")
    if grouped and GROUPED.fullmatch(text):
        text = text.replace(",", "")
    found = PLAIN.fullmatch(text)
    if not found:
        hint = " (a point is for decimals, a comma for thousands)" if "," in text else ""
        empty = "" if column.required else ", or empty for no data"
        return Bad("NOT_A_NUMBER", f"{column.name} must be {expected}{hint}{empty}")
    if len(text) > 100 or abs(int((found[3] or "e0")[1:])) > LARGEST_EXPONENT:
        return Bad("OUT_OF_RANGE", f"{column.name} is far too large or too small a number")
    return Decimal(text)


def _rounded(column: Column, number: Decimal) -> Decimal:
    # adding zero turns -0 into 0
    return number.quantize(Decimal(1).scaleb(-column.places), ROUND_HALF_UP) + 0


READERS: Mapping[Type, Callable[[Column, str], Value | Bad]] = {
    Type.TEXT: _text,
    Type.MONEY: _money,
    Type.INTEGER: _integer,
    Type.DECIMAL: _plain_decimal,
    Type.SHARE: _share,
    Type.CHOICE: _choice,
    Type.ONBOARDING: _onboarding,
}
