import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { keyIdOf } from '../../src/config/config.js';
import { purgeExpiredLogins } from '../../src/modules/auth/index.js';
import { unseal } from '../../src/platform/crypto/secrets.js';
import { type LoginProviders, REDIRECT_URIS, startLoginProviders } from '../simulators/login-providers.js';
import type { TokenOverrides } from '../simulators/signing-keys.js';
import type { Fault } from '../simulators/simulator.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { TestClock } from '../support/test-clock.js';

const SECRET = 'access-token-secret-of-the-auth-spec';
const PREVIOUS_SECRET = 'access-token-secret-before-rotation';
const ENCRYPTION_KEY = 'encryption-key-of-the-auth-spec-file';
const SECRETS = { JWT_SECRET_KEY: SECRET, JWT_PREVIOUS_SECRET_KEY: PREVIOUS_SECRET, ENCRYPTION_KEY };

const clock = new TestClock();
let providers: LoginProviders;
let test: TestApp;

beforeAll(async () => {
  providers = await startLoginProviders({ now: () => clock.nowMs() });
  test = await startTestApp({
    clock,
    env: { ...providers.env, ...SECRETS, OUTBOUND_TIMEOUT_SECONDS: '0.4' },
  });
});
afterAll(async () => {
  await test.close();
  await providers.close();
});

interface Answer {
  status: number;
  headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into many shapes
  body: any;
}

async function call(
  method: string,
  path: string,
  { body, token }: { body?: unknown; token?: string } = {},
): Promise<Answer> {
  const response = await fetch(`${test.url}${path}`, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : undefined };
}

const post = (path: string, body: unknown, token?: string) => call('POST', path, { body, token });
const nonce = async (): Promise<string> => (await post('/auth/nonce', undefined)).body.nonce;
const refresh = (refreshToken: string) => post('/auth/refresh', { refreshToken });
const hex = (text: string) => createHash('sha256').update(text).digest('hex');

let lastId = 5_000_000_000;
const newId = () => String(++lastId);

function kakaoUser(more: { id?: string; nickname?: string; email?: string } = {}): string {
  return providers.kakao.addUser({ id: newId(), nickname: '보리누나', ...more }).id;
}
const kakaoCode = (id: string, bound?: { nonce: string }) => ({
  code: providers.kakao.code(id, { redirectUri: REDIRECT_URIS.kakao, ...bound }),
  redirectUri: REDIRECT_URIS.kakao,
  ...bound,
});
const byKakao = (id: string) => post('/auth/kakao', { accessToken: providers.kakao.accessToken(id) });

function naverUser(more: { id?: string; nickname?: string; email?: string } = {}): string {
  return providers.naver.addUser({ id: `naver-${newId()}`, nickname: '초코아빠', ...more }).id;
}
async function naverLogin(id: string) {
  const state = await nonce();
  return { code: providers.naver.code(id, { state }), state };
}

const appleUser = (more: { email?: string; emailVerified?: boolean | 'true' } = {}): string =>
  providers.apple.addUser({ sub: `001122.${newId()}.0900`, ...more }).sub;
async function appleLogin(sub: string, bent: TokenOverrides = {}) {
  const raw = await nonce();
  const clientId = bent.aud ?? providers.apple.clientIds[0]!;
  return {
    identityToken: providers.apple.idToken(sub, { nonce: raw, ...bent }),
    authorizationCode: providers.apple.code(sub, { clientId }),
    nonce: raw,
  };
}

/** A logged-in user. */
async function someone() {
  const kakaoId = kakaoUser();
  const { body } = await byKakao(kakaoId);
  return { kakaoId, ...body } as {
    kakaoId: string;
    accessToken: string;
    refreshToken: string;
    user: { id: string; nickname: string };
  };
}

const isIn = async (accessToken: string) =>
  (await call('GET', '/auth/sessions', { token: accessToken })).status === 200;

const counts = async () => {
  const { user, identity, session, refreshToken } = test.db.prisma;
  return Promise.all([user.count(), identity.count(), session.count(), refreshToken.count()]);
};

async function expectNoTrace(login: () => Promise<Answer>): Promise<Answer> {
  const before = await counts();
  const answer = await login();
  expect(await counts()).toEqual(before);
  return answer;
}

async function expectProblem(
  login: () => Promise<Answer>,
  status: number,
  code: string,
  members: object = {},
): Promise<Answer> {
  const answer = await expectNoTrace(login);
  expect(answer.body).toMatchObject({ status, code, ...members });
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  return answer;
}

describe('login with Kakao', () => {
  it('A01 by code makes a user, and the second login finds it', async () => {
    const id = kakaoUser({ nickname: '보리누나' });
    const first = await post('/auth/kakao', { ...kakaoCode(id), deviceName: '보리의 폰' });
    expect(first).toMatchObject({ status: 200, body: { isNewUser: true, user: { nickname: '보리누나' } } });
    expect(Object.keys(first.body).sort()).toEqual(
      [
        'accessToken',
        'accessTokenExpiresAt',
        'deletionScheduledAt',
        'isNewUser',
        'refreshToken',
        'refreshTokenExpiresAt',
        'user',
      ].sort(),
    );
    expect(first.body.accessTokenExpiresAt).toBe(new Date(clock.nowMs() + 3_600_000).toISOString());
    expect(first.body.refreshTokenExpiresAt).toBe(new Date(clock.nowMs() + 7 * 86_400_000).toISOString());
    const second = await post('/auth/kakao', kakaoCode(id));
    expect(second.body).toMatchObject({ isNewUser: false, user: first.body.user });
  });

  it('A01 keeps an id of 19 digits', async () => {
    const id = kakaoUser({ id: '9223372036854775807' });
    const { body } = await byKakao(id);
    const where = { provider_providerUserId: { provider: 'kakao' as const, providerUserId: id } };
    expect((await test.db.prisma.identity.findUniqueOrThrow({ where })).userId).toBe(body.user.id);
    const neighbour = await byKakao(kakaoUser({ id: '9223372036854775806' }));
    expect(neighbour.body.user.id).not.toBe(body.user.id);
  });

  it('A01 gives a nameless user a friendly name', async () => {
    const { body } = await byKakao(kakaoUser({ nickname: '\u3164\u200b' }));
    expect(body.user.nickname).toMatch(/^산책친구\d{4}$/);
  });

  it('A02 takes an access token of our app only', async () => {
    const id = kakaoUser();
    expect((await byKakao(id)).status).toBe(200);
    const accessToken = providers.kakao.accessToken(id, { appId: 1 });
    await expectProblem(() => post('/auth/kakao', { accessToken }), 401, 'login-for-another-app');
  });

  it('A02 refuses an access token that Kakao does not know, or that expired', async () => {
    const expired = providers.kakao.accessToken(kakaoUser(), { expiresInS: 0 });
    for (const accessToken of ['made-up', expired]) {
      await expectProblem(() => post('/auth/kakao', { accessToken }), 401, 'login-rejected', {
        reason: 'token-refused',
      });
    }
  });

  it('A02 refuses a code twice, and a code for another address', async () => {
    const login = kakaoCode(kakaoUser());
    expect((await post('/auth/kakao', login)).status).toBe(200);
    await expectProblem(() => post('/auth/kakao', login), 401, 'login-rejected', { reason: 'code-refused' });
    const other = { ...kakaoCode(kakaoUser()), redirectUri: 'withbowwow://elsewhere' };
    await expectProblem(() => post('/auth/kakao', other), 401, 'login-rejected', {
      reason: 'redirect-uri-mismatch',
    });
  });

  it('A02 checks the nonce of an OIDC login, once', async () => {
    const id = kakaoUser();
    const value = await nonce();
    const login = kakaoCode(id, { nonce: value });
    expect((await post('/auth/kakao', login)).status).toBe(200);
    const again = kakaoCode(id, { nonce: value });
    await expectProblem(() => post('/auth/kakao', again), 401, 'login-rejected', { reason: 'nonce-unknown' });
    const swapped = { ...kakaoCode(id, { nonce: await nonce() }), nonce: await nonce() };
    await expectProblem(() => post('/auth/kakao', swapped), 401, 'login-rejected', {
      reason: 'nonce-mismatch',
    });
  });

  it.each([
    {},
    { code: 'c' },
    { code: 'c', redirectUri: 'r', accessToken: 'a' },
    { accessToken: 'a', role: 'admin' },
    { accessToken: 'a', userId: randomUUID() },
    { accessToken: '보리' },
    { accessToken: 'a'.repeat(5_000) },
    { accessToken: 'a', deviceName: '\u0000' },
    [],
    'text',
  ])('C5 refuses the body %j', async (body) => {
    expect((await expectNoTrace(() => post('/auth/kakao', body))).status).toBe(422);
  });
});

describe('login with Naver', () => {
  it('A01 by code and state', async () => {
    const id = naverUser();
    const first = await post('/auth/naver', await naverLogin(id));
    expect(first).toMatchObject({ status: 200, body: { isNewUser: true, user: { nickname: '초코아빠' } } });
    expect((await post('/auth/naver', await naverLogin(id))).body).toMatchObject({
      isNewUser: false,
      user: first.body.user,
    });
  });

  it('C4 takes no access token, since any app gets one', async () => {
    const accessToken = providers.naver.accessToken(naverUser());
    expect((await post('/auth/naver', { accessToken })).status).toBe(422);
  });

  it('A02 wants a state of ours, once, within ten minutes', async () => {
    const id = naverUser();
    const madeUp = { code: providers.naver.code(id, { state: 'made-up' }), state: 'made-up' };
    await expectProblem(() => post('/auth/naver', madeUp), 401, 'login-rejected', {
      reason: 'nonce-unknown',
    });

    const login = await naverLogin(id);
    expect((await post('/auth/naver', login)).status).toBe(200);
    const replay = { ...login, code: providers.naver.code(id, { state: login.state }) };
    await expectProblem(() => post('/auth/naver', replay), 401, 'login-rejected', {
      reason: 'nonce-unknown',
    });

    const late = await nonce();
    clock.advance({ minutes: 10 });
    const code = providers.naver.code(id, { state: late });
    await expectProblem(() => post('/auth/naver', { code, state: late }), 401, 'login-rejected', {
      reason: 'nonce-unknown',
    });
  });

  it('A02 refuses a used code although Naver says so with 200', async () => {
    const { code, state } = await naverLogin(naverUser());
    expect((await post('/auth/naver', { code, state })).status).toBe(200);
    const other = await nonce();
    await expectProblem(() => post('/auth/naver', { code, state: other }), 401, 'login-rejected', {
      reason: 'code-refused',
    });
  });
});

describe('login with Apple', () => {
  it('A01 keeps the refresh token sealed, with the client it belongs to', async () => {
    const sub = appleUser();
    const web = providers.apple.clientIds[1]!;
    const { status, body } = await post('/auth/apple', {
      ...(await appleLogin(sub, { aud: web })),
      name: '김  보리',
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ isNewUser: true, user: { nickname: '김 보리' } });
    const { clientId, refreshTokenSealed } = await test.db.prisma.identity.findFirstOrThrow({
      where: { providerUserId: sub },
    });
    expect(clientId).toBe(web);
    expect(unseal(refreshTokenSealed!, ENCRYPTION_KEY)).not.toBe('');
  });

  it('A02 takes the nonce as it is or as its SHA-256', async () => {
    const sub = appleUser();
    expect((await post('/auth/apple', await appleLogin(sub))).status).toBe(200);
    const login = await appleLogin(sub);
    const hashed = providers.apple.idToken(sub, { nonce: hex(login.nonce) });
    expect((await post('/auth/apple', { ...login, identityToken: hashed })).status).toBe(200);
  });

  it.each<[string, TokenOverrides, string, object]>([
    ['aud of another app', { aud: 'com.evil.app' }, 'login-for-another-app', {}],
    ['iss of somebody else', { iss: 'https://evil.example' }, 'login-rejected', { reason: 'wrong-issuer' }],
    ['another nonce', { nonce: 'other' }, 'login-rejected', { reason: 'nonce-mismatch' }],
    ['no nonce', { claims: { nonce: undefined } }, 'login-rejected', { reason: 'nonce-mismatch' }],
    ['exp in the past', { expS: 1_000_000_000 }, 'login-rejected', { reason: 'token-expired' }],
    ['no exp', { claims: { exp: undefined } }, 'login-rejected', { reason: 'token-invalid' }],
    ['no sub', { claims: { sub: undefined } }, 'login-rejected', { reason: 'token-invalid' }],
    [
      'sub with odd characters',
      { claims: { sub: 'a\u0000b' } },
      'login-rejected',
      { reason: 'token-invalid' },
    ],
    ['unknown kid', { kid: 'unknown' }, 'login-rejected', { reason: 'token-invalid' }],
    ['alg none', { alg: 'none' }, 'login-rejected', { reason: 'token-invalid' }],
    ['HS256 with the public key', { alg: 'HS256' }, 'login-rejected', { reason: 'token-invalid' }],
    ['forged signature', { forged: true }, 'login-rejected', { reason: 'token-invalid' }],
  ])('A02 refuses %s', async (_, bent, code, members) => {
    const login = await appleLogin(appleUser(), bent);
    await expectProblem(() => post('/auth/apple', login), 401, code, members);
  });

  it('A02 refuses a token from the second of its expiry', async () => {
    const sub = appleUser();
    const expS = Math.floor(clock.nowMs() / 1000) + 60;
    const login = await appleLogin(sub, { expS });
    clock.set(expS * 1000);
    await expectProblem(() => post('/auth/apple', login), 401, 'login-rejected', { reason: 'token-expired' });
  });

  it('A02 refuses a replay: nonce and code are single use', async () => {
    const sub = appleUser();
    const login = await appleLogin(sub);
    expect((await post('/auth/apple', login)).status).toBe(200);
    await expectProblem(() => post('/auth/apple', login), 401, 'login-rejected', { reason: 'nonce-unknown' });
    const usedCode = { ...(await appleLogin(sub)), authorizationCode: login.authorizationCode };
    await expectProblem(() => post('/auth/apple', usedCode), 401, 'login-rejected', {
      reason: 'code-refused',
    });
  });

  it('C4 refuses the code of somebody else', async () => {
    const login = {
      ...(await appleLogin(appleUser())),
      authorizationCode: (await appleLogin(appleUser())).authorizationCode,
    };
    await expectProblem(() => post('/auth/apple', login), 401, 'login-rejected', {
      reason: 'subject-mismatch',
    });
  });

  it('A02 follows a key rotation, asking for keys at most once a minute', async () => {
    const asked = () => providers.apple.requests.filter(({ path }) => path === '/auth/keys').length;
    const sub = appleUser();
    clock.advance({ minutes: 2 });
    providers.apple.rotateKeys();
    const before = asked();
    expect((await post('/auth/apple', await appleLogin(sub))).status).toBe(200);
    expect(asked()).toBe(before + 1);
    for (let i = 0; i < 3; i++) await post('/auth/apple', await appleLogin(sub, { kid: `unknown-${i}` }));
    expect(asked()).toBe(before + 1);
    clock.advance({ minutes: 1 });
    await post('/auth/apple', await appleLogin(sub, { kid: 'unknown' }));
    expect(asked()).toBe(before + 2);
  });

  it('is unavailable while the keys are, and back with them', async () => {
    clock.advance({ hours: 7 });
    providers.apple.fault({ path: '/auth/keys' }, { status: 500 });
    const login = await appleLogin(appleUser());
    await expectProblem(() => post('/auth/apple', login), 503, 'provider-unavailable');
    providers.apple.clearFaults();
    expect((await post('/auth/apple', login)).status).toBe(200);
  });
});

describe('A01 e-mail never links', () => {
  it('neither the same at two providers, nor in another case, nor an unverified or relay one', async () => {
    const email = 'bori@example.com';
    const logins = [
      await byKakao(kakaoUser({ email })),
      await byKakao(kakaoUser({ email: 'BORI@example.com' })),
      await post('/auth/naver', await naverLogin(naverUser({ email }))),
      await post('/auth/apple', await appleLogin(appleUser({ email, emailVerified: 'true' }))),
      await post(
        '/auth/apple',
        await appleLogin(appleUser({ email: 'x@privaterelay.appleid.com', emailVerified: true })),
      ),
    ];
    expect(new Set(logins.map(({ body }) => body.user.id)).size).toBe(logins.length);
    const columns = await test.db.prisma.identity.findMany();
    expect(JSON.stringify(columns)).not.toContain('example.com');
  });

  it('and a changed e-mail changes nothing', async () => {
    const id = kakaoUser({ email: 'old@example.com' });
    const before = await byKakao(id);
    kakaoUser({ id, email: 'new@example.com' });
    expect((await byKakao(id)).body.user.id).toBe(before.body.user.id);
  });
});

describe('a provider in trouble', () => {
  const faults: Fault[] = [
    { status: 500 },
    { status: 503 },
    429,
    'timeout',
    'reset',
    'html',
    'truncatedJson',
    'slowDrip',
    'hugeBody',
    { redirect: 'http://127.0.0.1:1/' },
  ];
  const cases: [
    string,
    () => LoginProviders['kakao' | 'naver' | 'apple'],
    string,
    () => Promise<[string, object]>,
  ][] = [
    [
      'Kakao by code',
      () => providers.kakao,
      '/oauth/token',
      async () => ['/auth/kakao', kakaoCode(kakaoUser())],
    ],
    [
      'Kakao by token',
      () => providers.kakao,
      '/v2/user/me',
      async () => ['/auth/kakao', { accessToken: providers.kakao.accessToken(kakaoUser()) }],
    ],
    [
      'Naver',
      () => providers.naver,
      '/oauth2.0/token',
      async () => ['/auth/naver', await naverLogin(naverUser())],
    ],
    [
      'Apple',
      () => providers.apple,
      '/auth/token',
      async () => ['/auth/apple', await appleLogin(appleUser())],
    ],
  ];

  for (const [name, provider, path, newLogin] of cases) {
    it.each(faults)(
      `${name}: %j is 503, leaves nothing, and the same login works afterwards`,
      async (fault) => {
        const login = await newLogin();
        provider().fault({ path }, fault);
        const { headers } = await expectProblem(() => post(...login), 503, 'provider-unavailable');
        expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
        provider().clearFaults();
        expect((await post(...login)).status).toBe(200);
      },
    );
  }

  it('kapi -603 with status 400 is trouble, not a refusal', async () => {
    const accessToken = providers.kakao.accessToken(kakaoUser());
    providers.kakao.fault({ path: '/v1/user' }, { status: 400, body: '{"msg":"timeout","code":-603}' });
    await expectProblem(() => post('/auth/kakao', { accessToken }), 503, 'provider-unavailable');
    providers.kakao.clearFaults();
  });

  it('a refusal of our own credentials is not the fault of the user', async () => {
    providers.apple.fault({ path: '/auth/token' }, { status: 400, body: '{"error":"invalid_client"}' });
    const login = await appleLogin(appleUser());
    await expectProblem(() => post('/auth/apple', login), 503, 'provider-unavailable');
    providers.apple.clearFaults();
  });
});

it('C3 20 parallel first logins make one user', async () => {
  const id = kakaoUser();
  const before = await test.db.prisma.user.count();
  const answers = await Promise.all(Array.from({ length: 20 }, () => byKakao(id)));
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
  expect(new Set(answers.map(({ body }) => body.user.id)).size).toBe(1);
  expect(answers.filter(({ body }) => body.isNewUser)).toHaveLength(1);
  expect(await test.db.prisma.user.count()).toBe(before + 1);
});

it('A02 a code posted twice at once logs in once', async () => {
  const login = await naverLogin(naverUser());
  const answers = await Promise.all([post('/auth/naver', login), post('/auth/naver', login)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
});

it('suspended users and those who asked for deletion may enter', async () => {
  const { kakaoId, user } = await someone();
  await test.db.prisma.user.update({
    where: { id: user.id },
    data: { suspendedAt: clock.now(), deletionRequestedAt: clock.now() },
  });
  expect((await byKakao(kakaoId)).status).toBe(200);
});

describe('refresh', () => {
  it('A03 rotates at each use', async () => {
    const { refreshToken, user } = await someone();
    clock.advance({ minutes: 30 });
    const { status, body } = await refresh(refreshToken);
    expect(status).toBe(200);
    expect(body.refreshToken).not.toBe(refreshToken);
    expect(body.refreshTokenExpiresAt).toBe(new Date(clock.nowMs() + 7 * 86_400_000).toISOString());
    expect(await isIn(body.accessToken)).toBe(true);
    const session = await test.db.prisma.session.findFirstOrThrow({ where: { userId: user.id } });
    expect(session.lastUsedAt).toEqual(clock.now());
  });

  it('A03 a lost answer asked for again within 10 s gives the same successor', async () => {
    const { refreshToken } = await someone();
    const first = await refresh(refreshToken);
    clock.advance({ seconds: 10 });
    const second = await refresh(refreshToken);
    expect(second).toMatchObject({ status: 200, body: { refreshToken: first.body.refreshToken } });
    expect(second.body.refreshTokenExpiresAt).toBe(first.body.refreshTokenExpiresAt);
    expect((await refresh(second.body.refreshToken)).status).toBe(200);
  });

  it('A03 reuse after 10 s ends the whole family, for good', async () => {
    const { refreshToken, user } = await someone();
    const { body } = await refresh(refreshToken);
    clock.advance({ ms: 10_001 });
    expect(await refresh(refreshToken)).toMatchObject({
      status: 401,
      body: { code: 'refresh-token-reused' },
    });
    expect(await refresh(body.refreshToken)).toMatchObject({
      status: 401,
      body: { code: 'refresh-token-invalid' },
    });
    expect(await isIn(body.accessToken)).toBe(false);
    const session = await test.db.prisma.session.findFirstOrThrow({ where: { userId: user.id } });
    expect(session).toMatchObject({ revokedAt: clock.now(), revokedReason: 'refresh-token-reused' });
  });

  it('A03 reuse within 10 s is seen when the successor was used already', async () => {
    const { refreshToken } = await someone();
    const second = await refresh(refreshToken);
    const third = await refresh(second.body.refreshToken);
    expect(third.status).toBe(200);
    expect(await refresh(refreshToken)).toMatchObject({
      status: 401,
      body: { code: 'refresh-token-reused' },
    });
    expect((await refresh(third.body.refreshToken)).status).toBe(401);
  });

  it('C3 20 parallel refreshes give one successor', async () => {
    const { refreshToken, user } = await someone();
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(refreshToken)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(new Set(answers.map(({ body }) => body.refreshToken)).size).toBe(1);
    expect(await test.db.prisma.refreshToken.count({ where: { session: { userId: user.id } } })).toBe(2);
  });

  it('C3 ends other sessions of the user by nothing of this', async () => {
    const { kakaoId, refreshToken } = await someone();
    const other = await byKakao(kakaoId);
    await refresh(refreshToken);
    clock.advance({ minutes: 1 });
    await refresh(refreshToken);
    expect((await refresh(other.body.refreshToken)).status).toBe(200);
  });

  it('lives seven days, to the millisecond', async () => {
    const [a, b] = [await someone(), await someone()];
    clock.advance({ days: 7, ms: -1 });
    expect((await refresh(a.refreshToken)).status).toBe(200);
    clock.advance({ ms: 1 });
    expect(await refresh(b.refreshToken)).toMatchObject({
      status: 401,
      body: { code: 'refresh-token-invalid' },
    });
  });

  it.each(['made-up', 'a'.repeat(43), "' or 1=1 --".replaceAll(' ', '+')])(
    'refuses %s',
    async (refreshToken) => {
      expect(await refresh(refreshToken)).toMatchObject({
        status: 401,
        body: { code: 'refresh-token-invalid' },
      });
    },
  );

  it.each([{}, { refreshToken: '' }, { refreshToken: 7 }, { refreshToken: 'a', role: 'admin' }])(
    'C5 refuses the body %j',
    async (body) => {
      expect((await post('/auth/refresh', body)).status).toBe(422);
    },
  );

  it('stores no token that could be read', async () => {
    const { refreshToken } = await someone();
    const { body } = await refresh(refreshToken);
    const rows = await test.db.prisma.refreshToken.findMany();
    const stored = rows
      .map((row) => Buffer.concat([row.tokenHash, row.successorSealed ?? Buffer.alloc(0)]).toString('latin1'))
      .join();
    for (const token of [refreshToken, body.refreshToken]) expect(stored).not.toContain(token);
  });
});

describe('sessions', () => {
  it('C3 logout ends this session at once, and only this one', async () => {
    const { kakaoId, accessToken, refreshToken } = await someone();
    const other = await byKakao(kakaoId);
    expect((await post('/auth/logout', undefined, accessToken)).status).toBe(204);
    expect(await isIn(accessToken)).toBe(false);
    expect((await refresh(refreshToken)).status).toBe(401);
    expect((await post('/auth/logout', undefined, accessToken)).status).toBe(401);
    expect(await isIn(other.body.accessToken)).toBe(true);
  });

  it('are listed in pages, the latest login first', async () => {
    const { kakaoId } = await someone();
    for (const deviceName of ['태블릿', '폰']) {
      clock.advance({ seconds: 1 });
      await post('/auth/kakao', { accessToken: providers.kakao.accessToken(kakaoId), deviceName });
    }
    clock.advance({ seconds: 1 });
    const token = (await byKakao(kakaoId)).body.accessToken;
    const first = await call('GET', '/auth/sessions?limit=3', { token });
    expect(
      first.body.items.map((one: { deviceName: string | null; current: boolean }) => [
        one.deviceName,
        one.current,
      ]),
    ).toEqual([
      [null, true],
      ['폰', false],
      ['태블릿', false],
    ]);
    expect(Object.keys(first.body.items[0]).sort()).toEqual([
      'createdAt',
      'current',
      'deviceName',
      'id',
      'lastUsedAt',
    ]);
    const rest = await call('GET', `/auth/sessions?limit=3&cursor=${first.body.nextCursor}`, { token });
    expect(rest.body).toMatchObject({ items: [{ deviceName: null, current: false }], nextCursor: null });
  });

  it('of mine can be ended, also twice', async () => {
    const { kakaoId, accessToken } = await someone();
    const other = (await byKakao(kakaoId)).body.accessToken as string;
    const { body } = await call('GET', '/auth/sessions', { token: accessToken });
    const { id } = body.items.find((one: { current: boolean }) => !one.current);
    for (let i = 0; i < 2; i++)
      expect((await call('DELETE', `/auth/sessions/${id}`, { token: accessToken })).status).toBe(204);
    expect(await isIn(other)).toBe(false);
    expect(await isIn(accessToken)).toBe(true);
  });

  it('C1 of somebody else are as absent as those that never were', async () => {
    const [mine, theirs] = [await someone(), await someone()];
    const { body } = await call('GET', '/auth/sessions', { token: theirs.accessToken });
    for (const id of [body.items[0].id, randomUUID()]) {
      const answer = await call('DELETE', `/auth/sessions/${id}`, { token: mine.accessToken });
      expect(answer).toMatchObject({ status: 404, body: { code: 'session-not-found' } });
    }
    expect((await call('DELETE', '/auth/sessions/1', { token: mine.accessToken })).status).toBe(422);
    expect(await isIn(theirs.accessToken)).toBe(true);
  });
});

describe('linking', () => {
  let token: string;
  beforeAll(async () => {
    token = (await someone()).accessToken;
  });

  it('A01 adds a second way in, and linking it again is fine', async () => {
    const { accessToken, user } = await someone();
    const naverId = naverUser();
    for (let i = 0; i < 2; i++) {
      const answer = await post('/auth/link/naver', await naverLogin(naverId), accessToken);
      expect(answer).toMatchObject({
        status: 200,
        body: { provider: 'naver', linkedAt: clock.now().toISOString() },
      });
    }
    expect((await post('/auth/naver', await naverLogin(naverId))).body).toMatchObject({
      isNewUser: false,
      user: { id: user.id },
    });
    const sub = appleUser();
    expect((await post('/auth/link/apple', await appleLogin(sub), accessToken)).status).toBe(200);
    expect((await post('/auth/apple', await appleLogin(sub))).body.user.id).toBe(user.id);
    const kakao = kakaoCode(kakaoUser());
    expect((await post('/auth/link/kakao', kakao, accessToken)).status).toBe(200);
  });

  it('C4 refuses what belongs to somebody else', async () => {
    const [mine, theirs] = [await someone(), await someone()];
    const login = { accessToken: providers.kakao.accessToken(theirs.kakaoId) };
    await expectProblem(
      () => post('/auth/link/kakao', login, mine.accessToken),
      409,
      'identity-already-linked',
    );
    expect((await byKakao(theirs.kakaoId)).body.user.id).toBe(theirs.user.id);
  });

  it('C4 is closed, and checks as login does', async () => {
    const accessToken = providers.kakao.accessToken(kakaoUser());
    expect((await post('/auth/link/kakao', { accessToken })).status).toBe(401);
    const other = { accessToken: providers.kakao.accessToken(kakaoUser(), { appId: 1 }) };
    await expectProblem(() => post('/auth/link/kakao', other, token), 401, 'login-for-another-app');
    expect((await post('/auth/link/google', {}, token)).status).toBe(404);
  });
});

describe('C2 access tokens', () => {
  let me: Awaited<ReturnType<typeof someone>>;
  let claims: Record<string, unknown>;
  const kid = keyIdOf(SECRET);
  const nowS = () => Math.floor(clock.nowMs() / 1000);

  beforeAll(async () => {
    me = await someone();
    claims = jwt.decode(me.accessToken) as Record<string, unknown>;
  });

  const encode = (value: unknown) =>
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
  type Bent = { secret?: string; header?: object; algorithm?: jwt.Algorithm };
  const sign = (bent: object = {}, { secret = SECRET, header = {}, algorithm = 'HS256' }: Bent = {}) =>
    jwt.sign({ ...claims, ...bent }, secret, {
      algorithm,
      keyid: kid,
      header: { alg: algorithm, ...header },
    });
  const without = (name: string) => {
    const { [name]: _, ...rest } = claims;
    return jwt.sign(rest, SECRET, { keyid: kid, noTimestamp: true });
  };

  it('with our key are taken, also with the key before it', async () => {
    expect(await isIn(sign())).toBe(true);
    const previous = { secret: PREVIOUS_SECRET, header: { kid: keyIdOf(PREVIOUS_SECRET) } };
    expect(await isIn(sign({}, previous))).toBe(true);
  });

  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const attacks: Record<string, () => string> = {
    'no token': () => '',
    garbage: () => 'garbage',
    'three dots': () => '...',
    'five parts, as JWE has': () => 'a.b.c.d.e',
    'alg none': () => `${encode({ alg: 'none', kid })}.${encode(claims)}.`,
    'alg nOnE': () => `${encode({ alg: 'nOnE', kid })}.${encode(claims)}.`,
    'alg none with a signature': () =>
      `${encode({ alg: 'none', kid })}.${encode(claims)}.${me.accessToken.split('.')[2]}`,
    'no signature': () => me.accessToken.split('.').slice(0, 2).join('.') + '.',
    'another payload': () =>
      me.accessToken.replace(/\.[^.]+\./, `.${encode({ ...claims, sub: randomUUID() })}.`),
    'wrong key': () => sign({}, { secret: 'some-other-secret-of-32-characters!' }),
    'HS512 with our key': () => sign({}, { algorithm: 'HS512' }),
    'unknown kid': () => sign({}, { header: { kid: 'unknown' } }),
    'no kid': () => jwt.sign(claims, SECRET),
    'kid as a path': () => sign({}, { header: { kid: '../../dev/null' } }),
    'kid as SQL': () => sign({}, { header: { kid: "' or '1'='1" } }),
    'kid as a number': () => `${encode({ alg: 'HS256', kid: 1 })}.${encode(claims)}.x`,
    'kid of Object.prototype': () => sign({}, { header: { kid: 'constructor' } }),
    'key in the header': () =>
      jwt.sign(claims, rsa.privateKey, {
        algorithm: 'RS256',
        keyid: kid,
        header: { alg: 'RS256', jwk: rsa.publicKey.export({ format: 'jwk' }) } as jwt.JwtHeader,
      }),
    'key address in the header': () =>
      sign({}, { secret: 'x'.repeat(32), header: { jku: `${providers.apple.url}/auth/keys` } }),
    'payload that is not JSON': () => jwt.sign('text', SECRET, { keyid: kid }),
    'header that is not JSON': () => `${encode('{"alg":')}.${encode(claims)}.x`,
    'exp in the past': () => sign({ exp: nowS() - 1 }),
    'exp now': () => sign({ exp: nowS() }),
    'exp as a fraction': () => sign({ exp: nowS() + 0.5 }),
    'no exp': () => without('exp'),
    'iat in the future': () => sign({ iat: nowS() + 3600, exp: nowS() + 7200 }),
    'another iss': () => sign({ iss: 'evil' }),
    'no iss': () => without('iss'),
    'another aud': () => sign({ aud: 'other-app' }),
    'several aud': () => sign({ aud: ['withbowwow-app', 'other-app'] }),
    'a claim we do not issue': () => sign({ role: 'admin' }),
    'sub of somebody else': () => sign({ sub: randomUUID() }),
    'sub that is no id': () => sign({ sub: 'admin' }),
    'a session that never was': () => sign({ sid: randomUUID() }),
    'a refresh token': () => me.refreshToken,
    "Apple's identity token": () => providers.apple.idToken(appleUser()),
    "Kakao's id_token": () => providers.kakao.idToken(kakaoUser()),
    'a long token': () => 'a'.repeat(10_000),
  };

  it.each(Object.keys(attacks))('%s is 401', async (name) => {
    const before = [...providers.apple.requests, ...providers.kakao.requests].length;
    const answer = await call('GET', '/auth/sessions', { token: attacks[name]!() });
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect([...providers.apple.requests, ...providers.kakao.requests].length).toBe(before);
  });

  it('count in the header only', async () => {
    expect((await call('GET', `/auth/sessions?access_token=${me.accessToken}`)).status).toBe(401);
    const basic = await fetch(`${test.url}/auth/sessions`, {
      headers: { authorization: `Basic ${me.accessToken}` },
    });
    expect(basic.status).toBe(401);
  });

  it('live 60 minutes', async () => {
    const { accessToken } = await someone();
    clock.advance({ minutes: 60, seconds: -1 });
    expect(await isIn(accessToken)).toBe(true);
    clock.advance({ seconds: 1 });
    expect(await isIn(accessToken)).toBe(false);
  });

  it('end with their user', async () => {
    const { accessToken, user } = await someone();
    await test.db.prisma.user.delete({ where: { id: user.id } });
    expect(await isIn(accessToken)).toBe(false);
  });
});

it('expired leftovers are purged', async () => {
  const { user } = await someone();
  const { body } = await post('/auth/nonce', undefined);
  expect(body.expiresAt).toBe(new Date(clock.nowMs() + 600_000).toISOString());
  const purge = async () => {
    await test.db.transaction((tx) =>
      test.queue.enqueue(tx, purgeExpiredLogins, { slotAt: clock.now().toISOString() }),
    );
    await test.queue.drain();
  };
  const where = { userId: user.id };
  clock.advance({ days: 37 });
  await purge();
  expect(await test.db.prisma.loginNonce.count()).toBe(0);
  expect(await test.db.prisma.session.count({ where })).toBe(1);
  clock.advance({ ms: 1 });
  await purge();
  expect(await test.db.prisma.session.count({ where })).toBe(0);
  expect(await test.db.prisma.refreshToken.count({ where: { session: where } })).toBe(0);
});
