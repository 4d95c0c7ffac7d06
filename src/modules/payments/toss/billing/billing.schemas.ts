import { z } from 'zod';
import { Plan, Store, SubscriptionState } from '../../../../generated/prisma/enums.js';
import { asciiToken, id, instant } from '../../../../platform/http/schemas.js';

const priceKrw = z.int().min(1).max(1_000_000).meta({ description: '사용자가 본 가격 (원)' });
const textVersion = asciiToken(40).meta({ description: '사용자가 본 동의 문구의 판' });
const consent = z.strictObject({ priceKrw, textVersion }).meta({ id: 'ChargeConsentIn' });
export type ConsentIn = z.output<typeof consent>;

export const billingKeyIn = z
  .strictObject({
    authKey: asciiToken(300).meta({ description: '토스 카드 등록 창이 successUrl로 준 값' }),
    customerKey: asciiToken(300),
    plan: z.enum(Plan).optional().meta({ description: '카드만 바꿀 때는 없어도 된다' }),
    consent: consent.optional(),
  })
  .meta({ id: 'BillingKeyIn' });
export type BillingKeyIn = z.output<typeof billingKeyIn>;

export const planChange = z.strictObject({ plan: z.enum(Plan), consent }).meta({ id: 'PlanChange' });
export type PlanChange = z.output<typeof planChange>;

export const priceConsent = z.strictObject({ priceKrw, textVersion }).meta({ id: 'PriceConsent' });
export type PriceConsentIn = z.output<typeof priceConsent>;

export const billedSubscription = z
  .object({
    subscriptionId: id,
    store: z.enum(Store),
    state: z.enum(SubscriptionState),
    accessUntil: instant.nullable().meta({ description: '이때까지 프리미엄' }),
    plan: z.enum(Plan),
    nextPlan: z.enum(Plan).nullable().meta({ description: '다음 결제부터 바뀌는 요금제' }),
    trial: z.boolean().meta({ description: '지금이 무료 체험 기간인지' }),
    nextChargeAt: instant.nullable().meta({ description: '다음 결제(또는 다시 시도)하는 때; 없으면 null' }),
    nextChargeKrw: z.int().nullable(),
  })
  .meta({ id: 'BilledSubscription' });
export type BilledSubscription = z.output<typeof billedSubscription>;
