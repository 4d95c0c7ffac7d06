import { Injectable } from '@nestjs/common';
import { Database } from '../../../../platform/database/database.js';
import { Cards } from './cards.service.js';
import { Contracts } from './contracts.service.js';
import { Trials } from './trials.service.js';

/** Our own billing takes leave of somebody whose account is erased (S12). */
@Injectable()
export class Farewell {
  constructor(
    private readonly db: Database,
    private readonly contracts: Contracts,
    private readonly cards: Cards,
    private readonly trials: Trials,
  ) {}

  /**
   * Nothing is charged any more, no key stays at Toss, and a trial that was used stays used. What is in doubt at Toss
   * is found out by its own job.
   * @throws provider-unavailable; the card is tried again by a job of its own all the same
   */
  async take(userId: string): Promise<void> {
    await this.db.transaction((tx) => this.trials.wasUsedBy(tx, userId));
    const contracts = await this.db.prisma.tossContract.findMany({
      where: { subscription: { userId } },
      select: { subscriptionId: true },
    });
    for (const { subscriptionId } of contracts) {
      await this.db.transaction(async (tx) => {
        const held = await this.contracts.lock(tx, subscriptionId);
        if (held?.row.standing.renews) await this.contracts.stop(tx, held);
      });
    }
    const cards = await this.db.prisma.billingMethod.findMany({
      where: { userId, deletedAtTossAt: null },
      select: { id: true },
    });
    for (const { id } of cards) await this.db.transaction((tx) => this.contracts.removeCard(tx, id));
    for (const { id } of cards) await this.cards.deleteAtToss(id);
  }
}
