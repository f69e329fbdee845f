"""Idempotency keys: the request that brings one first is carried out, the same one again is answered alike.

A key is its actor's: nobody learns of another's, nor is kept from using it. docs/decisions/0037 has the rules.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NoReturn

import orjson

from services.errors import Rejected

if TYPE_CHECKING:
    from sqlmodel import Session

LONGEST_KEY: Final = 200
LOCK: Final = 7274660
"First half of the advisory lock of a key."


def check(idempotency_key: str) -> None:
    """Raises Rejected: OUT_OF_RANGE."""
    if not 1 <= len(idempotency_key) <= LONGEST_KEY or "\0" in idempotency_key:
        message = f"idempotencyKey must have 1 to {LONGEST_KEY} characters, none of them NUL"
        raise Rejected("OUT_OF_RANGE", message, ["idempotencyKey"])


def hold(session: "Session", actor: str, idempotency_key: str) -> None:
    """Wait until no other transaction holds this key of the actor's, and hold it to the end. Raises Rejected."""
    check(idempotency_key)
    name = f"{actor}\n{idempotency_key}"
    session.connection().exec_driver_sql("select pg_advisory_xact_lock(%s, hashtext(%s))", (LOCK, name))


def mismatch() -> NoReturn:
    """Raises Rejected: the key was used for something else."""
    raise Rejected("IDEMPOTENCY_MISMATCH", "this key came with another input before", ["idempotencyKey"])


def plain(wanted: Mapping[str, object]) -> dict[str, Any]:
    """An input as a row holds it: what JSON has no word for is a text."""
    found: dict[str, Any] = orjson.loads(orjson.dumps(wanted, default=str, option=orjson.OPT_SORT_KEYS))
    return found


def answer(
    session: "Session", actor: str, idempotency_key: str | None, wanted: Mapping[str, object]
) -> dict[str, Any] | None:
    """What `keep` kept under this key; None without one. Holds the key. Raises Rejected for another input."""
    if idempotency_key is None:
        return None
    hold(session, actor, idempotency_key)
    row = session.connection().exec_driver_sql(_FIND, {"key": idempotency_key, "actor": actor}).one_or_none()
    if row is None:
        return None
    if row[0] != plain(wanted):
        mismatch()
    kept: dict[str, Any] = row[1]
    return kept


def keep(
    session: "Session",
    actor: str,
    idempotency_key: str | None,
    wanted: Mapping[str, object],
    answered: Mapping[str, object],
    *,
    now: datetime,
) -> None:
    """Keep the answer for the next request with this key, in the transaction that did what it tells of."""
    from services.db.tables import KeptAnswer

    if idempotency_key is not None:
        session.add(KeptAnswer(
            idempotency_key=idempotency_key, actor=actor, at=now, input=plain(wanted), answer=plain(answered),
        ))  # fmt: skip


_FIND: Final = "select input, answer from kept_answers where idempotency_key = %(key)s and actor = %(actor)s"
