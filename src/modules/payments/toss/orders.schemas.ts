import { z } from 'zod';
import { Plan, TossOrderState } from '../../../generated/prisma/enums.js';
import { asciiToken, instant, int4 } from '../../../platform/http/schemas.js';
import { chargeConsentIn } from '../payments.schemas.js';

const orderId = z
  .string()
  .regex(/^[A-Za-z0-9\-_.=]{6,64}$/)
  .meta({ description: '주문 번호' });
const amountKrw = z.int().meta({ description: 'KRW' });

export const orderIn = z
  .strictObject({ plan: z.enum(Plan), consent: chargeConsentIn })
  .meta({ id: 'PaymentOrderIn' });
export type OrderIn = z.output<typeof orderIn>;

export const orderOpened = z
  .object({
    orderId,
    amountKrw,
    orderName: z.string(),
    customerKey: z.uuid(),
    clientKey: z.string(),
  })
  .meta({ id: 'PaymentOrderOpened', description: 'Toss SDK의 결제 창에 넘긴다' });
export type OrderOpened = z.output<typeof orderOpened>;

export const confirmation = z
  .strictObject({
    paymentKey: asciiToken(200),
    orderId,
    amount: int4.meta({ description: 'Toss 결제 창이 successUrl로 준 금액 (원)' }),
  })
  .meta({ id: 'PaymentConfirmation' });
export type Confirmation = z.output<typeof confirmation>;

export const refundIn = z.strictObject({ orderId }).meta({ id: 'RefundIn' });

export const paymentOrder = z
  .object({
    orderId,
    plan: z.enum(Plan),
    state: z.enum(TossOrderState),
    amountKrw,
    refundedKrw: amountKrw,
    paidAt: instant.nullable(),
    receiptUrl: z.string().nullable(),
    periodFrom: instant.nullable().meta({ description: '이 결제로 이용하는 기간의 시작' }),
    periodTo: instant.nullable().meta({ description: '그 끝 (환불하면 바로 끝난다)' }),
  })
  .meta({ id: 'PaymentOrder' });
