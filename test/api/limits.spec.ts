import { randomInt } from 'node:crypto';
import { type IncomingHttpHeaders, request } from 'node:http';
import { SharedRedis } from '../../src/platform/cache/shared-redis.js';
import { sha256 } from '../../src/platform/crypto/secrets.js';
import { LimitStore } from '../../src/platform/limits/limit-store.js';
import { type LimitName, LIMITS } from '../../src/platform/limits/limits.js';
import { contractOf, type Person, signIn } from '../support/api.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { REDIS_URL, SERVER_URL } from '../support/lane.js';
import { operationsOf } from '../support/operations.js';
import { LivePhone, tokenOf } from '../support/sockets.js';

/** Of all loopback addresses the one that is a proxy of ours; the shared Redis knows the others from no other run. */
const PROXY = '127.0.0.2';
const FORGED = SERVER_URL ? 1_000 : 300;
const anyByte = () => randomInt(1, 255);
const anyPeer = () => `127.${anyByte()}.${anyByte()}.${anyByte()}`;
const anyAddress = () => `100.${anyByte()}.${anyByte()}.${anyByte()}`;

interface Asked {
  from: string;
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string;
}
interface Told {
  status: number;
  headers: IncomingHttpHeaders;
  code?: string;
}

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp({ env: { RATE_LIMIT_FACTOR: '1', TRUST_PROXY: PROXY } });
});
afterAll(() => test.close());

function ask({ from, method = 'GET', path = '/plans', headers = {}, body }: Asked): Promise<Told> {
  const { hostname, port } = new URL(test.url);
  const isJson = body !== undefined && {
    ...{ 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) },
  };
  return new Promise((resolve, reject) => {
    const sent = request(
      { hostname, port, path, method, localAddress: from, headers: { ...isJson, ...headers }, agent: false },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('end', () => {
          const problem = /problem/.test(response.headers['content-type'] ?? '') && text;
          const { code } = (problem ? JSON.parse(text) : {}) as { code?: string };
          resolve({ status: response.statusCode!, headers: response.headers, code });
        });
      },
    );
    sent.on('error', reject).end(body);
  });
}

/** By status, how often. */
async function tally(asked: Asked[], atOnce = 25): Promise<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (let at = 0; at < asked.length; at += atOnce)
    for (const { status } of await Promise.all(asked.slice(at, at + atOnce).map(ask)))
      counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

const times = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));
const spend = (name: LimitName, who: string, count: number) =>
  Promise.all(times(count, () => test.app.get(LimitStore).count(name, who)));
const login = (from: string, more: Partial<Asked> = {}): Asked => ({
  ...{ from, method: 'POST', path: '/auth/kakao', body: '{"code":"c","redirectUri":"a:b"}' },
  ...more,
});

it('says before each answer what is left, and when it comes back', async () => {
  const from = anyPeer();
  for (let left = 4; left >= 0; left--) {
    const { status, headers } = await ask(login(from));
    expect(status).not.toBe(429);
    expect(headers['ratelimit-policy']).toBe('"login";q=5;w=60');
    expect(headers.ratelimit).toMatch(new RegExp(`^"login";r=${left};t=(60|[1-5]?\\d)$`));
    expect(headers['retry-after']).toBeUndefined();
  }
  const { status, code, headers } = await ask(login(from));
  expect([status, code]).toEqual([429, 'rate-limited']);
  expect(headers.ratelimit).toMatch(/^"login";r=0;t=\d+$/);
  expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60);
  // The three logins and the links are one limit, and another address has its own.
  expect((await ask(login(from, { path: '/auth/apple' }))).status).toBe(429);
  expect((await ask(login(from, { path: '/auth/link/naver' }))).status).toBe(429);
  expect((await ask(login(anyPeer()))).status).not.toBe(429);
});

it('C7 has no way around in the spelling of a path or a method', async () => {
  const from = anyPeer();
  await tally(times(5, () => login(from)));
  const variants: Partial<Asked>[] = [
    ...['/auth/KAKAO', '/AUTH/kakao', '/auth//kakao', '//auth/kakao', '/auth/kakao/', '/auth/./kakao'],
    ...['/auth/k%61kao', '/auth%2Fkakao', '/auth/%2e/kakao', '/auth/x/%2e%2e/kakao', '/auth/kakao;a=b'],
    ...['/auth/kakao?x=1', '/auth/kakao#x', '/auth/kakao%20', '/auth/kakao%00'],
  ].map((path) => ({ path }));
  variants.push(
    { method: 'PUT', headers: { 'x-http-method-override': 'POST' } },
    { method: 'GET', headers: { 'x-http-method': 'POST', 'x-method-override': 'POST' } },
    { method: 'HEAD', body: undefined },
    { headers: { 'x-forwarded-for': '9.9.9.9', forwarded: 'for=9.9.9.9', 'x-real-ip': '9.9.9.9' } },
    { headers: { 'cf-connecting-ip': '9.9.9.9', 'true-client-ip': '9.9.9.9', 'x-client-ip': '9.9.9.9' } },
    { headers: { authorization: 'Bearer x' } },
  );
  for (const variant of variants) {
    const { status } = await ask(login(from, variant));
    expect([variant, [400, 404, 405, 429].includes(status)]).toEqual([variant, true]);
  }
  const { status } = await ask(login(from, { path: '/auth/k%61kao' }));
  expect(status).toBe(429); // what the router takes for the route is counted as the route
});

it('C7 lets exactly 100 of 200 at once pass, also of HEAD', async () => {
  const [from, other] = [anyPeer(), anyPeer()];
  expect(
    await tally(
      times(200, () => ({ from })),
      200,
    ),
  ).toEqual({ 200: 100, 429: 100 });
  expect(
    await tally(
      times(200, (n) => ({ from: other, method: n % 2 ? 'HEAD' : 'GET' })),
      200,
    ),
  ).toEqual({
    ...{ 200: 100, 429: 100 },
  });
});

it('C7 does not believe what a peer that is no proxy says about itself', async () => {
  const from = anyPeer();
  const forged = times(FORGED, () => ({ from, headers: { 'x-forwarded-for': `${anyAddress()}, ${PROXY}` } }));
  expect(await tally(forged)).toEqual({ 200: 100, 429: FORGED - 100 });
});

// Redis has 100 ms for a command; on a machine that is busier than that, counting goes on in memory, from nothing.
jest.retryTimes(2);

describe('behind a proxy', () => {
  const through = (forwardedFor: string): Asked => ({
    from: PROXY,
    headers: { 'x-forwarded-for': forwardedFor },
  });

  it('C7 counts the address that the proxy saw, whatever was written before it', async () => {
    const [client, other] = [anyAddress(), anyAddress()];
    const chain = (n: number) =>
      [`${anyAddress()}, ${client}`, `unknown, ${client}`, `${client}, ${PROXY}`, client, `,,x, ${client}`][
        n % 5
      ]!;
    expect(await tally(times(150, (n) => through(chain(n))))).toEqual({ 200: 100, 429: 50 });
    expect((await ask(through(`${client}, ${other}`))).status).toBe(200);
  });

  it('C7 counts all of an IPv6 /64 as one, and an IPv4 address the same however it is written', async () => {
    const net = `2001:db8:${anyByte().toString(16)}:${randomInt(1, 65_536).toString(16)}`;
    const hex = () => randomInt(0, 65_536).toString(16);
    const within = times(150, () => through(`${net}:${hex()}:${hex()}:${hex()}:${hex()}`));
    expect(await tally(within)).toEqual({ 200: 100, 429: 50 });
    expect((await ask(through(`${net.slice(0, -1)}${net.endsWith('1') ? '2' : '1'}::1`))).status).toBe(200);

    const v4 = anyAddress();
    expect(await tally(times(120, (n) => through(n % 2 ? v4 : `::ffff:${v4}`)))).toEqual({
      200: 100,
      429: 20,
    });
  });
});

describe('who is logged in', () => {
  let person: Person;
  beforeAll(async () => {
    person = await signIn(test);
  });
  const as = (somebody: Person) => ({ authorization: `Bearer ${tokenOf(test, somebody)}` });

  it('counts for nobody what is refused for its token: as much as without one, and before the database is asked', async () => {
    const from = anyPeer();
    const [head, body] = tokenOf(test, person).split('.');
    const tokens: Record<string, string>[] = [
      {},
      { authorization: 'Bearer x' },
      { authorization: `Bearer ${head}.${body}.AAAA` },
    ];
    const asked = times(150, (n) => ({ from, path: '/users/me', headers: tokens[n % 3] }));
    expect(await tally(asked)).toEqual({ 401: 100, 429: 50 });
    expect((await ask({ from })).status).toBe(429); // what is public is the same budget
    expect((await ask({ from, path: '/users/me', headers: as(person) })).status).toBe(200);
    const { headers } = await ask({ from, headers: as(person) });
    expect(headers['ratelimit-policy']).toBe('"user";q=1000;w=3600');
  });

  it('is counted wherever the requests come from, 1,000 an hour', async () => {
    const [busy, other] = [await signIn(test), await signIn(test)];
    await spend('user', busy.id, 998);
    const me = (somebody: Person) => ask({ from: anyPeer(), path: '/users/me', headers: as(somebody) });
    expect([(await me(busy)).status, (await me(busy)).status, (await me(busy)).status]).toEqual([
      200, 200, 429,
    ]);
    expect((await me(other)).status).toBe(200);
    // A session that ended is refused at the cost of its user's own budget.
    const ended = await signIn(test);
    await test.db.prisma.session.delete({ where: { id: ended.sessionId } });
    await spend('user', ended.id, 999);
    expect([(await me(ended)).status, (await me(ended)).status]).toEqual([401, 429]);
    // A walk goes on.
    const points = { method: 'POST', path: `/walks/${busy.id}/points`, body: '{"points":[]}' };
    const { status, headers } = await ask({ from: anyPeer(), ...points, headers: as(busy) });
    expect([status === 429, headers['ratelimit-policy']]).toEqual([false, '"points";q=3600;w=3600']);
  });

  it('spends nothing of its address with a token that expired: the phone hears 401 and refreshes', async () => {
    const from = anyPeer();
    const late = await signIn(test);
    const headers = as(late);
    await tally(times(100, () => ({ from })));
    test.clock.advance({ ms: 3_600_000 });
    const me = () => ask({ from, path: '/users/me', headers });
    const { status, headers: told } = await me();
    expect([status, told['ratelimit-policy']]).toEqual([401, '"user";q=1000;w=3600']);
    // Until its session cannot be refreshed any more.
    test.clock.advance({ ms: 7 * 86_400_000 });
    expect((await me()).status).toBe(429);
  });

  it('opens 60 sockets a minute', async () => {
    const hasty = await signIn(test);
    await spend('handshakes', hasty.id, 59);
    const phone = await LivePhone.connect(test.url, tokenOf(test, hasty));
    phone.socket.close();
    await expect(LivePhone.connect(test.url, tokenOf(test, hasty))).rejects.toMatchObject({
      data: { code: 'rate-limited' },
    });
  });
});

it('counts every operation as what it is', async () => {
  const EXPECTED: Partial<Record<string, LimitName | null>> = {
    ...{ 'GET /health/live': null, 'GET /health/ready': null },
    ...{ 'POST /auth/kakao': 'login', 'POST /auth/naver': 'login', 'POST /auth/apple': 'login' },
    ...{
      'POST /auth/link/kakao': 'login',
      'POST /auth/link/naver': 'login',
      'POST /auth/link/apple': 'login',
    },
    ...{ 'POST /auth/refresh': 'refresh', 'POST /auth/nonce': 'refresh' },
    ...{ 'POST /auth/callbacks/kakao': 'callbacks', 'POST /auth/callbacks/naver': 'callbacks' },
    ...{ 'POST /auth/callbacks/apple': 'callbacks', 'POST /payments/webhook/toss': 'callbacks' },
    ...{ 'POST /payments/webhook/apple': 'callbacks', 'POST /payments/webhook/google': 'callbacks' },
    'POST /walks/{id}/points': 'points',
    ...{ 'POST /upload/walk-photo': 'uploads', 'POST /upload/pet-profile': 'uploads' },
    ...{ 'POST /upload/presign': 'uploads', 'POST /upload/complete': 'uploads' },
    ...{ 'POST /walks/{id}/photos': 'uploads', 'PUT /upload/direct/{token}': 'directUploads' },
    ...{ 'GET /s/{token}': 'pages', 'GET /s/{token}/card.png': 'pages', 'GET /files/{token}': 'files' },
  };
  const person = await signIn(test);
  const authorization = `Bearer ${tokenOf(test, person)}`;
  for (const { key, method, path, wantsToken, raw } of operationsOf(contractOf(test).document)) {
    const { headers } = await ask({
      ...{ from: anyPeer(), method, path: path.replaceAll(/\{\w+\}/g, person.id) },
      headers: wantsToken ? { authorization } : {},
      body: method === 'GET' ? undefined : '{}',
    });
    const isPlain = EXPECTED[key] === undefined;
    const expected = isPlain ? (raw['x-role'] ? 'desk' : wantsToken ? 'user' : 'anonymous') : EXPECTED[key];
    const said = /^"(\w+)";q=(\d+);w=(\d+)$/.exec(headers['ratelimit-policy']?.toString() ?? '');
    expect([key, said?.[1] ?? null]).toEqual([key, expected]);
    if (!expected) continue;
    const { count, windowS } = LIMITS[expected];
    expect([key, said?.[2], said?.[3]]).toEqual([key, String(count), String(windowS)]);
    expect(Object.keys(raw.responses)).toContain('429');
  }
});

describe('where it is counted', () => {
  const passed = async (stores: LimitStore[], asked: number) => {
    const who = anyAddress();
    const all = await Promise.all(times(asked, (n) => stores[n % stores.length]!.count('anonymous', who)));
    return all.filter(({ isBlocked }) => !isBlocked).length;
  };

  it('C7 counts for all processes together, and keeps no address', async () => {
    const redis = REDIS_URL ? times(3, () => new SharedRedis(REDIS_URL!, () => {})) : [];
    const stores = redis.length ? redis.map((one) => new LimitStore(one, 1)) : [new LimitStore(null, 1)];
    expect(await passed(stores, 300)).toBe(100);

    const who = anyAddress();
    const { totalHits, timeToExpire } = await stores[0]!.count('login', who);
    expect([totalHits, timeToExpire]).toEqual([1, 60]);
    if (redis.length) {
      const { client } = redis[0]!;
      const hash = Buffer.from(sha256(who)).toString('base64url');
      const ttlMs = await client.pttl(`limit:login:${hash}`);
      expect(ttlMs).toBeGreaterThan(0);
      expect(ttlMs).toBeLessThanOrEqual(60_000);
    }
    for (const one of redis) one.close();
  });

  it('C7 takes shares of a large limit: no more than the limit passes in all processes, to the last one', async () => {
    const redis = REDIS_URL ? times(3, () => new SharedRedis(REDIS_URL!, () => {})) : [];
    const stores = redis.length ? redis.map((one) => new LimitStore(one, 1)) : [new LimitStore(null, 1)];
    const who = anyAddress();
    const first = await stores[0]!.count('user', who);
    expect([first.isBlocked, first.totalHits]).toEqual([false, 1]);
    if (redis.length) {
      const key = `limit:user:${Buffer.from(sha256(who)).toString('base64url')}`;
      expect(await redis[0]!.client.get(key)).toBe('10');
    }
    const rest = await Promise.all(times(3_000, (n) => stores[n % stores.length]!.count('user', who)));
    expect(rest.filter(({ isBlocked }) => !isBlocked)).toHaveLength(999);
    const last = await Promise.all(stores.map((store) => store.count('user', who)));
    expect(last.map(({ isBlocked, totalHits }) => [isBlocked, totalHits])).toEqual(
      stores.map(() => [true, 1_001]),
    );
    for (const one of redis) one.close();
  });

  it('C7 counts by itself when Redis is away', async () => {
    const away = new SharedRedis('redis://127.0.0.1:1', () => {});
    expect(await passed([new LimitStore(away, 1)], 250)).toBe(100);
    away.close();
  });

  it('begins anew when the window is over', async () => {
    jest.useFakeTimers();
    try {
      const store = new LimitStore(null, 0.4);
      const twice = async () => [await store.count('login', 'a'), await store.count('login', 'a')];
      await twice();
      expect((await store.count('login', 'a')).isBlocked).toBe(true);
      jest.advanceTimersByTime(59_000);
      expect((await store.count('login', 'a')).isBlocked).toBe(true);
      jest.advanceTimersByTime(1_001);
      expect((await twice()).map(({ isBlocked }) => isBlocked)).toEqual([false, false]);
    } finally {
      jest.useRealTimers();
    }
  });
});
