"""The scalars of the contract. SQL writes their values as text already; Python's own values pass as well."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition, scalar


def _written(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)


def _date(value: object) -> date:
    try:
        if isinstance(value, str) and len(value) == len("2026-01-31"):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise GraphQLError(f"{_shown(value)} is not a date such as 2026-01-31")


def _datetime(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is not None and moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):  # in UTC the year 9999 may be over
        pass
    raise GraphQLError(f"{_shown(value)} is not a date and time with a zone such as 2026-01-31T09:30:00Z")


def _decimal(value: object) -> Decimal:
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        try:
            text = str(value)
        except ValueError:  # an integer with more digits than Python prints
            text = ""
        if _NUMBER.fullmatch(text):
            return Decimal(text)
    raise GraphQLError(f'{_shown(value)} is not a decimal number such as "1200.50"')


_NUMBER = re.compile(r"[+-]?(?=.{1,40}$)([0-9]{1,20}([.][0-9]{0,20})?|[.][0-9]{1,20})([eE][+-]?[0-9])?")
"Far more digits than any amount here has, and few enough for every column that is compared with it."


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:
        text = "a number of that length"
    return text if len(text) <= 60 else text[:57] + "..."


def _scalar(name: str, description: str, parse: object) -> ScalarDefinition:
    return scalar(name=name, description=description, serialize=_written, parse_value=parse)  # type: ignore[call-overload, no-any-return]


SCALARS: dict[object, ScalarDefinition] = {
    date: _scalar("Date", "A day, ISO 8601: 2026-01-31.", _date),
    datetime: _scalar("DateTime", "A point in time in UTC, ISO 8601: 2026-01-31T09:30:00Z.", _datetime),
    Decimal: _scalar("Decimal", "Exact decimal, serialised as a JSON string.", _decimal),
}
