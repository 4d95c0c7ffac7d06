import { defineProblem } from '../../platform/http/problem.js';

export const loginRejected = defineProblem(
  401,
  'login-rejected',
  '로그인이 확인되지 않았어요. 다시 로그인해 주세요.',
  'The login could not be confirmed. Please log in again.',
);
export const providerNotConfigured = defineProblem(
  503,
  'provider-not-configured',
  '아직 이 방법으로는 로그인할 수 없어요.',
  'This way of logging in is not set up yet.',
);
/** Down, slow, answering something else than documented, or refusing our own credentials. */
export const providerUnavailable = defineProblem(
  503,
  'provider-unavailable',
  '로그인 서비스가 응답하지 않아요. 조금 뒤에 다시 시도해 주세요.',
  'The login provider does not answer. Please try again shortly.',
);
export const securityEventRefused = defineProblem(
  400,
  'security-event-refused',
  '확인되지 않은 이벤트예요.',
  'The security event is not authentic.',
);

export type ProviderName = 'kakao' | 'naver' | 'apple';

/** Why a login was rejected; stable, the app may branch on it. */
export type LoginRejection =
  | 'code-refused' // wrong, expired or used before
  | 'redirect-uri-mismatch'
  | 'token-refused' // the provider does not know the access token
  | 'token-invalid' // malformed, or not signed by the provider
  | 'token-expired'
  | 'wrong-issuer'
  | 'nonce-unknown' // not issued by us, expired or used before
  | 'nonce-mismatch'
  | 'subject-mismatch';

const PROVIDER_RETRY_AFTER_S = 5;

export const loginForAnotherApp = defineProblem(
  401,
  'login-for-another-app',
  '다른 앱에서 받은 로그인이에요.',
  'This login was made for another app.',
);

export const refreshTokenInvalid = defineProblem(
  401,
  'refresh-token-invalid',
  '로그인이 만료되었어요. 다시 로그인해 주세요.',
  'The login has expired. Please log in again.',
);

export const refreshTokenReused = defineProblem(
  401,
  'refresh-token-reused',
  '보안을 위해 로그아웃되었어요. 다시 로그인해 주세요.',
  'You were logged out for your safety. Please log in again.',
);

export const sessionNotFound = defineProblem(
  404,
  'session-not-found',
  '로그인 기기를 찾을 수 없어요.',
  'No such session.',
);

export const identityAlreadyLinked = defineProblem(
  409,
  'identity-already-linked',
  '이미 다른 계정에 연결된 로그인이에요.',
  'This login already belongs to another account.',
);

export const callbackRefused = defineProblem(
  401,
  'callback-refused',
  '확인되지 않은 알림이에요.',
  'The notification is not authentic.',
);

/** Kakao reads `err` and `description` (Kakao docs, account status webhook). */
export type SecurityEventError = 'invalid_request' | 'invalid_key' | 'invalid_issuer' | 'invalid_audience';

/** The rejection with its reason, which the app may branch on. */
export const rejectLogin = (reason: LoginRejection) => loginRejected({ members: { reason } });

export const notConfigured = (provider: ProviderName) => providerNotConfigured({ members: { provider } });

export const unavailable = (provider: ProviderName) =>
  providerUnavailable({ members: { provider }, headers: { 'retry-after': String(PROVIDER_RETRY_AFTER_S) } });

/** Kakao reads `err` and `description`. */
export const refuseSecurityEvent = (err: SecurityEventError) =>
  securityEventRefused({ members: { err, description: 'the security event token is not acceptable' } });
