import { serviceUnavailable } from './http/problem.js';

const RETRY_AFTER_S = 2;

/**
 * Lets only so many go on at once; the others wait in the order they came. When too many wait already, the next is to
 * come back: what nobody waits for any more would be done all the same.
 */
export class Turns {
  private readonly waiting: (() => void)[] = [];

  constructor(
    private free: number,
    private readonly mostWaiting: number,
  ) {}

  /** @throws service-unavailable */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else if (this.waiting.length < this.mostWaiting) await new Promise<void>((go) => this.waiting.push(go));
    else throw serviceUnavailable({ headers: { 'retry-after': String(RETRY_AFTER_S) } });
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free++;
    }
  }
}
