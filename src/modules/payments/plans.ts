import type { Config } from '../../config/config.js';
import { Plan, type Store } from '../../generated/prisma/enums.js';

export const TRIAL_DAYS = 7;
/** Of the words in `consent-text.ts`: a change of them is a new version. */
export const CONSENT_TEXT_VERSION = '2026-11-21';

export const MONTHS_OF: Record<Plan, number> = { monthly: 1, yearly: 12 };

/** What the app asks the stores for. */
export const PRODUCT_IDS = {
  monthly: { apple: 'premium_monthly', google: { productId: 'premium', basePlanId: 'monthly' } },
  yearly: { apple: 'premium_yearly', google: { productId: 'premium', basePlanId: 'yearly' } },
} as const satisfies Record<Plan, object>;

/** Where a subscription is cancelled and changed that a store sells; null: by us. */
export const MANAGE_URLS = {
  apple: 'https://apps.apple.com/account/subscriptions',
  google: 'https://play.google.com/store/account/subscriptions',
  toss: null,
} as const satisfies Record<Store, string | null>;

/** What the stores call our products; of Google's the base plan. */
const PLANS = new Map<string | undefined, Plan>(
  Object.values(Plan).flatMap((plan) => {
    const { apple, google } = PRODUCT_IDS[plan];
    return [apple, google.basePlanId].map((productId) => [productId, plan] as const);
  }),
);

export const planOfProduct = (productId: string | undefined): Plan | null => PLANS.get(productId) ?? null;

export const priceKrwOf = (plan: Plan, { plans }: Pick<Config, 'plans'>): number =>
  plan === 'monthly' ? plans.monthlyKrw : plans.yearlyKrw;
