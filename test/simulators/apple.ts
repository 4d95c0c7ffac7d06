import { createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { jwtVerify } from 'jose';
import { IssuedSecrets } from './issued-secrets.js';
import { SigningKeys, type TokenOverrides } from './signing-keys.js';
import { formOf, startSimulator, type Simulator, type SimulatorOptions } from './simulator.js';

export interface AppleOptions extends SimulatorOptions {
  /** Bundle id and Services ID. */
  clientIds: string[];
  teamId: string;
  keyId: string;
  /** Of the key that signs the app's client_secret. */
  publicKeyPem: string;
}

export interface AppleUser {
  sub: string;
  email?: string;
  /** Apple writes the boolean or the string. */
  emailVerified?: boolean | 'true' | 'false';
  isPrivateEmail?: boolean | 'true' | 'false';
}

export interface AppleGrant {
  clientId: string;
  nonce?: string;
  /** Web only; the exchange must repeat it. */
  redirectUri?: string;
}

export interface AppleNotificationOverrides extends TokenOverrides {
  /** More or other fields of the event itself. */
  event?: Record<string, unknown>;
}

export interface AppleSimulator extends Simulator {
  clientIds: string[];
  addUser(user: AppleUser): AppleUser;
  /** A single-use code of five minutes. */
  code(sub: string, grant: AppleGrant): string;
  /** `aud` is the first client id unless overridden. */
  idToken(sub: string, overrides?: TokenOverrides): string;
  rotateKeys(): void;
  /** The body of a server-to-server notification; consent-revoked and account-delete end the grants too. */
  notification(sub: string, type: string, overrides?: AppleNotificationOverrides): { payload: string };
  /** Tokens that the app revoked, in order. */
  revokedTokens: string[];
}

export const APPLE_ISSUER = 'https://appleid.apple.com';
const CODE_TTL_S = 300;
const ACCESS_TOKEN_TTL_S = 3600;
const ID_TOKEN_TTL_S = 86_400;
const CLIENT_SECRET_MAX_S = 15_777_000;

export async function startApple(options: AppleOptions): Promise<AppleSimulator> {
  const { clientIds, teamId, keyId, publicKeyPem, now = Date.now } = options;
  const clientKey = createPublicKey(publicKeyPem);
  const keys = new SigningKeys();
  const users = new Map<string, AppleUser>();
  const revokedTokens: string[] = [];
  const codes = new IssuedSecrets<AppleGrant & { sub: string }>(now);
  const tokens = new IssuedSecrets<{ sub: string; clientId: string; kind: 'access' | 'refresh' }>(now);
  const nowS = () => Math.floor(now() / 1000);

  function userOf(sub: string): AppleUser {
    const user = users.get(sub);
    if (!user) throw new Error(`Apple simulator has no user ${sub}`);
    return user;
  }

  function idToken(sub: string, overrides?: TokenOverrides): string {
    const { email, emailVerified = true, isPrivateEmail = false } = userOf(sub);
    const iat = nowS();
    return keys.sign(
      {
        iss: APPLE_ISSUER,
        aud: clientIds[0],
        sub,
        iat,
        auth_time: iat,
        exp: iat + ID_TOKEN_TTL_S,
        ...(email && { email, email_verified: emailVerified, is_private_email: isPrivateEmail }),
        nonce_supported: true,
        real_user_status: 2,
      },
      overrides,
    );
  }

  async function isClient(clientId = '', clientSecret = ''): Promise<boolean> {
    if (!clientIds.includes(clientId)) return false;
    try {
      const { payload, protectedHeader } = await jwtVerify(clientSecret, clientKey, {
        algorithms: ['ES256'],
        issuer: teamId,
        audience: APPLE_ISSUER,
        subject: clientId,
        requiredClaims: ['iat', 'exp'],
        currentDate: new Date(now()),
      });
      return protectedHeader.kid === keyId && payload.exp! - payload.iat! <= CLIENT_SECRET_MAX_S;
    } catch {
      return false; // whatever is wrong with it, Apple says only invalid_client
    }
  }

  async function token(request: FastifyRequest, reply: FastifyReply) {
    const form = formOf(request);
    const clientId = form.client_id;
    if (!clientId || !form.client_secret || !form.grant_type) return oauthError(reply, 'invalid_request');
    if (!(await isClient(clientId, form.client_secret))) return oauthError(reply, 'invalid_client');
    if (form.grant_type === 'refresh_token') {
      const grant = tokens.find(form.refresh_token);
      if (grant?.kind !== 'refresh' || grant.clientId !== clientId) return oauthError(reply, 'invalid_grant');
      return reply.send(tokenAnswer(grant.sub, clientId));
    }
    if (form.grant_type !== 'authorization_code') return oauthError(reply, 'unsupported_grant_type');
    const grant = codes.take(form.code);
    if (!grant) return oauthError(reply, 'invalid_grant');
    if (grant.redirectUri && grant.redirectUri !== form.redirect_uri)
      return oauthError(reply, 'invalid_grant');
    if (grant.clientId !== clientId) return oauthError(reply, 'invalid_client');
    return reply.send({
      ...tokenAnswer(grant.sub, clientId, grant.nonce),
      refresh_token: tokens.issue({ sub: grant.sub, clientId, kind: 'refresh' }),
    });
  }

  function tokenAnswer(sub: string, clientId: string, nonce?: string) {
    return {
      access_token: tokens.issue({ sub, clientId, kind: 'access' }, ACCESS_TOKEN_TTL_S),
      token_type: 'Bearer',
      expires_in: ACCESS_TOKEN_TTL_S,
      id_token: idToken(sub, { aud: clientId, nonce }),
    };
  }

  async function revoke(request: FastifyRequest, reply: FastifyReply) {
    const { client_id, client_secret, token } = formOf(request);
    if (!client_id || !client_secret || !token) return oauthError(reply, 'invalid_request');
    if (!(await isClient(client_id, client_secret))) return oauthError(reply, 'invalid_client');
    const grant = tokens.find(token);
    if (grant) endGrants(grant.sub);
    revokedTokens.push(token);
    return reply.send();
  }

  function endGrants(sub: string): void {
    tokens.revoke((token) => token.sub === sub);
  }

  const simulator = await startSimulator(options, (server) => {
    server.get('/auth/keys', () => keys.jwks());
    server.post('/auth/token', token);
    server.post('/auth/revoke', revoke);
  });

  return {
    ...simulator,
    clientIds,
    idToken,
    revokedTokens,
    rotateKeys: () => keys.rotate(),
    addUser(user) {
      users.set(user.sub, user);
      return user;
    },
    code: (sub, grant) => codes.issue({ sub: userOf(sub).sub, ...grant }, CODE_TTL_S),
    notification(sub, type, { event, ...overrides } = {}) {
      if (type === 'consent-revoked' || type === 'account-delete') endGrants(sub);
      const { email, isPrivateEmail = true } = users.get(sub) ?? {};
      const relay = type.startsWith('email-') && { email, is_private_email: String(isPrivateEmail) };
      const claims = {
        iss: APPLE_ISSUER,
        aud: clientIds[0],
        iat: nowS(),
        jti: randomUUID(),
        // A JSON string inside the JSON, as Apple sends it.
        events: JSON.stringify({ type, sub, ...relay, event_time: now(), ...event }),
      };
      return { payload: keys.sign(claims, overrides) };
    },
  };
}

/** A key as the developer portal makes them: the private half is what the `.p8` file holds. */
export function appleKeyPair(): { privateKeyPem: string; publicKeyPem: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { privateKeyPem: privateKey, publicKeyPem: publicKey };
}

function oauthError(reply: FastifyReply, error: string) {
  return reply.code(400).send({ error });
}
