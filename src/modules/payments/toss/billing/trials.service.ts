import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../../config/config.js';
import type { TrialHolder } from '../../../../generated/prisma/enums.js';
import { Clock } from '../../../../platform/clock/clock.js';
import { keyedHash, keyedHashes, keysOf } from '../../../../platform/crypto/secrets.js';
import { type Connection, Database, type Transaction } from '../../../../platform/database/database.js';
import { conflict } from '../../../../platform/http/problem.js';
import { hadTrial, trialOfSubscription } from './billing.queries.js';

/** A free trial is given once: a person, by any account they log in with, and a card. S09 */
@Injectable()
export class Trials {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Uses up the trial of a user and a card, under the user's lock.
   * @returns false when either had one before, or any store gave this user one
   * @throws conflict when another user tries with the same card at this moment
   */
  async take(tx: Transaction, userId: string, cardIdentity: string): Promise<boolean> {
    if (await this.wasUsedBy(tx, userId)) return false;
    const card = trialCard(cardIdentity);
    if (await this.isWritten(tx, [card])) return false;
    const holders = [...(await this.personsOf(tx, userId)), card];
    if ((await this.write(tx, holders)) < holders.length) throw conflict();
    return true;
  }

  /**
   * Whether the user had one, by any account they log in with. If so, all accounts that they have by now are written
   * down: one that was linked since has no trial to give later.
   */
  async wasUsedBy(tx: Transaction, userId: string): Promise<boolean> {
    if (await this.isOpenTo(tx, userId)) return false;
    await this.write(tx, await this.personsOf(tx, userId));
    return true;
  }

  /** Of a trial that any store gave: it stays used when the subscription goes to somebody else, or the account goes. */
  async note(subscriptionId: string, formerUserId: string | undefined): Promise<void> {
    await this.db.transaction(async (tx) => {
      const sold = await trialOfSubscription(tx, subscriptionId);
      if (!sold) return;
      if (sold.isTrial && formerUserId) await this.write(tx, await this.personsOf(tx, formerUserId));
      if (sold.userId) await this.wasUsedBy(tx, sold.userId);
    });
  }

  /** Whether the user may still have one; the card is looked at when it is registered. */
  async isOpenTo(db: Connection, userId: string): Promise<boolean> {
    if (await hadTrial(db, userId)) return false;
    return !(await this.isWritten(db, await this.personsOf(db, userId)));
  }

  /** Under whichever key. */
  private async isWritten(db: Connection, holders: readonly Holder[]): Promise<boolean> {
    const OR = holders.flatMap(({ holder, clear }) =>
      keyedHashes(clear, keysOf(this.config)).map((hash) => ({ holder, hash })),
    );
    return (await db.prisma.trialUse.count({ where: { OR } })) > 0;
  }

  /** @returns how many were not written down before */
  private async write(tx: Transaction, holders: readonly Holder[]): Promise<number> {
    const usedAt = this.clock.now();
    const data = holders.map(({ holder, clear }) => ({
      ...{ holder, usedAt },
      hash: keyedHash(clear, this.config.encryptionKey!),
    }));
    const { count } = await tx.prisma.trialUse.createMany({ data, skipDuplicates: true });
    return count;
  }

  /** Also accounts that were unlinked: unlinking one does not make another person. */
  private async personsOf(db: Connection, userId: string) {
    const accounts = await db.prisma.identity.findMany({
      where: { userId },
      orderBy: { id: 'asc' },
      select: { provider: true, providerUserId: true },
    });
    return accounts.map(trialPerson);
  }
}

/** Who had a trial; only the keyed hash of `clear` is kept. */
interface Holder {
  holder: TrialHolder;
  clear: string;
}

const trialCard = (identity: string): Holder => ({ holder: 'card', clear: `trial:card:${identity}` });
const trialPerson = (of: { provider: string; providerUserId: string }): Holder => ({
  holder: 'person',
  clear: `trial:person:${of.provider}:${of.providerUserId}`,
});
