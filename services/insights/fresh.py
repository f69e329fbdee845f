"""Whether an insight that was made before still says what a new one would. Not what stale means to a reader, which is
told by the same hash: services.accounts.facts_hash.
"""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import orjson

from services.accounts import facts_hash
from services.db.statement import Statement
from services.vocabulary import InsightEngine

if TYPE_CHECKING:
    from sqlmodel import Session


def insight(
    session: "Session", wanted: Mapping[str, Any], account_id: int | None, engine: InsightEngine, *, today: date
) -> UUID | None:
    """The newest insight about the same, if this engine, asked as now, wrote it and no fact has changed; else None."""
    statement = Statement(today=today)
    if account_id is None:
        about = {name: wanted[name] for name in ("filter", "as_of")}
        same = f"i.account_id is null and i.input = {statement.bind(orjson.dumps(about).decode())}::jsonb"
        known = facts_hash.of_portfolio(statement)
    else:
        account = statement.bind(account_id)
        same = f"i.account_id = {account}"
        known = f"({facts_hash.of_account(f'a.id = {account}', statement)})"
    from services import prompts  # with the evidence, that no query needs

    version = statement.bind(prompts.VERSION if engine is InsightEngine.OPENAI else None)
    newest = _NEWEST.format(same=same, known=known, engine=statement.bind(engine.value), version=version)
    found = session.connection().exec_driver_sql(statement.text(f"({newest})"), statement.values).scalar_one_or_none()
    return None if found is None else UUID(str(found))


_NEWEST: Final = """select i.id from (
  select * from insights i where {same} order by i.created_at desc, i.id desc limit 1
) i where i.engine = {engine} and i.facts_hash = {known} and i.prompt_version is not distinct from {version}"""
