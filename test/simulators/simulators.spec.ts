import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, importPKCS8, jwtVerify, SignJWT } from 'jose';
import { APPLE_ISSUER, appleKeyPair } from './apple.js';
import { KAKAO_ISSUER, startKakao } from './kakao.js';
import { REDIRECT_URIS, startLoginProviders, type LoginProviders } from './login-providers.js';
import { startNaver } from './naver.js';

const LONG_ID = '9223372036854775807';
let nowMs: number;
let providers: LoginProviders;
let env: Record<string, string>;

beforeEach(async () => {
  nowMs = Date.UTC(2026, 9, 3, 2, 11, 45);
  providers = await startLoginProviders({ now: () => nowMs });
  env = providers.env;
});
afterEach(() => providers.close());

async function answer(pending: Response | Promise<Response>) {
  const response = await pending;
  return { status: response.status, body: JSON.parse(await response.text()) };
}

const post = (url: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', body: new URLSearchParams(form), headers });

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

describe('Kakao', () => {
  const tokenForm = (over: Record<string, string> = {}) => ({
    grant_type: 'authorization_code',
    client_id: env.KAKAO_CLIENT_ID!,
    client_secret: env.KAKAO_CLIENT_SECRET!,
    redirect_uri: REDIRECT_URIS.kakao,
    ...over,
  });
  const token = (over: Record<string, string>) =>
    answer(post(`${providers.kakao.url}/oauth/token`, tokenForm(over)));
  const call = (path: string, init: RequestInit) => fetch(providers.kakao.url + path, init);
  const asAdmin = (form: Record<string, string>, key = env.KAKAO_ADMIN_KEY) =>
    answer(post(`${providers.kakao.url}/v1/user/unlink`, form, { authorization: `KakaoAK ${key}` }));
  const verify = (jwt: string) =>
    jwtVerify(jwt, createRemoteJWKSet(new URL(`${providers.kakao.url}/.well-known/jwks.json`)), {
      issuer: KAKAO_ISSUER,
      audience: env.KAKAO_CLIENT_ID,
      currentDate: new Date(nowMs),
    });

  beforeEach(() => providers.kakao.addUser({ id: LONG_ID, nickname: '보리누나', email: 'bori@example.com' }));

  it('logs in from authorize to the profile, with the 19-digit id as a bare integer', async () => {
    const { kakao } = providers;
    const query = {
      client_id: env.KAKAO_CLIENT_ID!,
      redirect_uri: REDIRECT_URIS.kakao,
      state: 's+1',
      nonce: 'n-1',
    };
    const consent = await call(`/oauth/authorize?${new URLSearchParams(query).toString()}`, {
      redirect: 'manual',
    });
    const back = new URL(consent.headers.get('location')!);
    expect(back.href).toMatch(/^withbowwow:\/\/oauth\/kakao\?/);
    expect(back.searchParams.get('state')).toBe('s+1');

    const { status, body } = await token({ code: back.searchParams.get('code')! });
    expect([status, body.token_type, body.expires_in]).toEqual([200, 'bearer', 21_599]);
    expect((await verify(body.id_token)).payload).toMatchObject({ sub: LONG_ID, nonce: 'n-1' });

    const info = await (await call('/v1/user/access_token_info', bearer(body.access_token))).text();
    expect(info).toContain(`{"id":${LONG_ID},"expires_in":21599,"app_id":${kakao.appId}`);
    const me = await (await call('/v2/user/me', { method: 'POST', ...bearer(body.access_token) })).text();
    expect(me).toContain(`{"id":${LONG_ID},`);
    expect(JSON.parse(me).kakao_account).toMatchObject({
      email: 'bori@example.com',
      is_email_verified: true,
    });
  });

  it('answers each wrong exchange as documented', async () => {
    const code = providers.kakao.code(LONG_ID, { redirectUri: REDIRECT_URIS.kakao });
    expect(await token({ code, client_id: 'other' })).toMatchObject({
      status: 401,
      body: { error_code: 'KOE101' },
    });
    expect(await token({ code, client_secret: 'x' })).toMatchObject({
      status: 401,
      body: { error_code: 'KOE010' },
    });
    expect(await token({ code, redirect_uri: 'withbowwow://x' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant', error_code: 'KOE303' },
    });
    expect((await token({ code })).status).toBe(200);
    expect(await token({ code })).toMatchObject({ status: 400, body: { error_code: 'KOE320' } });
    expect(await token({ grant_type: 'refresh_token', refresh_token: 'x' })).toMatchObject({
      status: 400,
      body: { error_code: 'KOE322' },
    });
    expect(await token({ grant_type: 'password' })).toMatchObject({ status: 400 });
  });

  it('knows registered redirect URIs when told', async () => {
    const strict = await startKakao({
      clientId: 'c',
      clientSecret: 's',
      appId: 1,
      adminKey: 'a',
      redirectUris: [REDIRECT_URIS.kakao],
    });
    const response = await fetch(
      `${strict.url}/oauth/authorize?client_id=c&redirect_uri=https://evil.example`,
    );
    expect(await answer(response)).toMatchObject({ status: 400, body: { error_code: 'KOE006' } });
    await strict.close();
  });

  it('renews the refresh token only near its end', async () => {
    const code = providers.kakao.code(LONG_ID, { redirectUri: REDIRECT_URIS.kakao });
    const { refresh_token } = (await token({ code })).body;
    const refresh = () => token({ grant_type: 'refresh_token', refresh_token });
    expect((await refresh()).body).not.toHaveProperty('refresh_token');
    nowMs += 40 * 86_400_000;
    expect((await refresh()).body).toMatchObject({ refresh_token: expect.any(String) });
  });

  it('knows no expired token, and tells which app a token belongs to', async () => {
    const { kakao } = providers;
    const foreign = kakao.accessToken(LONG_ID, { appId: 1, expiresInS: 10 });
    const info = () => answer(call('/v1/user/access_token_info', bearer(foreign)));
    expect((await info()).body).toMatchObject({ app_id: 1, expires_in: 10 });
    expect((await call('/v2/user/me', bearer(foreign))).status).toBe(200);
    nowMs += 10_000;
    expect(await info()).toMatchObject({ status: 401, body: { code: -401 } });
    expect((await call('/v2/user/me', {})).status).toBe(401);
  });

  it('unlinks once', async () => {
    const { kakao } = providers;
    const token = kakao.accessToken(LONG_ID);
    const target = { target_id_type: 'user_id', target_id: LONG_ID };
    expect(await asAdmin(target, 'wrong')).toMatchObject({ status: 401, body: { code: -401 } });
    expect(await asAdmin({ target_id: LONG_ID })).toMatchObject({ status: 400, body: { code: -2 } });
    expect((await asAdmin(target)).status).toBe(200);
    expect(await asAdmin(target)).toMatchObject({ status: 400, body: { code: -101 } });
    expect((await call('/v2/user/me', bearer(token))).status).toBe(401);
    expect(kakao.unlinkedUsers).toEqual([LONG_ID]);
  });

  it('signs good tokens and every bad one', async () => {
    const { kakao } = providers;
    const good = kakao.idToken(LONG_ID);
    await verify(good);
    kakao.rotateKeys();
    await verify(good);
    await verify(kakao.idToken(LONG_ID));
    kakao.rotateKeys();
    await expect(verify(good)).rejects.toThrow('no applicable key');
    const bad = [
      { aud: 'other' },
      { iss: 'https://evil.example' },
      { expS: nowMs / 1000 - 1 },
      { kid: 'unknown' },
      { alg: 'none' },
      { alg: 'HS256' },
      { forged: true },
    ] as const;
    for (const overrides of bad) await expect(verify(kakao.idToken(LONG_ID, overrides))).rejects.toThrow();
  });

  it('sends its two webhooks', async () => {
    const { kakao } = providers;
    const token = kakao.accessToken(LONG_ID);
    expect(kakao.unlinkWebhook(LONG_ID, 'UNLINK_FROM_APPS')).toEqual({
      headers: {
        authorization: `KakaoAK ${env.KAKAO_ADMIN_KEY}`,
        'content-type': 'application/x-www-form-urlencoded;charset=utf-8',
      },
      body: `app_id=778899&user_id=${LONG_ID}&referrer_type=UNLINK_FROM_APPS`,
    });
    expect((await call('/v2/user/me', bearer(token))).status).toBe(401);

    const event = kakao.securityEvent(LONG_ID, 'user-unlinked');
    expect(decodeProtectedHeader(event).typ).toBe('secevent+jwt');
    expect((await verify(event)).payload).toMatchObject({
      sub: LONG_ID,
      events: {
        'https://schemas.openid.net/secevent/oauth/event-type/user-unlinked': { reason: 'UNLINK_FROM_APPS' },
      },
    });
  });
});

describe('Naver', () => {
  const ID = 'x7Qm2vY_8kT1pZ';
  const form = (over: Record<string, string>) => ({
    grant_type: 'authorization_code',
    client_id: env.NAVER_CLIENT_ID!,
    client_secret: env.NAVER_CLIENT_SECRET!,
    state: 's-1',
    ...over,
  });
  const token = (over: Record<string, string>) =>
    answer(post(`${providers.naver.url}/oauth2.0/token`, form(over)));
  const call = (path: string, init: RequestInit = {}) => fetch(providers.naver.url + path, init);

  beforeEach(() => providers.naver.addUser({ id: ID, nickname: '초코아빠' }));

  it('logs in from authorize to the profile', async () => {
    const query = {
      response_type: 'code',
      client_id: env.NAVER_CLIENT_ID!,
      redirect_uri: REDIRECT_URIS.naver,
    };
    const consent = await call(
      `/oauth2.0/authorize?${new URLSearchParams({ ...query, state: 's-1' }).toString()}`,
      {
        redirect: 'manual',
      },
    );
    const code = new URL(consent.headers.get('location')!).searchParams.get('code')!;
    const { status, body } = await token({ code });
    expect([status, body.expires_in]).toEqual([200, '3600']);
    const me = await answer(call('/v1/nid/me', bearer(body.access_token)));
    expect(me.body).toEqual({
      resultcode: '00',
      message: 'success',
      response: { id: ID, nickname: '초코아빠' },
    });
    expect((await answer(call('/v1/nid/verify?info=true', bearer(body.access_token)))).body.resultcode).toBe(
      '00',
    );

    const refreshed = await token({ grant_type: 'refresh_token', refresh_token: body.refresh_token });
    expect(refreshed.body).not.toHaveProperty('refresh_token');
    expect(refreshed.body).toHaveProperty('access_token');
  });

  it('says errors of the token endpoint with HTTP 200, by GET as by POST', async () => {
    const { naver } = providers;
    const code = naver.code(ID, { state: 's-1' });
    const failed = (error: string) => ({ status: 200, body: { error } });
    expect(await token({ code, client_secret: 'x' })).toMatchObject(failed('unauthorized_client'));
    const byGet = await call(`/oauth2.0/token?${new URLSearchParams(form({ code })).toString()}`);
    expect(await answer(byGet)).toMatchObject({ status: 200, body: { token_type: 'bearer' } });
    expect(await token({ code })).toMatchObject(failed('invalid_request'));
    const other = naver.code(ID, { state: 'other' });
    expect(await token({ code: other })).toMatchObject(failed('invalid_request'));
    expect(await token({ grant_type: 'refresh_token' })).toMatchObject(failed('invalid_request'));
  });

  it('refuses bad tokens at the profile', async () => {
    const old = providers.naver.accessToken(ID, { expiresInS: 10 });
    nowMs += 10_000;
    expect(await answer(call('/v1/nid/me'))).toMatchObject({ status: 401, body: { resultcode: '028' } });
    expect(await answer(call('/v1/nid/me', bearer(old)))).toMatchObject({
      status: 401,
      body: { resultcode: '024' },
    });
  });

  it('revokes, also twice', async () => {
    const { naver } = providers;
    const token = naver.accessToken(ID);
    const revoke = (over: Record<string, string>) => post(`${naver.url}/oauth2.0/revoke`, form(over));
    expect((await revoke({ token, client_secret: 'x' })).status).toBe(401);
    expect((await revoke({})).status).toBe(400);
    for (let time = 0; time < 2; time++) {
      const done = await revoke({ token, token_type_hint: 'access_token' });
      expect([done.status, await done.text()]).toEqual([200, '']);
    }
    expect(naver.revokedTokens).toEqual([token, token]);
    expect((await call('/v1/nid/me', bearer(token))).status).toBe(401);
  });

  it('signs the disconnect notification as the test vector does', async () => {
    const sample = await startNaver({ clientId: 'sampleClientId', clientSecret: 'sampleSecret' });
    const iv = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
    expect(sample.disconnectNotification('Abc_123-naver-user-id', { timestampS: 1767225600, iv })).toEqual({
      clientId: 'sampleClientId',
      encryptUniqueId: 'AAECAwQFBgcICQoLDA0OD2k9k-7rjrEJ9vc0eJC31_IatcnuloA_ZS_YGy-cRB-Y',
      timestamp: '1767225600',
      signature: 'CsE0QC3cZVMWE3n4xu5aTO2XsD4hhdvmoytIZXW11M4',
    });
    await sample.close();
  });
});

describe('Apple', () => {
  const SUB = '001122.abc.0900';
  const clientId = 'kr.withbowwow.app';

  async function clientSecret(over: { pem?: string; kid?: string; sub?: string; lifeS?: number } = {}) {
    const iat = nowMs / 1000;
    return new SignJWT({ iss: env.APPLE_TEAM_ID, sub: over.sub ?? clientId, aud: APPLE_ISSUER })
      .setProtectedHeader({ alg: 'ES256', kid: over.kid ?? env.APPLE_KEY_ID! })
      .setIssuedAt(iat)
      .setExpirationTime(iat + (over.lifeS ?? 300))
      .sign(await importPKCS8(over.pem ?? env.APPLE_PRIVATE_KEY!, 'ES256'));
  }
  const call = async (path: string, form: Record<string, string>) =>
    post(providers.apple.url + path, { client_id: clientId, client_secret: await clientSecret(), ...form });
  const token = (form: Record<string, string>) =>
    answer(call('/auth/token', { grant_type: 'authorization_code', ...form }));
  const verify = (jwt: string) =>
    jwtVerify(jwt, createRemoteJWKSet(new URL(`${providers.apple.url}/auth/keys`)), {
      issuer: APPLE_ISSUER,
      audience: env.APPLE_CLIENT_ID!.split(','),
      currentDate: new Date(nowMs),
    });

  beforeEach(() => providers.apple.addUser({ sub: SUB, email: 'r@example.com', emailVerified: 'true' }));

  it('exchanges, refreshes and revokes', async () => {
    const { apple } = providers;
    const { status, body } = await token({ code: apple.code(SUB, { clientId, nonce: 'n-1' }) });
    expect([status, body.token_type, body.expires_in]).toEqual([200, 'Bearer', 3600]);
    expect((await verify(body.id_token)).payload).toMatchObject({
      sub: SUB,
      aud: clientId,
      nonce: 'n-1',
      email: 'r@example.com',
      email_verified: 'true',
      is_private_email: false,
    });

    const refresh = () => token({ grant_type: 'refresh_token', refresh_token: body.refresh_token });
    expect((await refresh()).status).toBe(200);
    const revoked = await call('/auth/revoke', { token: body.refresh_token });
    expect([revoked.status, await revoked.text()]).toEqual([200, '']);
    expect(apple.revokedTokens).toEqual([body.refresh_token]);
    expect(await refresh()).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('answers each wrong exchange as documented', async () => {
    const { apple } = providers;
    const failed = (error: string) => ({ status: 400, body: { error } });
    const code = apple.code(SUB, { clientId });
    expect((await token({ code })).status).toBe(200);
    expect(await token({ code })).toMatchObject(failed('invalid_grant'));
    const old = apple.code(SUB, { clientId });
    nowMs += 300_000;
    expect(await token({ code: old })).toMatchObject(failed('invalid_grant'));
    const ofWeb = apple.code(SUB, { clientId: 'kr.withbowwow.web' });
    expect(await token({ code: ofWeb })).toMatchObject(failed('invalid_client'));
    const elsewhere = apple.code(SUB, { clientId, redirectUri: 'https://a.example' });
    expect(await token({ code: elsewhere })).toMatchObject(failed('invalid_grant'));
    expect(await token({ grant_type: 'password' })).toMatchObject(failed('unsupported_grant_type'));
    expect(await token({ client_secret: '' })).toMatchObject(failed('invalid_request'));
    expect(await answer(call('/auth/revoke', {}))).toMatchObject(failed('invalid_request'));
  });

  it('verifies the client secret', async () => {
    const { privateKeyPem: pem } = appleKeyPair();
    const wrong = [
      { pem },
      { kid: 'other' },
      { sub: 'kr.withbowwow.web' },
      { lifeS: 15_777_001 },
      { lifeS: -1 },
    ];
    for (const over of wrong) {
      const code = providers.apple.code(SUB, { clientId });
      expect(await token({ code, client_secret: await clientSecret(over) })).toMatchObject({
        status: 400,
        body: { error: 'invalid_client' },
      });
    }
  });

  it('rotates keys and signs bad tokens', async () => {
    const { apple } = providers;
    apple.rotateKeys();
    await verify(apple.idToken(SUB, { aud: 'kr.withbowwow.web' }));
    await expect(verify(apple.idToken(SUB, { alg: 'none' }))).rejects.toThrow();
    await expect(verify(apple.idToken(SUB, { aud: 'other' }))).rejects.toThrow();
  });

  it('notifies with the events as a JSON string', async () => {
    const { payload } = providers.apple.notification(SUB, 'email-disabled');
    await verify(payload);
    const { events, jti } = decodeJwt<{ events: string }>(payload);
    expect(jti).toEqual(expect.any(String));
    expect(JSON.parse(events)).toEqual({
      type: 'email-disabled',
      sub: SUB,
      event_time: nowMs,
      email: 'r@example.com',
      is_private_email: 'true',
    });
  });
});
