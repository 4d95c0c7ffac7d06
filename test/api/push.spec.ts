import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { Logger } from '@nestjs/common';
import { loadConfig } from '../../src/config/config.js';
import { FirebaseSender } from '../../src/modules/notifications/firebase-sender.js';
import { Notifications } from '../../src/modules/notifications/index.js';
import { PushSender } from '../../src/modules/notifications/push-sender.js';
import { LEASE_MS, Pushes } from '../../src/modules/notifications/pushes.service.js';
import { HttpClient } from '../../src/platform/outbound/http-client.js';
import { type FcmSimulator, startFcm } from '../simulators/fcm.js';
import { type Person, signIn } from '../support/api.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { kst, phoneOf, pushStatesOf, tell } from '../support/pushing.js';

let fcm: FcmSimulator;
let test: TestApp;
let pushes: Pushes;
let bori: Person;
beforeAll(async () => {
  fcm = await startFcm();
  test = await startTestApp({ env: { ...fcm.env, OUTBOUND_TIMEOUT_SECONDS: '0.7' } });
  pushes = test.app.get(Pushes);
});
afterAll(async () => {
  await test.close();
  await fcm.close();
});
beforeEach(async () => {
  await test.db.prisma.pushDelivery.deleteMany({ where: { settledAt: null } });
  fcm.reset();
  test.clock.set(kst('12:00'));
  bori = await signIn(test);
});

const tokensOf = async (person: Person) =>
  (
    await test.db.prisma.pushToken.findMany({ where: { userId: person.id }, orderBy: { createdAt: 'asc' } })
  ).map(({ token }) => token);
const deliveriesOf = (person: Person) =>
  test.db.prisma.pushDelivery.findMany({
    where: { userId: person.id },
    orderBy: [{ createdAt: 'asc' }, { ordinal: 'asc' }],
  });
const push = () => pushes.push(bori.id);
/** One good push, so that the account is known to be good. */
const prove = async () => {
  const other = await signIn(test);
  await phoneOf(other);
  await tell(test, other);
  await pushes.push(other.id);
  fcm.reset();
};

it('carries title, body, data, badge and one collapse id, over the real library with a signed login', async () => {
  const token = await phoneOf(bori);
  await tell(test, bori, { type: 'badge_earned', title: '첫 뱃지', data: { code: 'total_1km' } });
  await tell(test, bori, { title: '좋아요' });
  await test.queue.drain();
  const [first, second] = fcm.sentTo(token);
  const [delivery] = await deliveriesOf(bori);
  expect(first).toEqual({
    token,
    notification: { title: '첫 뱃지', body: '첫 뱃지 내용' },
    data: {
      type: 'badge_earned',
      code: 'total_1km',
      count: '1',
      notificationId: expect.any(String),
      deliveryId: delivery!.id,
    },
    android: {
      collapse_key: delivery!.id,
      priority: 'high',
      ttl: '32399.998000000s', // until 21:00
      notification: { tag: delivery!.id },
    },
    apns: {
      headers: {
        'apns-collapse-id': delivery!.id,
        'apns-push-type': 'alert',
        'apns-priority': '10',
        'apns-expiration': String(Date.parse(kst('21:00')) / 1000),
      },
      payload: { aps: { badge: 2, sound: 'default' } },
    },
  });
  expect(second).toMatchObject({ notification: { title: '좋아요' } });
  expect(fcm.requests.filter(({ path }) => path === '/token').length).toBe(1);
  expect(await pushStatesOf(test, bori)).toEqual(['sent', 'sent']);
});

describe('N02', () => {
  it('two devices both get it', async () => {
    const tokens = [await phoneOf(bori), await phoneOf(bori)];
    await tell(test, bori);
    await test.queue.drain();
    expect(tokens.map((token) => fcm.sentTo(token).length)).toEqual([1, 1]);
    expect(new Set(fcm.messages.map(({ android }) => android!.collapse_key)).size).toBe(1);
  });

  it('UNREGISTERED deletes the token, and only that one', async () => {
    const [dead, alive] = [await phoneOf(bori), await phoneOf(bori)];
    fcm.fail('UNREGISTERED', { token: dead });
    await tell(test, bori);
    await test.queue.drain();
    expect(await tokensOf(bori)).toEqual([alive]);
    expect(fcm.sentTo(alive)).toHaveLength(1);
    expect((await deliveriesOf(bori))[0]).toMatchObject({ remaining: [], settledAt: test.clock.now() });
  });

  it.each(['INTERNAL', 'UNAVAILABLE', 'QUOTA_EXCEEDED', 'THIRD_PARTY_AUTH_ERROR'] as const)(
    '%s deletes nothing; the next attempt sends, with the same collapse id, only to the device that remains',
    async (failure) => {
      const [good, bad] = [await phoneOf(bori), await phoneOf(bori)];
      fcm.fail(failure, { token: bad, times: 1 });
      await tell(test, bori);
      await expect(push()).rejects.toThrow('1 push(es) not sent');
      expect([fcm.sentTo(good).length, fcm.sentTo(bad).length]).toEqual([1, 0]);
      // The library does not try by itself: that would hold up the job.
      expect(fcm.requests.filter(({ path }) => path.endsWith(':send'))).toHaveLength(2);
      expect(await tokensOf(bori)).toEqual([good, bad]);
      fcm.requests.length = 0;
      await push();
      await push();
      expect([fcm.sentTo(good).length, fcm.sentTo(bad).length]).toEqual([1, 1]);
      expect(new Set(fcm.messages.map(({ android }) => android!.collapse_key)).size).toBe(1);
      expect((await deliveriesOf(bori))[0]).toMatchObject({ remaining: [], settledAt: expect.any(Date) });
    },
    10_000,
  );

  afterEach(() => void (fcm.requests.length = 0));
});

describe('a refusal', () => {
  beforeEach(prove);

  it('INVALID_ARGUMENT of the token alone deletes the token', async () => {
    const [bad, good] = [await phoneOf(bori), await phoneOf(bori)];
    fcm.fail('INVALID_ARGUMENT', { token: bad });
    await tell(test, bori);
    await push();
    expect(await tokensOf(bori)).toEqual([good]);
  });

  it('INVALID_ARGUMENT of our message deletes nothing, and is not repeated for ever', async () => {
    const token = await phoneOf(bori);
    fcm.fail('INVALID_ARGUMENT', { exceptEmpty: true });
    await tell(test, bori);
    await push();
    expect(await tokensOf(bori)).toEqual([token]);
    expect(fcm.dryRuns).toBe(1);
    expect(fcm.messages).toEqual([]);
    expect((await deliveriesOf(bori))[0]!.settledAt).not.toBeNull();
  });

  it('a payload over 4 kB is given up, and the token stays', async () => {
    const token = await phoneOf(bori);
    await tell(test, bori, { data: { much: 'x'.repeat(5_000) } });
    await push();
    expect(await tokensOf(bori)).toEqual([token]);
    expect((await deliveriesOf(bori))[0]!.settledAt).not.toBeNull();
  });

  it('403 deletes a token of another project', async () => {
    await phoneOf(bori);
    fcm.fail('SENDER_ID_MISMATCH');
    await tell(test, bori);
    await push();
    expect(await tokensOf(bori)).toEqual([]);
  });

  it.each([
    ['HTML', 'html'],
    ['an HTML error 400', { status: 400, body: '<html>Bad Request</html>', contentType: 'text/html' }],
    ['an HTML error 404', { status: 404, body: '<html>Not found</html>', contentType: 'text/html' }],
    ['a cut body', 'truncatedJson'],
    ['a reset connection', 'reset'],
    ['silence', 'timeout'],
    ['a drip without end', 'slowDrip'],
  ] as const)('%s is nobody’s fault: nothing is deleted, and it is sent later', async (_, kind) => {
    const token = await phoneOf(bori);
    fcm.fault({ path: '/v1/', times: 1 }, kind);
    await tell(test, bori);
    await expect(push()).rejects.toThrow('not sent');
    expect(await tokensOf(bori)).toEqual([token]);
    await push();
    expect(fcm.sentTo(token)).toHaveLength(1);
  });
});

describe('FCM being down', () => {
  it('fails no notification, and loses nothing', async () => {
    await prove();
    const token = await phoneOf(bori);
    fcm.fault({ path: '/' }, { status: 503 });
    for (let i = 0; i < 3; i++) expect(await tell(test, bori, { title: `알림 ${i}` })).toBe(true);
    for (let i = 0; i < 2; i++) await expect(push()).rejects.toThrow('3 push(es) not sent');
    expect((await bori.send('GET', '/notifications')).body.items).toHaveLength(3);
    fcm.clearFaults();
    await push();
    expect(fcm.titlesSentTo(token)).toEqual(['알림 0', '알림 1', '알림 2']);
  });

  it('a push that waited for 12 h is not sent any more', async () => {
    const token = await phoneOf(bori);
    test.clock.set(kst('08:00'));
    fcm.fail('INTERNAL', { times: 1 });
    await tell(test, bori);
    await expect(push()).rejects.toThrow('not sent');
    test.clock.set(kst('20:00:00.002')); // the push was begun at 08:00:00.001
    await push();
    expect(fcm.sentTo(token)).toEqual([]);
    expect((await deliveriesOf(bori))[0]!.settledAt).not.toBeNull();
  });

  it('one that failed in the evening waits for the morning, and takes a place of that day', async () => {
    const token = await phoneOf(bori);
    test.clock.set(kst('20:59:59.998'));
    fcm.fail('INTERNAL', { times: 1 });
    await tell(test, bori, { title: '저녁' });
    await expect(push()).rejects.toThrow('not sent');
    test.clock.set(kst('21:00'));
    await push();
    test.clock.set(kst('07:59:59.999', 21));
    await push();
    expect(fcm.messages).toEqual([]);
    test.clock.set(kst('08:00', 21));
    await push();
    expect(fcm.titlesSentTo(token)).toEqual(['저녁']);
    expect((await deliveriesOf(bori))[0]).toMatchObject({ day: new Date('2026-11-21'), ordinal: 1 });
  });

  it('N05 what was taken back, hidden or switched off before the next attempt is not sent', async () => {
    const token = await phoneOf(bori);
    fcm.fail('INTERNAL', { times: 1 });
    await tell(test, bori, { dedupeKey: 'gone' });
    await expect(push()).rejects.toThrow('not sent');
    await test.db.prisma.notification.deleteMany({ where: { userId: bori.id } });
    await push();
    expect(fcm.sentTo(token)).toEqual([]);
    expect((await deliveriesOf(bori))[0]!.settledAt).not.toBeNull();
  });
});

describe('a push that failed and has lost one of its notes', () => {
  const likeOf = (title: string, actor: Person) =>
    tell(test, bori, { title, actorId: actor.id, groupKey: 'likes', dedupeKey: `like:${actor.id}` });

  it.each([
    ['blocked', (kong: Person) => bori.send('POST', `/blocks/${kong.id}`)],
    [
      'taken back',
      (kong: Person) =>
        test.db.transaction((tx) => test.app.get(Notifications).retract(tx, bori.id, `like:${kong.id}`)),
    ],
  ])('B02 is sent anew without whom was %s', async (_, lose) => {
    const [choco, kong] = [await signIn(test), await signIn(test)];
    const token = await phoneOf(bori);
    fcm.fail('INTERNAL', { times: 1 });
    await likeOf('초코가 좋아해요', choco);
    await likeOf('콩이가 좋아해요', kong);
    await expect(push()).rejects.toThrow('not sent');
    await lose(kong);
    test.clock.advance({ ms: 1 });
    await push();
    await push();
    expect(fcm.titlesSentTo(token)).toEqual(['초코가 좋아해요']);
    expect(fcm.sentTo(token)[0]!.data).toMatchObject({ count: '1' });
    expect(await deliveriesOf(bori)).toMatchObject([
      { settledAt: expect.any(Date), remaining: [expect.any(String)] },
      { settledAt: expect.any(Date), remaining: [] },
    ]);
  });
});

describe('N03 10 senders at once', () => {
  it('send one push once', async () => {
    const tokens = [await phoneOf(bori), await phoneOf(bori)];
    await tell(test, bori);
    await Promise.all(Array.from({ length: 10 }, push));
    expect(tokens.map((token) => fcm.sentTo(token).length)).toEqual([1, 1]);
    expect(await deliveriesOf(bori)).toHaveLength(1);
  });

  it('never exceed 10 a day', async () => {
    const token = await phoneOf(bori);
    for (let i = 0; i < 14; i++) await tell(test, bori, { title: `알림 ${i}` });
    await Promise.all(Array.from({ length: 10 }, push));
    expect(fcm.titlesSentTo(token)).toEqual(Array.from({ length: 10 }, (_, i) => `알림 ${i}`));
  });
});

describe('a run that dies', () => {
  it('between the claim and the sending leaves it to the next, which sends it once', async () => {
    const token = await phoneOf(bori);
    await tell(test, bori);
    expect(await pushes.claim(bori.id)).toHaveLength(1);
    await push();
    expect(fcm.sentTo(token)).toEqual([]); // it might still be at work
    test.clock.advance({ ms: LEASE_MS });
    await test.queue.drain();
    await push();
    expect(fcm.sentTo(token)).toHaveLength(1);
    expect(await deliveriesOf(bori)).toHaveLength(1);
  });

  it('between the sending and the record sends it twice, under one collapse id', async () => {
    const token = await phoneOf(bori);
    await tell(test, bori);
    const deliveries = await pushes.claim(bori.id);
    const { db } = test;
    const rows = db.rows.bind(db);
    db.rows = (query, values) =>
      query.name === 'notifications_record_outcome'
        ? Promise.reject(new Error('killed'))
        : rows(query, values);
    await expect(pushes.send(bori.id, deliveries)).rejects.toThrow('killed');
    db.rows = rows;
    test.clock.advance({ ms: LEASE_MS });
    await push();
    await push();
    expect(fcm.sentTo(token)).toHaveLength(2);
    expect(new Set(fcm.messages.map(({ android }) => android!.collapse_key)).size).toBe(1);
  });
});

it('a slow run ends before its lease, and leaves the rest to the next, which sends it once', async () => {
  const token = await phoneOf(bori);
  for (let i = 0; i < 5; i++) await tell(test, bori, { title: `알림 ${i}` });
  const sender = test.app.get(PushSender);
  const send = sender.send.bind(sender);
  const startedMs = test.clock.nowMs();
  sender.send = (messages) => {
    test.clock.advance({ seconds: 25 });
    return send(messages);
  };
  await expect(push()).rejects.toThrow('2 push(es) not sent');
  sender.send = send;
  expect(test.clock.nowMs() - startedMs).toBeLessThan(LEASE_MS);
  expect(fcm.titlesSentTo(token)).toEqual(['알림 0', '알림 1', '알림 2']);
  await push();
  expect(fcm.titlesSentTo(token).slice(3)).toEqual(['알림 3', '알림 4']);
});

it('N04 the night that begins between the claim and the sending is kept', async () => {
  const token = await phoneOf(bori);
  test.clock.set(kst('20:59:59'));
  await tell(test, bori, { title: '아침에' });
  await tell(test, bori, { title: '지금', urgent: true });
  const deliveries = await pushes.claim(bori.id);
  test.clock.set(kst('21:00'));
  await pushes.send(bori.id, deliveries);
  expect(fcm.titlesSentTo(token)).toEqual(['지금']);
  test.clock.set(kst('08:00', 21));
  await push();
  expect(fcm.titlesSentTo(token)).toEqual(['지금', '아침에']);
});

describe('N01 a device that changed hands', () => {
  it('between claim and sending gets nothing of its former owner', async () => {
    const token = await phoneOf(bori);
    const choco = await signIn(test);
    await tell(test, bori, { title: '보리의 비밀' });
    const deliveries = await pushes.claim(bori.id);
    await phoneOf(choco, token);
    await pushes.send(bori.id, deliveries);
    expect(fcm.messages).toEqual([]);
    expect((await deliveriesOf(bori))[0]!.settledAt).not.toBeNull();
  });

  it('or whose session ended in between gets nothing', async () => {
    await phoneOf(bori);
    await tell(test, bori);
    const deliveries = await pushes.claim(bori.id);
    await bori.send('POST', '/auth/logout');
    await pushes.send(bori.id, deliveries);
    expect(fcm.messages).toEqual([]);
  });
});

describe('the sender alone', () => {
  const message = {
    token: 'canary-7f3a-device:token',
    collapseId: 'c',
    title: 'canary-7f3a-title',
    body: 'canary-7f3a-body',
    data: {},
    badge: 1,
    expiresAt: new Date(kst('21:00')),
  };
  let sender: FirebaseSender;
  const senderWith = (env: Record<string, string>, timeoutMs = 5_000) => {
    const { firebase } = loadConfig({ ...fcm.env, ...env });
    return new FirebaseSender(firebase!, { timeoutMs }, new HttpClient(), test.clock);
  };
  beforeEach(() => {
    fcm.requests.length = 0;
    sender = senderWith({});
  });
  afterEach(() => sender.onApplicationShutdown());

  it('takes a 403 before anything was ever accepted for a fault of our account, not of a token', async () => {
    fcm.fail('PERMISSION_DENIED', { times: 1 });
    expect(await sender.send([message])).toEqual(['failed']);
    expect(await sender.send([message])).toEqual(['delivered']);
    fcm.fail('SENDER_ID_MISMATCH', { times: 1 });
    expect(await sender.send([message])).toEqual(['dead']);
  });

  it('gets in with the key of the account only', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const account = JSON.parse(
      Buffer.from(fcm.env.FIREBASE_CREDENTIALS_JSON!, 'base64').toString(),
    ) as object;
    const forged = { ...account, private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }) };
    const other = senderWith({
      FIREBASE_CREDENTIALS_JSON: Buffer.from(JSON.stringify(forged)).toString('base64'),
    });
    expect(await other.send([message])).toEqual(['failed']);
    expect(fcm.messages).toEqual([]);
    await other.onApplicationShutdown();
  });

  it('sends 500 at once and the rest after them, and keeps the order of the outcomes', async () => {
    const tokens = Array.from({ length: 501 }, (_, i) => `t${i}`);
    for (const dead of [3, 499, 500]) fcm.fail('UNREGISTERED', { token: `t${dead}` });
    const outcomes = await sender.send(tokens.map((token) => ({ ...message, token })));
    expect(outcomes.flatMap((outcome, i) => (outcome === 'dead' ? [i] : []))).toEqual([3, 499, 500]);
    expect(outcomes.filter((outcome) => outcome === 'delivered')).toHaveLength(498);
  });

  it('leaves FCM in peace for a while after it took nothing five times in a row', async () => {
    fcm.fault({ path: '/v1/' }, { status: 503 });
    for (let i = 0; i < 7; i++) expect(await sender.send([message])).toEqual(['failed']);
    expect(fcm.requests.filter(({ path }) => path.startsWith('/v1/'))).toHaveLength(5);
  });

  it('ends when nobody is there, and when the login is slow', async () => {
    const nobody = senderWith({ FCM_BASE_URL: 'http://127.0.0.1:9' });
    expect(await nobody.send([message])).toEqual(['failed']);
    await nobody.onApplicationShutdown();
    fcm.fault({ path: '/token' }, 'slowDrip');
    const hasty = senderWith({}, 200);
    expect(await hasty.send([message])).toEqual(['failed']);
    await hasty.onApplicationShutdown();
  });

  it('D13 tells the log no token, no text and no key', async () => {
    const told: unknown[] = [];
    const tell = (...args: unknown[]) => void told.push(args);
    Logger.overrideLogger({ log: tell, warn: tell, error: tell, debug: tell });
    try {
      expect(await sender.send([message])).toEqual(['delivered']);
      const failures = ['INVALID_ARGUMENT', 'INTERNAL', 'QUOTA_EXCEEDED', 'THIRD_PARTY_AUTH_ERROR'] as const;
      for (const failure of failures) {
        fcm.fail(failure, { times: 1, exceptEmpty: true });
        await sender.send([message]);
      }
      const body = `<p>${message.token} ${message.title}</p>`;
      fcm.fault({ path: '/v1/', times: 1 }, { status: 500, body, contentType: 'text/html' });
      await sender.send([message]);
    } finally {
      Logger.overrideLogger(false);
    }
    const text = inspect(told, { depth: 9 });
    expect(text).toContain('messaging/message-rate-exceeded');
    expect(text).not.toMatch(/canary-7f3a|PRIVATE KEY|eyJ/);
  });
});
