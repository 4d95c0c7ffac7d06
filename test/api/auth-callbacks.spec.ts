import { type LoginProviders, startLoginProviders } from '../simulators/login-providers.js';
import type { TokenOverrides } from '../simulators/signing-keys.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { TestClock } from '../support/test-clock.js';

const clock = new TestClock();
let providers: LoginProviders;
let test: TestApp;

beforeAll(async () => {
  providers = await startLoginProviders({ now: () => clock.nowMs() });
  test = await startTestApp({ clock, env: { ...providers.env, OUTBOUND_TIMEOUT_SECONDS: '0.4' } });
});
afterAll(async () => {
  await test.close();
  await providers.close();
});

const FORM = 'application/x-www-form-urlencoded';

async function send(
  path: string,
  body: string | undefined,
  headers: Record<string, string> = {},
  url = test.url,
) {
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body });
  const text = await response.text();
  return { status: response.status, body: text ? JSON.parse(text) : undefined };
}

const postJson = (path: string, body: object) =>
  send(path, JSON.stringify(body), { 'content-type': 'application/json' });
const securityEvent = (jwt: string) =>
  send('/auth/callbacks/kakao', jwt, { 'content-type': 'application/secevent+jwt' });
const unlinkForm = ({ body, headers }: { body: string; headers: Record<string, string> }) =>
  send('/auth/callbacks/kakao', body, headers);
const apple = (body: object) => postJson('/auth/callbacks/apple', body);

let lastId = 6_000_000_000;

async function byKakao(id: string) {
  const { status, body } = await postJson('/auth/kakao', { accessToken: providers.kakao.accessToken(id) });
  expect(status).toBe(200);
  return body as { accessToken: string; refreshToken: string; isNewUser: boolean; user: { id: string } };
}

async function kakaoUser() {
  const { id } = providers.kakao.addUser({ id: String(++lastId) });
  return { id, ...(await byKakao(id)) };
}

async function byApple(sub: string) {
  const { nonce } = (await send('/auth/nonce', undefined)).body;
  const authorizationCode = providers.apple.code(sub, { clientId: providers.apple.clientIds[0]! });
  const { status, body } = await postJson('/auth/apple', {
    identityToken: providers.apple.idToken(sub, { nonce }),
    authorizationCode,
    nonce,
  });
  expect(status).toBe(200);
  return body as { accessToken: string; refreshToken: string; isNewUser: boolean; user: { id: string } };
}

async function appleUser() {
  const { sub } = providers.apple.addUser({ sub: `001122.${++lastId}.0900` });
  return { sub, ...(await byApple(sub)) };
}

async function naverUser(id = `naver-${++lastId}`) {
  providers.naver.addUser({ id });
  const { nonce: state } = (await send('/auth/nonce', undefined)).body;
  const { status, body } = await postJson('/auth/naver', {
    code: providers.naver.code(id, { state }),
    state,
  });
  expect(status).toBe(200);
  return { id, ...(body as { accessToken: string }) };
}

const isIn = async (accessToken: string) =>
  (await fetch(`${test.url}/auth/sessions`, { headers: { authorization: `Bearer ${accessToken}` } }))
    .status === 200;
const isLinked = async (providerUserId: string) =>
  (await test.db.prisma.identity.findFirstOrThrow({ where: { providerUserId } })).unlinkedAt === null;
const eventCount = () => test.db.prisma.providerEvent.count();

async function expectNotStored(
  delivery: () => Promise<{ status: number; body: unknown }>,
  status: number,
  members: object,
) {
  const before = await eventCount();
  const answer = await delivery();
  expect(answer).toMatchObject({ status, body: members });
  expect(await eventCount()).toBe(before);
}

describe("A04 Kakao's unlink webhook", () => {
  it.each(['UNLINK_FROM_APPS', 'ACCOUNT_DELETE', 'A_TYPE_OF_TOMORROW'])(
    '%s ends the link and all sessions',
    async (type) => {
      const { id, accessToken, refreshToken } = await kakaoUser();
      const other = await byKakao(id);
      expect(await unlinkForm(providers.kakao.unlinkWebhook(id, type))).toEqual({
        status: 200,
        body: { received: true },
      });
      await test.queue.drain();
      expect(await isLinked(id)).toBe(false);
      for (const token of [accessToken, other.accessToken]) expect(await isIn(token)).toBe(false);
      expect((await postJson('/auth/refresh', { refreshToken })).status).toBe(401);
    },
  );

  it('repeated every five minutes changes nothing, also not after a new login', async () => {
    const { id, user } = await kakaoUser();
    const webhook = providers.kakao.unlinkWebhook(id, 'UNLINK_FROM_APPS');
    await unlinkForm(webhook);
    await test.queue.drain();
    const again = await byKakao(id);
    expect(again).toMatchObject({ isNewUser: false, user: { id: user.id } });
    const before = await eventCount();
    for (let i = 0; i < 5; i++) {
      clock.advance({ minutes: 5 });
      expect((await unlinkForm(webhook)).status).toBe(200);
    }
    await test.queue.drain();
    expect(await eventCount()).toBe(before);
    expect(await isLinked(id)).toBe(true);
    expect(await isIn(again.accessToken)).toBe(true);
  });

  it('processed late does not undo a login made in between', async () => {
    const { id } = await kakaoUser();
    await unlinkForm(providers.kakao.unlinkWebhook(id, 'UNLINK_FROM_APPS'));
    clock.advance({ seconds: 2 });
    const again = await byKakao(id);
    await test.queue.drain();
    expect(await isLinked(id)).toBe(true);
    expect(await isIn(again.accessToken)).toBe(true);
  });

  it('is answered 200 for a user we do not know', async () => {
    const { headers } = providers.kakao.unlinkWebhook('1', 'UNLINK_FROM_APPS');
    const body = `app_id=${providers.kakao.appId}&user_id=41&referrer_type=UNLINK_FROM_APPS&new_field=x`;
    expect((await unlinkForm({ headers, body })).status).toBe(200);
    await test.queue.drain();
  });

  it('takes no wrong key, no other app and no nonsense', async () => {
    const { id, accessToken } = await kakaoUser();
    const body = `app_id=${providers.kakao.appId}&user_id=${id}&referrer_type=UNLINK_FROM_APPS`;
    const bare = { 'content-type': FORM };
    for (const authorization of [
      'KakaoAK wrong',
      'KakaoAK ',
      'Bearer sim-kakao-admin-key',
      'sim-kakao-admin-key',
    ]) {
      const headers = { ...bare, authorization };
      await expectNotStored(() => unlinkForm({ headers, body }), 401, { code: 'callback-refused' });
    }
    await expectNotStored(() => unlinkForm({ headers: bare, body }), 401, { code: 'callback-refused' });
    const { headers } = providers.kakao.unlinkWebhook('1', 'UNLINK_FROM_APPS');
    await expectNotStored(() => unlinkForm({ headers, body: `app_id=1&user_id=${id}` }), 401, {
      code: 'callback-refused',
    });
    for (const nonsense of [
      '',
      'app_id=778899',
      'app_id=778899&user_id=x',
      'user_id=1&user_id=2&app_id=778899',
    ]) {
      await expectNotStored(() => unlinkForm({ headers, body: nonsense }), 422, {
        code: 'validation-failed',
      });
    }
    expect(await isIn(accessToken)).toBe(true);
  });
});

describe("A04 Kakao's security events", () => {
  it.each(['user-unlinked', 'https://schemas.openid.net/secevent/risc/event-type/account-purged'])(
    '%s ends the link',
    async (type) => {
      const { id, accessToken } = await kakaoUser();
      expect(await securityEvent(providers.kakao.securityEvent(id, type))).toEqual({
        status: 202,
        body: { received: true },
      });
      await test.queue.drain();
      expect(await isLinked(id)).toBe(false);
      expect(await isIn(accessToken)).toBe(false);
    },
  );

  it.each(['user-linked', 'user-scope-withdraw', 'tokens-revoked', 'https://example.com/a-type-of-tomorrow'])(
    '%s is kept and changes nothing',
    async (type) => {
      const { id, accessToken } = await kakaoUser();
      const before = await eventCount();
      expect((await securityEvent(providers.kakao.securityEvent(id, type))).status).toBe(202);
      await test.queue.drain();
      expect(await eventCount()).toBe(before + 1);
      expect(await isIn(accessToken)).toBe(true);
    },
  );

  it('is stored once, as it came', async () => {
    const { id } = await kakaoUser();
    const token = providers.kakao.securityEvent(id, 'user-unlinked', { claims: { jti: 'same' } });
    const answers = await Promise.all(Array.from({ length: 5 }, () => securityEvent(token)));
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(202));
    await test.queue.drain();
    const events = await test.db.prisma.providerEvent.findMany({ where: { eventKey: 'jti:same' } });
    expect(events).toMatchObject([
      { provider: 'kakao', kind: 'user-unlinked', subject: id, body: token, processedAt: clock.now() },
    ]);
  });

  it('older than the last login does not undo it', async () => {
    const { id } = await kakaoUser();
    const token = providers.kakao.securityEvent(id, 'user-unlinked');
    clock.advance({ seconds: 2 });
    const { accessToken } = await byKakao(id);
    await securityEvent(token);
    await test.queue.drain();
    expect(await isLinked(id)).toBe(true);
    expect(await isIn(accessToken)).toBe(true);
  });

  it.each<[string, TokenOverrides, string]>([
    ['another app', { aud: 'other' }, 'invalid_audience'],
    ['another issuer', { iss: 'https://evil.example' }, 'invalid_issuer'],
    ['a forged signature', { forged: true }, 'invalid_key'],
    ['an unknown key', { kid: 'unknown' }, 'invalid_key'],
    ['alg none', { alg: 'none' }, 'invalid_request'],
    ['HS256', { alg: 'HS256' }, 'invalid_request'],
    ['no jti', { claims: { jti: undefined } }, 'invalid_request'],
    ['no events', { claims: { events: undefined } }, 'invalid_request'],
  ])('refuses %s', async (_, bent, err) => {
    const { id, accessToken } = await kakaoUser();
    const token = providers.kakao.securityEvent(id, 'user-unlinked', bent);
    await expectNotStored(() => securityEvent(token), 400, { err, description: expect.any(String) });
    expect(await isIn(accessToken)).toBe(true);
  });

  it('refuses an id_token and garbage', async () => {
    const { id } = await kakaoUser();
    const idToken = providers.kakao.idToken(id, { claims: { jti: '1', events: {} } });
    for (const token of [idToken, 'garbage', '{}', 'a.b.c']) {
      await expectNotStored(() => securityEvent(token), 400, { err: 'invalid_request' });
    }
  });
});

describe("A04 Apple's notifications", () => {
  it.each(['consent-revoked', 'account-delete'])('%s ends the link and forgets the grant', async (type) => {
    const { sub, accessToken } = await appleUser();
    expect(await apple(providers.apple.notification(sub, type))).toEqual({
      status: 200,
      body: { received: true },
    });
    await test.queue.drain();
    expect(await isLinked(sub)).toBe(false);
    expect(await isIn(accessToken)).toBe(false);
    const identity = await test.db.prisma.identity.findFirstOrThrow({ where: { providerUserId: sub } });
    expect(identity.refreshTokenSealed).toBeNull();
    expect((await byApple(sub)).isNewUser).toBe(false);
    expect(await isLinked(sub)).toBe(true);
  });

  it.each(['email-disabled', 'email-enabled', 'a-type-of-tomorrow'])(
    '%s is kept and changes nothing',
    async (type) => {
      const { sub, accessToken } = await appleUser();
      const before = await eventCount();
      expect((await apple(providers.apple.notification(sub, type))).status).toBe(200);
      await test.queue.drain();
      expect(await eventCount()).toBe(before + 1);
      expect(await isIn(accessToken)).toBe(true);
    },
  );

  it('repeated for days is answered 200 and done once', async () => {
    const { sub } = await appleUser();
    const notification = providers.apple.notification(sub, 'consent-revoked');
    await apple(notification);
    await test.queue.drain();
    const { accessToken } = await byApple(sub);
    for (let i = 0; i < 5; i++) {
      clock.advance({ hours: 12 });
      expect((await apple(notification)).status).toBe(200);
    }
    await test.queue.drain();
    expect(await isLinked(sub)).toBe(true);
    clock.advance({ hours: -60 });
    expect(await isIn(accessToken)).toBe(true);
  });

  it('with a time in seconds, older than the last login, does not undo it', async () => {
    const { sub, accessToken } = await appleUser();
    const event_time = Math.floor(clock.nowMs() / 1000) - 1;
    await apple(providers.apple.notification(sub, 'consent-revoked', { event: { event_time } }));
    await test.queue.drain();
    expect(await isIn(accessToken)).toBe(true);
  });

  it.each<[string, TokenOverrides]>([
    ['another app', { aud: 'other' }],
    ['another issuer', { iss: 'https://evil.example' }],
    ['a forged signature', { forged: true }],
    ['an unknown key', { kid: 'unknown' }],
    ['alg none', { alg: 'none' }],
    ['HS256', { alg: 'HS256' }],
    ['no jti', { claims: { jti: undefined } }],
  ])('refuses %s', async (_, bent) => {
    const { sub, accessToken } = await appleUser();
    const notification = providers.apple.notification(sub, 'consent-revoked', bent);
    await expectNotStored(() => apple(notification), 401, { code: 'callback-refused' });
    expect(await isIn(accessToken)).toBe(true);
  });

  it('refuses an identity token, and a notification is no identity token', async () => {
    const { sub } = await appleUser();
    await expectNotStored(() => apple({ payload: providers.apple.idToken(sub) }), 401, {
      code: 'callback-refused',
    });
    const { nonce } = (await send('/auth/nonce', undefined)).body;
    const { payload } = providers.apple.notification(sub, 'email-enabled', { nonce });
    const login = await postJson('/auth/apple', { identityToken: payload, authorizationCode: 'c', nonce });
    expect(login).toMatchObject({ status: 401, body: { code: 'login-rejected', reason: 'token-invalid' } });
  });

  it.each(['{}', '{"payload":7}', '[]', '"text"'])('refuses the body %s', async (body) => {
    await expectNotStored(
      () => send('/auth/callbacks/apple', body, { 'content-type': 'application/json' }),
      422,
      {},
    );
  });
});

describe("A04 Naver's disconnect notification", () => {
  it.each(['body', 'query'])('in the %s ends the link', async (place) => {
    const { id, accessToken } = await naverUser();
    const form = new URLSearchParams(providers.naver.disconnectNotification(id)).toString();
    const answer =
      place === 'body'
        ? await send('/auth/callbacks/naver', form, { 'content-type': FORM })
        : await send(`/auth/callbacks/naver?${form}`, undefined);
    expect(answer.status).toBe(204);
    await test.queue.drain();
    expect(await isLinked(id)).toBe(false);
    expect(await isIn(accessToken)).toBe(false);
  });

  it('older than the last login does not undo it', async () => {
    const { id } = await naverUser();
    const form = new URLSearchParams(providers.naver.disconnectNotification(id)).toString();
    clock.advance({ seconds: 2 });
    const { accessToken } = await naverUser(id);
    expect((await send('/auth/callbacks/naver', form, { 'content-type': FORM })).status).toBe(204);
    await test.queue.drain();
    expect(await isIn(accessToken)).toBe(true);
  });

  it('repeated is stored once', async () => {
    const { id } = await naverUser();
    const form = new URLSearchParams(providers.naver.disconnectNotification(id)).toString();
    const before = await eventCount();
    for (let i = 0; i < 3; i++)
      expect((await send('/auth/callbacks/naver', form, { 'content-type': FORM })).status).toBe(204);
    expect(await eventCount()).toBe(before + 1);
    await test.queue.drain();
  });

  it.each([
    ['a forged signature', { signature: 'forged' }],
    ['another app', { clientId: 'other' }],
    ['an old timestamp', { timestampS: 1_000_000_000 }],
  ])('refuses %s', async (_, bent) => {
    const { id, accessToken } = await naverUser();
    const form = new URLSearchParams(providers.naver.disconnectNotification(id, bent)).toString();
    await expectNotStored(() => send('/auth/callbacks/naver', form, { 'content-type': FORM }), 401, {
      code: 'callback-refused',
    });
    await expectNotStored(() => send('/auth/callbacks/naver', undefined), 401, { code: 'callback-refused' });
    expect(await isIn(accessToken)).toBe(true);
  });
});

describe('with nothing configured', () => {
  let bare: TestApp;
  beforeAll(async () => {
    bare = await startTestApp({ clock });
  });
  afterAll(() => bare.close());

  it.each<[string, string, string]>([
    ['/auth/kakao', 'application/json', '{"accessToken":"a"}'],
    ['/auth/naver', 'application/json', '{"code":"c","state":"s"}'],
    ['/auth/apple', 'application/json', '{"identityToken":"t","authorizationCode":"c","nonce":"n"}'],
    ['/auth/callbacks/kakao', FORM, 'app_id=1&user_id=1'],
    ['/auth/callbacks/kakao', 'application/secevent+jwt', 'a.b.c'],
    ['/auth/callbacks/apple', 'application/json', '{"payload":"a.b.c"}'],
    ['/auth/callbacks/naver', FORM, 'clientId=a&signature=s'],
  ])('%s (%s) is 503', async (path, type, body) => {
    expect(await send(path, body, { 'content-type': type }, bare.url)).toMatchObject({
      status: 503,
      body: { code: 'provider-not-configured' },
    });
  });

  it('the contract names every route of auth', async () => {
    const { paths } = (await (await fetch(`${bare.url}/openapi.json`)).json()) as {
      paths: Record<string, Record<string, unknown>>;
    };
    const routes = Object.entries(paths).flatMap(([path, of]) =>
      Object.keys(of).map((method) => `${method} ${path}`),
    );
    expect(routes.filter((route) => route.includes('/auth/')).sort()).toEqual([
      'delete /auth/sessions/{id}',
      'get /auth/sessions',
      'post /auth/apple',
      'post /auth/callbacks/apple',
      'post /auth/callbacks/kakao',
      'post /auth/callbacks/naver',
      'post /auth/kakao',
      'post /auth/link/apple',
      'post /auth/link/kakao',
      'post /auth/link/naver',
      'post /auth/logout',
      'post /auth/naver',
      'post /auth/nonce',
      'post /auth/refresh',
    ]);
  });
});
