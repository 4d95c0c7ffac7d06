import { z } from 'zod';
import { pageOf } from '../../platform/http/pagination.js';
import { asciiToken, id, instant, safeLine } from '../../platform/http/schemas.js';

const MAX_CODE_LENGTH = 1_000;
const MAX_TOKEN_LENGTH = 4_096;
const MAX_NONCE_LENGTH = 100;

const code = asciiToken(MAX_CODE_LENGTH);
const token = asciiToken(MAX_TOKEN_LENGTH);
const redirectUri = asciiToken(500).meta({ description: 'As sent to the authorization page' });
const nonce = asciiToken(MAX_NONCE_LENGTH).meta({ description: 'From POST /auth/nonce' });
const deviceName = safeLine(1, 60).optional();

const deletionScheduledAt = instant.nullable().meta({
  description: '탈퇴를 신청했다면 계정이 지워지는 때: 그 전에는 복구할 수 있다',
});

export const loginNonce = z.object({ nonce: z.string(), expiresAt: instant }).meta({ id: 'LoginNonce' });

export const kakaoLogin = z
  .union([
    z.strictObject({ code, redirectUri, nonce: nonce.optional(), deviceName }),
    z.strictObject({ accessToken: token, deviceName }),
  ])
  .meta({
    id: 'KakaoLogin',
    description: '`nonce`: only when it was sent to the authorization page (OIDC)',
    examples: [{ accessToken: 'sim-kakao-bori', deviceName: '지민의 iPhone' }],
  });

export const naverLogin = z.strictObject({ code, state: nonce, deviceName }).meta({ id: 'NaverLogin' });

export const appleLogin = z
  .strictObject({
    identityToken: token,
    authorizationCode: code,
    nonce,
    redirectUri: redirectUri.optional().meta({ description: 'Only after the web page (Services ID)' }),
    name: z
      .string()
      .max(200)
      .optional()
      .meta({ description: 'Apple tells it only to the app, and only once' }),
    deviceName,
  })
  .meta({ id: 'AppleLogin' });

const tokenPair = z.object({
  accessToken: z.string(),
  accessTokenExpiresAt: instant,
  refreshToken: z.string(),
  refreshTokenExpiresAt: instant,
});

export const tokens = tokenPair.meta({ id: 'Tokens' });

export const loginResult = tokenPair
  .extend({
    isNewUser: z.boolean(),
    user: z.object({ id, nickname: z.string() }),
    deletionScheduledAt,
  })
  .meta({ id: 'LoginResult' });

export const refreshRequest = z
  .strictObject({ refreshToken: asciiToken(200) })
  .meta({ id: 'RefreshRequest' });

export const session = z
  .object({
    id,
    deviceName: z.string().nullable(),
    createdAt: instant,
    lastUsedAt: instant.meta({ description: 'Login or last refresh' }),
    current: z.boolean(),
  })
  .meta({ id: 'Session' });

export const sessionPage = pageOf(session).meta({ id: 'SessionPage' });

export const linkedIdentity = z
  .object({ provider: z.enum(['kakao', 'naver', 'apple']), linkedAt: instant })
  .meta({ id: 'LinkedIdentity' });

/** What callbacks answer; the providers read only the status. */
export const eventReceived = z.object({ received: z.literal(true) }).meta({ id: 'ProviderEventReceived' });

/** Open objects: providers add fields, and that must not fail. */
export const kakaoUnlink = z
  .object({
    app_id: z.string().max(20),
    user_id: z.string().regex(/^\d{1,19}$/),
    referrer_type: z.string().max(100).optional(),
  })
  .meta({ id: 'KakaoUnlink' });

/** The unlink webhook is a form, the account status webhook a bare JWT. */
export const kakaoEvent = z.union([z.string().max(MAX_TOKEN_LENGTH * 4), kakaoUnlink]);

export const appleNotification = z
  .object({ payload: z.string().max(MAX_TOKEN_LENGTH * 4) })
  .meta({ id: 'AppleNotification' });

/** Naver sends these in the body or in the query. */
export const naverDisconnect = z
  .object({ clientId: z.string(), encryptUniqueId: z.string(), timestamp: z.string(), signature: z.string() })
  .partial()
  .meta({ id: 'NaverDisconnect' });
export const naverDisconnectBody = naverDisconnect.nullish();

export type KakaoLogin = z.output<typeof kakaoLogin>;
export type NaverLogin = z.output<typeof naverLogin>;
export type AppleLogin = z.output<typeof appleLogin>;
export type Tokens = z.input<typeof tokens>;
export type LoginResult = z.input<typeof loginResult>;
export type SessionPage = z.input<typeof sessionPage>;
export type KakaoUnlink = z.output<typeof kakaoUnlink>;
export type NaverDisconnect = z.output<typeof naverDisconnect>;
