import type { Config } from '../../config/config.js';
import type { Plan } from '../../generated/prisma/enums.js';

export const TRIAL_DAYS = 7;
/** The words of the consent to be charged; what the app shows must be this version. */
export const CONSENT_TEXT_VERSION = '2026-11-01';

export const MONTHS_OF: Record<Plan, number> = { monthly: 1, yearly: 12 };

/** What the stores call our products; of Google's the base plan. */
const PRODUCTS: Record<string, Plan> = {
  premium_monthly: 'monthly',
  premium_yearly: 'yearly',
  monthly: 'monthly',
  yearly: 'yearly',
};

export const planOfProduct = (productId: string | undefined): Plan | null =>
  (productId && PRODUCTS[productId]) || null;

export const priceKrwOf = (plan: Plan, { plans }: Pick<Config, 'plans'>): number =>
  plan === 'monthly' ? plans.monthlyKrw : plans.yearlyKrw;
