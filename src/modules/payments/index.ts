export { reconcileGoogle, watchGoogleAcknowledgements } from './google/google.jobs.js';
export { reconcileApple } from './apple/apple.jobs.js';
export { purgeStoreEvents, watchInbox } from './inbox/inbox.jobs.js';
export { checkLedger } from './ledger.jobs.js';
export { PaymentsOverview } from './overview.service.js';
export { PaymentsModule } from './payments.module.js';
export { Farewell } from './toss/billing/index.js';
export { chargeDue, deleteLeftCards, tellCharges, tellPriceRaises } from './toss/billing/billing.jobs.js';
export { reconcileToss } from './toss/toss-reconciliation.jobs.js';
