import { defineProblem } from '../../../platform/http/problem.js';

export const orderNotFound = defineProblem(
  404,
  'order-not-found',
  '주문을 찾을 수 없어요.',
  'Order not found.',
);
/** What was paid for is not what was ordered; nothing was charged. */
export const amountMismatch = defineProblem(
  409,
  'amount-mismatch',
  '결제 금액이 주문과 달라요. 결제되지 않았어요.',
  'The amount is not that of the order. Nothing was charged.',
);
/** Member `state`. It takes no other payment: make a new order. */
export const orderSettled = defineProblem(
  409,
  'order-settled',
  '이미 끝난 주문이에요. 처음부터 다시 시도해 주세요.',
  'This order is settled already. Please start again.',
);
/** A subscription that renews, of whatever store: the same time would be paid for twice. */
export const alreadySubscribed = defineProblem(
  409,
  'already-subscribed',
  '이미 자동으로 갱신되는 구독이 있어요. 두 번 결제하지 않으려면 먼저 해지해 주세요.',
  'You have a subscription that renews. Cancel it first, or you would pay twice for the same time.',
);
export const tooManyOrders = defineProblem(
  409,
  'too-many-orders',
  '결제하지 않은 주문이 너무 많아요. 내일 다시 시도해 주세요.',
  'There are too many unpaid orders. Please try again tomorrow.',
);
/** Toss does not know the payment, or its time is over; nothing was charged. */
export const paymentRefused = defineProblem(
  422,
  'payment-refused',
  '승인할 수 없는 결제예요. 결제되지 않았으니 처음부터 다시 시도해 주세요.',
  'The payment cannot be confirmed. Nothing was charged, please start again.',
);
/** It may have been made. The same request later tells, and charges nothing twice. */
export const paymentPending = defineProblem(
  503,
  'payment-pending',
  '결제 결과를 확인하고 있어요. 두 번 결제되지 않으니 잠시 뒤에 다시 확인해 주세요.',
  'We are finding out about the payment. Please ask again shortly: nothing is charged twice.',
);
/** Member `reason`: not-paid, period-over, nothing-left, later-period-first. */
export const notRefundable = defineProblem(
  409,
  'not-refundable',
  '환불할 수 없는 결제예요. 이용 기간이 남은 결제를 가장 나중 것부터 환불해요.',
  'This payment cannot be refunded. Payments with time left are, the latest one first.',
);
export const refundPending = defineProblem(
  503,
  'refund-pending',
  '환불을 처리하고 있어요. 잠시 뒤에 다시 확인해 주세요.',
  'The refund is under way. Please ask again shortly.',
);
/** An alarm of ours. The subscription does not renew any more. */
export const refundRefused = defineProblem(
  409,
  'refund-refused',
  '결제사가 환불을 받아들이지 않았어요. 고객센터에 알려 주세요.',
  'The payment provider did not accept the refund. Please contact support.',
);
