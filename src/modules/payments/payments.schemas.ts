import { z } from 'zod';
import {
  LedgerKind,
  Plan,
  Store,
  StoreEnvironment,
  SubscriptionState,
} from '../../generated/prisma/enums.js';
import { asciiToken, id, instant } from '../../platform/http/schemas.js';
import { UNLOCKS } from '../entitlement/index.js';

const store = z.enum(Store);
const environment = z.enum(StoreEnvironment);
const plan = z.enum(Plan);
const krw = z.int().meta({ description: 'KRW' });

export const webhookReceived = z.object({ received: z.literal(true) }).meta({ id: 'WebhookReceived' });
export type WebhookReceived = z.output<typeof webhookReceived>;

export const chargeConsentIn = z
  .strictObject({
    priceKrw: z.int().min(1).max(1_000_000).meta({ description: '사용자가 본 가격 (원)' }),
    textVersion: asciiToken(40).meta({ description: '사용자가 본 동의 문구의 판' }),
  })
  .meta({ id: 'ChargeConsentIn' });
export type ChargeConsentIn = z.output<typeof chargeConsentIn>;

export const transfer = z
  .boolean()
  .default(false)
  .meta({ description: '다른 계정에서 쓰던 구독을 이 계정으로 옮긴다 (30일에 한 번)' });

export const reportedPurchase = z
  .object({
    subscriptionId: id,
    store,
    state: z.enum(SubscriptionState),
    accessUntil: instant.nullable().meta({ description: '이때까지 프리미엄' }),
    plan: plan.nullable(),
  })
  .meta({ id: 'ReportedPurchase' });
export type ReportedPurchase = z.output<typeof reportedPurchase>;

export const plansView = z
  .object({
    items: z.array(
      z
        .object({
          plan,
          priceKrw: krw,
          months: z.int(),
          trialDays: z.int().meta({ description: '무료 체험; 처음인 사람에게만' }),
          unlocks: z.array(z.enum(UNLOCKS)),
          productIds: z.object({
            apple: z.string(),
            google: z.object({ productId: z.string(), basePlanId: z.string() }),
          }),
          consentTextVersion: z.string().meta({ description: '동의할 때 함께 보낸다' }),
          consentText: z
            .object({ ko: z.string(), en: z.string() })
            .meta({ description: '결제에 동의하기 전에 앱이 그대로 보여 준다' }),
        })
        .meta({ id: 'Plan' }),
    ),
  })
  .meta({ id: 'Plans' });

export const subscriptionView = z
  .object({
    id,
    store,
    environment,
    plan: plan.nullable(),
    productId: z.string().nullable(),
    state: z.enum(SubscriptionState).meta({ description: '지금의 상태' }),
    renews: z.boolean(),
    accessUntil: instant.nullable(),
    nextCharge: z.object({ at: instant, amountKrw: krw }).nullable().meta({ description: 'Toss만' }),
    cardLabel: z.string().nullable(),
    needsCard: z.boolean().meta({ description: '새 카드를 등록해야 이어진다' }),
    priceRaise: z
      .object({ priceKrw: krw, appliesFrom: instant, consented: z.boolean() })
      .nullable()
      .meta({ description: '알려 드린 가격 인상' }),
    manageUrl: z.url().nullable().meta({ description: 'App Store와 Google Play의 구독은 거기서 관리한다' }),
  })
  .meta({ id: 'Subscription' });
export type SubscriptionView = z.input<typeof subscriptionView>;

export const warning = z.enum(['several-subscriptions', 'card-needed', 'price-consent-needed']);

export const mySubscriptions = z
  .object({
    isPremium: z.boolean(),
    premiumUntil: instant.nullable(),
    subscriptions: z.array(subscriptionView),
    warnings: z.array(warning),
    trialAvailable: z.boolean().meta({ description: '무료 체험을 쓸 수 있다 (카드는 등록할 때 확인한다)' }),
    checkout: z
      .object({ customerKey: z.uuid(), clientKey: z.string().nullable() })
      .meta({ description: 'Toss SDK에 넘긴다; clientKey가 null이면 이 서버에서는 쓸 수 없다' }),
    appAccountToken: z
      .uuid()
      .meta({ description: 'Apple의 appAccountToken, Google의 obfuscatedExternalAccountId' }),
  })
  .meta({ id: 'MySubscriptions' });
export type MySubscriptions = z.input<typeof mySubscriptions>;

export const payment = z
  .object({
    id,
    kind: z.enum(LedgerKind),
    store,
    environment: environment.meta({ description: 'sandbox: 실제로 결제되지 않았다' }),
    plan: plan.nullable(),
    amount: z.number().meta({ description: '통화의 단위로; 환불은 음수' }),
    currency: z.string(),
    at: instant,
    orderId: z.string().meta({ description: '주문 번호, 또는 스토어의 거래 번호' }),
    receiptUrl: z.string().nullable(),
    periodFrom: instant.nullable(),
    periodTo: instant.nullable(),
  })
  .meta({ id: 'Payment' });
