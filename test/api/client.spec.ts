import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type * as Package from '../../client/src/index.js';
import { SIGN_UP_CONSENTS } from '../builders/consents.js';
import { streetWalk } from '../builders/tracks.js';
import { wirePoints } from '../builders/wire.js';
import { type LoginProviders, startLoginProviders } from '../simulators/login-providers.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { NODE_FLAGS, PROCESS_ENV } from '../support/lane.js';
import { TestClock } from '../support/test-clock.js';

let test: TestApp;
let providers: LoginProviders;
let folder: string;
let client: typeof Package;
let clock: TestClock;
beforeAll(async () => {
  await mkdir('.cache', { recursive: true });
  folder = await mkdtemp(resolve('.cache', 'client-'));
  const args = [...NODE_FLAGS, 'dist/scripts/client.js', '--out', folder];
  await promisify(execFile)(process.execPath, args, { env: PROCESS_ENV });
  client = (await import(pathToFileURL(join(folder, 'index.js')).href)) as typeof Package;
  clock = new TestClock(Date.now());
  providers = await startLoginProviders({ now: () => clock.nowMs(), walkIns: true });
  test = await startTestApp({ clock, env: providers.env });
}, 120_000);
afterAll(async () => {
  await test.close();
  await providers.close();
  await rm(folder, { recursive: true, force: true });
});

/** A phone: what it keeps, and what went over its wire. */
async function phoneOf(name: string) {
  const kept: { tokens: Package.Tokens | null } = { tokens: null };
  const sent: string[] = [];
  const answers: Response[] = [];
  let loggedOut = 0;
  const made = client.createWithbowwow({
    baseUrl: test.url,
    tokens: {
      load: async () => kept.tokens,
      save: async (tokens) => {
        kept.tokens = tokens;
      },
    },
    onLoggedOut: () => loggedOut++,
    fetch: async (request) => {
      sent.push(`${request.method} ${request.url.slice(test.url.length)}`);
      return answers.shift() ?? fetch(request);
    },
  });
  const login = await client.unwrap(
    made.api.POST('/auth/kakao', { body: { accessToken: `sim-kakao-${name}` } }),
  );
  kept.tokens = login;
  return { ...made, kept, sent, answers, user: login.user, loggedOut: () => loggedOut };
}

it('is a package that says what it needs', async () => {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as object;
  expect(manifest).toMatchObject({ name: '@withbowwow/client', type: 'module', types: './index.d.ts' });
  expect(Object.keys((manifest as { dependencies: object }).dependencies).sort()).toEqual([
    'openapi-fetch',
    'uuid',
  ]);
  expect(await readFile(join(folder, 'README.md'), 'utf8')).toMatch(/한국어 요약/);
  for (const name of ['client.d.ts', 'together.d.ts', 'problem.d.ts'])
    expect(await readFile(join(folder, name), 'utf8')).not.toMatch(/test\/client|node:/);
});

it('walks: logs in, starts, sends points, completes; and a friend sees it in the feed', async () => {
  const [bori, choco] = [await phoneOf('bori'), await phoneOf('choco')];
  const { unwrap, newId, once } = client;
  for (const body of SIGN_UP_CONSENTS)
    await unwrap(bori.api.POST('/users/me/consents', { headers: once(), body }));
  const pet = await unwrap(bori.api.POST('/pets', { headers: once(), body: { name: '보리' } }));
  await unwrap(choco.api.POST('/follows/{userId}', { params: { path: { userId: bori.user.id } } }));
  const id = newId();
  const startMs = test.clock.nowMs() - 3_600_000;
  const points = wirePoints(streetWalk({ startMs, km: 1, noiseM: 4, seed: 5 }));
  const body = { id, petIds: [pet.id], startedAt: points[0]!.t, visibility: 'public' as const };
  await unwrap(bori.api.POST('/walks', { body }));
  const params = { path: { id } };
  for (let i = 0; i < points.length; i += 500)
    await unwrap(bori.api.POST('/walks/{id}/points', { params, body: { points: points.slice(i, i + 500) } }));
  const walk = await unwrap(
    bori.api.POST('/walks/{id}/complete', { params, body: { pointCount: points.length } }),
  );
  expect(walk).toMatchObject({ id, counts: true });
  await test.queue.drain();
  const feed = await unwrap(choco.api.GET('/feed'));
  expect(JSON.stringify(feed.items)).toContain(id);
});

it('refreshes a minute before the end, once for ten calls, without a URL of the platform, and whatever the clock says', async () => {
  const { api, sent, kept } = await phoneOf('early');
  const me = () => client.unwrap(api.GET('/users/me'));
  const { URL } = globalThis;
  const { now } = Date;
  const refreshed = () => sent.filter((line) => line === 'POST /auth/refresh').length;
  try {
    Date.now = () => clock.nowMs();
    clock.advance({ minutes: 58 });
    await me();
    expect(refreshed()).toBe(0);
    clock.advance({ seconds: 90 });
    const before = kept.tokens!;
    globalThis.URL = class extends URL {
      constructor(...of: ConstructorParameters<typeof URL>) {
        const [, , caller] = new Error().stack!.split('\n');
        if (caller!.includes(folder) || caller!.includes('openapi-fetch')) throw new Error('not implemented');
        super(...of);
      }
    };
    await Promise.all(Array.from({ length: 10 }, me));
    globalThis.URL = URL;
    expect(sent).toEqual([
      'POST /auth/kakao',
      'GET /users/me',
      'POST /auth/refresh',
      ...Array.from({ length: 10 }, () => 'GET /users/me'),
    ]);
    expect(kept.tokens!.refreshToken).not.toBe(before.refreshToken);
    // A phone that is a day ahead finds out once, and goes by what the server says.
    Date.now = () => clock.nowMs() + 86_400_000;
    await me();
    await me();
    expect(refreshed()).toBe(2);
  } finally {
    Object.assign(globalThis, { URL });
    Date.now = now;
  }
});

it('refreshes an expired token once for ten calls at a time, and logs out when that is over', async () => {
  const { api, sent, kept, loggedOut } = await phoneOf('refresher');
  const before = kept.tokens!;
  test.clock.advance({ minutes: 61 });
  const all = await Promise.all(Array.from({ length: 10 }, () => client.unwrap(api.GET('/users/me'))));
  expect(new Set(all.map(({ nickname }) => nickname))).toEqual(new Set(['refresher']));
  expect(sent.filter((line) => line === 'POST /auth/refresh')).toHaveLength(1);
  expect(kept.tokens!.refreshToken).not.toBe(before.refreshToken);
  test.clock.advance({ days: 30 });
  await expect(client.unwrap(api.GET('/users/me'))).rejects.toMatchObject({ code: 'unauthorized' });
  expect([kept.tokens, loggedOut()]).toEqual([null, 1]);
});

it('waits for 429 and 503 as they say, sends again what may be, and tells problems by code', async () => {
  const { api, sent, answers } = await phoneOf('waiter');
  const later = (status: number) => new Response('{}', { status, headers: { 'retry-after': '0' } });
  const asked = async (path: string, work: () => Promise<unknown>) => {
    const before = sent.length;
    const outcome = await work().then(
      () => 'done',
      (problem: Package.ApiProblem) => [problem instanceof client.ApiProblem, problem.code, problem.status],
    );
    return [sent.slice(before).filter((line) => line.endsWith(path)).length, outcome];
  };
  const pet = (headers = {}) => client.unwrap(api.POST('/pets', { headers, body: { name: '보리' } }));
  answers.push(later(503), later(429));
  expect(await asked('/users/me', () => client.unwrap(api.GET('/users/me')))).toEqual([3, 'done']);
  answers.push(later(503));
  expect(await asked('/pets', () => pet(client.once()))).toEqual([2, 'done']);
  answers.push(later(503));
  expect(await asked('/pets', () => pet())).toEqual([1, [true, 'service-unavailable', 503]]);
  answers.push(...[1, 2, 3, 4].map(() => later(429)));
  expect(await asked('/users/me', () => client.unwrap(api.GET('/users/me')))).toEqual([
    4,
    [true, 'not-a-problem', 429],
  ]);
  const missing = { params: { path: { id: client.newId() } } };
  expect(await asked('', () => client.unwrap(api.GET('/pets/{id}', missing)))).toEqual([
    1,
    [true, 'pet-not-found', 404],
  ]);
  const faulty = client.unwrap(api.POST('/pets', { body: { name: '' } }));
  await expect(faulty).rejects.toMatchObject({ code: 'validation-failed', errors: [{ path: 'name' }] });
});
