import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { IssuedSecrets } from './issued-secrets.js';
import {
  credentialOf,
  formOf,
  paramsOf,
  startSimulator,
  withQuery,
  type Simulator,
  type SimulatorOptions,
} from './simulator.js';

export interface NaverOptions extends SimulatorOptions {
  clientId: string;
  clientSecret: string;
}

/** Fields as on the wire; every absent one is a consent that the user did not give. */
export interface NaverUser {
  id: string;
  nickname?: string;
  name?: string;
  email?: string;
  gender?: 'F' | 'M' | 'U';
  age?: string;
  birthday?: string;
  birthyear?: string;
  profile_image?: string;
  mobile?: string;
}

export interface DisconnectOverrides {
  clientId?: string;
  timestampS?: number;
  /** 16 bytes; absent: random. */
  iv?: Buffer;
  signature?: string;
}

/** A type and not an interface, so that it goes straight into `new URLSearchParams()`. */
export type DisconnectParams = {
  clientId: string;
  encryptUniqueId: string;
  timestamp: string;
  signature: string;
};

export interface NaverSimulator extends Simulator {
  clientId: string;
  addUser(user: NaverUser): NaverUser;
  /** A single-use code, as the redirect after the consent page carries it. */
  code(userId: string, grant: { state: string }): string;
  accessToken(userId: string, options?: { expiresInS?: number }): string;
  /** The user disconnects at Naver: their tokens die, and the returned form is what Naver sends. */
  disconnectNotification(userId: string, overrides?: DisconnectOverrides): DisconnectParams;
  /** Tokens that the app revoked, in order. */
  revokedTokens: string[];
}

const CODE_TTL_S = 600;
const TOKEN_TTL_S = 3600;

/** nid.naver.com and openapi.naver.com in one server. */
export async function startNaver(options: NaverOptions): Promise<NaverSimulator> {
  const { clientId, clientSecret, now = Date.now } = options;
  const users = new Map<string, NaverUser>();
  const revokedTokens: string[] = [];
  const codes = new IssuedSecrets<{ userId: string; state: string }>(now);
  const accessTokens = new IssuedSecrets<{ userId: string }>(now);
  const refreshTokens = new IssuedSecrets<{ userId: string }>(now);

  function userOf(userId: string): NaverUser {
    const user = users.get(userId);
    if (!user) throw new Error(`Naver simulator has no user ${userId}`);
    return user;
  }

  function code(userId: string, grant: { state: string }): string {
    return codes.issue({ userId: userOf(userId).id, ...grant }, CODE_TTL_S);
  }

  function accessToken(userId: string, { expiresInS = TOKEN_TTL_S } = {}): string {
    // Real tokens hold +, / and =; these always do, so that a client that forgets to encode them fails.
    const secret = `AAAAN+/${randomBytes(40).toString('base64')}`;
    return accessTokens.issue({ userId: userOf(userId).id }, expiresInS, secret);
  }

  function disconnect(userId: string): void {
    for (const tokens of [accessTokens, refreshTokens]) tokens.revoke((token) => token.userId === userId);
  }

  function authorize(request: FastifyRequest, reply: FastifyReply) {
    const { client_id, redirect_uri = '', response_type, state, login_hint } = paramsOf(request);
    if (client_id !== clientId || !URL.canParse(redirect_uri) || !state)
      return oauthError(reply.code(400), 'invalid_request', 'wrong parameter');
    const userId = login_hint ?? users.keys().next().value;
    let answer: Record<string, string>;
    if (response_type !== 'code') answer = { error: 'unsupported_response_type' };
    else if (userId === undefined || !users.has(userId)) answer = { error: 'access_denied' };
    else answer = { code: code(userId, { state }) };
    return reply.redirect(withQuery(redirect_uri, { ...answer, state }));
  }

  /** Naver's token errors come with HTTP 200. */
  function token(request: FastifyRequest, reply: FastifyReply) {
    const params = paramsOf(request);
    if (params.client_id !== clientId || params.client_secret !== clientSecret)
      return oauthError(reply, 'unauthorized_client', 'wrong client id or client secret');
    if (params.grant_type === 'authorization_code') {
      const grant = codes.take(params.code);
      if (!grant || grant.state !== params.state)
        return oauthError(reply, 'invalid_request', 'no valid data in session');
      return reply.send({
        ...tokenAnswer(grant.userId),
        refresh_token: refreshTokens.issue({ userId: grant.userId }),
      });
    }
    if (params.grant_type === 'refresh_token') {
      const grant = refreshTokens.find(params.refresh_token);
      if (!grant) return oauthError(reply, 'invalid_request', 'invalid refresh_token');
      return reply.send(tokenAnswer(grant.userId));
    }
    return oauthError(reply, 'invalid_request', 'unsupported grant_type');
  }

  function tokenAnswer(userId: string) {
    return { access_token: accessToken(userId), token_type: 'bearer', expires_in: String(TOKEN_TTL_S) };
  }

  function me(request: FastifyRequest, reply: FastifyReply) {
    const token = accessTokens.find(credentialOf(request, 'Bearer'));
    if (!token) return profileError(request, reply);
    return reply.send({ resultcode: '00', message: 'success', response: userOf(token.userId) });
  }

  function verify(request: FastifyRequest, reply: FastifyReply) {
    const sent = credentialOf(request, 'Bearer');
    if (!accessTokens.find(sent)) return profileError(request, reply);
    const expire_date = new Date(now() + accessTokens.remainingS(sent) * 1000).toISOString();
    return reply.send({ resultcode: '00', message: 'success', response: { token: sent, expire_date } });
  }

  function revoke(request: FastifyRequest, reply: FastifyReply) {
    const { client_id, client_secret, token } = formOf(request);
    if (client_id !== clientId || client_secret !== clientSecret)
      return oauthError(reply.code(401), 'unauthorized_client', 'wrong client id or client secret');
    if (!token) return oauthError(reply.code(400), 'invalid_request', 'token is missing');
    const grant = accessTokens.find(token) ?? refreshTokens.find(token);
    if (grant) disconnect(grant.userId);
    revokedTokens.push(token);
    return reply.send();
  }

  const simulator = await startSimulator(options, (server) => {
    server.get('/oauth2.0/authorize', authorize);
    server.route({ method: ['GET', 'POST'], url: '/oauth2.0/token', handler: token });
    server.post('/oauth2.0/revoke', revoke);
    server.route({ method: ['GET', 'POST'], url: '/v1/nid/me', handler: me });
    server.get('/v1/nid/verify', verify);
  });

  return {
    ...simulator,
    clientId,
    code,
    accessToken,
    revokedTokens,
    addUser(user) {
      users.set(user.id, user);
      return user;
    },
    disconnectNotification(userId, { timestampS = Math.floor(now() / 1000), ...overrides } = {}) {
      disconnect(userId);
      return disconnectParams(userId, { clientId, clientSecret, timestampS, ...overrides });
    },
  };
}

/** AES-128-CBC and HMAC-SHA256, both under MD5(client secret): see §2.5 of the provider notes. */
function disconnectParams(
  userId: string,
  {
    clientId,
    clientSecret,
    timestampS,
    iv = randomBytes(16),
    signature,
  }: DisconnectOverrides & { clientId: string; clientSecret: string; timestampS: number },
): DisconnectParams {
  const key = createHash('md5').update(clientSecret).digest();
  const cipher = createCipheriv('aes-128-cbc', key, iv);
  const encryptUniqueId = Buffer.concat([iv, cipher.update(userId), cipher.final()]).toString('base64url');
  const signed = `clientId=${clientId}&encryptUniqueId=${encryptUniqueId}&timestamp=${timestampS}`;
  return {
    clientId,
    encryptUniqueId,
    timestamp: String(timestampS),
    signature: signature ?? createHmac('sha256', key).update(signed).digest('base64url'),
  };
}

function oauthError(reply: FastifyReply, error: string, error_description: string) {
  return reply.send({ error, error_description });
}

function profileError(request: FastifyRequest, reply: FastifyReply) {
  const [resultcode, message] = request.headers.authorization
    ? ['024', 'Authentication failed']
    : ['028', 'Authentication header not exists'];
  return reply.code(401).send({ resultcode, message });
}
