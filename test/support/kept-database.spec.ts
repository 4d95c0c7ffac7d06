import { randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { loadConfig } from '../../src/config/config.js';
import { createUser } from '../../src/modules/users/index.js';
import { type Database, statement } from '../../src/platform/database/database.js';
import { openDatabase } from '../../src/platform/database/database.module.js';
import { borrowedDatabase } from './lane.js';

// Of a server's connections some are still ending when their database is dropped, which is told; no app is there to log it.
beforeAll(() => Logger.overrideLogger(false));

async function borrowed<T>(use: (db: Database) => Promise<T>): Promise<T> {
  const own = await borrowedDatabase();
  const db = await openDatabase(loadConfig({ NODE_ENV: 'test', ...own.env }));
  try {
    return await use(db);
  } finally {
    await db.close();
    await own.remove();
  }
}

const run = (db: Database, sql: string) => db.rows(statement<Record<string, unknown>>('', sql), []);

/** Of each table, a hash of all its rows. */
async function contentOf(db: Database): Promise<Record<string, unknown>> {
  const tables = await run(
    db,
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'pgboss')`,
  );
  const content: Record<string, unknown> = {};
  for (const { name } of tables as { name: string }[]) {
    const rows = await run(
      db,
      `select md5(string_agg(t::text, '|' order by t::text)) as hash from ${name} t`,
    );
    content[name] = rows[0]!.hash;
  }
  return content;
}

const now = new Date('2026-11-20T03:00:00Z');
const addUser = (db: Database) => db.transaction((tx) => createUser(tx, { nickname: '보리누나', now }));

it('is as new for the next suite, whatever the last one wrote, set or left open', async () => {
  const isNew = await borrowed(contentOf);
  expect(Object.values(isNew).filter(Boolean)).toHaveLength(4);
  const snapshotId = async (db: Database) =>
    (
      await db.prisma.rankingSnapshot.create({
        data: { period: 'week', startsOn: now, takenAt: now, isCurrent: true },
      })
    ).id;
  const firstId = await borrowed(async (db) => {
    await addUser(db);
    await db.prisma.auditEntry.create({
      data: {
        ...{ id: randomUUID(), action: 'grant_role', targetKind: 'user', targetId: randomUUID() },
        ...{ reason: 'moderator', at: now },
      },
    });
    await run(db, 'update pgboss.queue set retry_limit = 99');
    await run(db, 'analyze users');
    const id = await snapshotId(db);
    await run(db, 'set search_path = pgboss');
    await run(db, 'begin');
    return id;
  });
  expect(await borrowed(contentOf)).toEqual(isNew);
  expect(await borrowed(snapshotId)).toBe(firstId);
});

it('is another one when its tables were changed', async () => {
  await borrowed((db) => run(db, 'create table spec_left_behind ()'));
  const found = await borrowed((db) => run(db, `select to_regclass('spec_left_behind')::text as name`));
  expect(found).toEqual([{ name: null }]);
});

it('is lent to one at a time: who comes meanwhile has another one', () =>
  borrowed((db) =>
    borrowed(async (other) => {
      await addUser(db);
      expect(await other.prisma.user.count()).toBe(0);
    }),
  ));
