import { Injectable } from '@nestjs/common';
import { decodeJwt } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { Queue } from '../../platform/queue/queue.js';
import { lastLoginGone } from './auth.events.js';
import { processProviderEvent } from './auth.jobs.js';
import type { KakaoUnlink, NaverDisconnect } from './auth.schemas.js';
import {
  appleNotice,
  endsTheAccount,
  endsLinksMadeBefore,
  endsTheLink,
  happenedAt,
  kakaoSecurityNotice,
  kakaoUnlinkNotice,
  naverDisconnectNotice,
  type ProviderNotice,
} from './provider-event.js';
import { Providers } from './providers/providers.js';
import { endSessions } from './sessions.service.js';

const RECEIVED = { received: true } as const;

/** Callbacks are authenticated, stored and answered at once; a job does what they ask for. */
@Injectable()
export class Callbacks {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly queue: Queue,
    private readonly providers: Providers,
  ) {}

  /** @returns with the status Kakao expects for the kind of its message */
  async fromKakao(body: string | KakaoUnlink, authorization: string | undefined) {
    if (typeof body === 'string') {
      const claims = await this.providers.kakao.readSecurityEvent(body);
      await this.store(kakaoSecurityNotice(claims, body));
      return { status: 202, answer: RECEIVED };
    }
    this.providers.kakao.checkSender(authorization, body.app_id);
    await this.store(kakaoUnlinkNotice(body, this.clock.now()));
    return { status: 200, answer: RECEIVED };
  }

  async fromNaver(notification: NaverDisconnect): Promise<void> {
    const userId = this.providers.naver.readDisconnect(notification);
    await this.store(naverDisconnectNotice(userId, notification));
  }

  async fromApple({ payload }: { payload: string }) {
    const claims = await this.providers.apple.readNotification(payload);
    await this.store(appleNotice(claims, payload));
    return RECEIVED;
  }

  /** Once is enough, and an event from before the last login must not undo that login. */
  async process(eventId: string): Promise<void> {
    const now = this.clock.now();
    await this.db.transaction(async (tx) => {
      const event = await tx.prisma.providerEvent.findUnique({ where: { id: eventId, processedAt: null } });
      if (!event) return;
      await tx.prisma.providerEvent.update({ where: { id: eventId }, data: { processedAt: now } });
      if (!endsTheLink(event.provider, event.kind)) return;
      const { provider, subject: providerUserId } = event;
      const [ended] = await tx.prisma.identity.updateManyAndReturn({
        where: {
          provider,
          providerUserId,
          unlinkedAt: null,
          linkedAt: { lt: endsLinksMadeBefore(timeOf(event)) },
        },
        data: { unlinkedAt: now, refreshTokenSealed: null },
        select: { userId: true },
      });
      if (!ended) return;
      const { userId } = ended;
      await endSessions(tx, { userId }, 'provider-unlinked', now);
      if (!endsTheAccount(event.kind)) return;
      const others = await tx.prisma.identity.count({ where: { userId, unlinkedAt: null } });
      if (others === 0) await this.queue.record(tx, lastLoginGone, { userId });
    });
  }

  private async store(notice: ProviderNotice): Promise<void> {
    const receivedAt = this.clock.now();
    const id = uuidv7({ msecs: receivedAt.getTime() });
    await this.db.transaction(async (tx) => {
      const { count } = await tx.prisma.providerEvent.createMany({
        data: [{ id, ...notice, receivedAt }],
        skipDuplicates: true,
      });
      if (count === 1) await this.queue.enqueue(tx, processProviderEvent, { eventId: id });
    });
  }
}

/** Kakao's form says nothing about its time, and counts from when it came in. */
function timeOf({ body, receivedAt }: { body: string; receivedAt: Date }): Date {
  const claims = body.startsWith('{') ? (JSON.parse(body) as Record<string, unknown>) : decodeJwt(body);
  return happenedAt(claims) ?? receivedAt;
}
