"""API keys: who may ask."""

from alembic import op

revision = "0008"
down_revision = "0007"

API_KEYS = """
create table api_keys (
  prefix text primary key check (prefix ~ '^[0-9A-Za-z]{8}$'),
  hash text not null unique check (hash ~ '^[0-9a-f]{64}$'),
  name text not null check (length(name) between 1 and 100),
  role text not null check (role in ('VIEWER', 'CSM', 'MANAGER', 'ADMIN')),
  idempotency_key text unique,
  created_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz check (expires_at > created_at),
  last_used_at timestamptz,
  revoked_by text,
  revoked_at timestamptz,
  check ((revoked_at is null) = (revoked_by is null))
);
create index api_keys_newest on api_keys (created_at, prefix);
"""


def upgrade() -> None:
    op.execute(API_KEYS)


def downgrade() -> None:
    op.execute("drop table api_keys")
