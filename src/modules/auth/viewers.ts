import { Injectable } from '@nestjs/common';
import { type Viewer, ViewerLookup } from '../../platform/auth/viewer.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { viewerOf } from './auth.queries.js';

/** An access token is as good as its session: ended sessions are out at once, not when the token expires. */
@Injectable()
export class Viewers extends ViewerLookup {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {
    super();
  }

  override viewerOf(userId: string, sessionId: string): Promise<Viewer | null> {
    return viewerOf(this.db, sessionId, userId, this.clock.now());
  }
}
