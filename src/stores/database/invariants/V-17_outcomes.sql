-- title: each (partition, offset) of incoming has exactly one outcome
-- owner: fold
select json_build_object('partition', r.partition, 'turn', r.turn, 'offset', r.queue_offset, 'why', r.why) as v
from (
  with chain as materialized (
    select t.partition, t.turn, t.incoming_from, t.incoming_to, t.completer_from, t.completer_to,
           coalesce(lag(t.turn) over w, 0) as turn_before,
           coalesce(lag(t.incoming_to) over w, 1) as incoming_before, coalesce(lag(t.completer_to) over w, 1) as completer_before
    from turn t window w as (partition by t.partition order by t.turn)
  ), outcome as (  -- a refused record of completer has an outcome too, at an offset of another log
    select partition, queue_offset from command where kind not like 'completer.%'
  ), last as (
    select p.partition, p.turn, p.incoming, p.completer, coalesce(max(c.turn), 0) as turn_there,
           coalesce(max(c.incoming_to), 1) as incoming_there, coalesce(max(c.completer_to), 1) as completer_there
    from position p left join chain c using (partition) group by p.partition, p.turn, p.incoming, p.completer
  )
  select partition, turn, incoming_from as queue_offset, 'turns are missing before this one' as why from chain
  where turn <> turn_before + 1  -- numbers may leap after a recovery; records may not
    and (incoming_from <> incoming_before or completer_from <> completer_before)
  union all
  select partition, turn, incoming_from, 'the turn does not begin where the one before it ended' from chain
  where incoming_from <> incoming_before or completer_from <> completer_before
     or incoming_to < incoming_from or completer_to < completer_from
  union all
  select partition, turn, incoming, 'the position is not where the last turn ended' from last
  where turn < turn_there or incoming <> incoming_there or completer <> completer_there
  union all
  select c.partition, null, c.queue_offset, 'an outcome of a record that no turn took' from outcome c
  left join last l using (partition) where l.partition is null or c.queue_offset < 1 or c.queue_offset >= l.incoming
  union all
  select partition, null, queue_offset, 'more than one outcome' from outcome group by partition, queue_offset having count(*) > 1
) r
