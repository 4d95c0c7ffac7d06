import { Module } from '@nestjs/common';
import { NotificationsModule } from '../notifications/index.js';
import { ReminderJobs } from './reminders.jobs.js';

@Module({ imports: [NotificationsModule], providers: [ReminderJobs] })
export class RemindersModule {}
