export { NotificationsModule } from './notifications.module.js';
export { type Note, Notifications } from './notifications.service.js';
