import { Writable } from 'node:stream';
import { loadConfig } from '../../config/config.js';
import { Prisma } from '../../generated/prisma/client.js';
import { createLogger } from './logger.js';

const CANARY = 'canary-7f3a';
let lines: string[];
const logger = () => {
  lines = [];
  const into = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  return createLogger(loadConfig({ LOG_LEVEL: 'debug' }), into);
};
const logged = () => JSON.parse(lines.join('')) as Record<string, unknown>;

it('writes a sentence and fields as one line of JSON', () => {
  logger().info({ walkId: 'w1', distanceM: 812 }, 'walk completed');
  expect(logged()).toMatchObject({
    level: 'info',
    walkId: 'w1',
    distanceM: 812,
    msg: 'walk completed',
    time: expect.any(String),
  });
  expect(lines.join('').trim().split('\n')).toHaveLength(1);
});

it.each([
  ['at the top', { accessToken: CANARY, lat: CANARY }],
  ['in headers', { req: { headers: { authorization: CANARY, cookie: CANARY } } }],
  ['four deep', { a: { b: { c: { d: { refreshToken: CANARY, lng: CANARY } } } } }],
  ['in lists', { users: [{ nickname: CANARY, email: CANARY }, [{ phone: CANARY }]] }],
  [
    'as a provider spells it',
    { body: { access_token: CANARY, refresh_token: CANARY, client_secret: CANARY, id_token: CANARY } },
  ],
  ['in any case', { headers: { Authorization: CANARY, 'Set-Cookie': CANARY } }],
  ['a whole track', { points: [{ lat: 37.5, note: CANARY }], segments: [[CANARY]] }],
])('hides secrets %s', (_, fields) => {
  logger().warn({ ...fields, kept: 'kept' }, 'something');
  expect(lines.join('')).not.toContain(CANARY);
  expect(logged()).toMatchObject({ kept: 'kept', msg: 'something' });
});

it('hides them in a child as well', () => {
  logger()
    .child({ token: CANARY, user: { email: CANARY } })
    .info('something');
  expect(lines.join('')).not.toContain(CANARY);
});

it('hides them in what is no plain object, and leaves dates and decimals what they are', () => {
  class Session {
    readonly refreshToken = CANARY;
    readonly held = { email: CANARY, since: new Date(0) };
  }
  logger()
    .child({ session: new Session() })
    .info({ other: new Session(), sum: new Prisma.Decimal('1.5') }, 'x');
  expect(lines.join('')).not.toContain(CANARY);
  expect(logged()).toMatchObject({
    sum: '1.5',
    session: { held: { since: '1970-01-01T00:00:00.000Z' } },
    other: { refreshToken: '[redacted]' },
  });
});

it('leaves what was logged as it is', () => {
  const fields = { token: CANARY };
  logger().info(fields, 'something');
  expect(fields.token).toBe(CANARY);
});

it('survives what refers to itself', () => {
  const loop: Record<string, unknown> = { name: 'loop' };
  loop.self = loop;
  logger().info({ loop }, 'something');
  expect(logged()).toMatchObject({ msg: 'something' });
});

it('tells type, code, stack and cause of an error', () => {
  const cause = Object.assign(new Error('connection reset'), { code: 'ECONNRESET' });
  logger().error(
    { err: Object.assign(new Error('write failed', { cause }), { code: '08006', parameters: [CANARY] }) },
    'failed',
  );
  expect(logged().err).toMatchObject({
    type: 'Error',
    code: '08006',
    message: 'write failed',
    stack: expect.stringContaining('logger.spec'),
    cause: { code: 'ECONNRESET', message: 'connection reset' },
  });
  expect(lines.join('')).not.toContain(CANARY);
});

it('does not print what was passed to Prisma', () => {
  const message = `\nInvalid \`tx.user.create()\` invocation in\n/app/users.ts:3:4\n\n  1 create({ data: { nickname: "${CANARY}" } })\n\nUnique constraint failed on the fields: (\`id\`)`;
  const known = new Prisma.PrismaClientKnownRequestError(message, { code: 'P2002', clientVersion: '7' });
  logger().error({ err: new Error('could not add the user', { cause: known }) }, 'failed');
  expect(lines.join('')).not.toContain(CANARY);
  expect(logged().err).toMatchObject({
    cause: { code: 'P2002', message: expect.stringContaining('Unique constraint') },
  });
});

it('does not repeat the values that PostgreSQL quotes', () => {
  const raw = new Prisma.PrismaClientKnownRequestError(
    `\nInvalid \`prisma.$queryRaw()\` invocation:\n\n\nRaw query failed. Code: \`22P02\`. Message: \`invalid input syntax for type uuid: "${CANARY}"\``,
    { code: 'P2010', clientVersion: '7' },
  );
  logger().error({ err: raw }, 'failed');
  logger().error(
    { err: Object.assign(new Error(`invalid input syntax for type uuid: "${CANARY}"`), { code: '22P02' }) },
    'failed',
  );
  expect(lines.join('')).not.toContain(CANARY);
});
