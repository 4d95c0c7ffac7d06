/**
 * A4–A7: what is left of the service while something that it stands on is away, and that it comes back by itself.
 * On a server PostgreSQL and Redis are the test's own, and are restarted, stopped, filled up and slowed down.
 */
import { randomInt } from 'node:crypto';
import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { CONFIG, type Config, loadConfig } from '../../src/config/config.js';
import { AccessTokens } from '../../src/platform/auth/access-tokens.js';
import { SystemClock } from '../../src/platform/clock/clock.js';
import { Database } from '../../src/platform/database/database.js';
import { type LoginProviders, REDIRECT_URIS, startLoginProviders } from '../simulators/login-providers.js';
import { form, picture } from '../builders/pictures.js';
import { expectProblem, type Person, send, signIn } from '../support/api.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { SERVER_URL } from '../support/lane.js';
import { LivePhone } from '../support/sockets.js';
import { consentRows } from '../builders/consents.js';
import { Backend } from './backend.js';
import { OwnPostgres, OwnRedis } from '../support/own-servers.js';
import { Wire } from './wire.js';

const KEYS = { JWT_SECRET_KEY: 'degradation-jwt-'.repeat(3), ENCRYPTION_KEY: 'degradation-seal-'.repeat(3) };
const MAX_WAIT_MS = 30_000;
const LOOK_EVERY_MS = 50;
const POSITION_EVERY_MS = 500;
const figures: string[] = [];
afterAll(() => console.log(figures.join('\n')));

async function until(
  what: string,
  holds: () => Promise<boolean>,
  lookEveryMs = LOOK_EVERY_MS,
): Promise<number> {
  const startedMs = performance.now();
  while (!(await holds())) {
    if (performance.now() - startedMs > MAX_WAIT_MS) throw new Error(`Never so: ${what}`);
    await passed(lookEveryMs);
  }
  return performance.now() - startedMs;
}

const readiness = async (url: string) => {
  const response = await fetch(`${url}/health/ready`);
  const { status, database, cache, storage } = (await response.json()) as Record<string, string>;
  return { http: response.status, status, database, cache, storage };
};

describe('in one process', () => {
  let test: TestApp;
  let providers: LoginProviders;
  let person: Person;
  beforeAll(async () => {
    providers = await startLoginProviders();
    // Nobody answers at this Redis, from the start to the end.
    test = await startTestApp({
      env: { ...providers.env, REDIS_URL: 'redis://127.0.0.1:1', OUTBOUND_TIMEOUT_SECONDS: '1' },
    });
    person = await signIn(test);
  });
  afterAll(async () => {
    await test.close();
    await providers.close();
  });

  it('A6 starts and works without Redis, and says so', async () => {
    expect(await readiness(test.url)).toEqual({
      ...{ http: 200, status: 'degraded', database: 'ok', cache: 'down', storage: 'ok' },
    });
    for (let i = 0; i < 20; i++) expect((await person.send('GET', '/users/me')).status).toBe(200);
  });

  it('A8 keeps what it can without the storage, and goes on with it when it is back', async () => {
    const { data: pet } = await person.api.POST('/pets', { body: { name: '보리', weightKg: 8 } });
    const upload = async () => {
      const body = form(await picture(), { petId: pet!.id });
      return person.send('POST', '/upload/pet-profile', body);
    };
    expect((await upload()).status).toBe(201);
    const files = join(test.app.get<Config>(CONFIG).dataDir, 'files');
    await cp(files, `${files}-kept`, { recursive: true });
    await rm(files, { recursive: true });
    await writeFile(files, 'no folder'); // a disk that takes nothing, for root as well

    const refused = await upload();
    expectProblem(refused, 503, 'storage-unavailable');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await test.db.prisma.photo.count()).toBe(1);
    await until('not ready without its storage', async () => (await readiness(test.url)).storage === 'down');
    expect(await readiness(test.url)).toMatchObject({ http: 200, status: 'degraded', database: 'ok' });
    expect((await person.send('GET', '/pets')).status).toBe(200);

    await rm(files);
    await cp(`${files}-kept`, files, { recursive: true });
    await until('ready with its storage', async () => (await readiness(test.url)).storage === 'ok');
    expect((await upload()).status).toBe(201);
  });

  it('A8 answers a login without its provider with 503, and everything else as ever', async () => {
    await providers.close();
    const before = await readiness(test.url);
    const login = await send(test, 'POST', '/auth/kakao', { code: 'code', redirectUri: REDIRECT_URIS.kakao });
    expectProblem(login, 503, 'provider-unavailable');
    expect((await person.send('GET', '/users/me')).status).toBe(200);
    expect(await readiness(test.url)).toEqual(before);
  });
});

if (SERVER_URL)
  describe('on servers', () => {
    const RESTARTS = ['immediate', 'fast', 'immediate', 'fast'] as const;
    const WRITERS = 8;
    const BACK_WITHIN_MS = 10_000;
    const ANSWERED_WITHIN_MS = 10_000;
    let postgres: OwnPostgres;
    let redis: OwnRedis;
    let wire: Wire;
    let db: Database;
    let first: Backend;
    let second: Backend;
    const tokens = new AccessTokens(loadConfig(KEYS), new SystemClock());

    beforeAll(async () => {
      [postgres, redis] = await Promise.all([OwnPostgres.start(), OwnRedis.start()]);
      wire = await Wire.to(redis.port);
      db = Database.server(postgres.url, 4, () => {}); // restarts end its connections
      const env = { ...KEYS, DATABASE_URL: postgres.url, REDIS_URL: `redis://127.0.0.1:${wire.port}` };
      first = new Backend({ ...env, OUTBOUND_TIMEOUT_SECONDS: '1' });
      second = new Backend({ ...env, ROLE: 'web' });
      await first.start();
      await second.start({ RATE_LIMIT_FACTOR: '1' });
    });
    afterAll(async () => {
      await first?.kill();
      await second?.kill();
      await db?.close();
      await wire?.close();
      await redis?.remove();
      await postgres?.remove();
    });

    /** Somebody with a session and a dog, straight in the database. */
    async function somebody() {
      const [id, sessionId, petId] = [uuidv7(), uuidv7(), uuidv7()];
      const now = new Date();
      await db.prisma.user.create({
        data: { id, nickname: '산책친구', privacySeed: new Uint8Array(32), createdAt: now },
      });
      await db.prisma.consent.createMany({ data: consentRows(id, now) });
      const expiresAt = new Date(now.getTime() + 86_400_000);
      await db.prisma.session.create({
        data: { id: sessionId, userId: id, createdAt: now, lastUsedAt: now, expiresAt },
      });
      await db.prisma.pet.create({ data: { id: petId, userId: id, name: '보리', createdAt: now } });
      const authorization = `Bearer ${tokens.issue(id, sessionId).token}`;
      const ask = async (method: string, path: string, body?: object, headers = {}, at = first) => {
        const startedMs = performance.now();
        const response = await fetch(at.url + path, {
          method,
          headers: { authorization, ...(body && { 'content-type': 'application/json' }), ...headers },
          body: body && JSON.stringify(body),
        });
        const text = await response.text();
        const tookMs = performance.now() - startedMs;
        return {
          path,
          status: response.status,
          retryAfter: response.headers.get('retry-after'),
          text,
          tookMs,
        };
      };
      return { id, sessionId, petId, ask, token: authorization.slice(7) };
    }
    type Somebody = Awaited<ReturnType<typeof somebody>>;
    type Told = Awaited<ReturnType<Somebody['ask']>>;

    const p95 = (all: readonly Told[]) =>
      all.map(({ tookMs }) => tookMs).sort((a, b) => a - b)[Math.floor(all.length * 0.95)]!;
    async function core(who: Somebody, rounds: number): Promise<Told[]> {
      const all: Told[] = [];
      for (let i = 0; i < rounds; i++)
        for (const path of ['/users/me', '/pets', '/walks', '/notifications', '/feed'])
          all.push(await who.ask('GET', path));
      return all;
    }
    const statuses = (all: readonly Told[]) => [...new Set(all.map(({ status }) => status))].sort();

    it('A4 loses nothing that it acknowledged when PostgreSQL is restarted, and stays up', async () => {
      const people = await Promise.all(Array.from({ length: WRITERS }, somebody));
      const acknowledged = new Set<string>();
      const failures: Told[] = [];
      let isOver = false;
      const write = async ({ petId, ask }: Somebody) => {
        while (!isOver) {
          const note = uuidv7();
          const body = { kind: 'vet_visit', date: '2026-11-20', title: '진료', note };
          // As a phone does: the same again until it is acknowledged.
          for (let isDone = false; !isDone && !isOver;) {
            const told = await ask('POST', `/pets/${petId}/health`, body, { 'idempotency-key': note });
            isDone = told.status === 201;
            if (isDone) acknowledged.add(note);
            else failures.push(told);
            if (!isDone) await passed(LOOK_EVERY_MS);
          }
          const read = await ask('GET', `/pets/${petId}/health`);
          if (read.status !== 200) failures.push(read);
        }
      };
      const writing = Promise.all(people.map(write));
      const backMs: number[] = [];
      for (const mode of RESTARTS) {
        const before = acknowledged.size;
        await until('writing', () => Promise.resolve(acknowledged.size > before + 20));
        await postgres.restart(mode);
        const from = acknowledged.size;
        await until('ready', async () => (await readiness(first.url)).http === 200);
        backMs.push(await until('writing again', () => Promise.resolve(acknowledged.size > from)));
      }
      isOver = true;
      await writing;

      expect(failures.filter(({ status, retryAfter }) => status !== 503 || !retryAfter)).toEqual([]);
      const slowestMs = Math.max(0, ...failures.map(({ tookMs }) => tookMs));
      figures.push(
        `A4: ${acknowledged.size} writes, ${failures.length} × 503, slowest ${slowestMs.toFixed(0)} ms, back after ${backMs.map((ms) => ms.toFixed(0)).join(', ')} ms`,
      );
      expect(slowestMs).toBeLessThan(ANSWERED_WITHIN_MS);
      expect(Math.max(...backMs)).toBeLessThan(BACK_WITHIN_MS);
      const rows = await db.prisma.healthRecord.findMany({ select: { note: true } });
      const notes = rows.map(({ note }) => note!);
      expect(new Set(notes).size).toBe(notes.length);
      expect([...acknowledged].filter((note) => !notes.includes(note))).toEqual([]);
      // The workers work again as well.
      await until('an empty queue', async () => {
        const [row] = await db.prisma.$queryRaw<{ count: number }[]>`
          select count(*)::int as count from pgboss.job where state < 'completed' and start_after < now()`;
        return row!.count === 0;
      });
    });

    it('A5 answers on other routes while a table is locked, and those that wait for it with 503', async () => {
      const people = await Promise.all(Array.from({ length: 20 }, somebody));
      const other = await somebody();
      const locker = new pg.Client({ connectionString: postgres.url });
      await locker.connect();
      await locker.query('begin; lock table walks in access exclusive mode');
      const stuck = Promise.all(
        Array.from({ length: 200 }, (_, n) => people[n % people.length]!.ask('GET', '/walks')),
      );
      await until('waiting for the lock', async () => {
        const { rows } = await locker.query(`select from pg_locks where not granted`);
        return rows.length >= 3;
      });
      const meanwhile: Told[] = [];
      let isOver = false;
      const done = stuck.then(() => (isOver = true));
      while (!isOver)
        for (const path of ['/pets', '/blocks', '/users/me/settings', '/plans', '/health/ready'])
          meanwhile.push(await other.ask('GET', path));
      await done;
      const waited = await stuck;
      await locker.query('rollback');
      await locker.end();

      expect(statuses(waited)).toEqual([503]);
      expect(waited.every(({ retryAfter }) => Number(retryAfter) > 0)).toBe(true);
      expect(meanwhile.filter(({ status }) => status !== 200)).toEqual([]);
      const longestMs = Math.max(...waited.map(({ tookMs }) => tookMs));
      figures.push(
        `A5: others ${meanwhile.length} answers, p95 ${p95(meanwhile).toFixed(0)} ms; 200 waited at most ${longestMs.toFixed(0)} ms`,
      );
      expect(p95(meanwhile)).toBeLessThan(1_000);
      expect(longestMs).toBeLessThan(ANSWERED_WITHIN_MS);
      expect((await people[0]!.ask('GET', '/walks')).status).toBe(200);
    });

    it('A6 does without Redis, and comes back to it: stopped, emptied, full', async () => {
      const who = await somebody();
      const isCache = (state: string, at = first) =>
        until(`cache ${state}`, async () => (await readiness(at.url)).cache === state);
      // The budget of one address at the second process, before and after.
      const passes = async (count: number) => {
        const { hostname } = new URL(second.url);
        const all = await Promise.all(Array.from({ length: count }, () => fetch(`${second.url}/plans`)));
        for (const answer of all) await answer.text();
        expect(hostname).toBe('127.0.0.1');
        return all.filter(({ status }) => status === 200).length;
      };
      expect(await passes(60)).toBe(60);
      await redis.off();
      expect(statuses(await core(who, 10))).toEqual([200]);
      await isCache('down');
      expect((await readiness(first.url)).status).toBe('degraded');
      await isCache('down', second);
      expect(await passes(250)).toBe(100); // in all 160 of 100: less than twice

      await redis.on();
      const backMs = await isCache('ok');
      figures.push(`A6: cache back after ${backMs.toFixed(0)} ms`);
      expect(backMs).toBeLessThan(BACK_WITHIN_MS);
      const admin = new Redis(redis.url);
      await admin.flushall();
      expect(statuses(await core(who, 5))).toEqual([200]);
      await admin.config('SET', 'maxmemory-policy', 'noeviction');
      await admin.config('SET', 'maxmemory', '1');
      expect(statuses(await core(who, 5))).toEqual([200]);
      await isCache('down');
      expect((await readiness(first.url)).http).toBe(200);
      await admin.config('SET', 'maxmemory', '0');
      await isCache('ok');
      expect(statuses(await core(who, 5))).toEqual([200]);
      admin.disconnect();
    });

    it('A7 is not slowed down by a Redis that is slow, or that takes everything and says nothing', async () => {
      const who = await somebody();
      const usual = p95(await core(who, 10));
      for (const delayMs of [2_000, Infinity]) {
        wire.delayMs = delayMs;
        const slowed = await core(who, 30);
        figures.push(`A7: ${delayMs} ms: p95 ${p95(slowed).toFixed(0)} ms (usually ${usual.toFixed(0)} ms)`);
        expect(statuses(slowed)).toEqual([200]);
        expect(p95(slowed)).toBeLessThan(1_000);
        wire.delayMs = 0;
        await until('cache ok', async () => (await readiness(first.url)).cache === 'ok');
      }
    });

    it('A6 shows people at two processes to each other again when Redis is back', async () => {
      const [here, there] = [await somebody(), await somebody()];
      const now = new Date();
      const [roomId, meetupId] = [uuidv7(), uuidv7()];
      await db.prisma.meetup.create({
        data: {
          ...{ id: meetupId, hostId: here.id, title: '산책', placeName: '입구', lat: 37.5, lng: 127 },
          ...{ startsAt: now, capacity: 10, createdAt: now },
          participants: { create: [here, there].map(({ id }) => ({ userId: id, joinedAt: now })) },
        },
      });
      const closesAt = new Date(now.getTime() + 3_600_000);
      await db.prisma.room.create({ data: { id: roomId, meetupId, opensAt: now, closesAt, createdAt: now } });
      await db.prisma.roomMember.createMany({
        data: [here, there].map(({ id }) => ({ roomId, userId: id })),
      });
      const [one, two] = [
        await LivePhone.connect(first.url, here.token),
        await LivePhone.connect(second.url, there.token),
      ];
      await one.join(roomId);
      await two.join(roomId);
      /** Says where it is until the other has heard it. */
      const meet = () => {
        const lat = 37 + randomInt(1, 1_000_000) / 1_000_000;
        return until(
          'the position at the other process',
          () => {
            one.send('position', { lat, lng: 127 });
            return Promise.resolve(
              two.all('position').some((seen) => seen.userId === here.id && seen.lat === lat),
            );
          },
          POSITION_EVERY_MS,
        );
      };
      await meet();
      await redis.off();
      await until('no cache', async () => (await readiness(second.url)).cache === 'down');
      one.send('position', { lat: 36, lng: 127 });
      expect([one.isConnected, two.isConnected]).toEqual([true, true]);
      await redis.on();
      figures.push(`A6: positions cross again after ${(await meet()).toFixed(0)} ms`);
      expect([one.isConnected, two.isConnected]).toEqual([true, true]);
      one.close();
      two.close();
    });
  });
