"""`python -m local keys`: API keys made, listed and revoked in the database itself, for who has no key yet.

Works against any DATABASE_URL: the first key of a new deployment is made so.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from local.options import Options
from local.reaching import address
from services import keys, wiring
from services.access import LOCAL
from services.db.connection import Database
from services.errors import Rejected
from services.vocabulary import Role


def create(chosen: Options, name: str, role: str, days: int | None) -> int:
    """Make a key and print it, alone on stdout. Raises Rejected or Unavailable."""
    now = wiring.clock()
    if days is not None and not 1 <= days <= 3650:
        raise Rejected("OUT_OF_RANGE", f"a key lasts from 1 to 3650 days, not {days}")
    ends = None if days is None else now + timedelta(days=days)
    with address(chosen) as url, _opened(url) as database, database.writing() as session:
        made = keys.create(
            session, name=name, role=Role(role), expires_at=ends, idempotency_key=None, actor=LOCAL.actor, now=now
        )
    print(f"a key for {role}, {_ends(ends)}; keep it: it is shown this once", file=sys.stderr)
    print(made.text)
    return 0


def list_(chosen: Options) -> int:
    """Print every key, the newest first, without its secret."""
    with address(chosen) as url, _opened(url) as database:
        listed = keys.listed(database)
    now = wiring.clock()
    for one in listed:
        used = "not used yet" if one.last_used_at is None else f"last used {_hour(one.last_used_at)}"
        print(f"aisi_{one.prefix}  {one.role:8} {one.state(now):8} {_ends(one.expires_at):24} {used:28} {one.name}")
    print(f"{len(listed)} key{'' if len(listed) == 1 else 's'}", file=sys.stderr)
    return 0


def revoke(chosen: Options, prefix: str) -> int:
    """Revoke the key that begins so. Safe to repeat. Raises Rejected where there is none."""
    wanted = prefix.removeprefix("aisi_")[:8]
    with address(chosen) as url, _opened(url) as database, database.writing() as session:
        keys.revoke(session, wanted, actor=LOCAL.actor, now=wiring.clock())
    print(f"aisi_{wanted} is revoked: within half a minute nobody is let in by it")
    return 0


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    """A database for as long as the block lasts. Raises Unavailable where it has not been migrated."""
    database = Database(url)
    try:
        database.revision()
        yield database
    finally:
        database.close()


def _ends(moment: datetime | None) -> str:
    return "never expires" if moment is None else f"until {_hour(moment)}"


def _hour(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:00 UTC")
