const WINDOW_MS = 1_000;

/** How much one client may ask in a second: what is over it is dropped, and who is far over it is put out. */
export class MessageBudget {
  private windowStartMs = -Infinity;
  private spent = 0;

  constructor(
    private readonly perSecond: number,
    private readonly farOver: number,
  ) {}

  spend(cost: number, nowMs: number): 'granted' | 'over' | 'far-over' {
    if (nowMs - this.windowStartMs >= WINDOW_MS) {
      this.windowStartMs = nowMs;
      this.spent = 0;
    }
    this.spent += cost;
    if (this.spent > this.farOver) return 'far-over';
    return this.spent > this.perSecond ? 'over' : 'granted';
  }
}
