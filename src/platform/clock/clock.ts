/** The one source of "now". Injected, so that every calendar rule can be tested at its edges. */
export abstract class Clock {
  abstract nowMs(): number;

  now(): Date {
    return new Date(this.nowMs());
  }
}

export class SystemClock extends Clock {
  override nowMs(): number {
    return Date.now();
  }
}
