/** The real process is killed at each step of an account's erasure; the next one ends as if nothing had happened. */
import { v7 as uuidv7 } from 'uuid';
import { setTimeout as passed } from 'node:timers/promises';
import { createApp } from '../../src/app.js';
import { loadConfig } from '../../src/config/config.js';
import { eraseLeavers } from '../../src/modules/accounts/index.js';
import { createUser } from '../../src/modules/users/index.js';
import { withLocalSecrets } from '../../src/platform/crypto/local-secrets.js';
import { seal } from '../../src/platform/crypto/secrets.js';
import { openDatabase } from '../../src/platform/database/database.module.js';
import { Database, statement } from '../../src/platform/database/database.js';
import { Queue } from '../../src/platform/queue/queue.js';
import { type LoginProviders, startLoginProviders } from '../simulators/login-providers.js';
import { type OwnDatabase, ownDatabase, SERVER_URL } from '../support/lane.js';
import { Backend } from './backend.js';

const ENTRY = 'dist/test/faults/main-at.js';
const DAY_MS = 86_400_000;
/** The embedded database is copied for each look. */
const POLL_MS = SERVER_URL ? 50 : 3_000;

const ALL_STEPS = [
  'erasure.silenced',
  'erasure.provider-told',
  'erasure.unlink-kakao',
  'erasure.files',
  'erasure.parted',
  'erasure.locations-gone',
  'erasure.person-gone',
  'erasure.some-walks-gone',
  'erasure.walks-gone',
  'erasure.done',
];
const STEPS = SERVER_URL ? ALL_STEPS : ['erasure.some-walks-gone'];
/** More than are deleted at once. */
const WALKS = 150;

let database: OwnDatabase;
let providers: LoginProviders;
let backend: Backend;
let env: Record<string, string>;

beforeAll(async () => {
  [database, providers] = await Promise.all([ownDatabase(), startLoginProviders()]);
  env = { ...database.env, ...providers.env };
  backend = new Backend(env, ENTRY);
}, 60_000);
afterAll(async () => {
  await backend?.kill();
  await providers?.close();
  await database?.remove();
});

const walksOf = statement<never>(
  'fault_walks_of_leaver',
  `insert into walks (id, user_id, state, source, visibility, walk_date, started_at, last_heard_at, created_at, reasons, preview, safe_preview)
   select gen_random_uuid(), $1::uuid, 'completed', 'upload', 'private', current_date, now(), now(), now(), '{}', '{}', '{}'
   from generate_series(1, $2::int)`,
);
const chunks = statement<never>(
  'fault_chunks_of_leaver',
  `insert into walk_chunks (walk_id, content_hash, point_count, points, pauses, received_at)
   select id, '\\x01', 0, '[]', '[]', now() from walks where user_id = $1::uuid`,
);

/** Somebody with all of it, who left 31 days ago and whose erasure has not begun. */
async function leaver(): Promise<{ userId: string; kakaoId: string }> {
  const config = await withLocalSecrets(
    loadConfig({ NODE_ENV: 'test', LOG_LEVEL: 'silent', ROLE: 'web', ...env }),
  );
  const kakaoId = String(Math.floor(Math.random() * 1e12) + 1);
  providers.kakao.addUser({ id: kakaoId });
  const app = await createApp(config);
  try {
    await app.init();
    const db = app.get(Database);
    const now = new Date();
    const userId = await db.transaction(async (tx) => {
      const { id } = await createUser(tx, { nickname: '떠난사람', now });
      await tx.prisma.identity.create({
        data: {
          ...{ id: uuidv7(), userId: id, provider: 'kakao', providerUserId: kakaoId, linkedAt: now },
          refreshTokenSealed: seal('unused', config.encryptionKey!),
        },
      });
      await tx.rows(walksOf, [id, WALKS]);
      await tx.rows(chunks, [id]);
      await tx.prisma.photo.create({
        data: {
          ...{ id: uuidv7(), userId: id, kind: 'pet_profile', storageKey: `photos/${uuidv7()}` },
          ...{ widthPx: 1, heightPx: 1, createdAt: now },
        },
      });
      await tx.prisma.consent.create({
        data: { id: uuidv7(), userId: id, kind: 'marketing', version: '1', granted: true, at: now },
      });
      await tx.prisma.user.update({
        where: { id },
        data: { deletionRequestedAt: new Date(now.getTime() - 31 * DAY_MS) },
      });
      await app.get(Queue).enqueue(tx, eraseLeavers, { slotAt: now.toISOString() });
      return id;
    });
    return { userId, kakaoId };
  } finally {
    await app.close();
  }
}

/** A job of a process that was killed is taken up when it has expired: as if it had. */
const expire = statement<{ id: string }>(
  'fault_expire_jobs',
  `update pgboss.job set state = 'retry', start_after = now() where state = 'active' returning id`,
);

/** Of the killed process, which nobody else has open. */
async function withDatabase<T>(work: (db: Database) => Promise<T>): Promise<T> {
  const db = await openDatabase(loadConfig(env));
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

/** All that could be left of somebody, wherever. */
const left = (db: Database, userId: string) =>
  Promise.all([
    db.prisma.user.count({ where: { id: userId } }),
    db.prisma.walk.count({ where: { userId } }),
    db.prisma.photo.count({ where: { userId } }),
    db.prisma.identity.count({ where: { userId } }),
    db.prisma.erasure.count({ where: { finishedAt: null } }),
    db.prisma.fileDeletion.count({ where: { at: { gt: new Date(Date.now() + 60_000) } } }),
  ]);

it.each(STEPS)(
  'A2 killed at %s and started again: erased, and told once of each thing',
  async (failpoint) => {
    const { userId, kakaoId } = await leaver();
    backend.begin({ CLOCK_AHEAD_MS: '0', FAILPOINT: failpoint });
    await backend.died();
    await withDatabase((db) => db.rows(expire, []));
    await backend.start({ CLOCK_AHEAD_MS: '0' });
    while ((await backend.inspect((db) => left(db, userId))).some((n) => n > 0)) await passed(POLL_MS);
    await backend.kill();
    const state = await backend.inspect(async (db) => ({
      left: await left(db, userId),
      consents: await db.prisma.consent.findMany({ where: { userId }, orderBy: { at: 'asc' } }),
    }));
    expect(state.left).toEqual([0, 0, 0, 0, 0, 0]);
    expect(state.consents.map(({ granted }) => granted)).toEqual([true, false]);
    expect(providers.kakao.unlinkedUsers.filter((id) => id === kakaoId).length).toBeLessThanOrEqual(1);
  },
  120_000,
);
