export { lastLoginGone } from './auth.events.js';
export { purgeExpiredLogins } from './auth.jobs.js';
export { AuthModule } from './auth.module.js';
export { endSessions } from './sessions.service.js';
export { Unlinking } from './unlinking.service.js';
