import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { Handles } from '../../platform/queue/job.js';
import type { Slot } from '../../platform/queue/schedule.js';
import { processProviderEvent, purgeExpiredLogins } from './auth.jobs.js';
import { Callbacks } from './callbacks.service.js';

/** How long an ended session can still be looked into. */
const KEEP_EXPIRED_MS = 30 * 86_400_000;

@Injectable()
export class AuthHandlers {
  constructor(
    private readonly db: Database,
    private readonly callbacks: Callbacks,
  ) {}

  @Handles(processProviderEvent)
  async processProviderEvent({ eventId }: { eventId: string }): Promise<void> {
    await this.callbacks.process(eventId);
  }

  @Handles(purgeExpiredLogins)
  async purgeExpiredLogins({ slotAt }: Slot): Promise<void> {
    const keepFrom = new Date(Date.parse(slotAt) - KEEP_EXPIRED_MS);
    await this.db.prisma.loginNonce.deleteMany({ where: { expiresAt: { lt: new Date(slotAt) } } });
    await this.db.prisma.session.deleteMany({ where: { expiresAt: { lt: keepFrom } } }); // with their tokens
    await this.db.prisma.refreshToken.deleteMany({ where: { expiresAt: { lt: keepFrom } } });
  }
}
