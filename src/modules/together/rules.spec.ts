import fc from 'fast-check';
import { Pace, POSITION_EVERY_MS } from './pace-rules.js';
import { GONE_AFTER_MS, isOver, openingOf, presenceAfter, STALE_AFTER_MS } from './room-rules.js';

describe('pace', () => {
  /** What passes when items come at these times, asked for every 25 ms. */
  function passing(timesMs: readonly number[]): { item: number; atMs: number }[] {
    const pace = new Pace<number>();
    const passed: { item: number; atMs: number }[] = [];
    const comesAt = new Map(timesMs.map((ms, item) => [ms, item]));
    for (let atMs = 0; atMs <= timesMs.at(-1)! + 2 * POSITION_EVERY_MS; atMs++) {
      const item = comesAt.get(atMs);
      if (item !== undefined && pace.offer('member', item, atMs)) passed.push({ item, atMs });
      if (atMs % 25 === 0) for (const due of pace.takeDue(atMs)) passed.push({ item: due, atMs });
    }
    return passed;
  }

  it('lets at most one a second through, in order, and the last one of all in the end', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 1_500 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(gaps, (all) => {
        let atMs = 0;
        const passed = passing(all.map((gap) => (atMs += gap)));
        passed.slice(1).forEach(({ item, atMs }, i) => {
          expect(atMs - passed[i]!.atMs).toBeGreaterThanOrEqual(POSITION_EVERY_MS);
          expect(item).toBeGreaterThan(passed[i]!.item);
        });
        expect(passed.at(-1)!.item).toBe(all.length - 1);
      }),
      { numRuns: 50 },
    );
  });

  it('does not let a phone that was late once lag behind from then on', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 990 }),
        fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 30, maxLength: 30 }),
        (late, jitter) => {
          const timesMs = jitter.map((ms, i) => i * POSITION_EVERY_MS + (i === 3 ? Math.max(late, ms) : ms));
          const passed = passing(timesMs);
          expect(passed.length).toBeGreaterThanOrEqual(28);
          for (const { item, atMs } of passed.slice(10))
            expect(atMs - timesMs[item]!).toBeLessThanOrEqual(150);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('keeps members apart, and nothing of who is quiet', () => {
    const pace = new Pace<string>();
    expect(pace.offer('a', 'a1', 0)).toBe(true);
    expect(pace.offer('b', 'b1', 0)).toBe(true);
    expect(pace.offer('a', 'a2', 500)).toBe(false);
    expect([pace.waitMs('a', 500), pace.waitMs('a', 1_200), pace.waitMs('b', 500)]).toEqual([500, 0, 0]);
    expect(pace.takeDue(999)).toEqual([]);
    expect(pace.takeDue(1_000)).toEqual(['a2']);
    expect(pace.takeDue(9_000)).toEqual([]);
    expect(pace.offer('a', 'a3', 9_500)).toBe(true);
    expect(pace.offer('a', 'a4', 9_600)).toBe(false);
    pace.drop('a');
    expect(pace.takeDue(20_000)).toEqual([]);
  });
});

it.each([
  [0, 'live'],
  [STALE_AFTER_MS - 1, 'live'],
  [STALE_AFTER_MS, 'stale'],
  [GONE_AFTER_MS - 1, 'stale'],
  [GONE_AFTER_MS, 'gone'],
])('after %i ms of silence a member is %s', (silentMs, presence) => {
  expect(presenceAfter(silentMs)).toBe(presence);
});

it.each([
  [{ everIn: 1, remaining: 1, hasBegun: true }, 'goodbye', false], // nobody else has come yet
  [{ everIn: 2, remaining: 1, hasBegun: true }, 'goodbye', true],
  [{ everIn: 2, remaining: 1, hasBegun: false }, 'goodbye', false], // a meetup may get others
  [{ everIn: 2, remaining: 8, hasBegun: true }, 'goodbye', false], // the others of the meetup may still come
  [{ everIn: 2, remaining: 1, hasBegun: true }, 'silence', false], // may come back
  [{ everIn: 2, remaining: 0, hasBegun: true }, 'silence', true],
  [{ everIn: 1, remaining: 0, hasBegun: false }, 'silence', false],
] as const)('%o after a %s: over is %s', (attendance, departure, over) => {
  expect(isOver(attendance, departure)).toBe(over);
});

it.each([
  ['at once, for a walk now', '12:00', '12:00', '16:00'],
  ['at once, for a walk in 20 min', '12:20', '12:00', '16:00'],
  ['30 min before a later one', '14:00', '13:30', '17:30'],
])('a room opens %s, for 4 h', (_, startsAt, opensAt, closesAt) => {
  const at = (time: string) => new Date(`2026-11-20T${time}:00Z`);
  expect(openingOf(at(startsAt), at('12:00'))).toEqual({ opensAt: at(opensAt), closesAt: at(closesAt) });
});
