import { createHash } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIG, type Config } from '../../../config/config.js';
import { Clock } from '../../../platform/clock/clock.js';
import { keyedHash } from '../../../platform/crypto/secrets.js';
import { Database } from '../../../platform/database/database.js';
import { Queue } from '../../../platform/queue/queue.js';
import type { StoreEventProcessor } from '../inbox/inbox.handlers.js';
import { StoreEvents } from '../inbox/store-events.service.js';
import { storeNotConfigured, webhookRefused } from '../payments.errors.js';
import { OrderBook } from './orders-book.service.js';
import { cardRemoved } from './toss.events.js';
import { TossApi } from './toss-api.js';
import { eventOf, type TossEvent } from './webhook-events.js';

/** Anybody can send one: what is kept of events that we do not know is bounded. */
const UNKNOWN_A_DAY = 100;
const DAY_MS = 86_400_000;
const TRANSMISSION_ID = /^[\w.-]{8,200}$/;

/**
 * Toss does not sign its webhooks, so nothing in them is believed: a body only names an order of ours, whose state Toss
 * is then asked for with our key. What names no order or card of ours is answered and forgotten; Toss is not asked, or
 * anybody could make us ask it. PROVIDERS.md §6.6.
 */
@Injectable()
export class TossWebhooks implements StoreEventProcessor {
  private readonly log = new Logger(TossWebhooks.name);

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly queue: Queue,
    private readonly inbox: StoreEvents,
    private readonly book: OrderBook,
    private readonly toss: TossApi,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @throws webhook-refused for an order of ours under another payment key; provider-not-configured */
  async receive(body: Record<string, unknown>, transmissionId: string | undefined): Promise<void> {
    if (!this.config.toss) throw storeNotConfigured();
    const event = eventOf(body);
    if (!(await this.isForUs(event))) return;
    const text = JSON.stringify(body);
    await this.inbox.receive({
      store: 'toss',
      eventKey:
        transmissionId && TRANSMISSION_ID.test(transmissionId)
          ? transmissionId
          : createHash('sha256').update(text).digest('hex'),
      kind: kindOf(event),
      environment: this.toss.environment,
      body: text,
    });
  }

  async process(body: string): Promise<void> {
    const event = eventOf(JSON.parse(body) as Record<string, unknown>);
    if (event.kind === 'PAYMENT_STATUS_CHANGED') {
      const order = await this.db.prisma.tossOrder.findUnique({
        where: { orderId: event.orderId },
        select: { id: true },
      });
      if (order) await this.book.sync(order.id);
    } else if (event.kind === 'BILLING_DELETED') await this.noteRemovedCard(event.billingKey);
  }

  private async isForUs(event: TossEvent): Promise<boolean> {
    if (event.kind === 'ignored') return false;
    if (event.kind === 'BILLING_DELETED') return (await this.cardOf(event.billingKey)) !== null;
    if (event.kind === 'unknown') {
      this.log.error(
        { alarm: 'toss-event-unknown', kind: event.name },
        'an event of Toss that we do not know',
      );
      return this.hasRoomForUnknown();
    }
    const { orderId, paymentKey } = event;
    const order = await this.db.prisma.tossOrder.findUnique({
      where: { orderId },
      select: { paymentKey: true },
    });
    if (!order) return false;
    if (order.paymentKey === null || order.paymentKey === paymentKey) return true;
    this.log.warn({ orderId }, 'a webhook about our order with another payment was refused');
    throw webhookRefused();
  }

  private async hasRoomForUnknown(): Promise<boolean> {
    const receivedAt = { gt: new Date(this.clock.nowMs() - DAY_MS) };
    const kept = { store: 'toss', kind: { startsWith: UNKNOWN }, receivedAt } as const;
    return (await this.db.prisma.storeEvent.count({ where: kept })) < UNKNOWN_A_DAY;
  }

  /** There is nothing to ask Toss by; so it is believed as far as it costs nobody anything: the card charges no more. */
  private async noteRemovedCard(billingKey: string): Promise<void> {
    const card = await this.cardOf(billingKey);
    if (!card) return;
    await this.db.transaction((tx) => this.queue.record(tx, cardRemoved, { billingMethodId: card.id }));
  }

  private cardOf(billingKey: string): Promise<{ id: string } | null> {
    const billingKeyHash = keyedHash(billingKey, this.config.encryptionKey!);
    return this.db.prisma.billingMethod.findUnique({ where: { billingKeyHash }, select: { id: true } });
  }
}

const UNKNOWN = 'unknown:';
const kindOf = (event: TossEvent): string =>
  event.kind === 'unknown' ? `${UNKNOWN}${event.name}` : event.kind;
