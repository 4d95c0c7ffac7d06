import { Module } from '@nestjs/common';
import { NotificationsModule } from '../notifications/index.js';
import { EntitlementJobs } from './entitlement.jobs.js';
import { SubscriptionNotices } from './notices.jobs.js';
import { Subscriptions } from './subscriptions.service.js';

@Module({
  imports: [NotificationsModule],
  providers: [Subscriptions, EntitlementJobs, SubscriptionNotices],
  exports: [Subscriptions],
})
export class EntitlementModule {}
