import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { z } from 'zod';

/** Injection token of the typed configuration. */
export const CONFIG = Symbol('CONFIG');

/** Where pushes go unless FCM_BASE_URL says otherwise. */
export const FCM_URL = 'https://fcm.googleapis.com';
const NO_SERVICE_ACCOUNT =
  'must be base64 of the service account’s JSON, with project_id, client_email and private_key';

const flag = z.stringbool().optional();
const port = z.coerce.number().int().min(0).max(65535);
const krw = (fallback: number) => z.coerce.number().int().min(100).max(1_000_000).default(fallback);
const seconds = (fallback: number) => z.coerce.number().positive().default(fallback);
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean),
);
const proxies = list.refine(
  (items) => items.every(isProxy),
  'must be addresses or networks, as in 10.0.0.1 or 10.0.0.0/8',
);
const origins = list.refine(
  (items) => items.every(isOrigin),
  'must be origins, as in https://app.example.com',
);
const secret = z.string().min(32, 'must have at least 32 characters');
const baseUrl = (fallback: string) => z.url({ protocol: /^https?$/ }).default(fallback);
/** Paths are put behind it, so it ends without a slash. */
const publicUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));
/** A PEM that lives on one line of an environment file: `\n` stands for a line break. */
const pem = z
  .string()
  .transform((text) => text.replaceAll('\\n', '\n'))
  .refine(isPrivateKey, 'must be a private key in PEM');
/** X.509 certificates: DER as base64, comma-separated. */
const certificates = list.refine((items) => items.every(isCertificate), 'must be DER certificates in base64');
/** data.go.kr shows each key twice, once encoded for an address; that one would be encoded a second time. */
const publicDataKey = z
  .string()
  .transform((text) => (/%[0-9a-f]{2}/i.test(text) ? decodeURIComponent(text) : text));
/** A service account of Google's as the console hands it out: JSON, as base64 so that its line breaks survive. */
const serviceAccount = z.string().transform((text, context) => {
  const account = serviceAccountOf(text);
  if (!account) context.addIssue({ code: 'custom', message: NO_SERVICE_ACCOUNT });
  return account ?? z.NEVER;
});

/** Every variable the service reads. `.env.example` says what each switches on. */
const environment = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(3000),
  PUBLIC_URL: publicUrl.optional(),
  TRUST_PROXY: proxies.optional(),
  CORS_ORIGINS: origins.optional(),
  ROLE: z.enum(['all', 'web', 'worker']).default('all'),
  LOG_LEVEL: z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug']).default('info'),
  LOG_PRETTY: flag,
  DATA_DIR: z.string().default('.data'),
  BACKUP_DIR: z.string().optional(),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(2).max(200).default(10),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  CACHES: z.enum(['on', 'off']).default('on'),
  ENCRYPTION_KEY: secret.optional(),
  ENCRYPTION_PREVIOUS_KEY: secret.optional(),
  JWT_SECRET_KEY: secret.optional(),
  JWT_PREVIOUS_SECRET_KEY: secret.optional(),
  JWT_ALGORITHM: z.literal('HS256').default('HS256'),
  JWT_ACCESS_TOKEN_EXPIRE_MINUTES: z.coerce.number().positive().default(60),
  JWT_REFRESH_TOKEN_EXPIRE_DAYS: z.coerce.number().positive().default(7),
  OUTBOUND_TIMEOUT_SECONDS: seconds(4),
  KAKAO_CLIENT_ID: z.string().optional(),
  KAKAO_CLIENT_SECRET: z.string().optional(),
  KAKAO_APP_ID: z.string().regex(/^\d+$/).optional(),
  KAKAO_ADMIN_KEY: z.string().optional(),
  KAKAO_AUTH_BASE_URL: baseUrl('https://kauth.kakao.com'),
  KAKAO_API_BASE_URL: baseUrl('https://kapi.kakao.com'),
  NAVER_CLIENT_ID: z.string().optional(),
  NAVER_CLIENT_SECRET: z.string().optional(),
  NAVER_AUTH_BASE_URL: baseUrl('https://nid.naver.com'),
  NAVER_API_BASE_URL: baseUrl('https://openapi.naver.com'),
  APPLE_CLIENT_ID: list.optional(),
  APPLE_TEAM_ID: z.string().optional(),
  APPLE_KEY_ID: z.string().optional(),
  APPLE_PRIVATE_KEY: pem.optional(),
  APPLE_BASE_URL: baseUrl('https://appleid.apple.com'),
  FIREBASE_CREDENTIALS_JSON: serviceAccount.optional(),
  FCM_BASE_URL: baseUrl(FCM_URL),
  PLAN_MONTHLY_KRW: krw(4_900),
  PLAN_YEARLY_KRW: krw(39_000),
  STORE_SANDBOX: flag,
  TOSS_CLIENT_KEY: z.string().optional(),
  TOSS_SECRET_KEY: z.string().optional(),
  TOSS_BASE_URL: baseUrl('https://api.tosspayments.com'),
  TOSS_TIMEOUT_SECONDS: seconds(30),
  APPLE_BUNDLE_ID: z.string().optional(),
  APPLE_APP_APPLE_ID: z.coerce.number().int().positive().optional(),
  APPLE_IAP_ISSUER_ID: z.string().optional(),
  APPLE_IAP_KEY_ID: z.string().optional(),
  APPLE_IAP_PRIVATE_KEY: pem.optional(),
  APPLE_ROOT_CERTS: certificates.optional(),
  APPLE_STORE_BASE_URL: baseUrl('https://api.storekit.apple.com'),
  APPLE_STORE_SANDBOX_BASE_URL: baseUrl('https://api.storekit-sandbox.apple.com'),
  GOOGLE_PACKAGE_NAME: z.string().optional(),
  GOOGLE_SERVICE_ACCOUNT_B64: serviceAccount.optional(),
  GOOGLE_PUBSUB_AUDIENCE: z.string().optional(),
  GOOGLE_PUBSUB_SA_EMAIL: z.email().optional(),
  GOOGLE_PUBSUB_SUBSCRIPTION: z.string().optional(),
  GOOGLE_PLAY_BASE_URL: baseUrl('https://androidpublisher.googleapis.com'),
  GOOGLE_OAUTH_BASE_URL: baseUrl('https://oauth2.googleapis.com'),
  GOOGLE_CERTS_URL: baseUrl('https://www.googleapis.com/oauth2/v1/certs'),
  WEATHER_API_KEY: publicDataKey.optional(),
  AIR_KOREA_API_KEY: publicDataKey.optional(),
  PUBLIC_DATA_API_KEY: publicDataKey.optional(),
  KMA_BASE_URL: baseUrl('https://apis.data.go.kr/1360000/VilageFcstInfoService_2.0'),
  AIR_KOREA_BASE_URL: baseUrl('https://apis.data.go.kr/B552584'),
  PUBLIC_DATA_BASE_URL: baseUrl('https://apis.data.go.kr'),
  KAKAO_REST_API_KEY: z.string().optional(),
  KAKAO_LOCAL_BASE_URL: baseUrl('https://dapi.kakao.com'),
  R2_ACCOUNT_ID: z.string().optional(),
  R2_ACCESS_KEY_ID: z.string().optional(),
  R2_SECRET_ACCESS_KEY: z.string().optional(),
  R2_BUCKET_NAME: z.string().optional(),
  R2_BASE_URL: z.url({ protocol: /^https?$/ }).optional(),
  METRICS_TOKEN: secret.optional(),
  SENTRY_DSN: z.url({ protocol: /^https?$/ }).optional(),
  SLACK_WEBHOOK_URL: z.url({ protocol: /^https?$/ }).optional(),
  RATE_LIMIT_FACTOR: z.coerce.number().positive().default(1),
  FAILPOINT: z.string().optional(),
});

export const VARIABLES: readonly string[] = Object.keys(environment.shape);

/** What a server that real users reach cannot do without. */
export const ESSENTIAL_IN_PRODUCTION = [
  'DATABASE_URL',
  'JWT_SECRET_KEY',
  'ENCRYPTION_KEY',
  'PUBLIC_URL',
] as const;

/** Groups that work only as a whole: one variable set and another missing is a mistake. */
const ALL_OR_NOTHING = [
  ['KAKAO_CLIENT_ID', 'KAKAO_CLIENT_SECRET', 'KAKAO_APP_ID', 'KAKAO_ADMIN_KEY'],
  ['NAVER_CLIENT_ID', 'NAVER_CLIENT_SECRET'],
  ['APPLE_CLIENT_ID', 'APPLE_TEAM_ID', 'APPLE_KEY_ID', 'APPLE_PRIVATE_KEY'],
  ['TOSS_CLIENT_KEY', 'TOSS_SECRET_KEY'],
  ['R2_ACCOUNT_ID', 'R2_ACCESS_KEY_ID', 'R2_SECRET_ACCESS_KEY', 'R2_BUCKET_NAME'],
  [
    'APPLE_BUNDLE_ID',
    'APPLE_APP_APPLE_ID',
    'APPLE_IAP_ISSUER_ID',
    'APPLE_IAP_KEY_ID',
    'APPLE_IAP_PRIVATE_KEY',
  ],
  [
    'GOOGLE_PACKAGE_NAME',
    'GOOGLE_SERVICE_ACCOUNT_B64',
    'GOOGLE_PUBSUB_AUDIENCE',
    'GOOGLE_PUBSUB_SA_EMAIL',
    'GOOGLE_PUBSUB_SUBSCRIPTION',
  ],
] as const;

/** Lists every fault at once by the variable's name; values are never shown. */
export class ConfigError extends Error {
  constructor(readonly faults: string[]) {
    super(
      `The configuration has ${faults.length} fault(s):\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    );
    this.name = 'ConfigError';
  }
}

export type Config = ReturnType<typeof loadConfig>;

/** @throws ConfigError naming all faulty variables. */
export function loadConfig(env: Record<string, string | undefined>) {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environment.safeParse(given);
  const faults = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${faultOf(issue)}`);
  if (given.NODE_ENV === 'production') {
    for (const name of ESSENTIAL_IN_PRODUCTION)
      if (!given[name]) faults.push(`${name}: required in production`);
    if (given.FAILPOINT) faults.push('FAILPOINT: not in production');
  }
  for (const group of ALL_OR_NOTHING) {
    const missing = group.filter((name) => !given[name]);
    if (missing.length > 0 && missing.length < group.length) {
      for (const name of missing)
        faults.push(`${name}: required together with ${group.find((other) => given[other])}`);
    }
  }
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults);
  return nest(parsed.data);
}

function nest(e: z.infer<typeof environment>) {
  const jwtSecret = e.JWT_SECRET_KEY ?? null;
  return {
    env: e.NODE_ENV,
    /** `web` answers requests, `worker` does the jobs and keeps the schedule, `all` does both. */
    role: e.ROLE,
    http: {
      host: e.HOST,
      port: e.PORT,
      publicUrl: e.PUBLIC_URL ?? null,
      trustProxy: e.TRUST_PROXY ?? [],
      corsOrigins: e.CORS_ORIGINS ?? [],
    },
    log: { level: e.LOG_LEVEL, pretty: e.LOG_PRETTY ?? false },
    dataDir: e.DATA_DIR,
    /** Null: backups go to the bucket, or without one to the data folder. */
    backupDir: e.BACKUP_DIR ?? null,
    database: { url: e.DATABASE_URL ?? null, poolSize: e.DATABASE_POOL_SIZE },
    redisUrl: e.REDIS_URL ?? null,
    /** False for measuring: everything that could be made again is made again. */
    caches: e.CACHES === 'on',
    /** Multiplies every rate limit. */
    limitFactor: e.RATE_LIMIT_FACTOR,
    /** Null outside production: a random one is made and kept in the data folder. */
    encryptionKey: e.ENCRYPTION_KEY ?? null,
    /** Still opens and finds; nothing is sealed with it any more. */
    encryptionPreviousKey: e.ENCRYPTION_PREVIOUS_KEY ?? null,
    jwt: {
      secret: jwtSecret,
      previousSecret: e.JWT_PREVIOUS_SECRET_KEY ?? null,
      accessTokenS: e.JWT_ACCESS_TOKEN_EXPIRE_MINUTES * 60,
      refreshTokenS: e.JWT_REFRESH_TOKEN_EXPIRE_DAYS * 86_400,
    },
    outbound: { timeoutMs: e.OUTBOUND_TIMEOUT_SECONDS * 1000 },
    kakao:
      e.KAKAO_CLIENT_ID && e.KAKAO_CLIENT_SECRET && e.KAKAO_APP_ID && e.KAKAO_ADMIN_KEY
        ? {
            clientId: e.KAKAO_CLIENT_ID,
            clientSecret: e.KAKAO_CLIENT_SECRET,
            appId: e.KAKAO_APP_ID,
            adminKey: e.KAKAO_ADMIN_KEY,
            authBaseUrl: e.KAKAO_AUTH_BASE_URL,
            apiBaseUrl: e.KAKAO_API_BASE_URL,
          }
        : null,
    naver:
      e.NAVER_CLIENT_ID && e.NAVER_CLIENT_SECRET
        ? {
            clientId: e.NAVER_CLIENT_ID,
            clientSecret: e.NAVER_CLIENT_SECRET,
            authBaseUrl: e.NAVER_AUTH_BASE_URL,
            apiBaseUrl: e.NAVER_API_BASE_URL,
          }
        : null,
    apple:
      e.APPLE_CLIENT_ID && e.APPLE_TEAM_ID && e.APPLE_KEY_ID && e.APPLE_PRIVATE_KEY
        ? {
            clientIds: e.APPLE_CLIENT_ID,
            teamId: e.APPLE_TEAM_ID,
            keyId: e.APPLE_KEY_ID,
            privateKeyPem: e.APPLE_PRIVATE_KEY,
            baseUrl: e.APPLE_BASE_URL,
          }
        : null,
    firebase: e.FIREBASE_CREDENTIALS_JSON
      ? { ...e.FIREBASE_CREDENTIALS_JSON, baseUrl: e.FCM_BASE_URL }
      : null,
    plans: { monthlyKrw: e.PLAN_MONTHLY_KRW, yearlyKrw: e.PLAN_YEARLY_KRW },
    stores: {
      /** Whether purchases of the stores' test environments are let in and give premium. They are never revenue. */
      sandboxGrants: e.STORE_SANDBOX ?? e.NODE_ENV !== 'production',
    },
    toss:
      e.TOSS_CLIENT_KEY && e.TOSS_SECRET_KEY
        ? {
            clientKey: e.TOSS_CLIENT_KEY,
            secretKey: e.TOSS_SECRET_KEY,
            baseUrl: e.TOSS_BASE_URL,
            timeoutMs: e.TOSS_TIMEOUT_SECONDS * 1_000,
          }
        : null,
    appStore:
      e.APPLE_BUNDLE_ID &&
      e.APPLE_APP_APPLE_ID &&
      e.APPLE_IAP_ISSUER_ID &&
      e.APPLE_IAP_KEY_ID &&
      e.APPLE_IAP_PRIVATE_KEY
        ? {
            bundleId: e.APPLE_BUNDLE_ID,
            appAppleId: e.APPLE_APP_APPLE_ID,
            issuerId: e.APPLE_IAP_ISSUER_ID,
            keyId: e.APPLE_IAP_KEY_ID,
            privateKeyPem: e.APPLE_IAP_PRIVATE_KEY,
            /** DER. Null: the roots that Apple publishes, which come with the program. */
            rootCertificates: e.APPLE_ROOT_CERTS?.map((item) => Buffer.from(item, 'base64')) ?? null,
            baseUrl: e.APPLE_STORE_BASE_URL,
            sandboxBaseUrl: e.APPLE_STORE_SANDBOX_BASE_URL,
          }
        : null,
    googlePlay:
      e.GOOGLE_PACKAGE_NAME &&
      e.GOOGLE_SERVICE_ACCOUNT_B64 &&
      e.GOOGLE_PUBSUB_AUDIENCE &&
      e.GOOGLE_PUBSUB_SA_EMAIL &&
      e.GOOGLE_PUBSUB_SUBSCRIPTION
        ? {
            packageName: e.GOOGLE_PACKAGE_NAME,
            serviceAccount: e.GOOGLE_SERVICE_ACCOUNT_B64,
            push: {
              audience: e.GOOGLE_PUBSUB_AUDIENCE,
              email: e.GOOGLE_PUBSUB_SA_EMAIL,
              /** `projects/…/subscriptions/…` */
              subscription: e.GOOGLE_PUBSUB_SUBSCRIPTION,
            },
            baseUrl: e.GOOGLE_PLAY_BASE_URL,
            oauthBaseUrl: e.GOOGLE_OAUTH_BASE_URL,
            certsUrl: e.GOOGLE_CERTS_URL,
          }
        : null,
    kma: e.WEATHER_API_KEY ? { key: e.WEATHER_API_KEY, baseUrl: e.KMA_BASE_URL } : null,
    airKorea: e.AIR_KOREA_API_KEY ? { key: e.AIR_KOREA_API_KEY, baseUrl: e.AIR_KOREA_BASE_URL } : null,
    publicData: e.PUBLIC_DATA_API_KEY
      ? { key: e.PUBLIC_DATA_API_KEY, baseUrl: e.PUBLIC_DATA_BASE_URL }
      : null,
    kakaoLocal: e.KAKAO_REST_API_KEY ? { key: e.KAKAO_REST_API_KEY, baseUrl: e.KAKAO_LOCAL_BASE_URL } : null,
    /** Cloudflare R2, or any S3; without it files are in the data folder. */
    r2:
      e.R2_ACCOUNT_ID && e.R2_ACCESS_KEY_ID && e.R2_SECRET_ACCESS_KEY && e.R2_BUCKET_NAME
        ? {
            accessKeyId: e.R2_ACCESS_KEY_ID,
            secretAccessKey: e.R2_SECRET_ACCESS_KEY,
            bucket: e.R2_BUCKET_NAME,
            baseUrl: e.R2_BASE_URL ?? `https://${e.R2_ACCOUNT_ID}.r2.cloudflarestorage.com`,
          }
        : null,
    /** Null: `/metrics` is not there. */
    metricsToken: e.METRICS_TOKEN ?? null,
    sentryDsn: e.SENTRY_DSN ?? null,
    slackWebhookUrl: e.SLACK_WEBHOOK_URL ?? null,
    /** Where the process dies as by `kill -9`, for tests. */
    failpoint: e.FAILPOINT ?? null,
  };
}

/** Short public name of a signing key: lets two keys be live while one is rotated out. */
export function keyIdOf(secretText: string): string {
  return createHash('sha256').update(`kid:${secretText}`).digest('base64url').slice(0, 8);
}

function faultOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'custom') return issue.message;
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'too_small')
    return issue.message.startsWith('must') ? issue.message : `must be at least ${issue.minimum}`;
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}`;
  if (issue.code === 'invalid_format') return `must be a valid ${issue.format}`;
  return 'is not valid';
}

function isProxy(item: string): boolean {
  const [address = '', bits, ...more] = item.split('/');
  const version = isIP(address);
  if (version === 0) return ['loopback', 'linklocal', 'uniquelocal'].includes(item);
  return (
    more.length === 0 &&
    (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)))
  );
}

function isOrigin(item: string): boolean {
  return /^https?:/.test(item) && URL.canParse(item) && new URL(item).origin === item;
}

function isPrivateKey(text: string): boolean {
  try {
    return createPrivateKey(text).type === 'private';
  } catch {
    return false;
  }
}

function isCertificate(base64: string): boolean {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64')).raw.length > 0;
  } catch {
    return false;
  }
}

function serviceAccountOf(base64: string) {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));
  } catch {
    return null;
  }
  const { success, data } = z
    .object({
      project_id: z.string().min(1),
      client_email: z.email(),
      private_key: z.string().refine(isPrivateKey),
    })
    .safeParse(json);
  return success
    ? { projectId: data.project_id, clientEmail: data.client_email, privateKeyPem: data.private_key }
    : null;
}
