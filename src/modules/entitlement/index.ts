export { premiumRequired, purchaseOfAnother, transferredRecently } from './entitlement.errors.js';
export { subscriptionChanged } from './entitlement.events.js';
export { passTime } from './entitlement.jobs.js';
export { EntitlementModule } from './entitlement.module.js';
export { lockSubscription, premiumUntilOf, type SubscriptionRow } from './entitlement.queries.js';
export { type Fact, merge, type PeriodFact, type RenewalFact } from './facts.js';
export { RequiresPremium, type Unlock } from './premium.guard.js';
export { accessUntilMs, type Standing, standingOf, stateAt } from './standing.js';
export { type Sale, Subscriptions } from './subscriptions.service.js';
