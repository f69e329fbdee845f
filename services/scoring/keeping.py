"""What scoring ends with: snapshots as the texts they are stored as, and the statements that keep and tell them."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import orjson

from services.health import Factor, Health, Missing
from services.playbooks import Recommendation
from services.scoring.facts import Before
from services.signals import Signal
from services.vocabulary import UpdateKind


@dataclass(frozen=True, slots=True)
class Run:
    """What all that one run of the scoring writes has in common."""

    day: date
    now: datetime
    actor: str
    upload_id: UUID | None


Snapshot = tuple[int, Decimal | None, str, str, Decimal, int, str, str, str, str]
"By the columns of _COLUMNS."


@dataclass(slots=True)
class Results:
    """What came of a batch, to be written at once."""

    new: list[Snapshot] = field(default_factory=list)
    again: list[Snapshot] = field(default_factory=list)
    "Of accounts that have a snapshot of the day."
    newest: list[Snapshot] = field(default_factory=list)
    "Those of both that no later one follows."
    news: list[dict[str, object]] = field(default_factory=list)
    changes: list[dict[str, object]] = field(default_factory=list)
    changed_buckets: int = 0

    @property
    def accounts(self) -> int:
        return len(self.new) + len(self.again)

    def add(self, before: Before, found: Sequence[Signal], recommended: Sequence[Recommendation]) -> None:
        """An account's result."""
        health = before.situation.health
        snapshot = _snapshot(before.account_id, health, found, recommended)
        (self.again if before.is_again else self.new).append(snapshot)
        moved = before.bucket is not None and before.bucket != health.bucket
        self.changed_buckets += moved
        if before.is_newest:
            self.newest.append(snapshot)
            self.news += _news(before, found, moved=moved)
            if moved:
                self.changes.append(_change(before, health))


def write(cursor: Any, run: Run, results: Results) -> None:
    """Keep the snapshots, point the accounts to them, tell of them and note what changed."""
    values = {"day": run.day, "now": run.now, "actor": run.actor, "upload": run.upload_id and str(run.upload_id)}
    if results.new:
        lines = _lines(run, results.new)
        cursor.copy_expert(_COPY, io.BytesIO(lines), size=len(lines))  # at once: in parts it would wait for each
    if results.again:
        columns = dict(zip(_COLUMNS, map(list, zip(*results.again, strict=True)), strict=True))
        cursor.execute(_REPLACE, values | columns)
    if results.newest:
        ids, scores, buckets, *_ = map(list, zip(*results.newest, strict=True))
        cursor.execute(_POINT, values | {"ids": ids, "scores": scores, "buckets": buckets})
    if results.news:
        cursor.execute(_TELL, values | {"events": _json(results.news)})
    if results.changes:
        cursor.execute(_NOTE, values | {"changes": _json(results.changes)})


def _snapshot(
    account_id: int, health: Health, found: Sequence[Signal], recommended: Sequence[Recommendation]
) -> Snapshot:
    return (
        account_id,
        health.score,
        health.bucket.value,
        health.source.value,
        health.coverage,
        health.scorecard_version,
        f"[{','.join(map(_factor, health.factors))}]",
        _missing(health.missing),
        _json(found),
        _json(recommended),
    )


def _factor(factor: Factor) -> str:
    """As orjson would write it, in a third of its time: none of the texts has anything to escape."""
    return _FACTOR % (
        factor.measure, factor.raw_value, factor.sub_score, factor.weight, factor.effective_weight,
        factor.contribution, factor.points_lost, factor.direction, factor.observed_on,
    )  # fmt: skip


_FACTOR: Final = "{" + ",".join(f'"{name}":"%s"' for name in Factor.__match_args__) + "}"


@lru_cache(maxsize=1024)  # few sets of measures have no data
def _missing(missing: tuple[Missing, ...]) -> str:
    return _json(missing)


def _lines(run: Run, snapshots: Sequence[Snapshot]) -> bytes:
    """In the text format of COPY. A tab is none of JSON's own characters, so that what lies between two is a column."""
    line = _LINE + f"{run.day}\t{run.now.isoformat()}\n"
    text = "".join([line % snapshot for snapshot in snapshots])
    return text.replace("\\", "\\\\").replace("\tNone\t", "\t\\N\t").encode()


def _news(before: Before, found: Sequence[Signal], *, moved: bool) -> list[dict[str, object]]:
    codes = {signal.code for signal in found}
    since = before.since.keys()
    if not moved and codes == since:
        return []
    kinds = [UpdateKind.BUCKET_CHANGED] * moved
    kinds += [UpdateKind.SIGNAL_RAISED] * bool(codes - since)
    kinds += [UpdateKind.SIGNAL_CLEARED] * bool(since - codes)
    return [{"kind": kind, "subject": f"acc_{before.account_id}"} for kind in kinds]


def _change(before: Before, health: Health) -> dict[str, object]:
    fields = [
        {"field": "bucket", "before": before.bucket, "after": health.bucket},
        {"field": "score", "before": before.score, "after": health.score},
    ]
    return {"account_id": before.account_id, "fields": fields}


def _json(value: object) -> str:
    """Records as objects, Decimal as the string it prints as."""
    return orjson.dumps(value, default=_decimal).decode()


def _decimal(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in a snapshot")


_COLUMNS: Final = (
    "account_id", "score", "bucket", "source", "coverage", "scorecard_version", "factors", "missing", "signals",
    "recommendations",
)  # fmt: skip
_LINE: Final = "%s\t" * len(_COLUMNS)

# No "on conflict": who holds the lock on an account is alone in writing its snapshots, and knows which there are.
_COPY: Final = f"copy health_snapshots ({', '.join(_COLUMNS)}, day, computed_at) from stdin"

_REPLACE: Final = """
update health_snapshots h set score = s.score, bucket = s.bucket, source = s.source, coverage = s.coverage,
  scorecard_version = s.scorecard_version, factors = s.factors, missing = s.missing, signals = s.signals,
  recommendations = s.recommendations, computed_at = %(now)s
from unnest(%(account_id)s::bigint[], %(score)s::numeric[], %(bucket)s::text[], %(source)s::text[],
  %(coverage)s::numeric[], %(scorecard_version)s::integer[], %(factors)s::jsonb[], %(missing)s::jsonb[],
  %(signals)s::jsonb[], %(recommendations)s::jsonb[])
  as s(account_id, score, bucket, source, coverage, scorecard_version, factors, missing, signals, recommendations)
where h.account_id = s.account_id and h.day = %(day)s
  and (h.score, h.bucket, h.source, h.coverage, h.scorecard_version, h.factors, h.missing, h.signals, h.recommendations)
    is distinct from (s.score, s.bucket, s.source, s.coverage, s.scorecard_version, s.factors, s.missing, s.signals,
      s.recommendations)
"""

_POINT: Final = """
update accounts a set scored_on = %(day)s, score = s.score, bucket = s.bucket
from unnest(%(ids)s::bigint[], %(scores)s::numeric[], %(buckets)s::text[]) as s(account_id, score, bucket)
where a.id = s.account_id and (a.scored_on, a.score, a.bucket) is distinct from (%(day)s::date, s.score, s.bucket)
"""

_TELL: Final = """
insert into events (at, kind, subject)
select %(now)s, e.kind, e.subject from json_to_recordset(%(events)s) as e(kind text, subject text)
"""

_NOTE: Final = """
insert into changes (account_id, at, actor, source, fields, upload_id)
select c.account_id, %(now)s, %(actor)s, 'SCORING', c.fields, %(upload)s
from json_to_recordset(%(changes)s) as c(account_id bigint, fields jsonb)
"""
