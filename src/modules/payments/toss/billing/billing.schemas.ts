import { z } from 'zod';
import { Plan } from '../../../../generated/prisma/enums.js';
import { asciiToken, instant } from '../../../../platform/http/schemas.js';
import { chargeConsentIn, reportedPurchase } from '../../payments.schemas.js';

export const billingKeyIn = z
  .strictObject({
    authKey: asciiToken(300).meta({ description: '토스 카드 등록 창이 successUrl로 준 값' }),
    customerKey: asciiToken(300),
    plan: z.enum(Plan).optional().meta({ description: '카드만 바꿀 때는 없어도 된다' }),
    consent: chargeConsentIn.optional(),
    expectsTrial: z.boolean().default(true).meta({
      description: '무료 체험을 안내했는지. 체험을 줄 수 없으면 바로 결제하지 않고 409 trial-used',
    }),
  })
  .meta({ id: 'BillingKeyIn' });
export type BillingKeyIn = z.output<typeof billingKeyIn>;

export const planChange = z
  .strictObject({ plan: z.enum(Plan), consent: chargeConsentIn })
  .meta({ id: 'PlanChange' });
export type PlanChange = z.output<typeof planChange>;

export const billedSubscription = reportedPurchase
  .extend({
    plan: z.enum(Plan),
    nextPlan: z.enum(Plan).nullable().meta({ description: '다음 결제부터 바뀌는 요금제' }),
    trial: z.boolean().meta({ description: '지금이 무료 체험 기간인지' }),
    nextChargeAt: instant.nullable().meta({ description: '다음 결제(또는 다시 시도)하는 때; 없으면 null' }),
    nextChargeKrw: z.int().nullable(),
  })
  .meta({ id: 'BilledSubscription' });
export type BilledSubscription = z.output<typeof billedSubscription>;
