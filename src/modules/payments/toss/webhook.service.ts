import { createHash } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIG, type Config } from '../../../config/config.js';
import { Clock } from '../../../platform/clock/clock.js';
import { kstDate } from '../../../platform/clock/kst.js';
import { keyedHashes, keysOf } from '../../../platform/crypto/secrets.js';
import { Database } from '../../../platform/database/database.js';
import { Queue } from '../../../platform/queue/queue.js';
import type { StoreEventProcessor } from '../inbox/inbox.handlers.js';
import { StoreEvents } from '../inbox/store-events.service.js';
import { storeNotConfigured, webhookRefused } from '../payments.errors.js';
import type { WebhookReceived } from '../payments.schemas.js';
import { OrderBook } from './order-book.service.js';
import { cardRemoved } from './toss.events.js';
import { TossApi } from './toss-api.js';
import { eventOf, type TossEvent } from './webhook-events.js';

/** Anybody can send one: what is kept of events that we do not know is bounded. */
const UNKNOWN_A_DAY = 100;
/** Of one order and KST day. A payment has two or three; the nightly comparison finds what there is beyond. */
export const KEPT_A_DAY = 20;
const DAY_MS = 86_400_000;
const TRANSMISSION_ID = /^[\w.-]{8,200}$/;

/**
 * Toss does not sign its webhooks, so nothing in them is believed: a body only names an order of ours, whose state Toss
 * is then asked for with our key. What names no order or card of ours is answered and forgotten; Toss is not asked, or
 * anybody could make us ask it. PROVIDERS.md §6.6.
 *
 * Of an order's event only the order and its payment are kept, under the order, the day and a number; and nothing
 * while another one waits, as that one will ask for the state of by then. So neither what comes nor how often makes us
 * keep much or ask Toss often. Sent once more, it is the one that waits, or one look at Toss that changes nothing.
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
  async receive(body: Record<string, unknown>, transmissionId: string | undefined): Promise<WebhookReceived> {
    if (!this.config.toss) throw storeNotConfigured();
    const event = eventOf(body);
    if (!(await this.isForUs(event))) return { received: true };
    const { kept, key } = keptOf(event, body, transmissionId);
    const eventKey = event.kind === 'PAYMENT_STATUS_CHANGED' ? await this.nextKeyOf(event.orderId) : key;
    if (eventKey === null) return { received: true };
    const { environment } = this.toss;
    const isNew = await this.inbox.receive({
      ...{ store: 'toss', eventKey, kind: kindOf(event), environment, body: kept },
    });
    if (isNew && event.kind === 'unknown') {
      const { name: kind } = event;
      this.log.error({ alarm: 'toss-event-unknown', kind }, 'an event of Toss that we do not know');
    }
    return { received: true };
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
    if (event.kind === 'unknown') return this.hasRoomForUnknown();
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

  /** Null: one of its events waits, or there were enough today. */
  private async nextKeyOf(orderId: string): Promise<string | null> {
    const today = kstDate(this.clock.now());
    const keys = Array.from({ length: KEPT_A_DAY }, (_, number) => `${orderId}:${today}:${number}`);
    const there = await this.db.prisma.storeEvent.findMany({
      where: { store: 'toss', eventKey: { in: keys } },
      select: { eventKey: true, processedAt: true },
    });
    if (there.some(({ processedAt }) => processedAt === null)) return null;
    const taken = new Set(there.map(({ eventKey }) => eventKey));
    return keys.find((key) => !taken.has(key)) ?? null;
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
    const hashes = keyedHashes(billingKey, keysOf(this.config));
    return this.db.prisma.billingMethod.findFirst({
      where: { billingKeyHash: { in: hashes } },
      select: { id: true },
    });
  }
}

/** What is kept of an event, and what it is known by: Toss's id of the transmission, or else its content. */
function keptOf(event: TossEvent, body: Record<string, unknown>, transmissionId: string | undefined) {
  const { kind: eventType, ...data } = event;
  const isKnown = eventType === 'PAYMENT_STATUS_CHANGED' || eventType === 'BILLING_DELETED';
  const kept = JSON.stringify(isKnown ? { eventType, data } : body);
  const hash = () => createHash('sha256').update(kept).digest('hex');
  return { kept, key: transmissionId && TRANSMISSION_ID.test(transmissionId) ? transmissionId : hash() };
}

const UNKNOWN = 'unknown:';
const kindOf = (event: TossEvent): string =>
  event.kind === 'unknown' ? `${UNKNOWN}${event.name}` : event.kind;
