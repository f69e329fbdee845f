"""The ledger's triggers find their table by any search path: a restore of data alone has an empty one."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    # In whichever schema the tables are; pg_temp last, so that nobody's temporary table stands in for one.
    op.execute("""
      do $$ begin
        execute format('alter function portfolio_ledger_append() set search_path = %I, pg_temp', current_schema());
      end $$
    """)


def downgrade() -> None:
    op.execute("alter function portfolio_ledger_append() reset search_path")
