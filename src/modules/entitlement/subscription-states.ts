import type { SubscriptionState } from '../../generated/prisma/enums.js';
import { defineTransitions } from '../../platform/rules/transitions.js';

/**
 * What a subscription may become. Facts may be lost and come later, so nearly every step can be seen; but a trial is
 * never entered from where a subscription has been paid for or has ended.
 */
export const subscriptionTransitions = defineTransitions<SubscriptionState>('on_hold', {
  on_hold: ['trial', 'active', 'cancelled', 'grace', 'paused', 'refunded', 'expired'],
  trial: ['active', 'cancelled', 'grace', 'on_hold', 'paused', 'refunded', 'expired'],
  active: ['cancelled', 'grace', 'on_hold', 'paused', 'refunded', 'expired'],
  cancelled: ['trial', 'active', 'grace', 'on_hold', 'paused', 'refunded', 'expired'],
  grace: ['active', 'cancelled', 'on_hold', 'paused', 'refunded', 'expired'],
  paused: ['active', 'cancelled', 'grace', 'on_hold', 'refunded', 'expired'],
  refunded: ['active', 'cancelled', 'grace', 'on_hold', 'paused', 'expired'],
  expired: ['active', 'cancelled', 'grace', 'on_hold', 'paused', 'refunded'],
});

/** As a rule; when it ends exactly is `accessUntil`. */
export const givesPremium = (state: SubscriptionState): boolean =>
  state === 'trial' || state === 'active' || state === 'cancelled' || state === 'grace';

/** Nothing more comes of it by itself. */
export const isOver = (state: SubscriptionState): boolean => state === 'expired' || state === 'refunded';
