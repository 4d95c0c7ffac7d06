import fc from 'fast-check';
import { anyFact, DAY_MS, day, paid, refunded, renewal, trial } from '../../../test/builders/facts.js';
import { type Fact, merge } from './facts.js';
import { accessUntilMs, changesAtMs, standingOf, stateAt } from './standing.js';
import { subscriptionTransitions } from './subscription-states.js';

const GRANTING: string[] = ['trial', 'active', 'cancelled', 'grace'];
const facts = fc.array(anyFact, { maxLength: 12 });
const standings = facts.map((said) => standingOf(merge([], said)));
const anytime = fc.integer({ min: -2 * 8, max: 90 * 8 }).map((eighths) => day(eighths / 8));
const RUNS = { numRuns: 5_000 };

it('S04 a trial is not entered from where something was paid or is over', () => {
  for (const state of ['active', 'grace', 'paused', 'refunded', 'expired'] as const)
    expect(subscriptionTransitions[state]).not.toContain('trial');
});

describe('any standing', () => {
  it('gives access exactly before the end of its access', () => {
    fc.assert(
      fc.property(standings, anytime, (standing, at) => {
        const until = accessUntilMs(standing);
        expect(GRANTING.includes(stateAt(standing, at))).toBe(until !== null && at < until);
      }),
      RUNS,
    );
  });

  it('does not change before the instant it names', () => {
    fc.assert(
      fc.property(standings, anytime, anytime, (standing, at, later) => {
        const changesAt = changesAtMs(standing, at);
        if (changesAt !== null) expect(changesAt).toBeGreaterThan(at);
        const until = Math.min(Math.max(at, later), (changesAt ?? Infinity) - 1);
        expect(stateAt(standing, until)).toBe(stateAt(standing, at));
      }),
      RUNS,
    );
  });

  it('moves along the table when only time passes, however long nobody looks', () => {
    fc.assert(
      fc.property(standings, anytime, anytime, (standing, a, b) => {
        const [from, to] = [stateAt(standing, Math.min(a, b)), stateAt(standing, Math.max(a, b))];
        if (from !== to) expect(subscriptionTransitions[from]).toContain(to);
      }),
      RUNS,
    );
  });

  it('by time alone, what is over stays over', () => {
    fc.assert(
      fc.property(standings, anytime, anytime, (standing, a, b) => {
        const state = stateAt(standing, Math.min(a, b));
        if (state === 'expired' || state === 'refunded')
          expect(stateAt(standing, Math.max(a, b))).toBe(state);
      }),
      RUNS,
    );
  });
});

describe('S01 the same facts come to the same standing', () => {
  const standingAfter = (deliveries: readonly Fact[]) =>
    standingOf(deliveries.reduce<Fact[]>((known, fact) => merge(known, [fact]), []));

  it('in any order, repeated, and lost for a while', () => {
    const shuffle = facts.chain((said) =>
      fc.record({
        said: fc.constant(said),
        shuffled: fc.shuffledSubarray([...said, ...said, ...said], { minLength: said.length * 3 }),
        partOfIt: fc.subarray(said),
      }),
    );
    fc.assert(
      fc.property(shuffle, ({ said, shuffled, partOfIt }) => {
        const inOrder = standingAfter(said);
        expect(standingAfter(shuffled)).toEqual(inOrder);
        expect(standingAfter([...partOfIt, ...said])).toEqual(inOrder);
        expect(standingAfter([...said, ...partOfIt])).toEqual(inOrder);
      }),
      RUNS,
    );
  });

  const month = (id: string, from: number) => paid(id, { startsAtMs: day(from) });
  const histories: [string, Fact[]][] = [
    [
      'a trial, cancelled, resumed, renewed and refunded',
      [
        trial('t'),
        renewal({ asOf: 1 }),
        renewal({ asOf: 2, renews: false }),
        renewal({ asOf: 3 }),
        month('a', 7),
        refunded(month('a', 7), day(9)),
      ],
    ],
    [
      'grace, hold, recovery and an end',
      [
        month('a', 0),
        renewal({ asOf: 2, graceUntilMs: day(46) }),
        renewal({ asOf: 3, retriesUntilMs: day(90) }),
        month('b', 50),
        renewal({ asOf: 4 }),
        renewal({ asOf: 5, renews: false, endedAtMs: day(80) }),
      ],
    ],
    [
      'an upgrade, a refund reversed and a pause',
      [
        month('a', 0),
        paid('a', { asOf: 2, endedAtMs: day(4) }),
        paid('y', { startsAtMs: day(4), endsAtMs: day(369), plan: 'yearly' }),
        { ...refunded(paid('y', { startsAtMs: day(4), endsAtMs: day(369) }), day(6)), asOf: 2 },
        paid('y', { asOf: 3, startsAtMs: day(4), endsAtMs: day(369), plan: 'yearly' }),
        renewal({ asOf: 1, pausedUntilMs: day(400) }),
      ],
    ],
  ];

  it.each(histories)('B2 %s: all 720 orders', (_, history) => {
    const inOrder = standingAfter(history);
    const orders = permutations(history);
    expect(orders).toHaveLength(720);
    for (const order of orders) expect(standingAfter(order)).toEqual(inOrder);
  });
});

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]),
  );
}

it('S02 a fact that is older than what is known changes nothing', () => {
  const older = fc.tuple(facts, anyFact, fc.integer({ min: 1, max: 5 }));
  fc.assert(
    fc.property(older, ([said, fact, age]) => {
      const known = merge([], [...said, fact]);
      const present = known.find(({ key }) => key === fact.key)!;
      expect(merge(known, [{ ...fact, asOf: present.asOf - age }])).toEqual(known);
    }),
    RUNS,
  );
});

it('changes lie within the times that were said', () => {
  const standing = standingOf([paid('a'), renewal({ graceUntilMs: day(33) })]);
  expect([0, 30, 33].map((at) => changesAtMs(standing, day(at)))).toEqual([day(30), day(33), null]);
  expect(accessUntilMs(standing)).toBe(day(30) + 3 * DAY_MS);
});
