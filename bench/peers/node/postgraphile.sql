-- What PostGraphile serves beyond the tables: what a team that builds on it would write, as its documentation advises.
drop schema if exists bench_postgraphile cascade;
create schema bench_postgraphile;

-- A computed column of accounts.
create function bench_postgraphile.accounts_days_to_renewal(account public.accounts) returns integer stable language sql
begin atomic
  select account.renewal_date - (now() at time zone 'UTC')::date;
end;

create type bench_postgraphile.bucket_group as (bucket text, accounts integer, arr numeric, share_of_arr numeric);
create type bench_postgraphile.segment_group as (segment text, accounts integer, arr numeric, average_score numeric);
create type bench_postgraphile.region_group as (key text, accounts integer, arr numeric, average_score numeric);
create type bench_postgraphile.renewal_group as ("window" text, accounts integer, arr numeric, arr_in_red numeric);
create type bench_postgraphile.portfolio as (
  as_of date, account_count integer, scored_accounts integer, total_arr numeric, average_score numeric,
  arr_weighted_score numeric, median_score numeric,
  by_bucket bench_postgraphile.bucket_group[], by_segment bench_postgraphile.segment_group[],
  by_region bench_postgraphile.region_group[], renewals bench_postgraphile.renewal_group[],
  arr_in_red numeric, arr_in_red_or_amber numeric, arr_at_risk numeric
);

-- A custom query. The statement is the one in ../sql/q3.sql, answered in types instead of JSON.
create function bench_postgraphile.portfolio_metrics() returns bench_postgraphile.portfolio stable language sql
begin atomic
with today as (select (now() at time zone 'UTC')::date as day),
cells as materialized (
  select segment, region, bucket, span, count(*) as n, sum(arr) as arr, count(score) as scored, sum(score) as points,
    sum(arr * score) as weighted, sum(arr) filter (where score is not null) as arr_scored
  from (
    select segment, region, bucket, arr, score, case
        when renewal_date is null then 'NONE' when renewal_date < day then 'OVERDUE'
        when renewal_date <= day + 30 then 'D0_30' when renewal_date <= day + 60 then 'D31_60'
        when renewal_date <= day + 90 then 'D61_90' when renewal_date <= day + 180 then 'D91_180'
        else 'LATER' end as span
    from public.accounts cross join today where status <> 'CHURNED'
  ) p
  group by segment, region, bucket, span
),
buckets as (select bucket, sum(n) as n, sum(arr) as arr from cells group by bucket),
segments as (
  select segment, sum(n) as n, sum(arr) as arr, round(sum(points) / nullif(sum(scored), 0), 1) as average
  from cells group by segment
),
regions as (
  select region, sum(n) as n, sum(arr) as arr, round(sum(points) / nullif(sum(scored), 0), 1) as average
  from cells group by region
),
renewals as (
  select span, sum(n) as n, sum(arr) as arr, sum(arr) filter (where bucket = 'RED') as red from cells group by span
),
whole as (
  select sum(n) as n, sum(scored) as scored, sum(arr) as arr, round(sum(points) / nullif(sum(scored), 0), 1) as average,
    round(sum(weighted) / nullif(sum(arr_scored), 0), 1) as weighted,
    (
      select round(percentile_cont(0.5) within group (order by score::double precision)::numeric, 1)
      from public.accounts where status <> 'CHURNED'
    ) as median,
    sum(arr) filter (where bucket in ('RED', 'AMBER') and span in ('OVERDUE', 'D0_30', 'D31_60', 'D61_90')) as at_risk
  from cells
)
select
  (select day from today), w.n::integer, w.scored::integer, coalesce(w.arr, 0.00), w.average, w.weighted, w.median,
  (
    select array_agg(row(
      k.bucket, coalesce(b.n, 0), coalesce(b.arr, 0.00), coalesce(round(b.arr / nullif(w.arr, 0), 4), 0.0000)
    )::bench_postgraphile.bucket_group order by k.place)
    from (values ('GREEN', 1), ('AMBER', 2), ('RED', 3), ('UNKNOWN', 4)) k(bucket, place) left join buckets b using (bucket)
  ),
  (
    select array_agg(row(k.segment, coalesce(s.n, 0), coalesce(s.arr, 0.00), s.average)::bench_postgraphile.segment_group
      order by k.place)
    from (values ('SMB', 1), ('MID_MARKET', 2), ('ENTERPRISE', 3)) k(segment, place) left join segments s using (segment)
  ),
  (
    select coalesce(array_agg(row(r.region, r.n, r.arr, r.average)::bench_postgraphile.region_group
      order by r.arr desc, r.region), '{}')
    from regions r
  ),
  (
    select array_agg(row(k.span, coalesce(r.n, 0), coalesce(r.arr, 0.00), coalesce(r.red, 0.00))::bench_postgraphile.renewal_group
      order by k.place)
    from (values ('OVERDUE', 1), ('D0_30', 2), ('D31_60', 3), ('D61_90', 4), ('D91_180', 5), ('LATER', 6), ('NONE', 7)) k(span, place)
    left join renewals r using (span)
  ),
  coalesce((select arr from buckets where bucket = 'RED'), 0.00),
  coalesce((select sum(arr) from buckets where bucket in ('RED', 'AMBER')), 0.00),
  coalesce(w.at_risk, 0.00)
from whole w;
end;
