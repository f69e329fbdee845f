"""What the portfolio of today amounts to, as a ledger that every write of accounts appends to: docs/decisions/0018."""

from alembic import op

revision = "0005"
down_revision = "0004"

# What accounts, each counted `sign` times, add to every cell that they touch; all facets in one pass.
CELLS = """
select * from (
  select case when grouping(segment) = 0 then 'HEALTH' when grouping(score) = 0 then 'SCORE'
      when grouping(region) = 0 then 'REGION' when grouping(cs_owner) = 0 then 'OWNER' else 'RENEWAL' end as facet,
    segment, bucket, score, region, cs_owner, renewal_date,
    sum(sign)::integer as accounts,
    case when grouping(score) = 1 then sum(sign * arr) else 0 end as arr,
    case when grouping(score, renewal_date) = 3 then coalesce(sum(sign * scored), 0) else 0 end as scored,
    case when grouping(score, renewal_date) = 3 then coalesce(sum(sign * score), 0) else 0 end as points,
    case when grouping(segment) = 0 then coalesce(sum(sign * arr * score), 0) else 0 end as weighted
  from (select *, (score is not null)::integer as scored from ({accounts}) every where status <> 'CHURNED') touched
  group by grouping sets ((segment, bucket), (score), (region), (cs_owner), (renewal_date, bucket))
) cells
where accounts <> 0 or arr <> 0 or scored <> 0 or points <> 0 or weighted <> 0
"""
COLUMNS = "facet, segment, bucket, score, region, cs_owner, renewal_date, accounts, arr, scored, points, weighted"
SEEN = "status, segment, bucket, score, region, cs_owner, renewal_date, arr"


def _append(accounts: str) -> str:
    return f"insert into portfolio_ledger ({COLUMNS}) {CELLS.format(accounts=accounts)}"


def _seen(alias: str) -> str:
    return ", ".join(f"{alias}.{column.strip()}" for column in SEEN.split(","))


# Only accounts that differ in what a cell sees are counted, so that an update of anything else costs one join.
CHANGED = f"""
  select side.* from gone full join came on came.id = gone.id
  cross join lateral (values (-1, {_seen("gone")}), (1, {_seen("came")})) side (sign, {SEEN})
  where ({_seen("gone")}) is distinct from ({_seen("came")})
"""

DDL = f"""
create table portfolio_ledger (
  facet text not null check (facet in ('HEALTH', 'SCORE', 'REGION', 'OWNER', 'RENEWAL')),
  id bigint not null generated always as identity,
  segment text,
  bucket text,
  score numeric(4,1),
  region text,
  cs_owner text,
  renewal_date date,
  accounts integer not null,
  arr numeric not null,
  scored integer not null,
  points numeric not null,
  weighted numeric not null,
  primary key (facet, id)
);

create function portfolio_ledger_append() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    {_append(f"select 1 as sign, {SEEN} from came")};
  elsif tg_op = 'DELETE' then
    {_append(f"select -1 as sign, {SEEN} from gone")};
  elsif tg_op = 'UPDATE' then
    {_append(CHANGED)};
  else
    truncate portfolio_ledger;
  end if;
  return null;
end $$;

create trigger portfolio_ledger_inserted after insert on accounts
  referencing new table as came for each statement execute function portfolio_ledger_append();
create trigger portfolio_ledger_deleted after delete on accounts
  referencing old table as gone for each statement execute function portfolio_ledger_append();
create trigger portfolio_ledger_updated after update on accounts
  referencing old table as gone new table as came for each statement execute function portfolio_ledger_append();
create trigger portfolio_ledger_truncated after truncate on accounts
  for each statement execute function portfolio_ledger_append();

{_append(f"select 1 as sign, {SEEN} from accounts")};
"""


def upgrade() -> None:
    op.execute(DDL)


def downgrade() -> None:
    op.execute("""
      drop trigger portfolio_ledger_inserted on accounts;
      drop trigger portfolio_ledger_deleted on accounts;
      drop trigger portfolio_ledger_updated on accounts;
      drop trigger portfolio_ledger_truncated on accounts;
      drop function portfolio_ledger_append();
      drop table portfolio_ledger;
    """)
