import { Clock } from '../src/platform/clock/clock.js';

/** The clock of the machine, which a story may put forward. */
export class MovedClock extends Clock {
  private aheadMs = 0;

  override nowMs(): number {
    return Date.now() + this.aheadMs;
  }

  /** It goes on from there. */
  moveTo(at: Date): void {
    this.aheadMs = at.getTime() - Date.now();
  }

  comeBack(): void {
    this.aheadMs = 0;
  }
}
