export { periodOf } from './period.js';
export { roundedForOthers } from './walk-view.js';
export { walkNotFound } from './walks.errors.js';
export { walkChanged, walkCompleted, type WalkFact } from './walks.events.js';
export { abandonSilentWalks, purgeRawPoints, settleAwaitingWalks } from './walks.jobs.js';
export { WalksModule } from './walks.module.js';
export { Walks } from './walks.service.js';
export { walkerOfVisible } from './walks.queries.js';
