-- $1 today
with cells as materialized (
  select segment, region, bucket, span, count(*) as n, sum(arr) as arr, count(score) as scored, sum(score) as points,
    sum(arr * score) as weighted, sum(arr) filter (where score is not null) as arr_scored
  from (
    select segment, region, bucket, arr, score, case
        when renewal_date is null then 'NONE' when renewal_date < $1::date then 'OVERDUE'
        when renewal_date <= $1::date + 30 then 'D0_30' when renewal_date <= $1::date + 60 then 'D31_60'
        when renewal_date <= $1::date + 90 then 'D61_90' when renewal_date <= $1::date + 180 then 'D91_180'
        else 'LATER' end as span
    from accounts where status <> 'CHURNED'
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
      from accounts where status <> 'CHURNED'
    ) as median,
    sum(arr) filter (where bucket in ('RED', 'AMBER') and span in ('OVERDUE', 'D0_30', 'D31_60', 'D61_90')) as at_risk
  from cells
)
select json_build_object(
  'asOf', $1::date,
  'accountCount', w.n,
  'scoredAccounts', w.scored,
  'totalArr', json_build_object('amount', coalesce(w.arr, 0.00)::text, 'currency', 'USD'),
  'averageScore', w.average::text,
  'arrWeightedScore', w.weighted::text,
  'medianScore', w.median::text,
  'byBucket', (
    select json_agg(json_build_object(
      'bucket', k.bucket, 'accounts', coalesce(b.n, 0), 'arr', json_build_object('amount', coalesce(b.arr, 0.00)::text),
      'shareOfArr', coalesce(round(b.arr / nullif(w.arr, 0), 4), 0.0000)::text
    ) order by k.place)
    from (values ('GREEN', 1), ('AMBER', 2), ('RED', 3), ('UNKNOWN', 4)) k(bucket, place) left join buckets b using (bucket)
  ),
  'bySegment', (
    select json_agg(json_build_object(
      'segment', k.segment, 'accounts', coalesce(s.n, 0), 'arr', json_build_object('amount', coalesce(s.arr, 0.00)::text),
      'averageScore', s.average::text
    ) order by k.place)
    from (values ('SMB', 1), ('MID_MARKET', 2), ('ENTERPRISE', 3)) k(segment, place) left join segments s using (segment)
  ),
  'byRegion', (
    select coalesce(json_agg(json_build_object(
      'key', region, 'accounts', n, 'arr', json_build_object('amount', arr::text), 'averageScore', average::text
    ) order by regions.arr desc, region), '[]')
    from regions
  ),
  'renewals', (
    select json_agg(json_build_object(
      'window', k.span, 'accounts', coalesce(r.n, 0), 'arr', json_build_object('amount', coalesce(r.arr, 0.00)::text),
      'arrInRed', json_build_object('amount', coalesce(r.red, 0.00)::text)
    ) order by k.place)
    from (values ('OVERDUE', 1), ('D0_30', 2), ('D31_60', 3), ('D61_90', 4), ('D91_180', 5), ('LATER', 6), ('NONE', 7)) k(span, place)
    left join renewals r using (span)
  ),
  'arrInRed', json_build_object('amount', coalesce((select arr from buckets where bucket = 'RED'), 0.00)::text),
  'arrInRedOrAmber', json_build_object(
    'amount', coalesce((select sum(arr) from buckets where bucket in ('RED', 'AMBER')), 0.00)::text
  ),
  'arrAtRisk', json_build_object('amount', coalesce(w.at_risk, 0.00)::text)
) as answer
from whole w
