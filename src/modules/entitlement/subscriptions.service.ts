import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { v7 as uuidv7, validate as isUuid } from 'uuid';
import { CONFIG, type Config } from '../../config/config.js';
import type { Prisma } from '../../generated/prisma/client.js';
import type { Store, StoreEnvironment, SubscriptionState } from '../../generated/prisma/enums.js';
import { Clock } from '../../platform/clock/clock.js';
import type { Transaction } from '../../platform/database/database.js';
import { Queue } from '../../platform/queue/queue.js';
import { lockUser } from '../users/index.js';
import { Notifications } from '../notifications/index.js';
import { purchaseOfAnother, transferredRecently } from './entitlement.errors.js';
import { subscriptionChanged } from './entitlement.events.js';
import { ledgerSumsOf, lockSubscription, type SubscriptionRow } from './entitlement.queries.js';
import { type Fact, isPeriod, merge, type PeriodFact } from './facts.js';
import { accessUntilMs, changesAtMs, type Standing, standingOf, stateAt } from './standing.js';
import { givesPremium, subscriptionTransitions } from './subscription-states.js';
import { movedAway, movedHere } from './subscription-texts.js';

/** After a subscription went from one account to another it stays there so long. */
const TRANSFER_EVERY_MS = 30 * 86_400_000;

/** Which subscription a store speaks of. */
export interface SaleKey {
  store: Store;
  storeKey: string;
  environment: StoreEnvironment;
  /** Who the store says bought it (`User.billingId`); it counts only while the subscription belongs to nobody. */
  billingId?: string | null;
  /** Whose it is when the store names nobody we know; it counts only while the subscription belongs to nobody. */
  userId?: string | null;
  tokenSealed?: Uint8Array<ArrayBuffer>;
}

/** The one place where subscriptions change: facts in, state, access and ledger out. */
@Injectable()
export class Subscriptions {
  private readonly log = new Logger(Subscriptions.name);

  constructor(
    private readonly clock: Clock,
    private readonly queue: Queue,
    private readonly notifications: Notifications,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Finds or makes the subscription, and locks it after the users whom it concerns.
   * @throws Error when a store's test purchase has the key of a real one, or the other way round: neither is touched
   */
  async open(tx: Transaction, sale: SaleKey): Promise<SubscriptionRow> {
    const { store, storeKey, environment, tokenSealed } = sale;
    const now = this.clock.now();
    const known = await this.find(tx, sale);
    const userId = (await this.userOf(tx, sale.billingId)) ?? sale.userId ?? null;
    await lockUsers(tx, known?.userId, userId, sale.userId);
    const standing = standingOf([]);
    if (!known) {
      await tx.prisma.subscription.createMany({
        data: [
          {
            // Of our own billing the key is the id.
            id: store === 'toss' ? storeKey : uuidv7({ msecs: now.getTime() }),
            ...{ userId, store, storeKey, environment, tokenSealed },
            state: stateAt(standing, now.getTime()),
            renews: false,
            standing: json(standing),
            createdAt: now,
          },
        ],
        skipDuplicates: true,
      });
    }
    const { id } = known ?? (await this.find(tx, sale))!;
    const row = (await lockSubscription(tx, id))!;
    if (row.environment !== environment)
      throw new Error(`A ${environment} sale under the key of a ${row.environment} one`);
    return row.userId || !userId ? row : this.bind(tx, row, userId);
  }

  /**
   * Makes the subscription the user's. Whose it is, is set by the first binding: the buyer whom the store names, or
   * else the first account that reports it. Afterwards only such a call with `transfer` changes it, at most once in
   * 30 days: the former owner loses it at that instant, and both are told. What the store says later still names the
   * first buyer, and never moves it back; so two users never both have it. One whose owner was erased belongs to nobody.
   * @throws purchase-of-another-account, transferred-recently
   */
  async claim(
    tx: Transaction,
    { id, userId: ownerId }: SubscriptionRow,
    userId: string,
    { transfer }: { transfer: boolean },
  ): Promise<SubscriptionRow> {
    if (transfer) await lockUsers(tx, ownerId, userId);
    const row = (await lockSubscription(tx, id))!;
    if (row.userId === userId) return row;
    if (!row.userId) return this.bind(tx, row, userId);
    if (!transfer) throw purchaseOfAnother();
    const now = this.clock.now();
    if (row.transferredAt && now.getTime() - row.transferredAt.getTime() < TRANSFER_EVERY_MS)
      throw transferredRecently();
    await tx.prisma.subscription.update({ where: { id }, data: { userId, transferredAt: now } });
    const { store } = row;
    const note = {
      type: 'subscription' as const,
      dedupeKey: `subscription:${id}:moved:${now.toISOString()}`,
      data: { store },
    };
    await this.notifications.notify(tx, { ...note, userId: row.userId, ...movedAway(store) });
    await this.notifications.notify(tx, { ...note, userId, ...movedHere(store) });
    await this.queue.record(tx, subscriptionChanged, { subscriptionId: id, formerUserId: row.userId });
    return { ...row, userId, transferredAt: now };
  }

  /** Takes in what a store says: any order, any number of times. Without facts only the time is looked at. */
  async learn(tx: Transaction, sale: SaleKey, facts: readonly Fact[]): Promise<SubscriptionRow> {
    const row = await this.open(tx, sale);
    const known = await this.factsOf(tx, row.id);
    const merged = merge(known, facts);
    const changed = merged.filter((fact) => !known.includes(fact));
    for (const fact of changed) {
      const fields = { subscriptionId: row.id, key: fact.key };
      await tx.prisma.subscriptionFact.upsert({
        where: { subscriptionId_key: fields },
        create: { ...fields, fact: json(fact) },
        update: { fact: json(fact) },
      });
    }
    await this.writeLedger(tx, row, merged.filter(isPeriod));
    return this.settle(tx, row, standingOf(merged));
  }

  /** What is known of a subscription so far. */
  async factsOf(tx: Transaction, subscriptionId: string): Promise<Fact[]> {
    const rows = await tx.prisma.subscriptionFact.findMany({
      where: { subscriptionId },
      select: { fact: true },
    });
    return rows.map(({ fact }) => fact as unknown as Fact);
  }

  /** Writes down what time alone has changed. */
  async passTime(tx: Transaction, subscriptionId: string): Promise<void> {
    const row = await lockSubscription(tx, subscriptionId);
    if (row) await this.settle(tx, row, row.standing);
  }

  private find(tx: Transaction, { store, storeKey }: SaleKey) {
    return tx.prisma.subscription.findUnique({
      where: { store_storeKey: { store, storeKey } },
      select: { id: true, userId: true },
    });
  }

  private async bind(tx: Transaction, row: SubscriptionRow, userId: string): Promise<SubscriptionRow> {
    await tx.prisma.subscription.update({ where: { id: row.id }, data: { userId } });
    await this.queue.record(tx, subscriptionChanged, { subscriptionId: row.id });
    return { ...row, userId };
  }

  private async settle(tx: Transaction, row: SubscriptionRow, standing: Standing): Promise<SubscriptionRow> {
    const now = this.clock.now();
    const state = stateAt(standing, now.getTime());
    const grants = row.environment === 'production' || this.config.stores.sandboxGrants;
    const accessUntil = grants ? dateOf(accessUntilMs(standing)) : null;
    const { plan, productId, renews } = standing;
    await tx.prisma.subscription.update({
      where: { id: row.id },
      data: {
        ...{ state, accessUntil, plan, productId, renews },
        standing: json(standing),
        changesAt: dateOf(changesAtMs(standing, now.getTime())),
      },
    });
    const isFirst = (await tx.prisma.subscriptionChange.count({ where: { subscriptionId: row.id } })) === 0;
    const isMoved = state !== row.state || accessUntil?.getTime() !== row.accessUntil?.getTime();
    const had = !isFirst && givesPremium(row.state);
    if (row.environment === 'production' && givesPremium(state) !== had)
      tx.tally(had ? 'premium-ended' : 'premium-started');
    if (isFirst || isMoved)
      await this.noteChange(tx, row, isFirst ? null : row.state, state, accessUntil, now);
    if (isFirst || isMoved || !isDeepStrictEqual(standing, row.standing))
      await this.queue.record(tx, subscriptionChanged, { subscriptionId: row.id });
    return { ...row, state, accessUntil, standing };
  }

  private async noteChange(
    tx: Transaction,
    { id: subscriptionId }: SubscriptionRow,
    fromState: SubscriptionState | null,
    toState: SubscriptionState,
    accessUntil: Date | null,
    at: Date,
  ): Promise<void> {
    if (fromState && fromState !== toState && !subscriptionTransitions[fromState].includes(toState))
      this.log.error({ subscriptionId, fromState, toState }, 'a subscription moved as none should');
    const id = uuidv7({ msecs: at.getTime() });
    await tx.prisma.subscriptionChange.create({
      data: { id, subscriptionId, fromState, toState, accessUntil, at },
    });
  }

  /** Adds what is missing, so that each period's sums are what its fact says. */
  private async writeLedger(
    tx: Transaction,
    { id: subscriptionId, environment }: SubscriptionRow,
    periods: readonly PeriodFact[],
  ): Promise<void> {
    const written = await ledgerSumsOf(tx, subscriptionId);
    const now = this.clock.now();
    const entries = periods.flatMap(({ key, paidMilli, refundedMilli, currency }) => {
      const periodId = key.slice('period:'.length);
      const sums = written.find((sum) => sum.periodId === periodId);
      const charge = paidMilli - (sums?.chargedMilli ?? 0);
      const back = refundedMilli - (sums?.backMilli ?? 0);
      const entry = { subscriptionId, environment, periodId, currency, at: now };
      return [
        { ...entry, kind: 'charge' as const, amountMilli: charge },
        { ...entry, kind: back > 0 ? ('refund' as const) : ('refund_reversed' as const), amountMilli: -back },
      ].filter(({ amountMilli }) => amountMilli !== 0);
    });
    await tx.prisma.ledgerEntry.createMany({
      data: entries.map((entry) => ({ id: uuidv7({ msecs: now.getTime() }), ...entry })),
    });
  }

  private async userOf(tx: Transaction, billingId: string | null | undefined): Promise<string | null> {
    if (!billingId || !isUuid(billingId)) return null;
    const user = await tx.prisma.user.findUnique({ where: { billingId }, select: { id: true } });
    return user?.id ?? null;
  }
}

/** In the order of their ids, so that of two transactions about the same users neither waits for the other. */
async function lockUsers(tx: Transaction, ...ids: (string | null | undefined)[]): Promise<void> {
  for (const id of [...new Set(ids.filter((id) => id != null))].sort()) await lockUser(tx, id);
}

const dateOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));
const json = (value: Standing | Fact) => value as unknown as Prisma.InputJsonValue;
