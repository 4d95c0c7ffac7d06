export { remindOfWalks } from './reminders.jobs.js';
export { RemindersModule } from './reminders.module.js';
