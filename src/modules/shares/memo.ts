import type { Clock } from '../../platform/clock/clock.js';

/**
 * The results asked for last, for a while and at most so many: what several ask for at once is made once. One that
 * could not be made is made again.
 */
export class Memo<T> {
  private readonly entries = new Map<string, { made: Promise<T>; untilMs: number }>();

  constructor(
    private readonly clock: Clock,
    private readonly most: number,
    private readonly keptMs: number,
  ) {}

  async get(key: string, make: () => Promise<T>): Promise<T> {
    const nowMs = this.clock.nowMs();
    const known = this.entries.get(key);
    const entry = known && known.untilMs > nowMs ? known : { made: make(), untilMs: nowMs + this.keptMs };
    this.entries.delete(key); // and in again: the map is in the order of asking
    this.entries.set(key, entry);
    if (this.entries.size > this.most) this.entries.delete(this.entries.keys().next().value!);
    try {
      return await entry.made;
    } catch (error) {
      if (this.entries.get(key) === entry) this.entries.delete(key);
      throw error;
    }
  }

  forget(key: string): void {
    this.entries.delete(key);
  }
}
