import { premiumUntilOf } from '../../src/modules/entitlement/entitlement.queries.js';
import { GooglePlay } from '../../src/modules/payments/google/google-play.service.js';
import { GoogleHandlers } from '../../src/modules/payments/google/google.handlers.js';
import { GoogleReconciliation } from '../../src/modules/payments/google/google-reconciliation.js';
import { InboxHandlers } from '../../src/modules/payments/inbox/inbox.handlers.js';
import { sha256 } from '../../src/platform/crypto/secrets.js';
import {
  type GooglePlaySimulator,
  type Push,
  type PushTokenOverrides,
  startGooglePlay,
} from '../simulators/google-play.js';
import { expectProblem, type Person, send, signIn } from '../support/api.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { TestClock } from '../support/test-clock.js';

const WEBHOOK = '/payments/webhook/google';
const PURCHASES = '/payments/google/purchases';
const START = '2026-11-20T03:00:00.000Z';
const DAY_MS = 86_400_000;

let google: GooglePlaySimulator;
let test: TestApp;
let bori: Person;
let billingId: string;
/** Errors that were logged before. */
let heard: number;
beforeAll(async () => {
  const clock = new TestClock();
  google = await startGooglePlay({ now: () => clock.nowMs() });
  test = await startTestApp({ env: google.env, clock });
});
afterAll(async () => {
  await test.close();
  await google.close();
});
beforeEach(async () => {
  google.clearFaults();
  test.clock.set(START);
  heard = test.log.errors.length;
  bori = await signIn(test);
  billingId = await billingIdOf(bori);
});

const billingIdOf = async ({ id }: Person) =>
  (await test.db.prisma.user.findUniqueOrThrow({ where: { id } })).billingId;
const post = (push: unknown, overrides?: PushTokenOverrides) =>
  send(test, 'POST', WEBHOOK, push, google.pushHeaders(overrides));
/** As Pub/Sub does, and what follows. */
const deliver = async (...pushes: Push[]) => {
  for (const push of pushes) expect((await post(push)).status).toBe(204);
  await test.queue.drain();
};
const report = (who: Person, purchaseToken: string, more: object = {}) =>
  who.send('POST', PURCHASES, { purchaseToken, ...more });
const keyOf = (token: string) => Buffer.from(sha256(token)).toString('hex');
const rowOf = (token: string) =>
  test.db.prisma.subscription.findUniqueOrThrow({
    where: { store_storeKey: { store: 'google', storeKey: keyOf(token) } },
  });
const stateOf = async (token: string) => (await rowOf(token)).state;
const premiumUntil = ({ id }: Person) => premiumUntilOf(test.db, id, test.clock.now());
const ledgerOf = async (token: string) =>
  (
    await test.db.prisma.ledgerEntry.findMany({
      where: { subscription: { storeKey: keyOf(token) } },
      orderBy: [{ kind: 'asc' }, { amountMilli: 'asc' }],
    })
  ).map(({ kind, amountMilli }) => [kind, amountMilli]);
const errors = () => test.log.errors.slice(heard);
const alarms = () =>
  errors()
    .map(({ alarm }) => alarm)
    .filter(Boolean);
const expiryOf = (token: string) => new Date(google.store.get(token).expiryMs);
/** A subscription without a trial that Bori has premium by. */
const subscribed = async (options: Parameters<typeof google.store.buy>[0] = {}) => {
  const { purchaseToken, push } = google.store.buy({ accountId: billingId, ...options });
  await deliver(push);
  return purchaseToken;
};
const advance = (token: string) => test.clock.set(google.store.get(token).expiryMs);

it('without Google’s keys a push is sent back to come again, and nobody is refused', async () => {
  google.fault({ path: '/oauth2/v1/certs' }, { status: 500 });
  const { push } = google.store.buy();
  expectProblem(await post(push), 503, 'provider-unavailable');
  google.clearFaults();
  expect((await post(push)).status).toBe(204);
});

describe('a purchase', () => {
  it('S01: that the app reports gives its trial at once, whatever Google says or repeats later', async () => {
    const { purchaseToken, push } = google.store.buy({ trialDays: 7, accountId: billingId });
    const answer = await report(bori, purchaseToken);
    expect(answer.body).toEqual({
      subscriptionId: expect.any(String),
      store: 'google',
      state: 'trial',
      accessUntil: '2026-11-27T03:00:00.000Z',
      plan: 'monthly',
    });
    expect(await premiumUntil(bori)).toEqual(new Date('2026-11-27T03:00:00.000Z'));
    await deliver(push, push, push);
    expect((await report(bori, purchaseToken)).body).toEqual(answer.body);
    expect(await ledgerOf(purchaseToken)).toEqual([]);

    advance(purchaseToken);
    await deliver(google.store.renew(purchaseToken), push);
    expect(await rowOf(purchaseToken)).toMatchObject({
      state: 'active',
      accessUntil: expiryOf(purchaseToken),
      userId: bori.id,
      environment: 'production',
    });
    expect(await ledgerOf(purchaseToken)).toEqual([['charge', 4_900_000]]);
  });

  it('is its buyer’s by the name the app gave to Google, without a report', async () => {
    const token = await subscribed({ basePlan: 'yearly' });
    expect(await rowOf(token)).toMatchObject({ userId: bori.id, state: 'active', plan: 'yearly' });
    expect(await ledgerOf(token)).toEqual([['charge', 39_000_000]]);
  });

  it('by a tester is never revenue', async () => {
    const token = await subscribed({ isTest: true });
    expect(await rowOf(token)).toMatchObject({ environment: 'sandbox', state: 'active' });
    expect(
      await test.db.prisma.ledgerEntry.findMany({ where: { subscription: { userId: bori.id } } }),
    ).toMatchObject([{ environment: 'sandbox' }]);
  });

  it('that waits for its payment gives nothing until it is paid, and is not acknowledged before', async () => {
    const { purchaseToken, push } = google.store.buyPending({ accountId: billingId });
    await deliver(push);
    expect((await report(bori, purchaseToken)).body).toMatchObject({ state: 'on_hold', accessUntil: null });
    await test.queue.drain();
    expect(google.store.acknowledged).not.toContain(purchaseToken);
    await deliver(google.store.completePending(purchaseToken));
    expect(await premiumUntil(bori)).toEqual(expiryOf(purchaseToken));
    expect(google.store.acknowledged).toContain(purchaseToken);

    const other = google.store.buyPending({ accountId: billingId });
    await deliver(other.push, google.store.cancelPending(other.purchaseToken));
    expect(await rowOf(other.purchaseToken)).toMatchObject({ state: 'expired', accessUntil: null });
  });

  it('that Google does not know, or the app made up, is refused', async () => {
    expectProblem(await report(bori, 'made-up'), 422, 'purchase-refused');
    expectProblem(await report(bori, '../../../etc/passwd?x=1#y'), 422, 'purchase-refused');
    expectProblem(await report(bori, ''), 422, 'validation-failed');
    expectProblem(await report(bori, '보리'), 422, 'validation-failed');
    expectProblem(await report(bori, 'x', { amount: 1 }), 422, 'validation-failed');
    expect(await test.db.prisma.subscription.count({ where: { userId: bori.id } })).toBe(0);
  });

  it('cannot be asked for while Google is down: the app tries again', async () => {
    const { purchaseToken } = google.store.buy();
    google.fault({ path: '/androidpublisher', times: 3 }, { status: 503 });
    expectProblem(await report(bori, purchaseToken), 503, 'provider-unavailable');
    expect((await report(bori, purchaseToken)).status).toBe(200);
  });

  it('is asked for with one access token for all, and with a new one when Google takes it back', async () => {
    google.revokeAccessTokens();
    test.clock.advance({ hours: 2 });
    const before = google.logins;
    const tokens = Array.from({ length: 10 }, () => google.store.buy().purchaseToken);
    const answers = await Promise.all(tokens.map((token) => report(bori, token)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(google.logins).toBe(before + 1);
    google.revokeAccessTokens();
    expect((await report(bori, tokens[0]!)).status).toBe(200);
    expect(google.logins).toBe(before + 2);
  });
});

describe('a life', () => {
  it('S02: a refund of an earlier order does not end the current one; that of the current one does', async () => {
    const token = await subscribed();
    const first = google.store.orderOf(token);
    advance(token);
    await deliver(google.store.renew(token));
    await deliver(...google.store.refund(token, { orderId: first }));
    expect(await rowOf(token)).toMatchObject({ state: 'active', accessUntil: expiryOf(token) });
    test.clock.advance({ days: 3 });
    await deliver(...google.store.refund(token));
    expect(await rowOf(token)).toMatchObject({ state: 'refunded', accessUntil: test.clock.now() });
    expect(await ledgerOf(token)).toEqual([
      ['charge', 4_900_000],
      ['charge', 4_900_000],
      ['refund', -4_900_000],
      ['refund', -4_900_000],
    ]);
    // Its snapshot still says active, as the subscription was not revoked.
    await test.app.get(GooglePlay).ask(token);
    expect(await stateOf(token)).toBe('refunded');
    advance(token);
    await deliver(google.store.renew(token));
    expect(await rowOf(token)).toMatchObject({ state: 'active', accessUntil: expiryOf(token) });
  });

  it('S02: a slow answer that was asked for earlier never undoes a newer one', async () => {
    const token = await subscribed();
    const play = test.app.get(GooglePlay);
    const slow = google.holdNextSnapshot();
    const late = play.ask(token);
    await slow.isTaken;
    await deliver(google.store.cancel(token));
    test.clock.advance({ days: 1 });
    await deliver(google.store.revoke(token));
    const before = await rowOf(token);
    slow.release();
    await late;
    expect(await rowOf(token)).toEqual(before);
    expect(before).toMatchObject({ state: 'expired', renews: false });
  });

  it('S02: many readings at once end in what the last one says', async () => {
    const token = await subscribed();
    const play = test.app.get(GooglePlay);
    const slow = Array.from({ length: 5 }, () => google.holdNextSnapshot());
    const asked = slow.map(() => play.ask(token));
    await Promise.all(slow.map(({ isTaken }) => isTaken));
    advance(token);
    google.store.renew(token);
    google.store.cancel(token);
    const last = play.ask(token);
    for (const { release } of slow.toReversed()) release();
    await Promise.all([...asked, last]);
    expect(await rowOf(token)).toMatchObject({ state: 'cancelled', accessUntil: expiryOf(token) });
    expect(await ledgerOf(token)).toEqual([
      ['charge', 4_900_000],
      ['charge', 4_900_000],
    ]);
  });

  it('S03: cancelled has access to the period’s end, and can be taken back; revoked ends now', async () => {
    const token = await subscribed();
    await deliver(google.store.cancel(token));
    expect(await rowOf(token)).toMatchObject({
      state: 'cancelled',
      accessUntil: expiryOf(token),
      renews: false,
    });
    await deliver(google.store.restart(token));
    expect(await rowOf(token)).toMatchObject({ state: 'active', renews: true });
    await deliver(google.store.cancel(token));
    test.clock.advance({ days: 2 });
    await deliver(...google.store.refund(token, { revoke: true }));
    expect(await rowOf(token)).toMatchObject({ state: 'refunded', accessUntil: test.clock.now() });
    expect(await premiumUntil(bori)).toBeNull();
  });

  it('S04: grace keeps access, hold takes it, recovery gives it back', async () => {
    const token = await subscribed({ trialDays: 7 });
    advance(token);
    await deliver(google.store.graceStarts(token));
    expect(await rowOf(token)).toMatchObject({ state: 'grace', accessUntil: expiryOf(token) });
    expect(await premiumUntil(bori)).toEqual(expiryOf(token));
    advance(token);
    await deliver(google.store.holdStarts(token));
    expect([await stateOf(token), await premiumUntil(bori)]).toEqual(['on_hold', null]);
    test.clock.advance({ days: 3 });
    await deliver(google.store.recover(token));
    expect(await rowOf(token)).toMatchObject({ state: 'active', accessUntil: expiryOf(token) });
    expect(await ledgerOf(token)).toEqual([['charge', 4_900_000]]);
  });

  it('S04: a pause takes access at the period’s end, not when it is announced', async () => {
    const token = await subscribed();
    await deliver(google.store.pauseScheduled(token));
    expect(await premiumUntil(bori)).toEqual(expiryOf(token));
    advance(token);
    await deliver(google.store.pause(token));
    expect([await stateOf(token), await premiumUntil(bori)]).toEqual(['paused', null]);
    test.clock.advance({ days: 30 });
    await deliver(google.store.resume(token));
    expect(await rowOf(token)).toMatchObject({ state: 'active', accessUntil: expiryOf(token) });
  });

  it('S05: an upgrade ends the old token and keeps its user, in whatever order it is told', async () => {
    for (const turn of [(pushes: Push[]) => pushes, (pushes: Push[]) => pushes.toReversed()]) {
      const { purchaseToken: old, push } = google.store.buy();
      await deliver(push);
      expect((await report(bori, old)).status).toBe(200);
      test.clock.advance({ days: 10 });
      const { purchaseToken, pushes } = google.store.upgrade(old);
      await deliver(...turn(pushes));
      expect(await rowOf(old)).toMatchObject({ state: 'expired', accessUntil: test.clock.now() });
      expect(await rowOf(purchaseToken)).toMatchObject({ userId: bori.id, state: 'active', plan: 'yearly' });
      expect(google.store.acknowledged).toContain(purchaseToken);
    }
  });

  it('ends when Google knows it no more, and is not asked for without end', async () => {
    const token = await subscribed();
    test.clock.advance({ days: 1 });
    google.store.forget(token);
    await deliver(google.store.renew(token));
    expect(await rowOf(token)).toMatchObject({ state: 'expired', accessUntil: test.clock.now() });
    await deliver(
      google.store.push({ subscriptionNotification: { notificationType: 4, purchaseToken: 'unknown' } }),
    );
  });

  it('is left as it was when Google calls our question malformed', async () => {
    const token = await subscribed();
    const before = await rowOf(token);
    google.fault({ path: '/androidpublisher', times: 1 }, { status: 400 });
    expectProblem(await report(bori, token), 422, 'purchase-refused');
    expect(await rowOf(token)).toEqual(before);
  });

  it('is left as it was by a state that we do not know, with an alarm', async () => {
    const token = await subscribed();
    const before = await rowOf(token);
    await deliver(google.store.becomeStrange(token));
    expect(await rowOf(token)).toEqual(before);
    expect(alarms()).toContain('google-unknown-state');
    await deliver(google.store.cancel(token));
    expect(await stateOf(token)).toBe('cancelled');
  });

  it('loses nothing by a partial refund, of which Google tells no sum', async () => {
    const token = await subscribed();
    const notification = {
      purchaseToken: token,
      orderId: google.store.orderOf(token),
      productType: 1,
      refundType: 2,
    };
    await deliver(google.store.push({ voidedPurchaseNotification: notification }));
    expect(await stateOf(token)).toBe('active');
    expect(await ledgerOf(token)).toEqual([['charge', 4_900_000]]);
    expect(alarms()).toContain('google-partial-refund');
  });
});

describe('S05: acknowledging', () => {
  const watch = () => test.app.get(GoogleHandlers).watchAcknowledgements();

  it('waits for a store that is down, tells of it in time, and is done before three days', async () => {
    google.fault(
      { path: '/androidpublisher/v3/applications/kr.withbowwow.sim/purchases/subscriptions/' },
      'reset',
    );
    const { purchaseToken, push } = google.store.buy({ accountId: billingId });
    await post(push);
    await expect(test.queue.drain()).rejects.toThrow('provider-unavailable');
    const { id, acknowledgeBy } = await rowOf(purchaseToken);
    expect(acknowledgeBy).toEqual(new Date(Date.parse(START) + 3 * DAY_MS));
    expect(await premiumUntil(bori)).toEqual(expiryOf(purchaseToken));
    await watch();
    expect(alarms()).not.toContain('google-not-acknowledged');

    test.clock.advance({ days: 1, minutes: 1 });
    await watch();
    expect(errors()).toContainEqual(
      expect.objectContaining({ alarm: 'google-not-acknowledged', subscriptionId: id }),
    );
    google.clearFaults();
    await test.queue.drain();
    expect(google.store.acknowledged).toContain(purchaseToken);
    expect((await rowOf(purchaseToken)).acknowledgeBy).toBeNull();
    test.clock.advance({ days: 3 });
    google.store.passTime();
    expect(google.store.get(purchaseToken).state).toBe('ACTIVE');
  });

  it('happens once, for the first purchase of a token only', async () => {
    const token = await subscribed();
    advance(token);
    await deliver(google.store.renew(token));
    const posts = google.requests.filter(({ path }) => path.endsWith(`${token}:acknowledge`));
    expect(posts).toHaveLength(1);
  });

  it('never comes before somebody has access: what nobody claims is given back to its buyer', async () => {
    const { purchaseToken, push } = google.store.buy();
    await deliver(push);
    expect(await rowOf(purchaseToken)).toMatchObject({ userId: null, state: 'active' });
    test.clock.advance({ days: 2 });
    await watch();
    await test.queue.drain();
    expect(google.store.acknowledged).not.toContain(purchaseToken);
    test.clock.advance({ days: 1 });
    await deliver(...google.store.passTime());
    expect(await rowOf(purchaseToken)).toMatchObject({ state: 'refunded', acknowledgeBy: null });
    expect((await report(bori, purchaseToken)).body).toMatchObject({ state: 'refunded' });
    expect(await premiumUntil(bori)).toBeNull();
  });

  it('follows the claim of a purchase that was told of before', async () => {
    const { purchaseToken, push } = google.store.buy();
    await deliver(push);
    expect((await report(bori, purchaseToken)).body).toMatchObject({ state: 'active' });
    await test.queue.drain();
    expect(google.store.acknowledged).toContain(purchaseToken);
  });
});

describe('S07: one store account, two users', () => {
  it('has one owner: another one moves it on purpose, at most once in 30 days', async () => {
    const kong = await signIn(test);
    const token = await subscribed({ basePlan: 'yearly' });
    expectProblem(await report(kong, token), 409, 'purchase-of-another-account');
    expect(await premiumUntil(kong)).toBeNull();

    expect((await report(kong, token, { transfer: true })).status).toBe(200);
    expect([await premiumUntil(bori), await premiumUntil(kong)]).toEqual([null, expiryOf(token)]);
    expectProblem(await report(bori, token, { transfer: true }), 409, 'transferred-recently');
    await deliver(google.store.cancel(token));
    expect(await rowOf(token)).toMatchObject({ userId: kong.id, state: 'cancelled' });

    const { purchaseToken, pushes } = google.store.upgrade(token);
    await deliver(...pushes);
    expect((await rowOf(purchaseToken)).userId).toBe(kong.id);
  });

  it('a purchase that names its buyer is not for whoever reports it first', async () => {
    const kong = await signIn(test);
    const { purchaseToken } = google.store.buy({ accountId: billingId });
    expectProblem(await report(kong, purchaseToken), 409, 'purchase-of-another-account');
    expect((await rowOf(purchaseToken)).userId).toBe(bori.id);
    const strange = google.store.buy({ accountId: 'u_7f3a' });
    expect((await report(kong, strange.purchaseToken)).status).toBe(200);
  });
});

describe('B4: a push', () => {
  it.each<[string, PushTokenOverrides]>([
    ['without a token', { isMissing: true }],
    ['of another audience', { aud: 'https://evil.example/push' }],
    ['of another sender', { email: 'rtdn@evil.iam.gserviceaccount.com' }],
    ['of an unverified address', { emailVerified: false }],
    ['of another issuer', { iss: 'https://accounts.evil.example' }],
    ['signed by another key', { isOfAnotherKey: true }],
    ['with a signature of something else', { forged: true }],
    ['under an unknown key', { kid: 'unknown' }],
    ['without a signature', { alg: 'none' }],
    ['signed with the public key as a secret', { alg: 'HS256' }],
    ['that has expired', { expS: Math.floor(Date.now() / 1_000) - 3_600 }],
    ['valid for years', { expS: Math.floor(Date.now() / 1_000) + 10_000_000 }],
  ])('%s is refused, and changes nothing', async (_, overrides) => {
    const token = await subscribed();
    const [before, events] = [await rowOf(token), await test.db.prisma.storeEvent.count()];
    expectProblem(await post(google.store.revoke(token), overrides), 403, 'webhook-refused');
    await test.queue.drain();
    expect(await rowOf(token)).toEqual(before);
    expect(await test.db.prisma.storeEvent.count()).toBe(events);
  });

  it.each<[string, string]>([
    ['a word', 'Bearer hello'],
    ['three words', 'Bearer a.b.c'],
    ['another scheme', 'Basic aGVsbG86aGVsbG8='],
    ['nothing', 'Bearer '],
  ])('with %s for a token is refused', async (_, authorization) => {
    const { push } = google.store.buy();
    expectProblem(await send(test, 'POST', WEBHOOK, push, { authorization }), 403, 'webhook-refused');
  });

  it('of another subscription of the same sender is refused', async () => {
    const { push } = google.store.buy();
    const other = { ...push, subscription: 'projects/withbowwow-sim/subscriptions/other' };
    expectProblem(await post(other), 403, 'webhook-refused');
    expectProblem(await post({ message: push.message }), 403, 'webhook-refused');
  });
});

describe('the inbox', () => {
  const eventOf = ({ message: { messageId: eventKey } }: Push) =>
    test.db.prisma.storeEvent.findUnique({ where: { store_eventKey: { store: 'google', eventKey } } });

  it('B1: takes the same push a hundred times at once as one', async () => {
    const { purchaseToken, push } = google.store.buy({ accountId: billingId });
    const answers = await Promise.all(Array.from({ length: 100 }, () => post(push)));
    expect(answers.map(({ status }) => status)).toEqual(Array(100).fill(204));
    await test.queue.drain();
    expect(await eventOf(push)).toMatchObject({ kind: 'subscription:4', attempts: 1, lastError: null });
    expect(await ledgerOf(purchaseToken)).toEqual([['charge', 4_900_000]]);
    const { id } = await rowOf(purchaseToken);
    expect(await test.db.prisma.subscriptionChange.count({ where: { subscriptionId: id } })).toBe(1);
  });

  it('B6: answers what it cannot read, drops it and raises an alarm', async () => {
    const envelope = (notification: object) =>
      google.store.envelope(Buffer.from(JSON.stringify(notification)).toString('base64'));
    const { push } = google.store.buy();
    const unreadable = [
      google.store.envelope('not base64!'),
      google.store.envelope(Buffer.from('{"version":').toString('base64')),
      envelope({ packageName: 7 }),
      envelope({}),
      { ...push, message: {} },
      { ...push, message: null },
    ];
    const before = await test.db.prisma.storeEvent.count();
    for (const body of unreadable) expect((await post(body)).status).toBe(204);
    expect(alarms()).toEqual(unreadable.map(() => 'google-push-unreadable'));
    expect(await test.db.prisma.storeEvent.count()).toBe(before);
  });

  it('B6: answers a push about another app, and drops it', async () => {
    const push = google.store.push({ packageName: 'kr.other', subscriptionNotification: {} });
    const other = google.store.push({
      packageName: 'kr.other',
      subscriptionNotification: { notificationType: 4, purchaseToken: 'x' },
    });
    for (const body of [push, other]) expect((await post(body)).status).toBe(204);
    expect(alarms()).toEqual(['google-push-unreadable', 'google-push-of-another-app']);
    expect([await eventOf(push), await eventOf(other)]).toEqual([null, null]);
  });

  it('B6: keeps kinds that came later, with an alarm; and tests, without', async () => {
    const token = await subscribed();
    const unknown: [Push, string][] = [
      [
        google.store.push({ subscriptionNotification: { notificationType: 77, purchaseToken: token } }),
        'subscription:77',
      ],
      [google.store.push({ somethingNewNotification: { purchaseToken: token } }), 'unknown'],
      [
        google.store.push({
          oneTimeProductNotification: { notificationType: 1, purchaseToken: 'x', sku: 'bone' },
        }),
        'one-time-product:1',
      ],
      [
        google.store.push({ pendingRefundReviewNotification: { version: '1.0', orderId: 'GPA.1' } }),
        'unknown',
      ],
    ];
    const tested = google.store.push({ testNotification: { version: '1.0' } });
    await deliver(...unknown.map(([push]) => push), tested);
    for (const [push, kind] of unknown) expect(await eventOf(push)).toMatchObject({ kind, lastError: null });
    expect(await eventOf(tested)).toMatchObject({ kind: 'test', processedAt: test.clock.now() });
    expect(alarms()).toEqual(unknown.map(() => 'google-push-unknown'));
  });

  it('B6: refuses a body of a megabyte before it is read', async () => {
    const { push } = google.store.buy();
    expectProblem(await post({ ...push, padding: 'x'.repeat(1_000_000) }), 413, 'payload-too-large');
  });

  it('keeps what cannot be asked for until Google answers, and holds nobody else up', async () => {
    const { purchaseToken, push } = google.store.buy({ accountId: billingId });
    google.fault({ path: '/androidpublisher', times: 3 }, { status: 500 });
    expect((await post(push)).status).toBe(204);
    await expect(test.queue.drain()).rejects.toThrow('provider-unavailable');
    expect(await eventOf(push)).toMatchObject({
      processedAt: null,
      lastError: expect.stringContaining('provider-unavailable'),
    });
    const token = await subscribed();
    expect(await stateOf(token)).toBe('active');
    // What pg-boss would do a little later.
    const { id } = (await eventOf(push))!;
    await test.app.get(InboxHandlers).processStoreEvent({ eventId: id });
    expect(await stateOf(purchaseToken)).toBe('active');
  });
});

describe('S13, B7: reconciliation', () => {
  const reconcile = () => test.app.get(GoogleReconciliation).reconcile();
  /** Of the subscriptions of other tests, from before the clock was set back, there is always something to tell. */
  const toldOf = async (...tokens: string[]) => {
    const ids = await Promise.all(tokens.map(async (token) => (await rowOf(token)).id));
    const told = errors().filter(({ alarm }) => alarm === 'google-reconciled');
    return ids.map((id) => told.some(({ subscriptionId }) => subscriptionId === id));
  };

  it('makes up for webhooks that never came, and tells of each', async () => {
    const tokens: string[] = [];
    for (let i = 0; i < 6; i++) tokens.push(await subscribed());
    const [renewed, cancelled, refunded, revoked, graced, quiet] = tokens as [
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    test.clock.set(google.store.get(renewed).expiryMs);
    // Nobody hears of any of this.
    google.store.renew(renewed);
    google.store.renew(refunded);
    google.store.renew(quiet);
    google.store.graceStarts(graced);
    google.store.renew(cancelled);
    google.store.cancel(cancelled);
    test.clock.advance({ days: 4 });
    google.store.renew(revoked);
    google.store.revoke(revoked);
    google.store.refund(refunded);
    const other = await subscribed();
    google.store.refund(other);
    google.store.refund(quiet, { orderId: google.store.get(quiet).orderBase });

    await reconcile();
    const states = await Promise.all([...tokens, other].map((token) => stateOf(token)));
    expect(states).toEqual(['active', 'cancelled', 'refunded', 'expired', 'grace', 'active', 'refunded']);
    expect((await rowOf(renewed)).accessUntil).toEqual(expiryOf(renewed));
    expect(await ledgerOf(quiet)).toEqual([
      ['charge', 4_900_000],
      ['charge', 4_900_000],
      ['refund', -4_900_000],
    ]);
    expect(await toldOf(...tokens, other)).toEqual(Array(7).fill(true));

    heard = test.log.errors.length;
    await reconcile();
    expect(await toldOf(...tokens, other)).toEqual(Array(7).fill(false));
  });

  it('takes what time alone has done for no difference, and tries again what failed', async () => {
    const token = await subscribed();
    await deliver(google.store.cancel(token));
    test.clock.set(google.store.get(token).expiryMs + DAY_MS);
    google.store.expire(token);
    google.fault({ path: '/androidpublisher', times: 1 }, { status: 403 });
    await expect(reconcile()).rejects.toThrow('not compared with Google');
    expect(alarms()).toContain('google-refuses-us');
    heard = test.log.errors.length;
    await reconcile();
    expect(await stateOf(token)).toBe('expired');
    expect(await toldOf(token)).toEqual([false]);
  });

  it('B7: a server that heard nothing for four days gives nobody too much or too little', async () => {
    const token = await subscribed({ trialDays: 7 });
    test.clock.set(google.store.get(token).expiryMs);
    google.store.graceStarts(token, 2);
    test.clock.advance({ days: 2 });
    google.store.holdStarts(token);
    test.clock.advance({ days: 2 });
    google.store.recover(token);
    await reconcile();
    expect(await rowOf(token)).toMatchObject({ state: 'active', accessUntil: expiryOf(token) });
    expect(await ledgerOf(token)).toEqual([['charge', 4_900_000]]);
  });
});

it('without Google’s settings neither door is open', async () => {
  const bare = await startTestApp();
  try {
    const kong = await signIn(bare);
    expectProblem(
      await send(bare, 'POST', WEBHOOK, google.store.buy().push, google.pushHeaders()),
      503,
      'provider-not-configured',
    );
    expectProblem(await kong.send('POST', PURCHASES, { purchaseToken: 'x' }), 503, 'provider-not-configured');
    await bare.app.get(GoogleReconciliation).reconcile();
    expect(await bare.db.prisma.storeEvent.count()).toBe(0);
  } finally {
    await bare.close();
  }
});
