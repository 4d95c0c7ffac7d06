import { CONSENT_TEXT_VERSION } from '../../src/modules/payments/plans.js';
import { startAppStore } from '../simulators/app-store.js';
import { startGooglePlay } from '../simulators/google-play.js';
import { startToss } from '../simulators/toss.js';
import { type Person, signIn } from './api.js';
import type { TestApp } from './harness.js';
import type { TestClock } from './test-clock.js';

const CONSENT = { priceKrw: 4_900, textVersion: CONSENT_TEXT_VERSION };
const DAY_MS = 86_400_000;

/** All three stores at once, for the sweeps over every operation. */
export async function startStores(clock: TestClock) {
  const now = () => clock.nowMs();
  const [apple, google, toss] = await Promise.all([
    startAppStore({ now }),
    startGooglePlay({ now }),
    startToss({ now }),
  ]);
  return {
    ...{ apple, google, toss },
    env: { ...apple.env, ...google.env, ...toss.env },
    close: async () => {
      await Promise.all([apple.close(), google.close(), toss.close()]);
    },
  };
}

export type Stores = Awaited<ReturnType<typeof startStores>>;

/** A request for each operation about money that succeeds. */
export function happySales(world: () => { test: TestApp; stores: Stores }) {
  const json = (body: unknown) => ({
    payload: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
  const billingIdOf = async ({ id }: Person) =>
    (await world().test.db.prisma.user.findUniqueOrThrow({ where: { id } })).billingId;
  const cardOf = async (person: Person) => {
    const customerKey = await billingIdOf(person);
    return {
      authKey: world().stores.toss.authorizeBilling(customerKey),
      customerKey,
      plan: 'monthly',
      consent: CONSENT,
    };
  };
  const subscriber = async (): Promise<Person> => {
    const person = await signIn(world().test);
    const { status, text } = await person.send('POST', '/payments/billing-key', await cardOf(person));
    if (status !== 200) throw new Error(text);
    return person;
  };
  const ordered = async (person: Person): Promise<{ orderId: string; amountKrw: number }> =>
    (await person.send('POST', '/payments/orders', { plan: 'monthly', consent: CONSENT })).body;
  const confirmation = async (person: Person) => {
    const order = await ordered(person);
    return {
      paymentKey: world().stores.toss.authorizePayment(order),
      orderId: order.orderId,
      amount: order.amountKrw,
    };
  };
  return {
    'GET /plans': () => ({}),
    'GET /subscriptions/me': () => ({}),
    'GET /payments/history': () => ({}),
    'POST /payments/billing-key': async () => {
      const as = await signIn(world().test);
      return { as, ...json(await cardOf(as)) };
    },
    'POST /subscriptions/cancel': async () => ({ as: await subscriber(), ...json({}) }),
    'POST /subscriptions/resume': async () => {
      const as = await subscriber();
      await as.send('POST', '/subscriptions/cancel', {});
      return { as, ...json({}) };
    },
    'POST /subscriptions/plan': async () => ({
      as: await subscriber(),
      ...json({ plan: 'yearly', consent: { ...CONSENT, priceKrw: 39_000 } }),
    }),
    'POST /subscriptions/price-consent': async () => {
      const as = await subscriber();
      await world().test.db.prisma.tossContract.updateMany({
        where: { subscription: { userId: as.id } },
        data: {
          priceKrw: CONSENT.priceKrw - 1_000,
          toldPriceKrw: CONSENT.priceKrw,
          toldAt: new Date(world().test.clock.nowMs() - 30 * DAY_MS),
        },
      });
      return { as, ...json(CONSENT) };
    },
    'POST /payments/orders': async () => ({
      as: await signIn(world().test),
      ...json({ plan: 'yearly', consent: { ...CONSENT, priceKrw: 39_000 } }),
    }),
    'POST /payments/confirm': async () => {
      const as = await signIn(world().test);
      return { as, ...json(await confirmation(as)) };
    },
    'POST /payments/refund': async () => {
      const as = await signIn(world().test);
      const paid = await confirmation(as);
      await as.send('POST', '/payments/confirm', paid);
      return { as, ...json({ orderId: paid.orderId }) };
    },
    'POST /payments/apple/transactions': async () => {
      const as = await signIn(world().test);
      const bought = world().stores.apple.buy({
        productId: 'premium_monthly',
        appAccountToken: await billingIdOf(as),
      });
      return { as, ...json({ signedTransaction: bought.signedTransaction() }) };
    },
    'POST /payments/google/purchases': async () => {
      const as = await signIn(world().test);
      const { purchaseToken } = world().stores.google.store.buy({ accountId: await billingIdOf(as) });
      return { as, ...json({ purchaseToken }) };
    },
    'POST /payments/webhook/apple': () =>
      json(world().stores.apple.buy({ productId: 'premium_yearly' }).notifications[0]!),
    'POST /payments/webhook/google': () => {
      const { payload, headers } = json(world().stores.google.store.buy().push);
      return { payload, headers: { ...headers, ...world().stores.google.pushHeaders() } };
    },
    'POST /payments/webhook/toss': async () => {
      const as = await signIn(world().test);
      const { orderId } = await ordered(as);
      const { headers, body } = world().stores.toss.webhook('PAYMENT_STATUS_CHANGED', {
        orderId,
        status: 'EXPIRED',
      });
      return { payload: typeof body === 'string' ? body : JSON.stringify(body), headers };
    },
    'GET /admin/webhooks': () => ({ url: '/admin/webhooks?state=processed' }),
    'POST /admin/webhooks/{id}/replay': async () => {
      const { id } = await world().test.db.prisma.storeEvent.findFirstOrThrow();
      return { url: `/admin/webhooks/${id}/replay` };
    },
    'GET /rankings/me/history': () => ({}),
  };
}
