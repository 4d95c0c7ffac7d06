import { eventOf } from './webhook-events.js';

const payment = { paymentKey: 'tb_20261101_k1', orderId: 'sub_8f21-202611' };

it('reads of a payment nothing but its keys', () => {
  const data = { ...payment, status: 'CANCELED', totalAmount: 4_900, balanceAmount: 0 };
  expect(
    eventOf({ eventType: 'PAYMENT_STATUS_CHANGED', createdAt: '2026-11-08T12:00:02.000000', data }),
  ).toEqual({
    kind: 'PAYMENT_STATUS_CHANGED',
    ...payment,
  });
});

it('reads a removed card, with or without a reason', () => {
  const data = { billingKey: 'key', reason: null };
  expect(eventOf({ eventType: 'BILLING_DELETED', data })).toEqual({
    kind: 'BILLING_DELETED',
    billingKey: 'key',
  });
});

it.each([
  { eventType: 'CANCEL_STATUS_CHANGED', data: {} },
  { eventType: 'DEPOSIT_CALLBACK', data: {} },
  { createdAt: '', secret: 'ps', status: 'DONE', transactionKey: 'T', orderId: 'order-1' },
  { eventType: 'METHOD_UPDATED' },
  { eventType: 'CUSTOMER_STATUS_CHANGED' },
  { eventType: 'payout.changed' },
  { eventType: 'seller.changed' },
])('has no use for %j', (body) => expect(eventOf(body)).toEqual({ kind: 'ignored' }));

it.each([
  [{}, 'unnamed'],
  [{ eventType: 7 }, 'unnamed'],
  [{ eventType: 'x'.repeat(61) }, 'unnamed'],
  [{ eventType: 'two words' }, 'unnamed'],
  [{ eventType: 'OF_TOMORROW', data: payment }, 'OF_TOMORROW'],
  [{ eventType: 'PAYMENT_STATUS_CHANGED' }, 'PAYMENT_STATUS_CHANGED'],
  [{ eventType: 'PAYMENT_STATUS_CHANGED', data: { ...payment, orderId: 7 } }, 'PAYMENT_STATUS_CHANGED'],
  [{ eventType: 'BILLING_DELETED', data: null }, 'BILLING_DELETED'],
])('does not know %j', (body, name) => expect(eventOf(body)).toEqual({ kind: 'unknown', name }));
