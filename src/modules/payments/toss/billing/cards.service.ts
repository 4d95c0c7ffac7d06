import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../../config/config.js';
import { Clock } from '../../../../platform/clock/clock.js';
import { unseal } from '../../../../platform/crypto/secrets.js';
import { Database } from '../../../../platform/database/database.js';
import { TossApi } from '../toss-api.js';
import * as texts from './billing-texts.js';
import { Contracts } from './contracts.service.js';
import { Settlements } from './settlements.service.js';

/** Cards that leave: by us, or because Toss says so. */
@Injectable()
export class Cards {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly toss: TossApi,
    private readonly contracts: Contracts,
    private readonly settlements: Settlements,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** At Toss, once it is out of use here. @throws provider-unavailable */
  async deleteAtToss(billingMethodId: string): Promise<void> {
    const unused = { id: billingMethodId, removedAt: { not: null }, deletedAtTossAt: null };
    const card = await this.db.prisma.billingMethod.findUnique({ where: unused });
    if (!card) return;
    await this.toss.deleteBillingKey(unseal(card.billingKeySealed, this.config.encryptionKey!));
    await this.db.prisma.billingMethod.update({
      where: { id: billingMethodId },
      data: { deletedAtTossAt: this.clock.now() },
    });
  }

  /** It charges no more, as Toss says; what it would have paid for keeps its date and wants another one. */
  async noteRemoved(billingMethodId: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      const contract = await tx.prisma.tossContract.findFirst({ where: { billingMethodId } });
      const held = contract && (await this.contracts.lock(tx, contract.subscriptionId));
      const now = this.clock.now();
      const { count } = await tx.prisma.billingMethod.updateMany({
        where: { id: billingMethodId, removedAt: null },
        data: { removedAt: now, deletedAtTossAt: now },
      });
      const isInUse = held?.contract.billingMethodId === billingMethodId && held.row.standing.renews;
      if (count === 0 || !isInUse || !held.contract.nextAttemptAt) return;
      await this.settlements.tell(tx, held, `toss-card-removed:${billingMethodId}`, {
        ...texts.cardRemoved(held.contract.nextAttemptAt),
        urgent: true,
      });
    });
  }

  /** A card is kept no longer than there is something to pay. */
  async dropUnused(subscriptionId: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      const held = await this.contracts.lock(tx, subscriptionId);
      if (!held?.contract.billingMethodId || this.contracts.isLive(held)) return;
      await this.contracts.removeCard(tx, held.contract.billingMethodId);
    });
  }
}
