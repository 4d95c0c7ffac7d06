import { Injectable } from '@nestjs/common';
import DataLoader from 'dataloader';
import { type Viewer, ViewerLookup } from '../../platform/auth/viewer.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { asFamily } from '../../platform/database/fair-pool.js';
import { type Claimed, viewersOf } from './auth.queries.js';

const MOST_AT_ONCE = 100;

/**
 * An access token is as good as its session: ended sessions are out at once, not when the token expires. Nothing is
 * remembered; requests that the event loop reads in one turn share a statement.
 */
@Injectable()
export class Viewers extends ViewerLookup {
  private readonly lookups: DataLoader<Claimed, Viewer | null>;

  constructor(db: Database, clock: Clock) {
    super();
    this.lookups = new DataLoader(
      (claimed) => asFamily('viewers', () => viewersOf(db, claimed, clock.now())),
      {
        cache: false,
        maxBatchSize: MOST_AT_ONCE,
        // The embedded database answers one at a time: waiting for others would save nothing.
        batchScheduleFn: db.lite ? queueMicrotask : (look) => setImmediate(look),
      },
    );
  }

  override viewerOf(userId: string, sessionId: string): Promise<Viewer | null> {
    return this.lookups.load({ userId, sessionId });
  }
}
