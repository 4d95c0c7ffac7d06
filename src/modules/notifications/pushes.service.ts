import { Inject, Injectable, Logger } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Clock } from '../../platform/clock/clock.js';
import { kstDate } from '../../platform/clock/kst.js';
import { Database } from '../../platform/database/database.js';
import { Queue } from '../../platform/queue/queue.js';
import { lockUser } from '../users/index.js';
import { pushToUser } from './notifications.jobs.js';
import {
  type Delivery,
  freeNotesOf,
  hasAnythingToPush,
  type PendingNote,
  type Recipients,
  recipientsOf,
  releaseDeliveries,
  saveOutcome,
  savePlan,
  situationOf,
} from './notifications.queries.js';
import { deliverBefore, isQuiet, isToBeRedone, type PlannedPush, planPushes } from './push-rules.js';
import { type PushOutcome, PushSender } from './push-sender.js';
import { pushText } from './push-text.js';

/** How long a run has a push for itself. One that died leaves it to the next run after that. */
export const LEASE_MS = 120_000;
/** No new attempt so late: it might outlast the lease. */
const LAST_ATTEMPT_MS = 60_000;

/** Some devices were not reached, or not in time; the queue tries again. */
class PushesNotSent extends Error {
  constructor(count: number) {
    super(`${count} push(es) not sent to every device`);
    this.name = 'PushesNotSent';
  }
}

/** From the inbox to the phones: first a push is written down with its place in the day, then it is sent. */
@Injectable()
export class Pushes {
  private readonly log = new Logger(Pushes.name);

  constructor(
    private readonly db: Database,
    private readonly queue: Queue,
    private readonly clock: Clock,
    @Inject(PushSender) private readonly sender: PushSender | null,
  ) {}

  /** @throws PushesNotSent when a device is worth another try, or the time of a run is over */
  async push(userId: string): Promise<void> {
    if (!this.sender || !(await hasAnythingToPush(this.db, userId))) return;
    await this.send(userId, await this.claim(userId));
  }

  /** Decides about everything that waits, and takes the pushes that are to be sent now. */
  async claim(userId: string): Promise<Delivery[]> {
    return this.db.transaction(async (tx) => {
      await lockUser(tx, userId);
      const now = this.clock.now();
      const today = kstDate(now);
      let situation = await situationOf(tx, userId, { now, today });
      const redone = situation?.open.filter((delivery) => isToBeRedone(delivery, now)) ?? [];
      if (redone.length > 0) {
        const ids = redone.map(({ id }) => id);
        await freeNotesOf(tx, userId, ids, now);
        situation = await situationOf(tx, userId, { now, today });
      }
      if (!situation) return [];
      const plan = planPushes({ now, ...situation });
      const leased = situation.open.find(({ leasedUntil }) => leasedUntil && leasedUntil > now);
      // Somebody is sending it, or died over it: looked at again when that is known.
      if (leased) await this.queue.enqueue(tx, pushToUser, { userId }, { runAt: leased.leasedUntil! });
      const made = plan.pushes.map((push, seq) => ({
        ...deliveryOf(push, situation.locale, now, seq),
        notes: push.notes,
      }));
      const to = (state: 'dropped' | 'capped' | 'none') => (note: PendingNote) =>
        ({ id: note.id, state, deliveryId: null }) as const;
      const notes = [
        ...plan.dropped.map(to('dropped')),
        ...plan.capped.map(to('capped')),
        ...plan.unreachable.map(to('none')),
        ...made.flatMap(({ id: deliveryId, notes }) =>
          notes.map(({ id }) => ({ id, state: 'sent' as const, deliveryId })),
        ),
      ];
      if (notes.length + plan.retried.length + plan.abandoned.length === 0) return [];
      return savePlan(tx, userId, {
        now,
        today,
        leasedUntil: new Date(now.getTime() + LEASE_MS),
        notes,
        made: made.map(({ notes: _, ...delivery }) => delivery),
        retried: plan.retried,
        abandoned: plan.abandoned,
      });
    });
  }

  /** One after the other, so that they arrive in their order. @throws PushesNotSent */
  async send(userId: string, deliveries: Delivery[]): Promise<void> {
    if (deliveries.length === 0) return;
    const startedMs = this.clock.nowMs();
    let recipients = await recipientsOf(this.db, userId, this.clock.now());
    let unfinished = 0;
    let isDown = false;
    for (const [i, delivery] of deliveries.entries()) {
      const now = this.clock.now();
      if (isDown || now.getTime() - startedMs >= LAST_ATTEMPT_MS) {
        const rest = deliveries.slice(i).map(({ id }) => id);
        await releaseDeliveries(this.db, userId, rest);
        unfinished += rest.length;
        break;
      }
      if (!delivery.urgent && isQuiet(now)) {
        await releaseDeliveries(this.db, userId, [delivery.id]); // the night began on the way here: it waits for the morning
        continue;
      }
      const { outcomes, failed, dead } = await this.attempt(delivery, recipients, now);
      const outcome = { deliveryId: delivery.id, remaining: failed, dead, now: this.clock.now() };
      recipients = await saveOutcome(this.db, userId, outcome);
      if (failed.length === 0) continue;
      unfinished++;
      isDown = failed.length === outcomes.length;
    }
    if (unfinished > 0) throw new PushesNotSent(unfinished);
  }

  /** To the devices that have not got it and are still the user's. */
  private async attempt(
    { id, urgent, remaining, ...text }: Delivery,
    { devices, unread }: Recipients,
    now: Date,
  ) {
    const left = devices.filter((device) => remaining.includes(device.id));
    const message = {
      ...text,
      collapseId: id,
      data: { ...text.data, deliveryId: id },
      badge: unread,
      expiresAt: deliverBefore(now, urgent),
    };
    const outcomes =
      left.length > 0 ? await this.sender!.send(left.map(({ token }) => ({ ...message, token }))) : [];
    for (const outcome of outcomes) this.db.tally(`push-${outcome}`);
    if (outcomes.includes('refused')) this.log.error({ deliveryId: id }, 'push refused for good');
    const those = (outcome: PushOutcome) =>
      left.filter((_, i) => outcomes[i] === outcome).map((device) => device.id);
    return { outcomes, failed: those('failed'), dead: those('dead') };
  }
}

function deliveryOf(
  { notes, ordinal, overnight }: PlannedPush<PendingNote>,
  locale: 'ko' | 'en',
  now: Date,
  seq: number,
) {
  const newest = notes.at(-1)!;
  return {
    id: uuidv7({ msecs: now.getTime(), seq }), // in the order in which they are to arrive
    ordinal,
    ...pushText(notes, { overnight, locale }),
    data: overnight
      ? { type: 'overnight', count: String(notes.length) }
      : { ...newest.data, type: newest.type, notificationId: newest.id, count: String(notes.length) },
  };
}
