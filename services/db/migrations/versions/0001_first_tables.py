"""The first tables: accounts and their data, health, uploads, changes, jobs, events."""

from alembic import op

revision = "0001"
down_revision = None

DDL = """
do $$ begin
  if lower('Ä') <> 'ä' then
    raise exception 'this database cannot fold the case of names: create it with a UTF-8 locale such as C.UTF-8';
  end if;
end $$;

-- When two names are one account: trimmed, inner spaces collapsed, case-folded. The rule stands here and nowhere else.
-- NFKC also turns the exotic spaces into plain ones; lower() leaves two letters that case folding does not.
create function account_key(name text) returns text immutable strict parallel safe language sql as $$
  select replace(replace(lower(btrim(regexp_replace(normalize(name, NFKC), '\\s+', ' ', 'g'))), 'ß', 'ss'), 'ς', 'σ')
$$;

create table accounts (
  id bigint generated always as identity primary key,
  external_id text constraint accounts_external_id_key unique
    check (external_id = btrim(external_id) and length(external_id) between 1 and 200),
  name text not null check (length(name) between 1 and 300),
  name_key text not null generated always as (account_key(name)) stored check (name_key <> ''),
  arr numeric(14,2) not null check (arr >= 0),
  segment text not null check (segment in ('SMB', 'MID_MARKET', 'ENTERPRISE')),
  industry text check (industry <> ''),
  region text check (region <> ''),
  cs_owner text check (cs_owner <> ''),
  renewal_date date,
  status text not null default 'ACTIVE' check (status in ('ONBOARDING', 'ACTIVE', 'CHURNED')),
  churned_on date,
  origin text not null check (origin in ('API', 'IMPORT', 'MOCK')),
  observed_on date not null,
  scored_on date,
  version integer not null default 1 check (version >= 1),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint accounts_churned_has_a_day check ((status = 'CHURNED') = (churned_on is not null))
);
-- Two accounts may share a name only where external ids tell them apart.
create unique index accounts_name_key_alone on accounts (name_key) where external_id is null;
create index accounts_name_key on accounts (name_key collate "C", id);
create index accounts_arr on accounts (arr, id);
create index accounts_renewal_date on accounts (renewal_date, id);
create index accounts_updated_at on accounts (updated_at, id);

create table account_observations (
  account_id bigint not null references accounts on delete cascade,
  observed_on date not null,
  active_users integer check (active_users >= 0),
  seats_purchased integer check (seats_purchased >= 0),
  feature_x_adoption numeric(5,4) check (feature_x_adoption between 0 and 1),
  weekly_active_pct numeric(5,4) check (weekly_active_pct between 0 and 1),
  time_to_value_days integer check (time_to_value_days >= 0),
  tickets_last_30d integer check (tickets_last_30d >= 0),
  critical_tickets_90d integer check (critical_tickets_90d >= 0),
  sla_breaches_90d integer check (sla_breaches_90d >= 0),
  nps integer check (nps between -100 and 100),
  nps_on date check (nps_on <= observed_on),
  told_on jsonb not null default '{}' check (jsonb_typeof(told_on) = 'object'),
  qbr_last_date date,
  onboarding boolean,
  onboarding_progress numeric(5,4) check (onboarding_progress between 0 and 1),
  expansion_oppty_dollar numeric(14,2) check (expansion_oppty_dollar >= 0),
  renewal_risk text check (renewal_risk in ('LOW', 'MEDIUM', 'HIGH')),
  health_score numeric(4,1) check (health_score between 0 and 100),
  primary key (account_id, observed_on),
  constraint observations_nps_has_a_day check ((nps is null) = (nps_on is null))
);

create table daily_metrics (
  account_id bigint not null references accounts on delete cascade,
  day date not null,
  -- a year of them still fits the integers of the API
  logins integer check (logins between 0 and 1000000),
  events integer check (events between 0 and 1000000),
  feature_x_events integer check (feature_x_events between 0 and 1000000),
  avg_session_min numeric(8,2) check (avg_session_min between 0 and 1440),
  errors integer check (errors between 0 and 1000000),
  ticket_backlog integer check (ticket_backlog between 0 and 1000000),
  primary key (account_id, day)
);

create table arr_history (
  account_id bigint not null references accounts on delete cascade,
  effective_on date not null,
  arr numeric(14,2) not null check (arr >= 0),
  primary key (account_id, effective_on)
);

create table health_snapshots (
  account_id bigint not null references accounts on delete cascade,
  day date not null,
  score numeric(4,1) check (score between 0 and 100),
  bucket text not null,
  source text not null check (source in ('COMPUTED', 'IMPORTED', 'NONE')),
  coverage numeric(5,4) not null check (coverage between 0 and 1),
  scorecard_version integer not null,
  factors jsonb not null check (jsonb_typeof(factors) = 'array'),
  missing jsonb not null check (jsonb_typeof(missing) = 'array'),
  signals jsonb not null check (jsonb_typeof(signals) = 'array'),
  recommendations jsonb not null check (jsonb_typeof(recommendations) = 'array'),
  computed_at timestamptz not null default now(),
  primary key (account_id, day),
  constraint snapshots_bucket_follows_score check (bucket = case
    when score is null then 'UNKNOWN' when score >= 75.0 then 'GREEN' when score >= 50.0 then 'AMBER' else 'RED' end),
  constraint snapshots_source_follows_score check ((source = 'NONE') = (score is null)),
  constraint snapshots_computed_has_coverage check (source <> 'COMPUTED' or coverage >= 0.4),
  constraint snapshots_only_computed_has_factors check (source = 'COMPUTED' or factors = '[]')
);

create table uploads (
  id uuid primary key,
  kind text not null check (kind in ('ACCOUNTS', 'DAILY_METRICS', 'ARR_HISTORY')),
  status text not null check (status in
    ('AWAITING_FILE', 'QUEUED', 'VALIDATING', 'READY_TO_COMMIT', 'IMPORTING', 'SUCCEEDED', 'PARTIAL', 'FAILED',
     'EXPIRED', 'REVERTED')),
  file_name text not null check (length(file_name) between 1 and 255),
  size_bytes integer not null check (size_bytes between 1 and 10485760),
  sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
  content_sha256 text check (content_sha256 ~ '^[0-9a-f]{64}$'),
  dry_run boolean not null default false,
  policy text not null check (policy in ('SKIP_BAD_ROWS', 'ALL_OR_NOTHING')),
  date_order text check (date_order in ('YEAR_MONTH_DAY', 'DAY_MONTH_YEAR', 'MONTH_DAY_YEAR')),
  column_mapping jsonb not null default '{}' check (jsonb_typeof(column_mapping) = 'object'),
  columns jsonb not null default '[]' check (jsonb_typeof(columns) = 'array'),
  rows_total integer,
  rows_done integer not null default 0,
  created_count integer not null default 0,
  updated_count integer not null default 0,
  unchanged_count integer not null default 0,
  skipped_count integer not null default 0,
  failed_count integer not null default 0,
  preview jsonb not null default '[]' check (jsonb_typeof(preview) = 'array'),
  duplicate_of uuid references uploads on delete set null,
  has_report boolean not null default false,
  outcome jsonb check (jsonb_typeof(outcome) = 'object'),
  failure_code text,
  failure_message text,
  idempotency_key text constraint uploads_idempotency_key unique,
  attempts integer not null default 0,
  lease_until timestamptz,
  requested_by text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  started_at timestamptz,
  finished_at timestamptz,
  constraint uploads_failure_is_whole check ((failure_code is null) = (failure_message is null)),
  constraint uploads_failed_says_why check (status <> 'FAILED' or failure_code is not null),
  constraint uploads_outcome_awaits_its_report check (outcome is null or status = 'IMPORTING')
);
create index uploads_newest on uploads (created_at, id);
create index uploads_content on uploads (content_sha256, kind) where status = 'SUCCEEDED';

create table upload_row_errors (
  id bigint generated always as identity primary key,
  upload_id uuid not null references uploads on delete cascade,
  line integer not null,
  column_name text,
  code text not null check (code in
    ('REQUIRED_MISSING', 'NOT_A_NUMBER', 'NOT_A_DATE', 'NOT_A_BOOLEAN', 'OUT_OF_RANGE', 'UNKNOWN_VALUE',
     'DUPLICATE_IN_FILE', 'UNKNOWN_ACCOUNT', 'AMBIGUOUS_ACCOUNT', 'TOO_LONG', 'FUTURE_DATE', 'WRONG_COLUMN_COUNT',
     'BAD_ENCODING')),
  message text not null,
  value text
);
create index upload_row_errors_in_order on upload_row_errors (upload_id, line, id);

-- No foreign key: to check it row by row takes longer than to copy the rows, and an import empties what it stages.
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

create table changes (
  id bigint generated always as identity primary key,
  account_id bigint not null references accounts on delete cascade,
  at timestamptz not null default now(),
  actor text not null,
  source text not null check (source in ('API', 'IMPORT', 'SCORING', 'MOCK')),
  fields jsonb not null check (jsonb_typeof(fields) = 'array' and fields <> '[]'),
  upload_id uuid references uploads on delete set null
);
create index changes_newest on changes (account_id, id);

create table jobs (
  id uuid primary key,
  kind text not null check (kind in ('RECOMPUTE')),
  status text not null check (status in
    ('QUEUED', 'RUNNING', 'SUCCEEDED', 'PARTIAL', 'FAILED', 'CANCELLED', 'EXPIRED')),
  input jsonb not null check (jsonb_typeof(input) = 'object'),
  done integer not null default 0,
  total integer,
  changed_buckets integer not null default 0,
  failure_code text,
  failure_message text,
  idempotency_key text constraint jobs_idempotency_key unique,
  requested_by text not null,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  constraint jobs_failure_is_whole check ((failure_code is null) = (failure_message is null))
);

create table events (
  id bigint generated always as identity primary key,
  tx bigint not null default pg_current_xact_id()::text::bigint,
  at timestamptz not null default now(),
  kind text not null check (kind in
    ('INSIGHT_READY', 'INSIGHT_FAILED', 'UPLOAD_FINISHED', 'UPLOAD_FAILED', 'BUCKET_CHANGED', 'SIGNAL_RAISED',
     'SIGNAL_CLEARED', 'ACCOUNT_CHANGED')),
  subject text not null
);
create index events_in_order on events (tx, id);
"""


def upgrade() -> None:
    op.execute(DDL)


def downgrade() -> None:
    op.execute("""
      drop table events, jobs, changes, upload_rows, upload_row_errors, uploads, health_snapshots, arr_history,
        daily_metrics, account_observations, accounts;
      drop function account_key(text);
    """)
