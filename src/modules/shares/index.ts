export { SharesModule } from './shares.module.js';
export { purgeShares } from './shares.jobs.js';
