import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { v7 as uuidv7 } from 'uuid';
import { grantRole } from '../../src/modules/moderation/index.js';
import { findAccounts } from '../../src/modules/moderation/moderation.queries.js';
import { abandonSilentWalks } from '../../src/modules/walks/walks.jobs.js';
import { createUser } from '../../src/modules/users/index.js';
import { Database, statement } from '../../src/platform/database/database.js';
import { openEmbedded } from '../../src/platform/database/embedded.js';
import { schedule } from '../../src/schedule.js';
import { contractOf, expectProblem, type Person, send, signIn } from '../support/api.js';
import { given } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { NODE_FLAGS, ownDatabase, PROCESS_ENV, SERVER_URL } from '../support/lane.js';
import { type Operation, operationsOf } from '../support/operations.js';
import { plansOf } from '../support/plans.js';
import { get, post } from '../support/rest.js';

const JOB = abandonSilentWalks.name;
const REASON = '이용 원칙 3조';

let test: TestApp;
let bori: Person;
let moderator: Person;
let admin: Person;
let operations: Operation[];
beforeAll(async () => {
  test = await startTestApp();
  operations = operationsOf(contractOf(test).document).filter(({ path }) => path.startsWith('/admin'));
});
afterAll(() => test.close());
beforeEach(async () => {
  await test.queue.drain();
  test.clock.set('2026-11-20T03:04:00.000Z');
  bori = await signIn(test, { nickname: '보리네' });
  moderator = await withRole('moderator');
  admin = await withRole('admin');
});

async function withRole(role: 'moderator' | 'admin'): Promise<Person> {
  const person = await signIn(test, { nickname: '운영자' });
  await test.db.prisma.user.update({ where: { id: person.id }, data: { role } });
  return person;
}
const grant = (userId: string, role: 'user' | 'moderator' | 'admin') =>
  test.db.transaction((tx) => grantRole(tx, { userId, role, now: test.clock.now() }));
const auditBy = async (actor: Person) =>
  (await test.db.prisma.auditEntry.findMany({ where: { actorId: actor.id } })).map(
    ({ action, targetKind, targetId, reason }) => [action, targetKind, targetId, reason],
  );

const jobs = statement<{ id: string; state: string; data: { slotAt: string } }>(
  'test_back_office_jobs',
  `select id::text as id, state::text as state, data::json as data from pgboss.job
   where name = $1::text and state < 'completed'`,
);
const jobsWaiting = () => test.db.rows(jobs, [JOB]);

describe('O: who may ask what', () => {
  const bodyFor = ({ body, path }: Operation) =>
    body &&
    (path.endsWith('/suspension')
      ? { suspended: true, reason: REASON }
      : { action: 'dismiss', reason: REASON });
  const asked = ({ method, path, ...operation }: Operation, as?: Person) => {
    const url = path.replaceAll(/\{\w+\}/g, uuidv7());
    const body = bodyFor({ method, path, ...operation });
    return as ? as.send(method, url, body ?? undefined) : send(test, method, url, body ?? undefined);
  };

  it('is the same for every route of the back office: anonymous, user, moderator, admin, and those suspended', async () => {
    const [lowered, suspended, suspendedAdmin] = [
      await withRole('moderator'),
      await withRole('moderator'),
      await withRole('admin'),
    ];
    for (const { id } of [suspended, suspendedAdmin])
      await test.db.prisma.user.update({ where: { id }, data: { suspendedAt: test.clock.now() } });
    await grant(lowered.id, 'user');
    expect(operations.length).toBeGreaterThanOrEqual(10);
    for (const operation of operations) {
      const codeFor = async (as?: Person) => {
        const { status, body } = await asked(operation, as);
        return status === 401 || status === 403 ? [status, body.code] : 'let in';
      };
      const isForAdmins = operation.raw['x-role'] === 'admin';
      expect({
        key: operation.key,
        anonymous: await codeFor(),
        user: await codeFor(bori),
        lowered: await codeFor(lowered),
        moderator: await codeFor(moderator),
        admin: await codeFor(admin),
        suspended: await codeFor(suspended),
        suspendedAdmin: await codeFor(suspendedAdmin),
      }).toEqual({
        key: operation.key,
        anonymous: [401, 'unauthorized'],
        user: [403, 'forbidden'],
        lowered: [403, 'forbidden'],
        moderator: isForAdmins ? [403, 'forbidden'] : 'let in',
        admin: 'let in',
        suspended: [403, 'account-suspended'],
        suspendedAdmin: [403, 'account-suspended'],
      });
    }
  });

  it('is read again for each request: who was lowered or suspended is out at once', async () => {
    expect((await get('/admin/jobs', admin)).status).toBe(200);
    await grant(admin.id, 'moderator');
    expectProblem(await get('/admin/jobs', admin), 403, 'forbidden');
    expect((await get('/admin/reports', admin)).status).toBe(200);
    await grant(admin.id, 'user');
    expectProblem(await get('/admin/reports', admin), 403, 'forbidden');
  });

  it('a moderator acts neither on an admin, nor on an equal, nor on themself', async () => {
    const equal = await withRole('moderator');
    for (const person of [admin, equal, moderator]) {
      const path = `/admin/users/${person.id}/suspension`;
      expectProblem(await post(path, moderator, { suspended: true, reason: REASON }), 403, 'forbidden');
    }
    expect(await auditBy(moderator)).toEqual([]);
  });
});

describe('every act', () => {
  /** Each route that writes: what is asked, and what shows that it was done. */
  const ACTS: Record<string, () => Promise<{ path: string; body?: object; isDone: () => Promise<boolean> }>> =
    {
      'POST /admin/reports/{id}/actions': async () => {
        const input = { targetKind: 'user', targetId: bori.id, reason: 'spam' };
        const { body } = await post('/reports', await signIn(test), input);
        return {
          path: `/admin/reports/${body.id}/actions`,
          body: { action: 'dismiss', reason: REASON },
          isDone: async () =>
            (await test.db.prisma.report.findUniqueOrThrow({ where: { id: body.id } })).state !== 'open',
        };
      },
      'POST /admin/users/{id}/suspension': async () => ({
        path: `/admin/users/${bori.id}/suspension`,
        body: { suspended: true, reason: REASON },
        isDone: async () =>
          (await test.db.prisma.user.findUniqueOrThrow({ where: { id: bori.id } })).suspendedAt !== null,
      }),
      'POST /admin/jobs/{name}/run': async () => ({
        path: `/admin/jobs/${JOB}/run`,
        isDone: async () => (await jobsWaiting()).length > 0,
      }),
      'POST /admin/webhooks/{id}/replay': async () => {
        const { id } = await test.db.prisma.storeEvent.create({
          data: {
            ...{ id: uuidv7(), store: 'toss', eventKey: uuidv7(), kind: 'PAYMENT_STATUS_CHANGED' },
            ...{ environment: 'production', bodySealed: new Uint8Array([1]), receivedAt: test.clock.now() },
            processedAt: test.clock.now(),
          },
        });
        return {
          path: `/admin/webhooks/${id}/replay`,
          isDone: async () =>
            (await test.db.prisma.storeEvent.findUniqueOrThrow({ where: { id } })).processedAt === null,
        };
      },
    };

  it('is known to this suite', () => {
    const writing = operations.filter(({ method }) => method !== 'GET').map(({ key }) => key);
    expect(Object.keys(ACTS).sort()).toEqual(writing.sort());
  });

  it.each(Object.keys(ACTS))(
    '%s: is not done when it cannot be written down, and is written down once',
    async (key) => {
      const { path, body, isDone } = await ACTS[key]!();
      const sql = async (name: string, text: string) => test.db.rows(statement(`test_${name}`, text), []);
      await sql(
        'no_ink',
        `create function no_ink() returns trigger language plpgsql as 'begin raise exception ''no ink''; end'`,
      );
      await sql('no_ink_on', `create trigger no_ink before insert on audit_log execute function no_ink()`);
      expect((await post(path, admin, body)).status).toBe(500);
      expect(await isDone()).toBe(false);
      await sql('ink', `drop function no_ink cascade`);
      expect(await auditBy(admin)).toEqual([]);
      expect((await post(path, admin, body)).status).toBeLessThan(300);
      expect(await isDone()).toBe(true);
      expect(await auditBy(admin)).toHaveLength(1);
      await test.db.prisma.storeEvent.deleteMany();
    },
  );
});

describe('jobs of the schedule', () => {
  const run = (as = admin, headers = {}) => post(`/admin/jobs/${JOB}/run`, as, undefined, headers);

  it('are listed with when they ran and will run, and what waits', async () => {
    const listed = async () =>
      (await get('/admin/jobs', admin)).body.items.find(({ name }: { name: string }) => name === JOB);
    expect((await get('/admin/jobs', admin)).body.items.map(({ name }: { name: string }) => name)).toEqual(
      schedule.map(({ job }) => job.name),
    );
    await test.db.prisma.scheduleRun.deleteMany();
    const before = await listed();
    expect(before).toMatchObject({
      ...{ cron: '*/10 * * * *', lastSlotAt: null, nextSlotAt: '2026-11-20T03:10:00.000Z' },
      ...{ waiting: 0, running: 0, failed: 0 },
    });
    await run();
    expect(await listed()).toMatchObject({ lastSlotAt: '2026-11-20T03:00:00.000Z', waiting: 1 });
    await test.queue.drain();
    expect(await listed()).toMatchObject({ waiting: 0, lastDoneAt: expect.any(String) });
  });

  it('run for their latest slot, as the schedule does it, and it is written down', async () => {
    test.clock.advance({ minutes: 1 });
    const { status, body } = await run();
    expect([status, body]).toEqual([
      202,
      { name: JOB, jobId: expect.any(String), slotAt: '2026-11-20T03:00:00.000Z', isNew: true },
    ]);
    expect(await jobsWaiting()).toEqual([
      { id: body.jobId, state: 'created', data: { slotAt: '2026-11-20T03:00:00.000Z' } },
    ]);
    expect(await auditBy(admin)).toEqual([['run_job', 'job', body.jobId, JOB]]);
    const [newest] = (await get('/admin/audit-log?limit=1', moderator)).body.items;
    expect(newest).toMatchObject({ action: 'run_job', targetKind: 'job', actorId: admin.id });
  });

  it('run once when two ask at once, or while one waits for its retry, which is due then', async () => {
    const other = await withRole('admin');
    const answers = await Promise.all([run(), run(other), run(), run(other)]);
    expect(new Set(answers.map(({ body }) => body.jobId)).size).toBe(1);
    expect(answers.filter(({ body }) => body.isNew)).toHaveLength(1);
    expect(await jobsWaiting()).toHaveLength(1);

    const later = statement(
      'test_back_office_later',
      `update pgboss.job set state = 'retry', start_after = now() + interval '1 hour' where name = $1::text and state = 'created' returning 1`,
    );
    await test.db.rows(later, [JOB]);
    expect(await test.queue.drain()).toBe(0);
    expect((await run()).body).toMatchObject({ jobId: answers[0].body.jobId, isNew: false });
    expect(await test.queue.drain()).toBe(1);
    expect(await jobsWaiting()).toEqual([]);
    expect((await run()).body).toMatchObject({ isNew: true });
    const key = { 'idempotency-key': 'once' };
    expect((await run(admin, key)).body).toEqual((await run(admin, key)).body);
  });

  it('are only those that the schedule names', async () => {
    for (const name of ['payments.process-store-event', 'no-such-job', '__proto__', 'constructor'])
      expectProblem(await post(`/admin/jobs/${name}/run`, admin, undefined), 404, 'job-not-found');
    expectProblem(await run(moderator), 403, 'forbidden');
    expect(await auditBy(admin)).toEqual([]);
  });
});

describe('one account', () => {
  it('is shown without what is private, and each look is written down', async () => {
    const { id: walkId } = await given.walk(bori, { km: 1 });
    await bori.send('POST', '/users/me/privacy-zones', {
      name: '우리집',
      lat: 37.5,
      lng: 127.1,
      radiusM: 200,
    });
    await given.premium(bori);
    await post('/reports', await signIn(test), { targetKind: 'user', targetId: bori.id, reason: 'spam' });
    for (const suspended of [true, false]) {
      test.clock.advance({ seconds: 1 });
      await post(`/admin/users/${bori.id}/suspension`, moderator, { suspended, reason: REASON });
    }
    const { status, body, text } = await get(`/admin/users/${bori.id}`, moderator);
    expect([status, body]).toEqual([
      200,
      {
        ...{ id: bori.id, nickname: '보리네', role: 'user', createdAt: '2026-11-20T03:04:00.000Z' },
        ...{ suspendedAt: null, isLeaving: false, openReports: 1, providers: [] },
        ...{ lastSeenAt: '2026-11-20T03:04:00.000Z', premiumUntil: expect.any(String) },
        subscriptions: [expect.objectContaining({ state: 'cancelled', accessUntil: body.premiumUntil })],
        reports: { open: 1, actioned: 0, dismissed: 0 },
        history: [
          expect.objectContaining({ action: 'unsuspend', actorId: moderator.id, reason: REASON }),
          expect.objectContaining({ action: 'suspend', actorNickname: '운영자' }),
        ],
      },
    ]);
    expect(text).not.toMatch(new RegExp(`${walkId}|우리집|37\\.5|lat|lng|region|reporter`));
    expect(await auditBy(moderator)).toContainEqual(['view_account', 'user', bori.id, '']);
    expect((await get(`/admin/users/${bori.id}`, moderator)).body.history).toHaveLength(2);
    expectProblem(await get(`/admin/users/${uuidv7()}`, moderator), 404, 'user-not-found');
  });

  it('is found by the beginning of its name through an index, however many there are', async () => {
    const many = statement(
      'test_back_office_many',
      `insert into users (id, nickname, privacy_seed, created_at)
       select gen_random_uuid(), '동네' || md5(n::text), '\\x00', now() from generate_series(1, $1::int) n returning 1`,
    );
    await test.db.rows(many, [SERVER_URL ? 20_000 : 3_000]);
    await test.db.rows(statement('test_back_office_analyze', 'analyze users'), []);
    for (const asked of [
      { q: '동네00', by: 'nickname' },
      { q: bori.id, by: 'id' },
    ] as const) {
      const plans = await plansOf(test.db, (db) =>
        findAccounts(db, { ...asked, suspendedOnly: false, afterId: null, count: 21 }),
      );
      const scans = plans.flatMap((plan) => plan.scans.filter((scan) => scan.includes('users')));
      const index = { nickname: 'users_nickname_prefix', id: 'users_pkey' }[asked.by];
      expect(scans.join()).toContain(index);
      expect(scans.join()).not.toContain('Seq Scan');
      expect(plans).toHaveLength(2);
    }
    const { items } = (await get(`/admin/users?q=${encodeURIComponent('동네0')}&limit=100`, moderator)).body;
    expect(items.length).toBeGreaterThan(50);
    for (const { nickname } of items) expect(nickname).toMatch(/^동네0/);
  });
});

it('npm run role gives a role on this lane’s database, writes it down, and says when nothing changed', async () => {
  const database = await ownDatabase();
  const { DATABASE_URL, DATA_DIR } = database.env;
  const open = async () =>
    DATABASE_URL
      ? Database.server(DATABASE_URL, 1, () => {})
      : Database.embedded(await openEmbedded(join(DATA_DIR!, 'postgres')));
  const within = async <T>(work: (db: Database) => Promise<T>): Promise<T> => {
    const db = await open();
    return work(db).finally(() => db.close());
  };
  const { id } = await within((db) =>
    db.transaction((tx) => createUser(tx, { nickname: '새 운영자', now: test.clock.now() })),
  );
  const role = (...args: string[]) =>
    promisify(execFile)(process.execPath, [...NODE_FLAGS, 'dist/scripts/role.js', ...args], {
      env: { ...PROCESS_ENV, ...database.env },
    }).then(
      ({ stdout }) => stdout,
      ({ code, stderr }: { code: number; stderr: string }) => `${code} ${stderr}`,
    );
  expect(await role(id, 'moderator')).toBe(`${id} is moderator now.\n`);
  expect(await role(id, 'moderator')).toMatch(/^1 Nothing changed/);
  expect(await role(id, 'king')).toMatch(/^2 Usage/);
  await within(async ({ prisma }) => {
    expect((await prisma.user.findUniqueOrThrow({ where: { id } })).role).toBe('moderator');
    expect(await prisma.auditEntry.findMany({ where: { targetId: id } })).toMatchObject([
      { actorId: null, action: 'grant_role', reason: 'moderator' },
    ]);
  });
  await database.remove();
});
