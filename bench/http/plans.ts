import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { viewersOf } from '../../src/modules/auth/auth.queries.js';
import type { AccessClaims } from '../../src/platform/auth/access-tokens.js';
import { boardQuery } from '../../src/modules/rankings/rankings.schemas.js';
import type { Connection } from '../../src/platform/database/database.js';
import { connectionOver, getBoard, getFeed, getMe, getNearby } from '../reference/answers.js';
import { completeWalk } from '../reference/complete.js';
import { KEYS } from '../set.js';
import { type OpenWalk, WALK_POINTS } from './walks.js';

/** EXPLAIN (ANALYZE, BUFFERS) of each statement that the routes ask, one file each; what they write is taken back. */
export async function savePlans(
  databaseUrl: string,
  folder: string,
  { id: walkId, userId, token }: OpenWalk,
): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, options: '-c jit=off' });
  await client.connect();
  const db = connectionOver(client as pg.PoolClient);
  const explained: Connection = {
    ...db,
    rows: async (query, values) => {
      await client.query('savepoint before');
      const explain = `explain (analyze, buffers) ${query.text}`;
      const { rows } = await client.query({ text: explain, values: [...values] });
      await client.query('rollback to before');
      const plan = (rows as { 'QUERY PLAN': string }[]).map((row) => row['QUERY PLAN']).join('\n');
      await writeFile(join(folder, `${query.name}.txt`), `${query.text}\n\n${plan}\n`);
      return db.rows(query, values);
    },
  };
  const { sid } = jwt.decode(token) as AccessClaims;
  await client.query('begin');
  await viewersOf(explained, [{ sessionId: sid, userId }], new Date());
  await getMe(explained, userId);
  await getFeed(explained, userId, { limit: 20 }, KEYS.ENCRYPTION_KEY);
  const board = boardQuery.parse({ period: 'week', scope: 'gu', limit: 50 });
  await getBoard(explained, userId, board, KEYS.ENCRYPTION_KEY);
  await getNearby(explained, { lat: 37.55, lng: 126.98, radiusM: 500, limit: 20 });
  await completeWalk(explained, { userId, walkId, requestId: uuidv7() }, WALK_POINTS);
  await client.query('rollback');
  await client.end();
}
