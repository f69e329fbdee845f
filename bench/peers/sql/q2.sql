-- $1 accounts, $2 days, $3 today, $4 labels of measures as JSON
with page as (
  select * from accounts where status <> 'CHURNED' order by name_key collate "C", id limit $1::integer
)
select json_build_object(
  'nodes', coalesce(json_agg(json_build_object(
    'id', 'acc_' || a.id,
    'name', a.name,
    'health', json_build_object(
      'score', a.score::text,
      'bucket', a.bucket,
      'coverage', coalesce(h.coverage, 0.0000)::text,
      'asOf', coalesce(a.scored_on, $3::date),
      'factors', (
        select coalesce(json_agg(json_build_object(
          'measure', f.measure,
          'label', $4::jsonb ->> f.measure,
          'rawValue', f.raw_value,
          'subScore', f.sub_score,
          'weight', f.weight,
          'effectiveWeight', f.effective_weight,
          'contribution', f.contribution,
          'pointsLost', f.points_lost,
          'direction', f.direction,
          'observedOn', f.observed_on
        )), '[]')
        from jsonb_to_recordset(h.factors) as f(
          measure text, raw_value text, sub_score text, weight text, effective_weight text, contribution text,
          points_lost text, direction text, observed_on text
        )
      )
    ),
    'dailyMetrics', json_build_object('nodes', (
      select coalesce(json_agg(json_build_object(
        'date', d.day,
        'logins', d.logins,
        'events', d.events,
        'featureEvents', d.feature_x_events,
        'avgSessionMinutes', d.avg_session_min::text,
        'errors', d.errors,
        'ticketBacklog', d.ticket_backlog
      )), '[]')
      from (
        select * from daily_metrics m where m.account_id = a.id and m.day <= $3::date order by m.day desc limit $2::integer
      ) d
    ))
  ) order by a.name_key collate "C", a.id), '[]')
) as answer
from page a left join health_snapshots h on h.account_id = a.id and h.day = a.scored_on
