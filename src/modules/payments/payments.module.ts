import { Module } from '@nestjs/common';
import { EntitlementModule } from '../entitlement/index.js';
import { NotificationsModule } from '../notifications/index.js';
import { InboxHandlers, PROCESSORS, type StoreEventProcessor } from './inbox/inbox.handlers.js';
import { StoreEvents } from './inbox/store-events.service.js';
import { TossApi } from './toss/toss-api.js';

const unwritten: StoreEventProcessor = { process: () => Promise.reject(new Error('to be written')) };

@Module({
  imports: [EntitlementModule, NotificationsModule],
  controllers: [],
  providers: [
    StoreEvents,
    InboxHandlers,
    TossApi,
    {
      provide: PROCESSORS,
      // Each store's own service takes its place here.
      useFactory: () => ({ apple: unwritten, google: unwritten, toss: unwritten }),
    },
  ],
})
export class PaymentsModule {}
