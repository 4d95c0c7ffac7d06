import fc from 'fast-check';
import { type Fact, merge } from './facts.js';
import { anyFact, paid, renewal, trial } from '../../../test/builders/facts.js';

const sorted = (facts: readonly Fact[]) => [...facts].sort((a, b) => (a.key < b.key ? -1 : 1));

it('S02 an older fact never takes the place of a newer one', () => {
  const refunded = paid('a', { asOf: 2, isRevoked: true, refundedMilli: 4_900_000 });
  const bought = paid('a', { asOf: 1 });
  expect(merge([refunded], [bought])).toEqual([refunded]);
  expect(merge([bought], [refunded])).toEqual([refunded]);
  const cancelled = renewal({ asOf: 9, renews: false });
  expect(merge([cancelled], [renewal({ asOf: 8 })])).toEqual([cancelled]);
});

it('S01 of two that claim the same time one is chosen, whichever came first', () => {
  const [one, other] = [renewal({ asOf: 1, renews: true }), renewal({ asOf: 1, renews: false })];
  expect(merge([one], [other])).toEqual(merge([other], [one]));
});

it('S01 what is known stays the very same when it is said again', () => {
  const known = [trial('t'), paid('a'), renewal()];
  const again = merge(known, structuredClone(known));
  for (const [i, fact] of again.entries()) expect(fact).toBe(known[i]);
});

it('S01 facts of different periods do not replace each other', () => {
  expect(merge([trial('t')], [paid('a'), paid('b'), renewal()])).toHaveLength(4);
});

it('S01 is a union of sets: in any order, grouping and repetition', () => {
  const facts = fc.array(anyFact, { maxLength: 10 });
  fc.assert(
    fc.property(facts, facts, facts, (a, b, c) => {
      const whole = sorted(merge([], [...a, ...b, ...c]));
      expect(sorted(merge(merge([], c), merge(merge([], b), a)))).toEqual(whole);
      expect(sorted(merge(whole, [...b, ...a, ...b]))).toEqual(whole);
    }),
    { numRuns: 2_000 },
  );
});

it('S02 no key goes back to what was said earlier', () => {
  fc.assert(
    fc.property(fc.array(anyFact, { minLength: 1, maxLength: 12 }), (said) => {
      const newest = new Map<string, number>();
      let known: Fact[] = [];
      for (const fact of said) {
        known = merge(known, [fact]);
        newest.set(fact.key, Math.max(newest.get(fact.key) ?? -Infinity, fact.asOf));
        expect(new Map(known.map(({ key, asOf }) => [key as string, asOf]))).toEqual(newest);
      }
    }),
    { numRuns: 2_000 },
  );
});
