import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIG, type Config } from '../../../config/config.js';
import { Clock } from '../../../platform/clock/clock.js';
import type { StoreEventProcessor } from '../inbox/inbox.handlers.js';
import { StoreEvents } from '../inbox/store-events.service.js';
import { GooglePlay } from './google-play.service.js';
import { isFamiliar, kindOf, pushOf, subscriptionOf } from './google-push.js';
import { GooglePushSender } from './google-push-sender.js';

const SUBSCRIPTION = 1;
const FULL_REFUND = 1;

/** Play's notifications: taken in, and what they are about asked for later. */
@Injectable()
export class GoogleEvents implements StoreEventProcessor {
  private readonly log = new Logger(GoogleEvents.name);

  constructor(
    private readonly inbox: StoreEvents,
    private readonly sender: GooglePushSender,
    private readonly play: GooglePlay,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Whatever is Pub/Sub's own is taken: what is not understood would come again for a week (PROVIDERS.md §5.3).
   * @throws webhook-refused, provider-unavailable, provider-not-configured
   */
  async receive(authorization: string | undefined, body: unknown): Promise<void> {
    await this.sender.check(authorization, subscriptionOf(body));
    const push = pushOf(body);
    if (!push) {
      this.log.error({ alarm: 'google-push-unreadable' }, 'a push that cannot be read: dropped');
      return;
    }
    const { messageId, notification } = push;
    const kind = kindOf(notification);
    if (notification.packageName !== this.config.googlePlay?.packageName) {
      this.log.error({ alarm: 'google-push-of-another-app', kind }, 'a push about another app: dropped');
      return;
    }
    if (!isFamiliar(notification))
      this.log.error({ alarm: 'google-push-unknown', kind }, 'a push of a kind that we do not know: kept');
    await this.inbox.receive({
      ...{ store: 'google', eventKey: messageId, kind },
      // Which one it is, only the purchase tells.
      environment: 'production',
      body: JSON.stringify(body),
    });
  }

  async process(body: string): Promise<void> {
    const { subscriptionNotification, voidedPurchaseNotification, eventTimeMillis } = pushOf(
      JSON.parse(body),
    )!.notification;
    if (subscriptionNotification) await this.play.ask(subscriptionNotification.purchaseToken);
    if (voidedPurchaseNotification?.productType !== SUBSCRIPTION) return;
    const { purchaseToken, orderId, refundType } = voidedPurchaseNotification;
    await this.play.ask(purchaseToken);
    // Of a partial refund Google tells no sum: access stays, and the books wait for the payout report.
    if (refundType === FULL_REFUND) {
      const voidedAtMs = Math.min(eventTimeMillis, this.clock.nowMs());
      await this.play.giveBack(purchaseToken, orderId, voidedAtMs);
    } else {
      this.log.error({ alarm: 'google-partial-refund' }, 'a part of the money went back: not in the ledger');
    }
  }
}
