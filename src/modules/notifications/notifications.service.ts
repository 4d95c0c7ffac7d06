import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { NotificationType } from '../../generated/prisma/enums.js';
import { Clock } from '../../platform/clock/clock.js';
import type { Transaction } from '../../platform/database/database.js';
import type { Localized } from '../../platform/http/problem.js';

export interface Note {
  userId: string;
  type: NotificationType;
  /** The same thing is told once: a second note with this key is dropped. */
  dedupeKey: string;
  title: Localized;
  body: Localized;
  /** What the app opens; a push carries strings only. */
  data?: Record<string, string>;
  /** Notes of one group that wait to be pushed become one push. */
  groupKey?: string;
  /** Whom and which walk it is about: not pushed when these are gone or hidden by then. */
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
  constructor(private readonly clock: Clock) {}

  /** Puts it into the inbox, and on its way as a push, with the caller's transaction. @returns false when it was told before */
  async notify(tx: Transaction, note: Note): Promise<boolean> {
    const { title, body, data = {}, ...rest } = note;
    const now = this.clock.now();
    const { count } = await tx.prisma.notification.createMany({
      data: [
        {
          id: uuidv7({ msecs: now.getTime() }),
          ...rest,
          title: title.ko,
          body: body.ko,
          data,
          pushState: 'pending',
          createdAt: now,
        },
      ],
      skipDuplicates: true,
    });
    return count > 0;
  }

  /** Takes back what is no longer true. A push that went out stays out. */
  async retract(tx: Transaction, userId: string, dedupeKey: string): Promise<void> {
    await tx.prisma.notification.deleteMany({ where: { userId, dedupeKey } });
  }
}
