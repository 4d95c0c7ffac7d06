/** A member's positions are passed on at least so far apart. */
export const POSITION_EVERY_MS = 1_000;
/** A phone that sends every second and was late once would lag behind for ever: from so much on it is helped out. */
const TOLERATED_LAG_MS = 100;
const LAGGING_AFTER = 3;
/** Longer than until its next item comes, which goes out without delay then. */
const STANDS_BACK_MS = POSITION_EVERY_MS + TOLERATED_LAG_MS;

const FORGOTTEN_AFTER_MS = 2 * POSITION_EVERY_MS;

interface Rhythm {
  lastMs: number;
  /** How many items in a row had to wait for the one before them, and not because there were too many. */
  lagging: number;
}

/** Lets one item a second through for each key; of those that come faster the last waits for its turn. */
export class Pace<T> {
  private readonly rhythms = new Map<string, Rhythm>();
  private readonly waiting = new Map<string, { item: T; dueMs: number }>();

  /** @returns whether it goes now; otherwise `takeDue` hands it out, unless a later one takes its place */
  offer(key: string, item: T, nowMs: number): boolean {
    const rhythm = this.rhythms.get(key);
    if (!rhythm || nowMs - rhythm.lastMs >= POSITION_EVERY_MS) {
      this.rhythms.set(key, { lastMs: nowMs, lagging: 0 });
      this.waiting.delete(key);
      return true;
    }
    const dueMs = rhythm.lastMs + POSITION_EVERY_MS;
    const isLate = !this.waiting.has(key) && dueMs - nowMs > TOLERATED_LAG_MS;
    const lagging = isLate ? rhythm.lagging + 1 : 0;
    const standsBack = lagging === LAGGING_AFTER;
    rhythm.lagging = standsBack ? 0 : lagging;
    this.waiting.set(key, { item, dueMs: standsBack ? nowMs + STANDS_BACK_MS : dueMs });
    return false;
  }

  /** How long what waits for this key still has to; 0 when nothing does. */
  waitMs(key: string, nowMs: number): number {
    return Math.max(0, (this.waiting.get(key)?.dueMs ?? nowMs) - nowMs);
  }

  /** What waits is not handed out any more. */
  drop(key: string): void {
    this.waiting.delete(key);
  }

  takeDue(nowMs: number): T[] {
    const due: T[] = [];
    for (const [key, { item, dueMs }] of this.waiting) {
      if (nowMs < dueMs) continue;
      this.waiting.delete(key);
      this.rhythms.get(key)!.lastMs = nowMs;
      due.push(item);
    }
    for (const [key, { lastMs }] of this.rhythms)
      if (!this.waiting.has(key) && nowMs - lastMs >= FORGOTTEN_AFTER_MS) this.rhythms.delete(key);
    return due;
  }
}
