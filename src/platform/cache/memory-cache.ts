import type { Clock } from '../clock/clock.js';
import { Cache } from './cache.js';

const MAX_ENTRIES = 10_000;

/** For one process. The oldest entry goes when it is full. */
export class MemoryCache extends Cache {
  private readonly entries = new Map<string, { value: string; expiresAtMs: number }>();

  constructor(private readonly clock: Clock) {
    super();
  }

  override get(key: string): Promise<string | null> {
    const entry = this.entries.get(key);
    if (entry && entry.expiresAtMs <= this.clock.nowMs()) this.entries.delete(key);
    return Promise.resolve(entry && entry.expiresAtMs > this.clock.nowMs() ? entry.value : null);
  }

  override set(key: string, value: string, ttlS: number): Promise<void> {
    this.entries.delete(key);
    if (this.entries.size >= MAX_ENTRIES) this.entries.delete(this.entries.keys().next().value!);
    this.entries.set(key, { value, expiresAtMs: this.clock.nowMs() + ttlS * 1000 });
    return Promise.resolve();
  }

  override delete(key: string): Promise<void> {
    this.entries.delete(key);
    return Promise.resolve();
  }

  override ping(): Promise<void> {
    return Promise.resolve();
  }

  override close(): Promise<void> {
    this.entries.clear();
    return Promise.resolve();
  }
}
