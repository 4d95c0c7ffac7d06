export { purgeExpiredLogins } from './auth.jobs.js';
export { AuthModule } from './auth.module.js';
