"""One account changed by hand: the change itself, its history, its trace, and its health afterwards."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from services import csv_rows, ids, scoring
from services.errors import Rejected
from services.vocabulary import AccountStatus, ChangeSource, Segment, UpdateKind

if TYPE_CHECKING:
    from sqlmodel import Session

    from services.db.tables import Account, AccountObservation

AccountChange = Mapping[str, Any]
"Column names to new values; a column that is not in it stays as it is, None clears it."

_REQUIRED: Final = {"name", "segment", "arr", "status"}
_OBSERVED: Final = {"seats_purchased", "active_users", "nps"}
_PATHS: Final = {
    "cs_owner": "owner",
    "renewal_date": "renewalDate",
    "seats_purchased": "seatsPurchased",
    "active_users": "activeUsers",
}
_TEXTS: Final = {
    column.name: column
    for column in csv_rows.COLUMNS["ACCOUNTS"]
    if column.name in ("name", "industry", "region", "cs_owner")
}
_FIRST_DAY, _LAST_DAY = date(1970, 1, 1), date(2100, 12, 31)
_RANGES: Final = {
    "arr": (Decimal(0), Decimal("999999999999.99")),
    "seats_purchased": (0, 2**31 - 1),
    "active_users": (0, 2**31 - 1),
    "nps": (-100, 100),
}


def update(
    session: "Session",
    account_id: str,
    change: AccountChange,
    *,
    expected_version: int | None,
    actor: str,
    now: datetime,
) -> None:
    """Carry out the change, unless nothing would differ; then the version stays as it is.

    Measured figures are an observation of today. A new ARR goes into the ARR history, the account is scored anew.
    Raises Rejected: NOT_FOUND, STALE_VERSION, CONFLICT for a name or key that another account has, or a bad value.
    """
    from sqlalchemy.exc import IntegrityError
    from sqlmodel import select

    from services.db.tables import Account

    values = {column: _checked(column, value) for column, value in change.items()}
    key = ids.number(account_id, ids.ACCOUNT)
    account = session.exec(select(Account).where(Account.id == key).with_for_update()).one_or_none()
    if account is None:
        raise Rejected("NOT_FOUND", f"there is no account {account_id}", ["id"])
    if expected_version is not None and expected_version != account.version:
        message = f"the account is at version {account.version}, not {expected_version}: read it again"
        raise Rejected("STALE_VERSION", message, ["expectedVersion"])
    observation = _observation_of(session, account, now)
    fields = _apply(account, observation, values, now)
    if not fields:
        return
    _refuse_twins(session, account)
    _record(session, account, observation, fields, actor=actor, now=now)
    try:
        session.flush()
    except IntegrityError as error:
        raise Rejected("CONFLICT", "another account took this name at the same moment", ["name"]) from error
    scoring.score(session, now.date(), now=now, actor=actor, account_ids=[key])


def _checked(column: str, value: Any) -> Any:
    path = [_PATHS.get(column, column)]
    if value is None:
        if column in _REQUIRED:
            raise Rejected("REQUIRED", f"{path[0]} cannot be cleared", path)
        return None
    if isinstance(value, str) and column in _TEXTS:
        return _text_as_imported(column, value, path)
    if column == "renewal_date" and not _FIRST_DAY <= value <= _LAST_DAY:
        raise Rejected("OUT_OF_RANGE", f"{path[0]} must be from {_FIRST_DAY} to {_LAST_DAY}, not {value}", path)
    if column in _RANGES:
        least, most = _RANGES[column]
        if not (Decimal(value).is_finite() and least <= value <= most):
            raise Rejected("OUT_OF_RANGE", f"{path[0]} must be from {least} to {most}, not {value}", path)
    if isinstance(value, Decimal):
        if value != value.quantize(Decimal("0.01")):
            raise Rejected("INVALID_VALUE", f"{path[0]} has at most two decimals, not {value}", path)
        return value.quantize(Decimal("0.01"))
    return value.value if isinstance(value, (Segment, AccountStatus)) else value


def _text_as_imported(column: str, value: str, path: list[str]) -> str:
    """A text by the rule that a file's cells are read by, so that both ways in lead to the same account."""
    read = csv_rows.parse(_TEXTS[column], value, today=date.max)
    if read is None:
        clear = "" if column in _REQUIRED else "; send null to clear it"
        raise Rejected("REQUIRED", f"{path[0]} cannot be empty{clear}", path)
    if isinstance(read, csv_rows.Bad):
        code = {"TOO_LONG": "OUT_OF_RANGE", "REQUIRED_MISSING": "REQUIRED"}.get(read.code, "INVALID_VALUE")
        raise Rejected(code, read.message, path)
    return str(read)


def _observation_of(session: "Session", account: "Account", now: datetime) -> "AccountObservation":
    """Today's observation: the newest one there is, carried forward."""
    from services.db.tables import AccountObservation

    newest = session.get(AccountObservation, (account.id, account.observed_on))
    if newest is not None and newest.observed_on == now.date():
        return newest
    known: dict[str, Any] = {}
    if newest is not None:
        known = newest.model_dump(exclude={"account_id", "observed_on", "nps_on", "told_on"})
        told_on = {name: newest.observed_on.isoformat() for name, value in known.items() if value is not None}
        known |= {"nps_on": newest.nps_on, "told_on": told_on | newest.told_on}
    return AccountObservation(account_id=account.id, observed_on=now.date(), **known)


def _apply(
    account: "Account", observation: "AccountObservation", values: Mapping[str, Any], now: datetime
) -> list[dict[str, str | None]]:
    """Set what differs, and say what it was."""
    fields = []
    for column, value in values.items():
        target = observation if column in _OBSERVED else account
        before = getattr(target, column)
        if before != value:
            setattr(target, column, value)
            fields.append({"field": column, "before": _text(before), "after": _text(value)})
            if column in _OBSERVED:
                observation.told_on = {name: day for name, day in observation.told_on.items() if name != column}
            if column == "nps":
                observation.nps_on = None if value is None else now.date()
            if column == "status":
                account.churned_on = now.date() if value == AccountStatus.CHURNED else None
                if observation.onboarding is not None:
                    # What a file said of the onboarding phase was about the status before.
                    fields.append({"field": "onboarding_phase", "before": _text(observation.onboarding), "after": None})
                    observation.onboarding = observation.onboarding_progress = None
    return fields


def _refuse_twins(session: "Session", account: "Account") -> None:
    """Without an external id the name alone tells accounts apart, by the database's own rule."""
    if account.external_id is not None:
        return
    query = "select 1 from accounts where id <> %(id)s and external_id is null and name_key = account_key(%(name)s)"
    with session.no_autoflush:
        twin = session.connection().exec_driver_sql(query, {"id": account.id, "name": account.name}).first()
    if twin is not None:
        raise Rejected("CONFLICT", f"another account is called {account.name!r}", ["name"])


def _record(
    session: "Session",
    account: "Account",
    observation: "AccountObservation",
    fields: list[dict[str, str | None]],
    *,
    actor: str,
    now: datetime,
) -> None:
    from services.db.tables import ArrEntry, Change, Event

    changed = {field["field"] for field in fields}
    if changed & {*_OBSERVED, "onboarding_phase"}:
        session.add(observation)
        account.observed_on = observation.observed_on
    if "arr" in changed:
        session.merge(ArrEntry(account_id=account.id, effective_on=now.date(), arr=account.arr))
    if account.origin == ChangeSource.MOCK:  # made-up accounts may be removed and made anew, a person's work may not
        account.origin = ChangeSource.API.value
    account.version += 1
    account.updated_at = now
    session.add(Change(account_id=account.id, at=now, actor=actor, source=ChangeSource.API, fields=fields))
    session.add(Event(at=now, kind=UpdateKind.ACCOUNT_CHANGED, subject=f"acc_{account.id}"))


def _text(value: object) -> str | None:
    return None if value is None else str(value)
