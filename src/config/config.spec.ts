import { generateKeyPairSync } from 'node:crypto';
import { ConfigError, keyIdOf, loadConfig } from './config.js';

const SECRET = 'a-secret-of-more-than-thirty-two-characters';
const PRODUCTION = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://app@db.internal:5432/withbowwow',
  JWT_SECRET_KEY: SECRET,
  ENCRYPTION_KEY: SECRET,
  PUBLIC_URL: 'https://api.withbowwow.kr',
};

function faultsOf(env: Record<string, string | undefined>): string[] {
  try {
    loadConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).faults;
  }
  return [];
}

it('needs nothing at all outside production', () => {
  expect(loadConfig({})).toMatchObject({
    env: 'development',
    role: 'all',
    http: { host: '127.0.0.1', port: 3000, publicUrl: null, trustProxy: [], corsOrigins: [] },
    dataDir: '.data',
    database: { url: null },
    redisUrl: null,
    encryptionKey: null,
    encryptionPreviousKey: null,
    jwt: { secret: null, previousSecret: null, accessTokenS: 3_600, refreshTokenS: 604_800 },
    outbound: { timeoutMs: 4_000 },
    kakao: null,
    naver: null,
    apple: null,
    firebase: null,
  });
});

it.each(['https://api.withbowwow.kr/', 'https://api.withbowwow.kr//', 'https://api.withbowwow.kr'])(
  'the public address ends without a slash: %s',
  (PUBLIC_URL) => expect(loadConfig({ PUBLIC_URL }).http.publicUrl).toBe('https://api.withbowwow.kr'),
);

it('takes an empty variable as one that is not set', () => {
  expect(loadConfig({ PORT: '', REDIS_URL: '', KAKAO_CLIENT_ID: '', NODE_ENV: undefined })).toEqual(
    loadConfig({}),
  );
});

it('reads lists, numbers and durations into their units', () => {
  const config = loadConfig({
    PORT: '8080',
    TRUST_PROXY: ' 10.0.0.1, 10.0.0.0/8 ,, loopback',
    CORS_ORIGINS: 'https://a.kr,http://localhost:5173',
    JWT_ACCESS_TOKEN_EXPIRE_MINUTES: '1',
    JWT_REFRESH_TOKEN_EXPIRE_DAYS: '2',
    OUTBOUND_TIMEOUT_SECONDS: '0.5',
  });
  expect(config.http).toMatchObject({
    port: 8080,
    trustProxy: ['10.0.0.1', '10.0.0.0/8', 'loopback'],
    corsOrigins: ['https://a.kr', 'http://localhost:5173'],
  });
  expect(config.jwt).toMatchObject({ accessTokenS: 60, refreshTokenS: 172_800 });
  expect(config.outbound.timeoutMs).toBe(500);
});

it('lists all faults at once, by name, and shows no value', () => {
  const env = {
    NODE_ENV: 'staging-secret-value',
    PORT: '70000-secret-value',
    DATABASE_URL: 'mysql://root:secret-value@db/x',
    REDIS_URL: 'secret-value',
    JWT_SECRET_KEY: 'secret-value',
    LOG_PRETTY: 'secret-value',
    TRUST_PROXY: 'secret-value',
    CORS_ORIGINS: 'https://secret-value.kr/path',
    DATABASE_POOL_SIZE: '1',
    OUTBOUND_TIMEOUT_SECONDS: '-4',
    PUBLIC_URL: 'javascript:secret-value',
    KAKAO_APP_ID: 'secret-value',
    APPLE_PRIVATE_KEY: 'secret-value',
    FIREBASE_CREDENTIALS_JSON: 'secret-value',
    FCM_BASE_URL: 'ftp://secret-value',
  };
  const faults = faultsOf(env);
  for (const name of Object.keys(env))
    expect(faults.some((fault) => fault.startsWith(`${name}: `))).toBe(true);
  expect(new ConfigError(faults).message).not.toContain('secret-value');
  expect(faults).toContain('NODE_ENV: must be one of development, test, production');
  expect(faults).toContain('DATABASE_POOL_SIZE: must be at least 2');
  expect(faults).toContain('JWT_SECRET_KEY: must have at least 32 characters');
});

it('starts in production with the essentials, and names every one that is missing', () => {
  expect(loadConfig(PRODUCTION).env).toBe('production');
  expect(faultsOf({ NODE_ENV: 'production' })).toEqual([
    'DATABASE_URL: required in production',
    'JWT_SECRET_KEY: required in production',
    'ENCRYPTION_KEY: required in production',
    'PUBLIC_URL: required in production',
  ]);
  expect(faultsOf({ ...PRODUCTION, ENCRYPTION_KEY: '' })).toEqual(['ENCRYPTION_KEY: required in production']);
});

it('takes a provider as a whole or not at all', () => {
  expect(faultsOf({ KAKAO_CLIENT_ID: 'x' })).toEqual([
    'KAKAO_CLIENT_SECRET: required together with KAKAO_CLIENT_ID',
    'KAKAO_APP_ID: required together with KAKAO_CLIENT_ID',
    'KAKAO_ADMIN_KEY: required together with KAKAO_CLIENT_ID',
  ]);
  expect(faultsOf({ NAVER_CLIENT_SECRET: 'x' })).toEqual([
    'NAVER_CLIENT_ID: required together with NAVER_CLIENT_SECRET',
  ]);
  expect(faultsOf({ APPLE_TEAM_ID: 'T', APPLE_KEY_ID: 'K' })).toEqual([
    'APPLE_CLIENT_ID: required together with APPLE_TEAM_ID',
    'APPLE_PRIVATE_KEY: required together with APPLE_TEAM_ID',
  ]);
  expect(loadConfig({ NAVER_CLIENT_ID: 'a', NAVER_CLIENT_SECRET: 'b' }).naver).toMatchObject({
    clientId: 'a',
  });
});

it('reads a private key that lives on one line', () => {
  const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
  const env = {
    APPLE_CLIENT_ID: 'a',
    APPLE_TEAM_ID: 'T',
    APPLE_KEY_ID: 'K',
    APPLE_PRIVATE_KEY: pem.replaceAll('\n', '\\n'),
  };
  expect(loadConfig(env).apple?.privateKeyPem).toBe(pem);
});

describe('the Firebase service account', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const account = {
    type: 'service_account',
    project_id: 'bowwow',
    client_email: 'push@bowwow.iam.gserviceaccount.com',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
  const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');

  it('is read from base64, with the line breaks of its key', () => {
    expect(loadConfig({ FIREBASE_CREDENTIALS_JSON: base64(account) }).firebase).toEqual({
      projectId: 'bowwow',
      clientEmail: 'push@bowwow.iam.gserviceaccount.com',
      privateKeyPem: account.private_key,
      baseUrl: 'https://fcm.googleapis.com',
    });
    const env = { FIREBASE_CREDENTIALS_JSON: base64(account), FCM_BASE_URL: 'http://127.0.0.1:9099' };
    expect(loadConfig(env).firebase).toMatchObject({ baseUrl: 'http://127.0.0.1:9099' });
  });

  it.each([
    ['JSON that is not base64', JSON.stringify(account)],
    ['base64 of something else', Buffer.from('secret-value').toString('base64')],
    ['null', base64(null)],
    ['no project', base64({ ...account, project_id: undefined })],
    ['an empty project', base64({ ...account, project_id: '' })],
    ['no e-mail', base64({ ...account, client_email: 'secret-value' })],
    ['no key', base64({ ...account, private_key: undefined })],
    ['a broken key', base64({ ...account, private_key: account.private_key.slice(0, -60) })],
    ['a public key', base64({ ...account, private_key: 'secret-value' })],
  ])('is refused by name and without its value: %s', (_, value) => {
    expect(faultsOf({ FIREBASE_CREDENTIALS_JSON: value })).toEqual([
      'FIREBASE_CREDENTIALS_JSON: must be base64 of the service account’s JSON, with project_id, client_email and private_key',
    ]);
  });
});

it('names a key without telling it', () => {
  expect(keyIdOf(SECRET)).toMatch(/^[\w-]{8}$/);
  expect(keyIdOf(SECRET)).toBe(keyIdOf(SECRET));
  expect(keyIdOf(SECRET)).not.toBe(keyIdOf(`${SECRET}!`));
  expect(SECRET).not.toContain(keyIdOf(SECRET));
});
