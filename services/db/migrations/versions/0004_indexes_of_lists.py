"""What lists of accounts are filtered and ordered by; docs/query-plans.md shows each index at work."""

from alembic import op

revision = "0004"
down_revision = "0003"

DDL = """
-- Half a page stays free, so that a night that finds the score unchanged moves scored_on within the page.
alter table accounts set (fillfactor = 50);
create index accounts_bucket on accounts (bucket, arr) where status <> 'CHURNED';
create index accounts_score on accounts (score);
create index accounts_cs_owner on accounts (cs_owner);
-- The renewal as it is asked for and ordered by: a churned account has none.
create index accounts_renewal on accounts ((case when status <> 'CHURNED' then renewal_date end));
drop index accounts_renewal_date;
"""


def upgrade() -> None:
    op.execute(DDL)


def downgrade() -> None:
    op.execute("""
      create index accounts_renewal_date on accounts (renewal_date, id);
      drop index accounts_bucket, accounts_score, accounts_cs_owner, accounts_renewal;
      alter table accounts reset (fillfactor);
    """)
