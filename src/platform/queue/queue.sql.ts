/** What is asked of pg-boss's tables beside what pg-boss asks itself. */
import { statement } from '../database/database.js';

const unfinished = `from pgboss.job
  where name = any (array(select json_array_elements_text($1::json))) and state < 'completed'`;

export const waiting = statement<{ isWaiting: boolean }>(
  'queue_is_waiting',
  `select exists (select ${unfinished} and data @> $2::jsonb) as "isWaiting"`,
);

export const withoutJob = statement<{ data: object }>(
  'queue_without_job',
  `select one.data::json as data from jsonb_array_elements($2::jsonb) as one (data)
   where not exists (select from pgboss.job where name = $1::text and state < 'completed' and job.data = one.data)`,
);

/** Which of these queues have a job whose time has come. */
export const due = statement<{ name: string }>(
  'queue_due',
  `select one.name from json_array_elements_text($1::json) as one (name)
   where exists (select from pgboss.job where job.name = one.name
     and state < 'active' and not blocked and start_after <= now())`,
);

export const oldest = statement<{ createdAt: Date | null }>(
  'queue_oldest_waiting',
  `select min(created_on) as "createdAt" ${unfinished}`,
);

export const backlog = statement<{ job: string; count: number; oldestS: number }>(
  'queue_backlog',
  `select name as job, count(*)::int as count, extract(epoch from now() - min(start_after))::float8 as "oldestS"
   from pgboss.job where state < 'active' and start_after <= now() group by name`,
);

export interface Backlog {
  /** Jobs that are due. */
  count: number;
  /** How long the oldest has been due. */
  oldestS: number;
}

export const lockKind = statement(
  'queue_lock_kind',
  `select pg_advisory_xact_lock(hashtextextended('queue:' || $1::text, 0))::text as locked`,
);

/** What waits for its retry is due now. */
export const hasten = statement<{ id: string }>(
  'queue_hasten',
  `with pending as (
     select id from pgboss.job where name = $1::text and data = $2::jsonb and state < 'completed' limit 1
   ), hastened as (
     update pgboss.job job set start_after = now() from pending
     where job.name = $1::text and job.id = pending.id and job.state < 'active' and job.start_after > now()
   )
   select id::text as id from pending`,
);

export const counts = statement<JobCounts & { name: string }>(
  'queue_counts',
  `select name, (count(*) filter (where state < 'active'))::int as waiting,
     (count(*) filter (where state = 'active'))::int as running,
     (count(*) filter (where state = 'failed'))::int as failed,
     max(completed_on) filter (where state = 'completed') as "lastDoneAt"
   from pgboss.job where name = any (array(select json_array_elements_text($1::json)))
   group by name`,
);

/** Of the jobs of one kind that the queue still knows (finished ones for some days). */
export interface JobCounts {
  waiting: number;
  running: number;
  /** For good: no retry is left. */
  failed: number;
  lastDoneAt: Date | null;
}

/** Of the jobs of one name behind a key, in its order. */
export const forgetPart = statement<{ last: string | null }>(
  'queue_forget_part',
  `with part as materialized (
     select id, data, output from pgboss.job where name = $1::text and id > $2::uuid order by id limit 5000
   ), gone as (
     delete from pgboss.job where name = $1::text and state <> 'active' and id in (
       select id from part where position($3::text in data::text) > 0 or position($3::text in output::text) > 0
     )
   )
   select (select id::text from part order by id desc limit 1) as last`,
);
export const jobNames = statement<{ name: string }>('queue_names', `select name from pgboss.queue`);
export const forgetOf = statement<never>(
  'queue_forget_of',
  `delete from pgboss.job where state <> 'active' and data ->> $1::text in (select json_array_elements_text($2::json))`,
);

/** $1 queues, $2 data, $3 group: what pg-boss's `send` writes, for all subscribers of a fact in one statement. */
export const recordFact = statement<never>(
  'queue_record',
  `insert into pgboss.job (
     name, data, group_id, start_after, created_on, keep_until, expire_seconds, deletion_seconds, heartbeat_seconds,
     retry_limit, retry_delay, retry_backoff, retry_delay_max, policy, dead_letter
   )
   select name, $2::jsonb, $3::text, pgboss.job_now(), pgboss.job_now(),
          pgboss.job_now() + retention_seconds * interval '1 s', expire_seconds,
          deletion_seconds, heartbeat_seconds, retry_limit, retry_delay, retry_backoff, retry_delay_max, policy, dead_letter
   from pgboss.queue where name in (select json_array_elements_text($1::json))`,
);
