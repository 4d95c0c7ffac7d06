import fc from 'fast-check';
import { DAY_MS, day, paid, refunded, renewal, trial } from '../../../test/builders/facts.js';
import type { SubscriptionState } from '../../generated/prisma/enums.js';
import { type Fact, merge, type PeriodFact, type RenewalFact } from './facts.js';
import { accessUntilMs, standingOf, stateAt } from './standing.js';
import { subscriptionTransitions } from './subscription-states.js';

/** What a store does when a payment fails. */
const STORES = {
  apple: { graceDays: 16, holdDays: 60, pauses: false },
  google: { graceDays: 7, holdDays: 30, pauses: true },
  toss: { graceDays: 5, holdDays: 0, pauses: false },
} as const;

/**
 * The life of a subscription as its store lives it: each command says what it does to the access in one plain
 * assignment, and tells the facts of it. A command that makes no sense at the time does nothing.
 */
class Life {
  readonly told: Fact[] = [];
  private readonly periods: PeriodFact[] = [];
  private renewing: RenewalFact = renewal({ asOf: 0 });
  /** The model: there is access before this. */
  accessUntil = -Infinity;
  /** What the access would be without the latest period. */
  private accessBefore = -Infinity;
  isTrying = false;
  isFailing = false;

  constructor(private readonly store: (typeof STORES)[keyof typeof STORES]) {}

  private get latest() {
    return this.periods.at(-1);
  }
  private has(now: number) {
    return now < this.accessUntil;
  }
  private get paidUntil() {
    return this.latest ? Math.min(this.latest.endsAtMs, this.latest.endedAtMs ?? Infinity) : -Infinity;
  }
  private tell(fact: Fact) {
    this.told.push(fact);
  }
  private go(changes: Partial<RenewalFact>) {
    const calm = { graceUntilMs: null, retriesUntilMs: null, pausedUntilMs: null, endedAtMs: null };
    this.renewing = renewal({
      renews: this.renewing.renews,
      ...calm,
      ...changes,
      asOf: this.renewing.asOf + 1,
    });
    this.isFailing = Boolean(this.renewing.graceUntilMs ?? this.renewing.retriesUntilMs);
    this.tell(this.renewing);
  }
  private begin(period: PeriodFact) {
    this.accessBefore = this.accessUntil;
    this.periods.push(period);
    this.tell(period);
    this.accessUntil = period.endsAtMs;
    this.go({ renews: true });
  }
  private replace(changes: Partial<PeriodFact>) {
    const changed = { ...this.latest!, ...changes, asOf: this.latest!.asOf + 1 };
    this.periods.splice(-1, 1, changed);
    this.tell(changed);
  }
  private get nextId() {
    return `p${this.periods.length}`;
  }

  startTrial(now: number) {
    if (this.latest) return;
    this.begin(trial(this.nextId, { startsAtMs: now }));
    this.isTrying = true;
  }
  buy(now: number) {
    if (this.has(now) || this.isFailing) return;
    this.begin(paid(this.nextId, { startsAtMs: now }));
    this.isTrying = false;
  }
  /** On time, or up to a day ahead. */
  renew(now: number) {
    if (!this.has(now) || !this.renewing.renews || this.isFailing || this.latest!.isRevoked) return;
    if (this.renewing.pausedUntilMs || now < this.accessUntil - DAY_MS || now < this.latest!.startsAtMs)
      return;
    this.begin(paid(this.nextId, { startsAtMs: this.accessUntil }));
  }
  failPayment(now: number) {
    if (!this.latest || this.has(now) || this.latest.isRevoked || this.isFailing || !this.renewing.renews)
      return;
    if (this.renewing.pausedUntilMs || now > this.paidUntil + DAY_MS) return;
    this.go({ graceUntilMs: this.paidUntil + this.store.graceDays * DAY_MS });
    this.accessUntil = this.paidUntil + this.store.graceDays * DAY_MS;
  }
  hold(now: number) {
    if (!this.isFailing || !this.renewing.graceUntilMs) return;
    this.go({ retriesUntilMs: now + this.store.holdDays * DAY_MS });
    this.accessUntil = this.paidUntil;
  }
  recover(now: number) {
    if (!this.isFailing) return;
    this.begin(paid(this.nextId, { startsAtMs: this.has(now) ? this.paidUntil : now }));
    this.isTrying = false;
  }
  cancel(now: number) {
    if (!this.has(now) || this.isFailing) return;
    this.go({ renews: false });
  }
  uncancel(now: number) {
    if (!this.has(now) || this.isFailing) return;
    this.go({ renews: true });
  }
  /** Of the latest period: what runs ends now, what was paid ahead never begins. */
  refund(now: number) {
    if (!this.latest || this.latest.isRevoked || this.latest.isTrial) return;
    const wasAhead = now < this.latest.startsAtMs;
    this.replace(refunded(this.latest, now));
    this.accessUntil = wasAhead ? Math.max(now, this.accessBefore) : Math.min(now, this.latest.endsAtMs);
  }
  reverseRefund() {
    if (!this.latest?.isRevoked || this.isFailing) return;
    this.replace({ isRevoked: false, endedAtMs: null, refundedMilli: 0 });
    if (this.renewing.endedAtMs) this.go({ endedAtMs: null });
    this.accessUntil = this.latest.endsAtMs;
  }
  /** The money of long ago: nothing happens to the access. */
  refundEarlier(now: number) {
    const earlier = this.periods.at(-2);
    if (!earlier || earlier.isRevoked || earlier.isTrial || now < this.latest!.startsAtMs) return;
    const changed = refunded(earlier, now);
    this.periods.splice(-2, 1, changed);
    this.tell(changed);
  }
  upgrade(now: number) {
    if (!this.has(now) || this.isFailing || now < this.latest!.startsAtMs) return;
    this.replace({ endedAtMs: now });
    this.begin(paid(this.nextId, { startsAtMs: now, endsAtMs: now + 365 * DAY_MS, plan: 'yearly' }));
    this.isTrying = false;
  }
  /** Announced now, it begins where the period ends. */
  pause(now: number) {
    if (!this.store.pauses || !this.has(now) || this.isFailing) return;
    this.go({ pausedUntilMs: this.accessUntil + 30 * DAY_MS });
  }
  /** A refund of everything, a withdrawal. */
  withdraw(now: number) {
    if (!this.has(now) || now < this.latest!.startsAtMs) return;
    this.replace({ endedAtMs: now, isRevoked: true });
    this.go({ renews: false, endedAtMs: now });
    this.accessUntil = Math.min(now, this.paidUntil);
  }
  expire(now: number) {
    if (!this.latest || this.has(now)) return;
    this.go({ renews: false, endedAtMs: Math.max(this.paidUntil, this.latest.startsAtMs) });
  }
}

const COMMANDS = [
  ...([
    'startTrial',
    'buy',
    'renew',
    'failPayment',
    'hold',
    'recover',
    'cancel',
    'uncancel',
    'refund',
  ] as const),
  ...(['reverseRefund', 'refundEarlier', 'upgrade', 'pause', 'withdraw', 'expire'] as const),
];
const STORE_NAMES = ['apple', 'google', 'toss'] as const;
const GRANTING: SubscriptionState[] = ['trial', 'active', 'cancelled', 'grace'];

const unknown = (): SubscriptionState => 'on_hold';

const step = fc.record({
  store: fc.constantFrom(...STORE_NAMES),
  command: fc.constantFrom(...COMMANDS),
  /** Time passes in hours, or as far as the access of that store reaches. */
  passes: fc.oneof(fc.integer({ min: 0, max: 24 * 20 }), fc.constant('to the end' as const), fc.constant(0)),
});

describe('B3 three stores sell to one user', () => {
  const seen = new Map<SubscriptionState, number>();
  const moves = new Set<string>();

  it('10,000 lives: access is the model’s at every step, by the table, and the best of the three', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
        const lives = STORE_NAMES.map((name) => ({ name, life: new Life(STORES[name]), state: unknown() }));
        let now = day(0);
        for (const { store, command, passes } of steps) {
          const { life } = lives.find(({ name }) => name === store)!;
          if (passes !== 'to the end') now += passes * 3_600_000;
          else if (life.accessUntil > now) now = life.accessUntil;
          life[command](now);
          const standings = lives.map((each) => standingOf(merge([], each.life.told)));
          for (const [i, each] of lives.entries()) {
            const state = stateAt(standings[i]!, now);
            if (GRANTING.includes(state) !== now < each.life.accessUntil)
              throw new Error(
                `${each.name} is ${state}, the model has access until ${each.life.accessUntil}`,
              );
            if (state === 'trial' && !each.life.isTrying) throw new Error('A second trial');
            if (state !== each.state && !subscriptionTransitions[each.state].includes(state))
              throw new Error(`${each.state} became ${state}`);
            moves.add(`${each.state} ${state}`);
            seen.set(state, (seen.get(state) ?? 0) + 1);
            each.state = state;
          }
          const premiumUntil = Math.max(...standings.map((standing) => accessUntilMs(standing) ?? -Infinity));
          const modelled = Math.max(...lives.map(({ life: { accessUntil } }) => accessUntil));
          expect(now < premiumUntil).toBe(now < modelled);
          if (now < modelled) expect(premiumUntil).toBe(modelled);
        }
      }),
      { numRuns: 10_000 },
    );
  });

  it('these lives went through every state', () => {
    expect([...seen.keys()].sort()).toEqual(Object.keys(subscriptionTransitions).sort());
    expect(moves.size).toBeGreaterThan(30);
  });
});
