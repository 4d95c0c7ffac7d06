import { Injectable } from '@nestjs/common';
import { Cache } from '../../platform/cache/cache.js';
import { GONE_AFTER_MS } from './room-rules.js';
import { livePosition, type LivePosition } from './together.schemas.js';

/** The last position of each member, and nothing before it: in the cache, with a time to live, never in the database. */
@Injectable()
export class Positions {
  private readonly begun = new Set<Promise<void>>();

  constructor(private readonly cache: Cache) {}

  /** Begins it; nobody waits for a cache that is away. */
  keep(roomId: string, position: LivePosition): void {
    const kept = JSON.stringify(position);
    this.begin(this.cache.set(keyOf(roomId, position.userId), kept, GONE_AFTER_MS / 1_000));
  }

  /** Begins it, after whatever began before. */
  erase(roomId: string, userId: string): void {
    this.begin(this.cache.delete(keyOf(roomId, userId)));
  }

  /** What was begun is done. */
  async settled(): Promise<void> {
    await Promise.all(this.begun);
  }

  /** One from before `sinceMs` belongs to an earlier consent. */
  async last(roomId: string, userId: string, sinceMs: number): Promise<LivePosition | null> {
    const kept = await this.cache.get(keyOf(roomId, userId));
    if (kept === null) return null;
    const position = livePosition.parse(JSON.parse(kept));
    return Date.parse(position.serverAt) >= sinceMs ? position : null;
  }

  private begin(work: Promise<void>): void {
    this.begun.add(work);
    void work.finally(() => this.begun.delete(work));
  }
}

const keyOf = (roomId: string, userId: string) => `together:${roomId}:${userId}`;
