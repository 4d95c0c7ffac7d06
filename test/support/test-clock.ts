import { Clock } from '../../src/platform/clock/clock.js';

/** Stands still until it is moved. */
export class TestClock extends Clock {
  constructor(private at = Date.parse('2026-11-20T03:00:00.000Z')) {
    super();
  }

  override nowMs(): number {
    return this.at;
  }

  set(instant: string | number): void {
    this.at = typeof instant === 'number' ? instant : Date.parse(instant);
  }

  advance({ days = 0, hours = 0, minutes = 0, seconds = 0, ms = 0 }): void {
    this.at += (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + ms;
  }
}
