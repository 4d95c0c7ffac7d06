import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Viewer } from '../../platform/auth/viewer.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { lockUser } from '../users/index.js';
import { keepNewestDevices, saveDevice } from './notifications.queries.js';
import type { PushTokenIn } from './notifications.schemas.js';

const MAX_DEVICES = 20;

/** The phones that a user is pushed to: one token, one owner, one session. */
@Injectable()
export class Devices {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  /** However often, and whoever had the phone before. */
  async register({ userId, sessionId }: Viewer, { token, platform }: PushTokenIn) {
    const now = this.clock.now();
    await this.db.transaction(async (tx) => {
      await lockUser(tx, userId);
      await saveDevice(tx, { id: uuidv7({ msecs: now.getTime() }), token, userId, sessionId, platform, now });
      await keepNewestDevices(tx, userId, MAX_DEVICES);
    });
    return { platform, registeredAt: now };
  }

  /** Only the caller's own: the phone may be somebody else's by the time a lost request arrives. */
  async forget({ userId }: Viewer, token: string): Promise<void> {
    await this.db.prisma.pushToken.deleteMany({ where: { token, userId } });
  }
}
