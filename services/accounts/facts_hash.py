"""When an insight is still fresh: a hash of what was known, as SQL, stored with the insight and worked out again later.

An account's holds what was told and what it means (bucket, signals, gaps), and nothing that the calendar alone moves:
not days to a renewal, not a sum over the last 30 days. Else every insight would be stale the next morning. Nor what
others move: the medians of its peers (docs/decisions/0016).
"""

from services.accounts.source import joins
from services.db.statement import Statement

_OBSERVED = "(to_jsonb(o.*) - '{account_id,observed_on,told_on,nps_on}'::text[])"
_USED = """(select jsonb_agg(jsonb_build_array(d.day, d.logins, d.avg_session_min) order by d.day)
  from daily_metrics d where d.account_id = a.id
    and d.day > (select max(n.day) - 60 from daily_metrics n where n.account_id = a.id))"""
_WORTH = """(select jsonb_agg(jsonb_build_array(w.effective_on, w.arr) order by w.effective_on)
  from arr_history w where w.account_id = a.id)"""
_SIGNALS = """(select jsonb_agg(jsonb_build_array(s ->> 'code', s ->> 'severity') order by s ->> 'code')
  from jsonb_array_elements(h.signals) s)"""
_GAPS = "(select jsonb_agg(g ->> 'measure' order by g ->> 'measure') from jsonb_array_elements(h.missing) g)"

ACCOUNT = f"""md5(jsonb_build_array(a.arr, a.segment, a.status, a.renewal_date, h.bucket, h.source, {_OBSERVED},
  {_WORTH}, {_USED}, {_SIGNALS}, {_GAPS})::text)"""
"The hash of the account `a`, with its newest observation `o` and snapshot `h`."


def of_account(where: str, statement: Statement) -> str:
    """A query for the hash, as it is today, of the account that meets `where`."""
    today = statement.of_today()
    return f"select {ACCOUNT} from accounts a {joins(today, ACCOUNT)} where {where}"


def of_portfolio(statement: Statement) -> str:
    """An expression for the hash of all accounts as they are today; worked out once in a statement.

    Scores are in it, so a night may make a portfolio's insight stale: its figures are then not today's.
    """
    today = statement.of_today()
    each = f"jsonb_build_array(a.id, a.arr, a.segment, a.status, a.renewal_date, h.score, h.bucket, {_SIGNALS})"
    query = f"""select md5(string_agg(md5({each}::text), '' order by a.id)) as hash
      from accounts a {joins(today, "h.")}"""
    return f"(select hash from {statement.common('portfolio_today', query)})"
