"""Insights, the jobs that make them, and what their models took."""

from alembic import op

revision = "0002"
down_revision = "0001"

DDL = """
create table insights (
  id uuid primary key,
  job_id uuid not null constraint insights_one_a_job unique,
  scope text not null check (scope in ('ACCOUNT', 'PORTFOLIO')),
  account_id bigint references accounts on delete cascade,
  input jsonb not null default '{}' check (jsonb_typeof(input) = 'object'),
  headline text not null check (headline <> ''),
  summary text not null,
  findings jsonb not null check (jsonb_typeof(findings) = 'array' and findings <> '[]'),
  actions jsonb not null check (jsonb_typeof(actions) = 'array'),
  facts jsonb not null check (jsonb_typeof(facts) = 'array'),
  facts_hash text not null,
  data_as_of date not null,
  engine text not null check (engine in ('OPENAI', 'RULES')),
  fallback_reason text,
  verification text not null check (verification in ('VERIFIED', 'REPAIRED', 'DETERMINISTIC')),
  numbers_found integer not null check (numbers_found >= 0),
  numbers_verified integer not null check (numbers_verified between 0 and numbers_found),
  sentences_dropped integer not null check (sentences_dropped >= 0),
  model text,
  prompt_version text,
  prompt_tokens integer not null default 0,
  completion_tokens integer not null default 0,
  cached boolean not null default false,
  duration_ms integer not null default 0,
  rating text check (rating in ('HELPFUL', 'NOT_HELPFUL', 'WRONG')),
  rating_comment text,
  rated_by text,
  rated_at timestamptz,
  created_at timestamptz not null,
  constraint insights_about_one_or_many check ((scope = 'ACCOUNT') = (account_id is not null)),
  constraint insights_by_a_model_or_rules check ((engine = 'OPENAI') = (model is not null)),
  constraint insights_rating_is_whole check ((rating is null) = (rated_at is null))
);
create index insights_newest on insights (created_at, id);
create index insights_newest_of_account on insights (account_id, created_at, id);
create index insights_of_portfolios on insights (created_at, id) where scope = 'PORTFOLIO';
create index insights_of_models on insights (created_at) where model is not null;
create index insights_rated on insights (rated_at) where rating is not null;

-- INSIGHT_BATCH has the jobs of its accounts as children; how far it is, is told by them.
alter table jobs
  drop constraint jobs_kind_check,
  add constraint jobs_kind_check check (kind in ('RECOMPUTE', 'INSIGHT', 'INSIGHT_BATCH')),
  add column parent_id uuid references jobs on delete cascade,
  add column account_id bigint references accounts on delete set null,
  add column insight_id uuid references insights on delete set null,
  add column engine text check (engine in ('OPENAI', 'RULES')),
  add column attempts integer not null default 0,
  add column lease_until timestamptz,
  add column next_try_at timestamptz,
  add column sent_at timestamptz,
  add column expires_at timestamptz;
create index jobs_of_a_batch on jobs (parent_id, id) where parent_id is not null;
create index jobs_of_an_account on jobs (account_id, created_at) where account_id is not null;
create index jobs_of_an_insight on jobs (insight_id) where insight_id is not null;
create index jobs_unfinished on jobs (created_at) where status in ('QUEUED', 'RUNNING');
create index jobs_finished on jobs (finished_at) where finished_at is not null;

-- One row a call, whatever became of it: what the day's budget counts, and what the bill can be held against.
create table model_calls (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  job_id uuid not null,
  model text not null,
  prompt_tokens integer not null check (prompt_tokens >= 0),
  completion_tokens integer not null check (completion_tokens >= 0),
  cached_tokens integer not null check (cached_tokens >= 0),
  cost numeric(12,6),
  duration_ms integer not null check (duration_ms >= 0),
  failure_code text
);
create index model_calls_by_day on model_calls (at);
create index model_calls_of_a_job on model_calls (job_id);
create index events_by_age on events (at);
"""


def upgrade() -> None:
    op.execute(DDL)


def downgrade() -> None:
    op.execute("""
      drop index events_by_age;
      drop table model_calls;
      delete from jobs where kind <> 'RECOMPUTE';
      drop index jobs_of_an_insight, jobs_of_a_batch, jobs_of_an_account, jobs_unfinished, jobs_finished;
      alter table jobs
        drop constraint jobs_kind_check,
        add constraint jobs_kind_check check (kind in ('RECOMPUTE')),
        drop column parent_id, drop column account_id, drop column insight_id, drop column engine, drop column attempts,
        drop column lease_until, drop column next_try_at, drop column sent_at, drop column expires_at;
      drop table insights;
    """)
