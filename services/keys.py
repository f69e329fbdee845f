"""API keys: made, found by their text, listed, revoked. Only a key's hash is kept: nobody can show it a second time.

SHA-256 is right for what has 256 random bits: no guess is worth the try, however fast. Slow hashes are for passwords.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from services import ids, key_texts, repeats
from services.access import Identity
from services.asks import Ask
from services.db import pages
from services.db.connection import Database
from services.db.pages import Key, Rows
from services.db.statement import Fields, Statement, document, moment
from services.errors import Rejected
from services.vocabulary import Role

if TYPE_CHECKING:
    from sqlmodel import Session

LONGEST_NAME: Final = 100


@dataclass(frozen=True, slots=True)
class Found:
    """Whose key it is, and when it ends; None: never."""

    identity: Identity
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A key as people know it."""

    prefix: str
    name: str
    role: str
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None

    def state(self, now: datetime) -> str:
        """`valid`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        return "valid" if self.expires_at is None or now < self.expires_at else "expired"


@dataclass(frozen=True, slots=True)
class Made:
    """A new key. `text` is None where the same request had made it before: nobody has it any more."""

    prefix: str
    text: str | None


def find(database: Database, text: str, now: datetime) -> Found | None:
    """Whose key it is; None for one that is unknown, expired or revoked. Its use is noted once an hour.

    One statement, whatever is wrong with the key. Raises Unavailable.
    """
    prefix, digest = key_texts.prefix(text), key_texts.digest(text)
    if prefix is None:
        return None
    rows = database.rows(_FIND, {"prefix": prefix, "hash": digest, "now": now})
    kept, name, role, expires_at, is_valid = rows[0] if rows else ("", "", "", None, False)
    if not (hmac.compare_digest(kept, digest) and is_valid):
        return None
    return Found(Identity(f"key:{prefix}/{name}", name, Role(role)), expires_at)


def create(
    session: "Session",
    *,
    name: str,
    role: Role,
    expires_at: datetime | None,
    idempotency_key: str | None,
    actor: str,
    now: datetime,
) -> Made:
    """Make a key. Raises Rejected, with the path of the input field.

    The same idempotency key with the same input answers with the same API key, whose text nobody has any more.
    """
    from secrets import token_bytes

    from services.db.tables import ApiKey

    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        message = f"a key's name has from 1 to {LONGEST_NAME} printable characters"
        raise Rejected("INVALID_VALUE", message, ["name"])
    earlier = _earlier(session, actor, idempotency_key)
    if earlier is not None:
        if (earlier.name, earlier.role, earlier.expires_at) != (name, role, expires_at):
            repeats.mismatch()
        return Made(earlier.prefix, None)
    if expires_at is not None and expires_at <= now:
        raise Rejected("OUT_OF_RANGE", "expiresAt must be a moment to come", ["expiresAt"])
    text = key_texts.make(token_bytes)
    prefix = key_texts.prefix(text)
    assert prefix is not None
    session.add(ApiKey(
        prefix=prefix, hash=key_texts.digest(text), name=name, role=role.value, idempotency_key=idempotency_key,
        created_by=actor, created_at=now, expires_at=expires_at,
    ))  # fmt: skip
    return Made(prefix, text)


def revoke(session: "Session", prefix: str, *, actor: str, now: datetime) -> None:
    """Let nobody in by this key any more. Safe to repeat: the first time counts. Raises Rejected: NOT_FOUND."""
    values = {"prefix": prefix, "actor": actor, "now": now}
    if session.connection().exec_driver_sql(_REVOKE, values).rowcount != 1:
        raise Rejected("NOT_FOUND", f"no API key has the id {ids.KEY}_{prefix}", ["id"])


def listed(database: Database) -> list[Listed]:
    """Every key, the newest first."""
    return [Listed(*row) for row in database.rows(_LISTED)]


def get(database: Database, prefix: str, asks: Sequence[Ask], statement: Statement) -> dict[str, Any] | None:
    """The asked-for document of one key; None where there is none."""
    one = f"(select {document(asks, _FIELDS, statement)} from api_keys k where k.prefix = {statement.bind(prefix)})"
    found: dict[str, Any] | None = database.read(statement.text(one), statement.values)
    return found


def page(database: Database, ask: Ask, statement: Statement) -> Any:
    """The asked-for page of keys, the newest first. Raises Rejected."""
    keys = (Key("k.created_at", "timestamptz", descending=True), Key("k.prefix", "text", descending=True))
    answer = pages.connection(ask, Rows("api_keys k", "true", "k", keys), _FIELDS, statement)
    return database.document(statement.document(answer), statement.values)


def _earlier(session: "Session", actor: str, idempotency_key: str | None) -> Any:
    """The key that a request with this idempotency key made; a second one waits here until the first has ended."""
    from sqlmodel import select

    from services.db.tables import ApiKey

    if idempotency_key is None:
        return None
    repeats.hold(session, actor, idempotency_key)
    named = select(ApiKey).where(ApiKey.idempotency_key == idempotency_key, ApiKey.created_by == actor)
    return session.exec(named).one_or_none()


_FIELDS: Final[Fields] = {
    "id": "'key_' || k.prefix",
    "prefix": "'aisi_' || k.prefix",
    "name": "k.name",
    "role": "k.role",
    "created_by": "k.created_by",
    "created_at": moment("k.created_at"),
    "expires_at": moment("k.expires_at"),
    "last_used_at": moment("k.last_used_at"),
    "revoked_by": "k.revoked_by",
    "revoked_at": moment("k.revoked_at"),
}
_FIND: Final = """
with used as (
  update api_keys set last_used_at = date_trunc('hour', %(now)s::timestamptz, 'UTC')
  where prefix = %(prefix)s and hash = %(hash)s and revoked_at is null
    and (expires_at is null or expires_at > %(now)s::timestamptz)
    and (last_used_at is null or last_used_at < date_trunc('hour', %(now)s::timestamptz, 'UTC'))
)
select hash, name, role, expires_at, revoked_at is null and (expires_at is null or expires_at > %(now)s::timestamptz)
from api_keys where prefix = %(prefix)s
"""
_LISTED: Final = """
select prefix, name, role, expires_at, last_used_at, revoked_at from api_keys order by created_at desc, prefix desc
"""
_REVOKE: Final = """
update api_keys set revoked_at = coalesce(revoked_at, %(now)s), revoked_by = coalesce(revoked_by, %(actor)s)
where prefix = %(prefix)s
"""
