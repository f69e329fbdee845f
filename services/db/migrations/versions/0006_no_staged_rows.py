"""Rows under import wait on the worker's disk and are merged from a temporary table: the table of staged rows goes."""

from alembic import op

revision = "0006"
down_revision = "0005"

STAGED = """
create table upload_rows (
  upload_id uuid not null,
  line integer not null,
  account_id bigint,
  external_id text,
  name text,
  name_key text generated always as (account_key(name)) stored,
  arr numeric(14,2),
  segment text,
  industry text,
  region text,
  cs_owner text,
  renewal_date date,
  status text,
  churned_on date,
  observed_on date,
  active_users integer,
  seats_purchased integer,
  feature_x_adoption numeric(5,4),
  weekly_active_pct numeric(5,4),
  time_to_value_days integer,
  tickets_last_30d integer,
  critical_tickets_90d integer,
  sla_breaches_90d integer,
  nps integer,
  qbr_last_date date,
  onboarding boolean,
  onboarding_progress numeric(5,4),
  expansion_oppty_dollar numeric(14,2),
  renewal_risk text,
  health_score numeric(4,1),
  day date,
  logins integer,
  events integer,
  feature_x_events integer,
  avg_session_min numeric(8,2),
  errors integer,
  ticket_backlog integer,
  effective_on date,
  primary key (upload_id, line)
);
"""


def upgrade() -> None:
    op.execute("drop table upload_rows")


def downgrade() -> None:
    op.execute(STAGED)
