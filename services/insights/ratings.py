"""What people think of insights, and the rated ones as a set to judge an engine by."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from services.db.connection import Database
from services.errors import Rejected

if TYPE_CHECKING:
    from sqlmodel import Session

LONGEST_COMMENT: Final = 2000


def rate(session: "Session", insight_id: UUID, rating: str, comment: str | None, *, actor: str, now: datetime) -> None:
    """Keep the rating in the place of an earlier one. Raises Rejected: NOT_FOUND, OUT_OF_RANGE, INVALID_VALUE."""
    if comment is not None and len(comment) > LONGEST_COMMENT:
        message = f"a comment has at most {LONGEST_COMMENT:,} characters, not {len(comment):,}"
        raise Rejected("OUT_OF_RANGE", message, ["comment"])
    if comment is not None and "\0" in comment:
        raise Rejected("INVALID_VALUE", "a comment cannot hold a NUL character", ["comment"])
    values = {"id": str(insight_id), "rating": rating, "comment": comment or None, "actor": actor, "now": now}
    if session.connection().exec_driver_sql(_RATE, values).rowcount != 1:
        raise Rejected("NOT_FOUND", "no insight has that id", ["insightId"])


def rated(database: Database, *, batch: int = 200) -> Iterator[dict[str, Any]]:
    """Every rated insight, the oldest rating first: what the engine was given, what it wrote, what was thought of it.

    The facts hold no names; the texts do, as they were saved.
    """
    last: tuple[str, str] = ("-infinity", "00000000-0000-0000-0000-000000000000")
    while rows := database.rows(_RATED, {"at": last[0], "id": last[1], "batch": batch}):
        for document, at, key in rows:
            yield document
            last = at, key


_RATE: Final = """
update insights set rating = %(rating)s, rating_comment = %(comment)s, rated_by = %(actor)s, rated_at = %(now)s
where id = %(id)s
"""
_RATED: Final = """
select json_build_object('id', 'ins_' || replace(id::text, '-', ''), 'scope', scope, 'engine', engine, 'model', model,
    'prompt_version', prompt_version,
    'data_as_of', data_as_of, 'rating', rating, 'comment', rating_comment, 'facts', facts,
    'headline', headline, 'summary', summary, 'findings', findings, 'actions', actions),
  rated_at::text, id::text
from insights where rating is not null and (rated_at, id) > (%(at)s::timestamptz, %(id)s::uuid)
order by rated_at, id limit %(batch)s
"""
