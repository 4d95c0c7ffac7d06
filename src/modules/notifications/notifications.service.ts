import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { NotificationType } from '../../generated/prisma/enums.js';
import { Clock } from '../../platform/clock/clock.js';
import type { Transaction } from '../../platform/database/database.js';
import type { Localized } from '../../platform/http/problem.js';
import { Queue } from '../../platform/queue/queue.js';
import { pushToUser } from './notifications.jobs.js';
import { insertNote } from './notifications.queries.js';
import { isQuiet, quietEndsAt } from './push-rules.js';
import { PushSender } from './push-sender.js';

/** Longer than a transaction lasts: the release at the end of the quiet hours may not see what comes so late. */
const TOO_LATE_FOR_RELEASE_MS = 60_000;
const URGENT_PRIORITY = 1;

export interface Note {
  userId: string;
  type: NotificationType;
  /** The same thing is told once: a second note with this key is dropped. One taken back is told again, but pushed once. */
  dedupeKey: string;
  title: Localized;
  body: Localized;
  /** What the app opens; a push carries strings only. */
  data?: Record<string, string>;
  /** Notes of one group that wait to be pushed become one push. */
  groupKey?: string;
  /** Whom and which walk it is about: neither listed nor pushed once these do not exist for the user. */
  actorId?: string;
  walkId?: string;
  /** Passes the day's limit and the quiet hours. */
  urgent?: boolean;
  /** No use after this: not pushed any more. */
  staleAt?: Date;
}

/** What other modules tell a user through. */
@Injectable()
export class Notifications {
  constructor(
    private readonly clock: Clock,
    private readonly queue: Queue,
    @Inject(PushSender) private readonly sender: PushSender | null,
  ) {}

  /** Puts it into the inbox, and on its way as a push, with the caller's transaction. @returns false when it was told before */
  async notify(tx: Transaction, { data = {}, ...note }: Note): Promise<boolean> {
    const now = this.clock.now();
    const pushState = await insertNote(
      tx,
      { ...note, data, id: uuidv7({ msecs: now.getTime() }) },
      { now, canPush: this.sender !== null },
    );
    if (pushState === 'pending') await this.enqueuePush(tx, note, now);
    return pushState !== null;
  }

  /** Takes back what is no longer true. A push that went out stays out, and its note is kept so that none follows it. */
  async retract(tx: Transaction, userId: string, dedupeKey: string): Promise<void> {
    const note = { userId, dedupeKey };
    await tx.prisma.notification.updateMany({ where: note, data: { retractedAt: this.clock.now() } });
    await tx.prisma.notification.deleteMany({ where: { ...note, pushState: { not: 'sent' } } });
  }

  /** Takes back all that the user was told about somebody. */
  async retractFrom(tx: Transaction, userId: string, actorId: string): Promise<void> {
    await tx.prisma.notification.deleteMany({ where: { userId, actorId } });
  }

  /** What is held for the night gets its job by the release in the morning. */
  private async enqueuePush(
    tx: Transaction,
    { userId, urgent }: Omit<Note, 'data'>,
    now: Date,
  ): Promise<void> {
    const runAt = urgent || !isQuiet(now) ? undefined : quietEndsAt(now);
    if (runAt && runAt.getTime() - now.getTime() > TOO_LATE_FOR_RELEASE_MS) return;
    // Before the thousands of the release.
    await this.queue.enqueue(tx, pushToUser, { userId }, { runAt, priority: urgent ? URGENT_PRIORITY : 0 });
  }
}
