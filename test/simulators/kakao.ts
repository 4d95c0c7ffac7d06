import { createHash, randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { IssuedSecrets } from './issued-secrets.js';
import { SigningKeys, type TokenOverrides } from './signing-keys.js';
import {
  credentialOf,
  formOf,
  paramsOf,
  startSimulator,
  withQuery,
  type Simulator,
  type SimulatorOptions,
} from './simulator.js';

export interface KakaoOptions extends SimulatorOptions {
  /** REST API key. */
  clientId: string;
  clientSecret: string;
  appId: number;
  adminKey: string;
  nativeAppKey?: string;
  /** Any token `sim-kakao-NAME` (letters, digits) is one of a user of that name: for whoever tries /docs by hand. */
  walkIns?: boolean;
  /** Registered redirect URIs; absent: any is good. */
  redirectUris?: string[];
}

export interface KakaoUser {
  /** 1 to 19 digits. */
  id: string;
  /** Every absent field is a consent that the user did not give. */
  nickname?: string;
  profileImageUrl?: string;
  email?: string;
  emailValid?: boolean;
  emailVerified?: boolean;
  /** More of `kakao_account`, as on the wire: gender, birthday, … */
  account?: Record<string, unknown>;
}

export interface SecurityEventOverrides extends TokenOverrides {
  reason?: string;
}

export interface KakaoSimulator extends Simulator {
  clientId: string;
  appId: number;
  nativeAppKey?: string;
  addUser(user: KakaoUser): KakaoUser;
  /** A single-use code, as the redirect after the consent page carries it. */
  code(userId: string, grant: { redirectUri: string; nonce?: string }): string;
  /** A token of the native SDK; with another `appId`, one that some other Kakao app obtained. */
  accessToken(userId: string, options?: { appId?: number; expiresInS?: number }): string;
  idToken(userId: string, overrides?: TokenOverrides): string;
  rotateKeys(): void;
  /** The user disconnects at Kakao: their tokens die, and the returned request is what Kakao sends. */
  unlinkWebhook(userId: string, referrerType: string): { headers: Record<string, string>; body: string };
  /** The body of an account status webhook; a bare event name means the OAuth group, else give the URI. */
  securityEvent(userId: string, eventType: string, overrides?: SecurityEventOverrides): string;
  /** Ids that the app unlinked through the API, in order. */
  unlinkedUsers: string[];
}

export const KAKAO_ISSUER = 'https://kauth.kakao.com';
const OAUTH_EVENT = 'https://schemas.openid.net/secevent/oauth/event-type/';
const CODE_TTL_S = 600;
const REST_TOKEN_TTL_S = 21_599;
const SDK_TOKEN_TTL_S = 43_199;
const REFRESH_TTL_S = 5_183_999;
/** Kakao sends a new refresh token only when the old one is this close to its end. */
const REFRESH_RENEWAL_S = 30 * 86_400;

/** Error code → HTTP status, OAuth error, description. */
const OAUTH_ERRORS = {
  KOE006: [400, 'invalid_request', 'redirect URI is not registered'],
  KOE010: [401, 'invalid_client', 'Bad client credentials'],
  KOE101: [401, 'invalid_client', 'Not exist client_id'],
  KOE303: [400, 'invalid_grant', 'Redirect URI mismatch.'],
  KOE320: [400, 'invalid_grant', 'authorization code not found'],
  KOE322: [400, 'invalid_grant', 'expired_or_invalid_refresh_token'],
} as const;

const API_ERRORS = {
  '-2': [400, 'bad parameter'],
  '-101': [400, 'NotRegisteredUserException'],
  '-401': [401, 'this access token does not exist'],
} as const;

/** kauth.kakao.com and kapi.kakao.com in one server. */
export async function startKakao(options: KakaoOptions): Promise<KakaoSimulator> {
  const { clientId, clientSecret, appId, adminKey, nativeAppKey, redirectUris, now = Date.now } = options;
  const { walkIns = false } = options;
  const keys = new SigningKeys();
  const users = new Map<string, KakaoUser>();
  const linked = new Set<string>();
  const unlinkedUsers: string[] = [];
  const codes = new IssuedSecrets<{ userId: string; redirectUri: string; nonce?: string }>(now);
  const accessTokens = new IssuedSecrets<{ userId: string; appId: number }>(now);
  const refreshTokens = new IssuedSecrets<{ userId: string }>(now);
  const nowS = () => Math.floor(now() / 1000);

  function userOf(userId: string): KakaoUser {
    const user = users.get(userId);
    if (!user) throw new Error(`Kakao simulator has no user ${userId}`);
    return user;
  }

  function code(userId: string, grant: { redirectUri: string; nonce?: string }): string {
    return codes.issue({ userId: userOf(userId).id, ...grant }, CODE_TTL_S);
  }

  function idToken(userId: string, overrides?: TokenOverrides): string {
    const { nickname, profileImageUrl: picture, email } = userOf(userId);
    const iat = nowS();
    const times = { iat, auth_time: iat, exp: iat + REST_TOKEN_TTL_S };
    return keys.sign(
      { iss: KAKAO_ISSUER, aud: clientId, sub: userId, ...times, nickname, picture, email },
      overrides,
    );
  }

  function unlink(userId: string): void {
    linked.delete(userId);
    for (const tokens of [accessTokens, refreshTokens]) tokens.revoke((token) => token.userId === userId);
  }

  const isRegistered = (redirectUri: string) => redirectUris?.includes(redirectUri) ?? true;

  function authorize(request: FastifyRequest, reply: FastifyReply) {
    const { client_id, redirect_uri = '', state, nonce, login_hint } = paramsOf(request);
    if (client_id !== clientId) return oauthError(reply, 'KOE101');
    if (!URL.canParse(redirect_uri) || !isRegistered(redirect_uri)) return oauthError(reply, 'KOE006');
    const userId = login_hint ?? users.keys().next().value;
    const answer =
      userId !== undefined && users.has(userId)
        ? { code: code(userId, { redirectUri: redirect_uri, nonce }) }
        : { error: 'access_denied', error_description: 'User denied access' };
    return reply.redirect(withQuery(redirect_uri, { ...answer, state }));
  }

  function token(request: FastifyRequest, reply: FastifyReply) {
    const form = formOf(request);
    if (form.client_id !== clientId) return oauthError(reply, 'KOE101');
    if (form.client_secret !== clientSecret) return oauthError(reply, 'KOE010');
    if (form.grant_type === 'authorization_code') return exchange(form, reply);
    if (form.grant_type === 'refresh_token') return refresh(form.refresh_token, reply);
    return reply.code(400).send({ error: 'unsupported_grant_type', error_description: 'grant_type' });
  }

  function exchange(form: Record<string, string | undefined>, reply: FastifyReply) {
    const grant = codes.find(form.code);
    if (!grant) return oauthError(reply, 'KOE320');
    if (!isRegistered(form.redirect_uri ?? '')) return oauthError(reply, 'KOE006');
    if (form.redirect_uri !== grant.redirectUri) return oauthError(reply, 'KOE303');
    codes.take(form.code);
    const { userId, nonce } = grant;
    linked.add(userId);
    return reply.send({
      token_type: 'bearer',
      access_token: accessTokens.issue({ userId, appId }, REST_TOKEN_TTL_S),
      expires_in: REST_TOKEN_TTL_S,
      refresh_token: refreshTokens.issue({ userId }, REFRESH_TTL_S),
      refresh_token_expires_in: REFRESH_TTL_S,
      scope: 'openid profile_nickname account_email',
      id_token: idToken(userId, { nonce }),
    });
  }

  function refresh(refreshToken: string | undefined, reply: FastifyReply) {
    const grant = refreshTokens.find(refreshToken);
    if (!grant) return oauthError(reply, 'KOE322');
    const renewed = refreshTokens.remainingS(refreshToken) < REFRESH_RENEWAL_S && {
      refresh_token: refreshTokens.issue(grant, REFRESH_TTL_S),
      refresh_token_expires_in: REFRESH_TTL_S,
    };
    return reply.send({
      token_type: 'bearer',
      access_token: accessTokens.issue({ userId: grant.userId, appId }, REST_TOKEN_TTL_S),
      expires_in: REST_TOKEN_TTL_S,
      ...renewed,
    });
  }

  function tokenOf(sent: string | undefined) {
    const name = walkIns ? /^sim-kakao-([a-z0-9]{1,20})$/i.exec(sent ?? '')?.[1] : undefined;
    if (name && !accessTokens.find(sent)) {
      const userId = String(createHash('sha256').update(name).digest().readUIntBE(0, 6) + 1);
      if (!users.has(userId)) users.set(userId, { id: userId, nickname: name });
      linked.add(userId);
      accessTokens.issue({ userId, appId }, SDK_TOKEN_TTL_S, sent);
    }
    return accessTokens.find(sent);
  }

  function tokenInfo(request: FastifyRequest, reply: FastifyReply) {
    const sent = credentialOf(request, 'Bearer');
    const token = tokenOf(sent);
    if (!token) return apiError(reply, '-401');
    return sendWithId(reply, token.userId, {
      expires_in: accessTokens.remainingS(sent),
      app_id: token.appId,
      expiresInMillis: accessTokens.remainingS(sent) * 1000,
    });
  }

  /** The user of a kapi call: of the bearer token, or the target that the admin key names; else the error code. */
  function callerOf(request: FastifyRequest): { userId: string } | keyof typeof API_ERRORS {
    const token = tokenOf(credentialOf(request, 'Bearer'));
    if (token) return token;
    if (credentialOf(request, 'KakaoAK') !== adminKey) return '-401';
    const { target_id_type, target_id } = paramsOf(request);
    if (target_id_type !== 'user_id' || !target_id) return '-2';
    return linked.has(target_id) ? { userId: target_id } : '-101';
  }

  function me(request: FastifyRequest, reply: FastifyReply) {
    const caller = callerOf(request);
    if (typeof caller === 'string') return apiError(reply, caller);
    return sendWithId(reply, caller.userId, profileOf(userOf(caller.userId), now()));
  }

  function unlinkByApp(request: FastifyRequest, reply: FastifyReply) {
    const caller = callerOf(request);
    if (typeof caller === 'string') return apiError(reply, caller);
    unlink(caller.userId);
    unlinkedUsers.push(caller.userId);
    return sendWithId(reply, caller.userId);
  }

  const simulator = await startSimulator(options, (server) => {
    server.get('/oauth/authorize', authorize);
    server.post('/oauth/token', token);
    server.get('/.well-known/openid-configuration', () => discovery(simulator.url));
    server.get('/.well-known/jwks.json', () => keys.jwks());
    server.get('/v1/user/access_token_info', tokenInfo);
    server.route({ method: ['GET', 'POST'], url: '/v2/user/me', handler: me });
    server.post('/v1/user/unlink', unlinkByApp);
  });

  return {
    ...simulator,
    clientId,
    appId,
    nativeAppKey,
    code,
    idToken,
    unlinkedUsers,
    rotateKeys: () => keys.rotate(),
    addUser(user) {
      if (!/^[1-9]\d{0,18}$/.test(user.id)) throw new Error(`Kakao ids have 1 to 19 digits: ${user.id}`);
      users.set(user.id, user);
      linked.add(user.id);
      return user;
    },
    accessToken(userId, { appId: issuedTo = appId, expiresInS = SDK_TOKEN_TTL_S } = {}) {
      if (issuedTo === appId) linked.add(userOf(userId).id);
      return accessTokens.issue({ userId: userOf(userId).id, appId: issuedTo }, expiresInS);
    },
    unlinkWebhook(userId, referrerType) {
      unlink(userId);
      return {
        headers: {
          authorization: `KakaoAK ${adminKey}`,
          'content-type': 'application/x-www-form-urlencoded;charset=utf-8',
        },
        body: `app_id=${appId}&user_id=${userId}&referrer_type=${referrerType}`,
      };
    },
    securityEvent(userId, eventType, { reason = 'UNLINK_FROM_APPS', ...overrides } = {}) {
      const type = eventType.includes('://') ? eventType : OAUTH_EVENT + eventType;
      const subject = { subject_type: 'iss-sub', iss: KAKAO_ISSUER, sub: userId };
      return keys.sign(
        {
          iss: KAKAO_ISSUER,
          aud: clientId,
          sub: userId,
          iat: nowS(),
          toe: nowS(),
          jti: randomUUID(),
          txn: randomUUID(),
          events: { [type]: { subject, reason } },
        },
        overrides,
        'secevent+jwt',
      );
    },
  };
}

function oauthError(reply: FastifyReply, error_code: keyof typeof OAUTH_ERRORS) {
  const [status, error, error_description] = OAUTH_ERRORS[error_code];
  return reply.code(status).send({ error, error_description, error_code });
}

function apiError(reply: FastifyReply, code: keyof typeof API_ERRORS) {
  const [status, msg] = API_ERRORS[code];
  return reply.code(status).send({ msg, code: Number(code) });
}

/** Ids of 17 digits and more do not survive a JavaScript number, so the id is written as text. */
function sendWithId(reply: FastifyReply, id: string, rest: object = {}) {
  const others = JSON.stringify(rest).slice(1, -1);
  return reply.type('application/json;charset=UTF-8').send(`{"id":${id}${others && `,${others}`}}`);
}

function profileOf(user: KakaoUser, nowMs: number) {
  const { nickname, profileImageUrl, email, emailValid = true, emailVerified = true, account } = user;
  return {
    connected_at: new Date(nowMs).toISOString().replace(/\.\d+Z$/, 'Z'),
    ...(nickname && { properties: { nickname } }),
    kakao_account: {
      profile_nickname_needs_agreement: !nickname,
      profile_image_needs_agreement: !profileImageUrl,
      ...((nickname || profileImageUrl) && {
        profile: {
          nickname,
          thumbnail_image_url: profileImageUrl,
          profile_image_url: profileImageUrl,
          is_default_image: profileImageUrl ? false : undefined,
          is_default_nickname: nickname ? false : undefined,
        },
      }),
      has_email: true,
      email_needs_agreement: !email,
      ...(email && { is_email_valid: emailValid, is_email_verified: emailVerified, email }),
      ...account,
    },
  };
}

function discovery(url: string) {
  return {
    issuer: KAKAO_ISSUER,
    authorization_endpoint: `${url}/oauth/authorize`,
    token_endpoint: `${url}/oauth/token`,
    jwks_uri: `${url}/.well-known/jwks.json`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
}
