import { Module } from '@nestjs/common';
import { EntitlementModule } from '../entitlement/index.js';
import { NotificationsModule } from '../notifications/index.js';
import { AppStoreApi } from './apple/app-store-api.js';
import { AppleController } from './apple/apple.controller.js';
import { AppleNotifications } from './apple/apple-notifications.service.js';
import { AppleReconciliation } from './apple/apple-reconciliation.js';
import { AppleSales } from './apple/apple-sales.service.js';
import { AppleVerifier } from './apple/apple-verifier.js';
import { GoogleController } from './google/google.controller.js';
import { GoogleEvents } from './google/google-events.service.js';
import { GoogleHandlers } from './google/google.handlers.js';
import { GooglePlayApi } from './google/google-play-api.js';
import { GooglePlay } from './google/google-play.service.js';
import { GooglePurchases } from './google/google-purchases.service.js';
import { GooglePushSender } from './google/google-push-sender.js';
import { GoogleReconciliation } from './google/google-reconciliation.js';
import { InboxController } from './inbox/inbox.controller.js';
import { InboxHandlers, PROCESSORS } from './inbox/inbox.handlers.js';
import { StoreEvents } from './inbox/store-events.service.js';
import { LedgerCheck } from './ledger.jobs.js';
import { PaymentsOverview } from './overview.service.js';
import { PaymentsController } from './payments.controller.js';
import { BillingController, billingProviders, Farewell } from './toss/billing/index.js';
import { Confirmations } from './toss/confirmations.service.js';
import { OrderBook } from './toss/order-book.service.js';
import { OrdersController } from './toss/orders.controller.js';
import { OrdersHandlers } from './toss/orders.handlers.js';
import { Orders } from './toss/orders.service.js';
import { TossReconciliation } from './toss/toss-reconciliation.js';
import { Refunds } from './toss/refunds.service.js';
import { TossApi } from './toss/toss-api.js';
import { TossWebhookController } from './toss/webhook.controller.js';
import { TossWebhooks } from './toss/webhook.service.js';

@Module({
  imports: [EntitlementModule, NotificationsModule],
  controllers: [
    PaymentsController,
    AppleController,
    GoogleController,
    InboxController,
    BillingController,
    OrdersController,
    TossWebhookController,
  ],
  providers: [
    StoreEvents,
    InboxHandlers,
    LedgerCheck,
    PaymentsOverview,
    TossApi,
    OrderBook,
    Orders,
    Confirmations,
    Refunds,
    OrdersHandlers,
    TossWebhooks,
    TossReconciliation,
    ...billingProviders,
    AppStoreApi,
    AppleVerifier,
    AppleSales,
    AppleNotifications,
    AppleReconciliation,
    GooglePlayApi,
    GooglePushSender,
    GooglePlay,
    GooglePurchases,
    GoogleEvents,
    GoogleHandlers,
    GoogleReconciliation,
    {
      provide: PROCESSORS,
      // Each store's own service takes its place here.
      inject: [AppleNotifications, GoogleEvents, TossWebhooks],
      useFactory: (apple: AppleNotifications, google: GoogleEvents, toss: TossWebhooks) => ({
        apple,
        google,
        toss,
      }),
    },
  ],
  exports: [Farewell, PaymentsOverview],
})
export class PaymentsModule {}
