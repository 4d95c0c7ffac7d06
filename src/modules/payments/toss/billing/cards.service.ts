import { Inject, Injectable, Logger } from '@nestjs/common';
import { NIL } from 'uuid';
import { CONFIG, type Config } from '../../../../config/config.js';
import { Clock } from '../../../../platform/clock/clock.js';
import { keysOf, unsealByAny } from '../../../../platform/crypto/secrets.js';
import { Database } from '../../../../platform/database/database.js';
import { Queue } from '../../../../platform/queue/queue.js';
import { TossApi } from '../toss-api.js';
import { deleteBillingKey } from './billing.jobs.js';
import { ownerlessContracts } from './billing.queries.js';
import * as texts from './billing-texts.js';
import { Contracts } from './contracts.service.js';
import { Settlements } from './settlements.service.js';

const OWNERLESS_AT_ONCE = 100;
/** The first job has given up by then. */
const DELETED_WITHIN_MS = 86_400_000;

/** Cards that leave: by us, or because Toss says so. */
@Injectable()
export class Cards {
  private readonly log = new Logger(Cards.name);

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly queue: Queue,
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
    await this.toss.deleteBillingKey(unsealByAny(card.billingKeySealed, keysOf(this.config)));
    await this.db.prisma.billingMethod.update({
      where: { id: billingMethodId },
      data: { deletedAtTossAt: this.clock.now() },
    });
  }

  /** Those that Toss did not delete for a day are tried again: no key that charges is forgotten there. */
  async deleteLeft(): Promise<void> {
    const removedAt = { lt: new Date(this.clock.nowMs() - DELETED_WITHIN_MS) };
    const left = await this.db.prisma.billingMethod.findMany({
      where: { removedAt, deletedAtTossAt: null },
      select: { id: true },
    });
    if (left.length === 0) return;
    this.log.error(
      { alarm: 'toss-card-left', cards: left.length },
      'cards were not deleted at Toss in a day',
    );
    const jobs = left.map(({ id: billingMethodId }) => ({ billingMethodId }));
    await this.db.transaction((tx) => this.queue.enqueueAll(tx, deleteBillingKey, jobs));
  }

  /** Of erased accounts nothing is charged any more, and the card goes at once (S12). */
  async dropOwnerless(): Promise<void> {
    for (let after: string | undefined = NIL; after;) {
      const page: { subscriptionId: string }[] = await ownerlessContracts(this.db, after, OWNERLESS_AT_ONCE);
      for (const { subscriptionId } of page) {
        await this.db.transaction(async (tx) => {
          const held = await this.contracts.lock(tx, subscriptionId);
          if (!held || held.row.userId) return;
          if (held.row.standing.renews) await this.contracts.stop(tx, held);
          if (held.contract.billingMethodId)
            await this.contracts.removeCard(tx, held.contract.billingMethodId);
        });
      }
      after = page.length === OWNERLESS_AT_ONCE ? page.at(-1)!.subscriptionId : undefined;
    }
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
