import { isDeepStrictEqual } from 'node:util';
import { type Database, statement } from '../../src/platform/database/database.js';
import type { Server } from '../processes.js';
import { type OpenWalk, reopen } from './walks.js';

/** All that a completion leaves, but times and ids of its own. */
const writtenOf = statement<{ written: unknown }>(
  'bench_written',
  `select json_build_object(
     'walk', to_jsonb(walks) - 'completed_at', 'track', to_jsonb(walk_tracks),
     'pets', (select jsonb_agg(to_jsonb(walk_pets)) from walk_pets where walk_id = walks.id),
     'jobs', (
       select jsonb_agg(
         to_jsonb(job) - array['id', 'group_id', 'created_on', 'start_after', 'keep_until']
           || jsonb_build_object('kept', keep_until - start_after, 'is_traced', group_id is not null)
         order by name
       )
       from pgboss.job where data->>'walkId' = walks.id::text
     )
   ) as written
   from walks join walk_tracks on walk_id = walks.id where walks.id = $1::uuid`,
);

/** @throws Error unless the two answer alike. */
export async function checkAnswers(
  servers: readonly Server[],
  { path, token }: { path: string; token: string },
): Promise<void> {
  const bodies = [];
  for (const { url } of servers) bodies.push(await answerOf(url + path, token));
  same(path, bodies);
}

/** @throws Error unless a walk is completed alike, in the answer and in the database. */
export async function checkCompletion(
  servers: readonly Server[],
  db: Database,
  { walk, body }: { walk: OpenWalk; body: object },
): Promise<void> {
  const results = [];
  for (const { url } of servers) {
    const answer = await answerOf(`${url}/walks/${walk.id}/complete`, walk.token, body);
    if (answer.counts !== true) throw new Error(`The walk does not count: ${JSON.stringify(answer.reasons)}`);
    const { written } = (await db.rows(writtenOf, [walk.id]))[0]!;
    results.push({ answer: { ...answer, completedAt: null }, written });
    await reopen(db, [walk]);
  }
  same('complete', results);
}

async function answerOf(url: string, token: string, body?: object): Promise<Record<string, unknown>> {
  const response = await fetch(url, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    body: body && JSON.stringify(body),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${JSON.stringify(answer)}`);
  // Sealed anew each time.
  return typeof answer.nextCursor === 'string' ? { ...answer, nextCursor: 'sealed' } : answer;
}

function same(what: string, [one, other]: unknown[]): void {
  if (isDeepStrictEqual(one, other)) return;
  throw new Error(`${what} differs:\n${JSON.stringify(one)}\n${JSON.stringify(other)}`);
}
