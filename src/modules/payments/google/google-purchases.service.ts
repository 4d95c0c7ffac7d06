import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { Queue } from '../../../platform/queue/queue.js';
import { Subscriptions } from '../../entitlement/index.js';
import { purchaseRefused } from '../payments.errors.js';
import type { ReportedPurchase } from '../payments.schemas.js';
import { GooglePlay } from './google-play.service.js';
import { acknowledgeGoogle } from './google.jobs.js';
import type { GooglePurchaseIn } from './google.schemas.js';

/** Purchases that the app tells of: whose they are. */
@Injectable()
export class GooglePurchases {
  constructor(
    private readonly db: Database,
    private readonly queue: Queue,
    private readonly play: GooglePlay,
    private readonly subscriptions: Subscriptions,
  ) {}

  /**
   * Who bought it stands in the purchase (`obfuscatedExternalAccountId`), and has it before whoever reports it.
   * @throws purchase-refused, purchase-of-another-account, transferred-recently, provider-unavailable,
   * provider-not-configured
   */
  async report(userId: string, { purchaseToken, transfer }: GooglePurchaseIn): Promise<ReportedPurchase> {
    const row = await this.play.ask(purchaseToken);
    if (!row) throw purchaseRefused();
    const { id, state, accessUntil, standing } = row;
    await this.db.transaction(async (tx) => {
      await this.subscriptions.claim(tx, row, userId, { transfer });
      const { acknowledgeBy } = await tx.prisma.subscription.findUniqueOrThrow({
        where: { id },
        select: { acknowledgeBy: true },
      });
      // When it was asked for it may have been nobody's yet.
      if (acknowledgeBy && accessUntil && !row.userId)
        await this.queue.enqueue(tx, acknowledgeGoogle, { subscriptionId: id });
    });
    return { subscriptionId: id, store: 'google', state, accessUntil, plan: standing.plan };
  }
}
