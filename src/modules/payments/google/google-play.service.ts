import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIG, type Config } from '../../../config/config.js';
import { Clock } from '../../../platform/clock/clock.js';
import { seal, sha256 } from '../../../platform/crypto/secrets.js';
import { Database, type Transaction } from '../../../platform/database/database.js';
import { Queue } from '../../../platform/queue/queue.js';
import { type Fact, isPeriod, type SubscriptionRow, Subscriptions } from '../../entitlement/index.js';
import {
  acknowledgeByMs,
  endedFact,
  factsOfSnapshot,
  type Reading,
  replacedTokenOf,
} from './google-facts.js';
import { beganAtMs, isVoided, joined, voidedFact } from './google-orders.js';
import { GooglePlayApi } from './google-play-api.js';
import type { GoogleSnapshot } from './google-snapshot.js';
import { acknowledgeGoogle } from './google.jobs.js';
import { drawReading } from './google.queries.js';

/** Asks Google how a purchase stands, and learns it. A purchase token is only ever in memory or sealed. */
@Injectable()
export class GooglePlay {
  private readonly log = new Logger(GooglePlay.name);

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly queue: Queue,
    private readonly subscriptions: Subscriptions,
    private readonly api: GooglePlayApi,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * @returns null when Google does not know the purchase, or says something of it that we do not understand
   * @throws provider-unavailable, provider-not-configured
   */
  async ask(purchaseToken: string): Promise<SubscriptionRow | null> {
    const number = await drawReading(this.db);
    const reading = { number, askedAtMs: this.clock.nowMs() };
    const snapshot = await this.api.subscription(purchaseToken);
    if (!snapshot) {
      await this.end(purchaseToken, endedFact(reading));
      return null;
    }
    const facts = factsOfSnapshot(snapshot, reading);
    if (!facts) {
      const { subscriptionState } = snapshot;
      this.log.error({ alarm: 'google-unknown-state', subscriptionState }, 'a state that we do not know');
      return null;
    }
    const row = await this.learn(purchaseToken, snapshot, facts);
    await this.retire(snapshot, reading);
    return row;
  }

  /** All of an order's money went back. @returns false when that is known, or nothing of the purchase is */
  async giveBack(purchaseToken: string, orderId: string, voidedAtMs: number): Promise<boolean> {
    const known = await this.find(purchaseToken);
    if (!known) return false;
    let isNews = false;
    await this.add(known, (facts) => {
      isNews = !facts.some((fact) => isPeriod(fact) && isVoided(fact) && fact.key === `period:${orderId}`);
      return joined(facts, [voidedFact(orderId, voidedAtMs, beganAtMs(facts) ?? known.createdAt.getTime())]);
    });
    return isNews;
  }

  find(purchaseToken: string) {
    return this.db.prisma.subscription.findUnique({
      where: { store_storeKey: { store: 'google', storeKey: storeKeyOf(purchaseToken) } },
      select: { id: true, userId: true, storeKey: true, environment: true, createdAt: true },
    });
  }

  private async learn(
    purchaseToken: string,
    snapshot: GoogleSnapshot,
    facts: readonly Fact[],
  ): Promise<SubscriptionRow> {
    const replaced = replacedTokenOf(snapshot);
    const former = replaced ? await this.find(replaced) : null;
    const billingId = snapshot.externalAccountIdentifiers?.obfuscatedExternalAccountId;
    const sale = {
      store: 'google' as const,
      storeKey: storeKeyOf(purchaseToken),
      environment: snapshot.testPurchase ? ('sandbox' as const) : ('production' as const),
      // What follows on another purchase belongs to whoever has that one by now.
      billingId: former?.userId ? null : billingId,
      userId: former?.userId,
      tokenSealed: seal(purchaseToken, this.config.encryptionKey!),
    };
    return this.db.transaction(async (tx) => {
      const { id } = await this.subscriptions.open(tx, sale);
      const known = await this.subscriptions.factsOf(tx, id);
      const row = await this.subscriptions.learn(tx, sale, joined(known, facts));
      await this.planAcknowledgement(tx, row, snapshot);
      return row;
    });
  }

  /** Only after it gives its buyer access: what nobody has claimed is left to be given back. */
  private async planAcknowledgement(tx: Transaction, row: SubscriptionRow, snapshot: GoogleSnapshot) {
    const { id, userId, accessUntil } = row;
    const byMs = acknowledgeByMs(snapshot);
    const { count } = await tx.prisma.subscription.updateMany({
      where: { id, acknowledgeBy: byMs === null ? { not: null } : null },
      data: { acknowledgeBy: byMs === null ? null : new Date(byMs) },
    });
    if (byMs !== null && count === 1 && userId && accessUntil)
      await this.queue.enqueue(tx, acknowledgeGoogle, { subscriptionId: id });
  }

  /** A purchase that another one took the place of is over since that one began. */
  private async retire(snapshot: GoogleSnapshot, reading: Reading): Promise<void> {
    const replaced = replacedTokenOf(snapshot);
    if (replaced) await this.end(replaced, endedFact(reading, snapshot.startTime));
  }

  private async end(purchaseToken: string, fact: Fact): Promise<void> {
    const known = await this.find(purchaseToken);
    if (known) await this.add(known, (facts) => joined(facts, [fact]));
  }

  private async add(
    { storeKey, environment }: { storeKey: string; environment: 'production' | 'sandbox' },
    factsBeside: (known: readonly Fact[]) => Fact[],
  ): Promise<void> {
    const sale = { store: 'google' as const, storeKey, environment };
    await this.db.transaction(async (tx) => {
      const { id } = await this.subscriptions.open(tx, sale);
      const known = await this.subscriptions.factsOf(tx, id);
      await this.subscriptions.learn(tx, sale, factsBeside(known));
    });
  }
}

const storeKeyOf = (purchaseToken: string): string => Buffer.from(sha256(purchaseToken)).toString('hex');
