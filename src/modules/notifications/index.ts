export { purgeNotifications, releaseHeldNotifications } from './notifications.jobs.js';
export { forgetWaitingPushes } from './notifications.queries.js';
export { NotificationsModule } from './notifications.module.js';
export { type Note, Notifications } from './notifications.service.js';
export { isQuiet, isSoon, quietEndsAt } from './push-rules.js';
