import { CONSENT_TEXT_VERSION } from '../../src/modules/payments/plans.js';
import type { TossSimulator } from '../simulators/toss.js';
import type { Answer, Person } from './api.js';
import type { TestApp } from './harness.js';

export const MONTHLY_KRW = 4_900;
export const YEARLY_KRW = 39_000;

export interface OpenOrder {
  orderId: string;
  amountKrw: number;
}

/** What a person does to pay once through Toss, and what is written of it. */
export function tossOrders(test: () => TestApp, toss: () => TossSimulator) {
  const consentTo = (priceKrw: number) => ({ priceKrw, textVersion: CONSENT_TEXT_VERSION });

  async function order(person: Person, plan: 'monthly' | 'yearly' = 'monthly'): Promise<OpenOrder> {
    const priceKrw = plan === 'monthly' ? MONTHLY_KRW : YEARLY_KRW;
    const { status, body } = await person.send('POST', '/payments/orders', {
      plan,
      consent: consentTo(priceKrw),
    });
    if (status !== 201) throw new Error(`No order: ${status}`);
    return { orderId: body.orderId as string, amountKrw: body.amountKrw as number };
  }

  const confirm = (person: Person, { orderId, amountKrw }: OpenOrder, paymentKey: string): Promise<Answer> =>
    person.send('POST', '/payments/confirm', { paymentKey, orderId, amount: amountKrw });

  async function pay(person: Person, plan: 'monthly' | 'yearly' = 'monthly') {
    const opened = await order(person, plan);
    const paymentKey = toss().authorizePayment(opened);
    const { status, body } = await confirm(person, opened, paymentKey);
    if (status !== 200) throw new Error(`Not paid: ${status}`);
    return { ...opened, paymentKey, body: body as Record<string, unknown> };
  }

  const rowOf = ({ orderId }: { orderId: string }) =>
    test().db.prisma.tossOrder.findUniqueOrThrow({ where: { orderId } });

  return {
    consentTo,
    order,
    confirm,
    pay,
    rowOf,
    refund: (person: Person, { orderId }: { orderId: string }) =>
      person.send('POST', '/payments/refund', { orderId }),
    chargesOf: ({ orderId }: { orderId: string }) =>
      toss().charges.filter((charge) => charge.orderId === orderId),
    cancelsOf: ({ orderId }: { orderId: string }) =>
      toss().cancels.filter((cancel) => cancel.orderId === orderId),
    /** The charge first, then what was given back, less before more. */
    ledgerOf: async (opened: { orderId: string }) => {
      const entries = await test().db.prisma.ledgerEntry.findMany({
        where: { periodId: opened.orderId },
        orderBy: { amountMilli: 'desc' },
      });
      return entries.map(({ kind, amountMilli }) => [kind, amountMilli]);
    },
    premiumUntil: async ({ id }: Person): Promise<Date | null> => {
      const { _max } = await test().db.prisma.subscription.aggregate({
        where: { userId: id, accessUntil: { gt: test().clock.now() } },
        _max: { accessUntil: true },
      });
      return _max.accessUntil;
    },
  };
}
