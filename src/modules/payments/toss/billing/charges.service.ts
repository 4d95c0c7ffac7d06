import { Inject, Injectable, Logger } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { CONFIG, type Config } from '../../../../config/config.js';
import type { TossOrder } from '../../../../generated/prisma/client.js';
import { Clock } from '../../../../platform/clock/clock.js';
import { keyedHashes, keysOf, unsealByAny } from '../../../../platform/crypto/secrets.js';
import { Database, type Transaction } from '../../../../platform/database/database.js';
import { failpoint } from '../../../../platform/failpoint.js';
import { Queue } from '../../../../platform/queue/queue.js';
import { OrderBook } from '../order-book.service.js';
import { outcomeOf, type TossOutcome } from '../outcome.js';
import { TossApi } from '../toss-api.js';
import { chargeSubscription } from './billing.jobs.js';
import { type DuePlace, dueContracts } from './billing.queries.js';
import { orderNameOf } from './billing-texts.js';
import { Contracts, type Held, openOrderOf, renewal } from './contracts.service.js';
import { periodOf } from './periods.js';
import { chargeKeyOf, graceInDoubtMs, graceRunsOut, graceUnsettledMs, mayStillCome } from './rules.js';
import { NO_CARD, Settlements } from './settlements.service.js';

const DUE_AT_ONCE = 500;

/** A charge that may have been made: to be looked up before anything else. */
export class ChargeInDoubt extends Error {
  constructor(readonly code: string) {
    super(`Toss does not say what became of a charge: ${code}`);
    this.name = 'ChargeInDoubt';
  }
}

/** An order that is written down. */
interface Attempt {
  order: TossOrder;
  /** It was written by somebody before, who may have asked Toss already. */
  wasThere: boolean;
  /** The card that it was written for. Null: it is not asked for any more, only found out about. */
  card: { billingKeySealed: Uint8Array; customerKey: string } | null;
  /** Nobody has asked Toss for it after this, as far as it is not asked for any more. */
  lastAskedAt: Date;
  /** Of a subscription that gave nothing yet. */
  isFirst: boolean;
}

/**
 * Charges what is due. Each attempt is an order of one card, committed before Toss is asked and settled after; whoever
 * finds one that is open asks Toss about it first, and asks again for the same order with the same card. So of any
 * number of processes, killed at any point, one charge is made and settled once.
 *
 * Periods that came due while the server was down are made up in order, one charge each: the next one is due only when
 * the one before is paid. How often and until when a declined charge is tried again counts from its first attempt, not
 * from the day on which it was due.
 */
@Injectable()
export class Charges {
  private readonly log = new Logger(Charges.name);

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly queue: Queue,
    private readonly toss: TossApi,
    private readonly contracts: Contracts,
    private readonly settlements: Settlements,
    private readonly book: OrderBook,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** A job for each contract with something to be charged. */
  async enqueueDue(): Promise<void> {
    for (let after: DuePlace | null = null; ;) {
      const page: DuePlace[] = await this.db.transaction(async (tx) => {
        const due = await dueContracts(tx, this.clock.now(), after, DUE_AT_ONCE);
        const jobs = due.map(({ subscriptionId }) => ({ subscriptionId }));
        if (due.length > 0) await this.queue.enqueueAll(tx, chargeSubscription, jobs);
        return due;
      });
      if (page.length < DUE_AT_ONCE) return;
      after = page.at(-1)!;
    }
  }

  /** Charges the next period, if it is due. @throws ChargeInDoubt, provider-unavailable: to be called again */
  async charge(subscriptionId: string): Promise<void> {
    const opened = await this.db.transaction((tx) => this.open(tx, subscriptionId));
    if (!opened) return;
    const attempt = await this.underItsFormerId(opened);
    failpoint('toss.order-written');
    const outcome = await this.askToss(attempt);
    failpoint('toss.charged');
    await this.settle(attempt.order, outcome);
    failpoint('toss.settled');
  }

  /** For a request that does not wait for Toss longer than once: what stays in doubt is left to a job. */
  async chargeNow(subscriptionId: string): Promise<void> {
    try {
      await this.charge(subscriptionId);
    } catch (error) {
      this.log.warn({ err: error, subscriptionId }, 'a charge is left to a job');
      await this.db.transaction((tx) => this.queue.enqueue(tx, chargeSubscription, { subscriptionId }));
    }
  }

  /** Null: nothing is due, or it was settled without asking Toss. */
  private async open(tx: Transaction, subscriptionId: string): Promise<Attempt | null> {
    const held = await this.contracts.lock(tx, subscriptionId);
    if (!held) return null;
    const found = await openOrderOf(tx, subscriptionId);
    if (found) {
      await this.prolong(tx, held);
      return { wasThere: true, ...(await this.attemptAt(tx, held, found)) };
    }
    const { nextAttemptAt } = held.contract;
    if (!nextAttemptAt || nextAttemptAt > this.clock.now()) return null;
    if (!held.row.userId || !held.row.standing.renews) {
      await this.contracts.stop(tx, held);
      return null;
    }
    if (!(await this.contracts.payerOf(tx, held))) {
      await this.settlements.notCharged(tx, held);
      return null;
    }
    const order = await this.orderOf(tx, held);
    if (!order) return null;
    const attempt = await this.attemptAt(tx, held, order);
    if (attempt.card) {
      await this.prolong(tx, held);
      return { wasThere: false, ...attempt };
    }
    await this.settlements.declined(tx, held, order, { decline: 'hard', code: NO_CARD });
    return null;
  }

  /** Writes the order of the next attempt; null when it must not be charged. */
  private async orderOf(tx: Transaction, held: Held): Promise<TossOrder | null> {
    const { subscriptionId, billingMethodId, nextPeriod: period, firstFailedAt } = held.contract;
    const earlier = await tx.prisma.tossOrder.findMany({
      where: { subscriptionId, kind: 'renewal', period },
      orderBy: { attempt: 'desc' },
    });
    // What is tried again is what was asked for first.
    const { plan, priceKrw } =
      firstFailedAt && earlier[0]
        ? { plan: earlier[0].plan, priceKrw: earlier[0].amountKrw }
        : await this.contracts.nextPrice(tx, held.contract);
    if (priceKrw === 'not-agreed') {
      await this.settlements.notAgreed(tx, held);
      return null;
    }
    const consent = { subscriptionId, plan, priceKrw: { gte: priceKrw } };
    if ((await tx.prisma.chargeConsent.count({ where: consent })) === 0) {
      this.log.error(
        { alarm: 'toss-no-consent', subscriptionId, period },
        'a charge that nobody agreed to is not made',
      );
      return null;
    }
    const now = this.clock.now();
    const { from: periodFrom, to: periodTo } = periodOf(held.contract, period, plan);
    const attempt = earlier.length;
    const [orderId] = this.orderIdsOf({ subscriptionId, period, attempt });
    return tx.prisma.tossOrder.create({
      data: {
        ...{ id: uuidv7({ msecs: now.getTime() }), orderId, subscriptionId, kind: 'renewal' },
        ...{ plan, amountKrw: priceKrw, period, attempt, periodFrom, periodTo },
        ...{ billingMethodId, state: 'open', createdAt: now },
      },
    });
  }

  /**
   * Unguessable, and the same whenever it is asked for: a database that was restored from before an attempt writes the
   * same order again, and Toss, which takes an orderId once, says what became of it. Behind it the id that the former
   * key gives, while there is one.
   */
  private orderIdsOf(of: { subscriptionId: string; period: number; attempt: number }): [string, ...string[]] {
    const name = `toss-order:${of.subscriptionId}:${of.period}:${of.attempt}`;
    const [orderId, ...formerIds] = keyedHashes(name, keysOf(this.config)).map((hash) =>
      Buffer.from(hash).toString('base64url'),
    );
    return [orderId!, ...formerIds];
  }

  /** An attempt that a restore forgot may have been made under the former key: Toss knows it by the id of then. */
  private async underItsFormerId(attempt: Attempt): Promise<Attempt> {
    const { order, card } = attempt;
    const [orderId, ...formerIds] = this.orderIdsOf(order);
    if (!card || order.kind !== 'renewal' || order.orderId !== orderId) return attempt;
    for (const formerId of formerIds) {
      if (!(await this.toss.findByOrder(formerId))) continue;
      const renamed = await this.db.prisma.tossOrder.update({
        where: { id: order.id },
        data: { orderId: formerId },
      });
      return { ...attempt, order: renamed, wasThere: true };
    }
    return attempt;
  }

  /** Nobody loses access while a charge comes late or nobody can say whether they paid, for half a month. */
  private async prolong(tx: Transaction, held: Held): Promise<void> {
    const { graceUntilMs, retriesUntilMs, paidUntilMs, renews } = held.row.standing;
    const nowMs = this.clock.nowMs();
    if (!renews || !graceRunsOut(retriesUntilMs ?? graceUntilMs ?? 0, nowMs)) return;
    await this.contracts.change(tx, held, {}, [
      renewal({
        renews,
        // Who has never paid nor had a trial waits without access.
        graceUntilMs: paidUntilMs && graceInDoubtMs(paidUntilMs, nowMs),
        retriesUntilMs: graceUnsettledMs(paidUntilMs ?? 0, nowMs),
      }),
    ]);
  }

  /** A card that has been replaced may still have been charged: another one never takes over its order. */
  private async attemptAt(tx: Transaction, held: Held, order: TossOrder): Promise<Omit<Attempt, 'wasThere'>> {
    const { contract, row } = held;
    const card = order.billingMethodId
      ? await tx.prisma.billingMethod.findUnique({ where: { id: order.billingMethodId } })
      : null;
    const isWanted = row.standing.renews && order.period === contract.nextPeriod;
    const payer = isWanted && card?.removedAt === null && (await this.contracts.payerOf(tx, held));
    const { createdAt } = order;
    return {
      order,
      card: payer ? { billingKeySealed: card.billingKeySealed, ...payer } : null,
      lastAskedAt: card?.removedAt && card.removedAt > createdAt ? card.removedAt : createdAt,
      isFirst: row.standing.paidUntilMs === null,
    };
  }

  /** `never`: it was not made, and will not be. */
  private async askToss({
    order,
    wasThere,
    card,
    lastAskedAt,
    isFirst,
  }: Attempt): Promise<TossOutcome | { kind: 'never' }> {
    const { orderId, plan, amountKrw } = order;
    const now = this.clock.now();
    if (wasThere) {
      const payment = await this.toss.findByOrder(orderId);
      if (payment) return outcomeOf(payment);
      if ((!card || isFirst) && !mayStillCome(lastAskedAt, now)) return { kind: 'never' };
      if (!card) return { kind: 'unknown', code: 'STILL_UNKNOWN' };
    }
    return this.toss.charge({
      billingKey: unsealByAny(card!.billingKeySealed, keysOf(this.config)),
      customerKey: card!.customerKey,
      ...{ orderId, orderName: orderNameOf(plan), amountKrw },
      idempotencyKey: chargeKeyOf(order, now),
    });
  }

  private async settle(order: TossOrder, outcome: Awaited<ReturnType<Charges['askToss']>>): Promise<void> {
    const { subscriptionId, orderId } = order;
    if (outcome.kind === 'unknown') throw new ChargeInDoubt(outcome.code);
    if (outcome.kind === 'refused') {
      const { code } = outcome;
      this.log.error({ alarm: 'toss-refused', subscriptionId, orderId, code }, 'Toss refuses how we charge');
      return;
    }
    await this.db.transaction(async (tx) => {
      const held = (await this.contracts.lock(tx, subscriptionId))!;
      const now = await tx.prisma.tossOrder.findUniqueOrThrow({ where: { orderId } });
      if (outcome.kind === 'done') {
        await this.settlements.paid(tx, held, now, outcome.payment);
        // What was given back before we knew of it.
        await this.book.apply(tx, now.id, outcome.payment);
      } else if (now.state !== 'open') return;
      else if (outcome.kind === 'declined') await this.settlements.declined(tx, held, now, outcome);
      else await this.settlements.neverMade(tx, held, now);
    });
  }
}
