import { Injectable } from '@nestjs/common';
import { Cache } from '../../platform/cache/cache.js';
import { GONE_AFTER_MS } from './room-rules.js';
import { livePosition, type LivePosition } from './together.schemas.js';

/** The last position of each member, and nothing before it: in the cache, with a time to live, never in the database. */
@Injectable()
export class Positions {
  constructor(private readonly cache: Cache) {}

  async keep(roomId: string, position: LivePosition): Promise<void> {
    await this.cache.set(keyOf(roomId, position.userId), JSON.stringify(position), GONE_AFTER_MS / 1_000);
  }

  /** One from before `sinceMs` belongs to an earlier consent. */
  async last(roomId: string, userId: string, sinceMs: number): Promise<LivePosition | null> {
    const kept = await this.cache.get(keyOf(roomId, userId));
    if (kept === null) return null;
    const position = livePosition.parse(JSON.parse(kept));
    return Date.parse(position.serverAt) >= sinceMs ? position : null;
  }

  async erase(roomId: string, userId: string): Promise<void> {
    await this.cache.delete(keyOf(roomId, userId));
  }
}

const keyOf = (roomId: string, userId: string) => `together:${roomId}:${userId}`;
