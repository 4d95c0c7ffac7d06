export { walkChanged, walkCompleted, type WalkFact } from './walks.events.js';
export { abandonSilentWalks, purgeRawPoints, settleAwaitingWalks } from './walks.jobs.js';
export { WalksModule } from './walks.module.js';
