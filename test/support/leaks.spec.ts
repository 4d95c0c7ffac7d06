import { randomBytes, randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { startTestApp } from './harness.js';
import { leakIn, LeakWatch, secret } from './leaks.js';

const CARD = '4111111111111111';
const JWS = `${base64url('{"alg":"ES256","x5c":[]}')}.${base64url('{"price":4900000}')}.${randomBytes(64).toString('base64url')}`;

it.each([
  ['a JWS', `{"msg":"refused ${JWS}"}`, 'JWS'],
  ['one cut short', `{"err":{"message":"VerificationException: ${JWS.slice(0, 60)}"}}`, 'JWS'],
  ['a bearer token', '{"headers":["Bearer ya29.a0AfH6SMB"]}', 'bearer token'],
  ['a basic credential', '{"msg":"asked with Basic bGl2ZV9za19zaW11bGF0ZWQ6"}', 'basic credential'],
  ['a card number', `{"msg":"${CARD}"}`, 'card number'],
  ['one in groups', '{"msg":"card 4111-1111-1111-1111 refused"}', 'card number'],
  ['a masked one', '{"msg":"신한 43301234****123*"}', 'masked card number'],
  ['a private key', '{"msg":"-----BEGIN PRIVATE KEY-----"}', 'private key'],
])('finds %s', (_, line, kind) => expect(leakIn(line)).toBe(kind));

it.each([
  ['in a path', (value: string) => `/v1/billing/${value}?x=1`],
  ['in quotes', (value: string) => `{"key":"${value}"}`],
  ['in a sentence', (value: string) => `Toss refused ${value}.`],
])('finds what a simulator handed out %s', (_, lineWith) => {
  for (const value of [
    `tb_${randomBytes(12).toString('hex')}`,
    randomUUID(),
    `opaque.AO-J1Ox${randomUUID()}~x==`,
  ])
    expect([leakIn(lineWith(value)), leakIn(lineWith(secret(value)))]).toEqual([
      null,
      'secret of a simulator',
    ]);
});

it('lets through what logs are full of', () => {
  const line = {
    ...{ level: 'info', time: '2026-11-20T03:00:00.000Z', requestId: '01936b2e-7c1a-7123-8123-412341234123' },
    ...{
      route: '/payments/history',
      elapsedMs: 4_330,
      transactionId: '2000000123456789',
      atMs: 1_793_500_200_123,
    },
    ...{
      subscriptionId: '4330c0de-4111-4111-8111-411141114111',
      orderId: 'GPA.0000-1111-2222-33333',
      amountKrw: 4_900,
    },
  };
  expect(leakIn(JSON.stringify({ ...line, msg: 'request answered' }))).toBeNull();
});

it('tells what leaked without showing it', () => {
  const watch = new LeakWatch();
  watch.check();
  watch.write(`{"level":"warn","msg":"charging ${CARD} failed, ${JWS}"}`);
  expect(() => watch.check()).toThrow(/^Secrets were logged:\nJWS: .*charging … failed, …/);
  expect(() => watch.check()).not.toThrow(new RegExp(`${CARD}|${JWS}`));
});

it('examines every line of a test’s app, and fails the suite that logged a secret', async () => {
  const test = await startTestApp();
  expect((await fetch(`${test.url}/health/live`)).status).toBe(200);
  const before = test.log.lines;
  expect(before).toBeGreaterThan(1);
  test.log.check();
  new Logger('planted').debug(
    { orderId: 'o-1' },
    `asked with ${secret(`tbk_${randomBytes(16).toString('hex')}`)}`,
  );
  expect(test.log.lines).toBe(before + 1);
  await expect(test.close()).rejects.toThrow('secret of a simulator');
});

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}
