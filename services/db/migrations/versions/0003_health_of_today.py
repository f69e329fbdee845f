"""An account's health of today beside the account, so that a list by bucket or score reads one table."""

from alembic import op

revision = "0003"
down_revision = "0002"

DDL = """
alter table accounts
  add column score numeric(4,1) check (score between 0 and 100),
  add column bucket text not null default 'UNKNOWN',
  add constraint accounts_bucket_follows_score check (bucket = case
    when score is null then 'UNKNOWN' when score >= 75.0 then 'GREEN' when score >= 50.0 then 'AMBER' else 'RED' end),
  add constraint accounts_unscored_has_no_score check (scored_on is not null or score is null);

update accounts a set score = h.score, bucket = h.bucket
from health_snapshots h where h.account_id = a.id and h.day = a.scored_on and h.score is not null;
"""


def upgrade() -> None:
    op.execute(DDL)


def downgrade() -> None:
    op.execute("alter table accounts drop column bucket, drop column score")
