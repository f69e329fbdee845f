-- $1 buckets, $2 least ARR, $3 accounts, $4 today
with page as (
  select * from accounts
  where status <> 'CHURNED' and arr >= $2::numeric and bucket = any($1::text[])
  order by arr desc, id
  limit $3::integer + 1
),
shown as (select * from page order by arr desc, id limit $3::integer)
select json_build_object(
  'totalCount', (
    select count(*) from accounts where status <> 'CHURNED' and arr >= $2::numeric and bucket = any($1::text[])
  ),
  'nodes', (
    select coalesce(json_agg(json_build_object(
      'id', 'acc_' || p.id,
      'externalId', p.external_id,
      'name', p.name,
      'segment', p.segment,
      'industry', p.industry,
      'region', p.region,
      'owner', p.cs_owner,
      'arr', json_build_object('amount', p.arr::text, 'currency', 'USD'),
      'renewalDate', p.renewal_date,
      'daysToRenewal', p.renewal_date - $4::date,
      'status', p.status,
      'seatsPurchased', o.seats_purchased,
      'activeUsers', o.active_users,
      'health', json_build_object('score', p.score::text, 'bucket', p.bucket)
    ) order by p.arr desc, p.id), '[]')
    from shown p left join account_observations o on o.account_id = p.id and o.observed_on = p.observed_on
  ),
  'pageInfo', json_build_object(
    'hasNextPage', (select count(*) from page) > $3::integer,
    'endCursor', (
      select translate(encode(convert_to(json_build_array(arr::text, id)::text, 'UTF8'), 'base64'), E'+/=\n', '-_')
      from shown order by arr, id desc limit 1
    )
  )
) as answer
