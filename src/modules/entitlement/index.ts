export { premiumRequired } from './entitlement.errors.js';
export { subscriptionChanged } from './entitlement.events.js';
export { EntitlementModule } from './entitlement.module.js';
export { lockSubscription, premiumUntilOf, type SubscriptionRow } from './entitlement.queries.js';
export { type Fact, type PeriodFact, type RenewalFact } from './facts.js';
export { RequiresPremium } from './premium.guard.js';
export { type Standing, stateAt } from './standing.js';
export { type Sale, Subscriptions } from './subscriptions.service.js';
