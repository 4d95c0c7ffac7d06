import fc from 'fast-check';
import { type Fact, merge, type PeriodFact } from '../../entitlement/index.js';
import { endedFact } from './google-facts.js';
import { asOfReading, isVoided, joined, PRICED, TIMED, TRIAL, voidedFact } from './google-orders.js';

const DAY_MS = 86_400_000;
const START_MS = Date.parse('2026-11-20T03:00:00.000Z');
const BASE = 'GPA.1111-2222-3333-44444';

/** What reading `number` says of an order; without a price when there is none. */
const said = (
  order: string,
  number: number,
  endsAtDay: number,
  priceKrw: number | null = 4_900,
): PeriodFact => ({
  key: `period:${order}`,
  asOf: asOfReading(number) + (priceKrw === null ? 0 : PRICED + TIMED),
  startsAtMs: START_MS + (endsAtDay - 30) * DAY_MS,
  endsAtMs: START_MS + endsAtDay * DAY_MS,
  isTrial: false,
  plan: 'monthly',
  productId: 'premium',
  paidMilli: (priceKrw ?? 0) * 1_000,
  refundedMilli: 0,
  currency: 'KRW',
  endedAtMs: null,
  isRevoked: false,
});
const trial = (number: number): PeriodFact => {
  const { asOf, ...fact } = said(BASE, number, 7);
  return { ...fact, asOf: asOf + TRIAL, isTrial: true, paidMilli: 0 };
};
const voided = (order: string, day: number) => voidedFact(order, START_MS + day * DAY_MS, START_MS);
const learn = (words: readonly Fact[][]) =>
  words.reduce<Fact[]>((known, word) => merge(known, joined(known, word)), []);
const orderIn = (facts: Fact[], order: string) =>
  facts.find(({ key }) => key === `period:${order}`) as PeriodFact | undefined;

it('S02: a refund stays, whatever snapshot of its order comes after it or before', () => {
  const words = [[said(BASE, 1, 30)], [voided(BASE, 10)], [said(BASE, 2, 30)]];
  for (const order of permutations(words)) {
    const fact = orderIn(learn(order), BASE)!;
    expect(fact).toMatchObject({
      refundedMilli: 4_900_000,
      isRevoked: true,
      endedAtMs: START_MS + 10 * DAY_MS,
    });
    expect(isVoided(fact)).toBe(true);
  }
});

it('a price and a trial are not forgotten by a snapshot that has lost them', () => {
  for (const order of permutations([[said(BASE, 1, 30)], [said(BASE, 2, 20, null)]]))
    expect(orderIn(learn(order), BASE)).toMatchObject({
      paidMilli: 4_900_000,
      endsAtMs: START_MS + 20 * DAY_MS,
    });
  for (const order of permutations([[trial(1)], [said(BASE, 2, 5, null)], [said(BASE, 3, 5)]]))
    expect(orderIn(learn(order), BASE)).toMatchObject({ paidMilli: 0, isTrial: true });
});

it('renewals between two that were seen were paid too, and lasted until the next one', () => {
  const facts = learn([[trial(1)], [said(`${BASE}..3`, 2, 120)]]);
  expect(facts.map(({ key }) => key).sort()).toEqual(
    ['', '..0', '..1', '..2', '..3'].map((number) => `period:${BASE}${number}`),
  );
  expect(orderIn(facts, `${BASE}..2`)).toMatchObject({
    paidMilli: 4_900_000,
    startsAtMs: Date.parse('2027-01-18T03:00:00.000Z'),
    endsAtMs: START_MS + 90 * DAY_MS,
  });
  expect(orderIn(facts, `${BASE}..1`)).toMatchObject({ endsAtMs: Date.parse('2027-01-18T03:00:00.000Z') });
});

it('the latest one was paid as those before, when Google tells its price no more', () => {
  const facts = learn([[trial(1)], [said(`${BASE}..0`, 2, 37)], [said(`${BASE}..2`, 3, 90, null)]]);
  expect(facts.map(({ key }) => orderIn(facts, key.slice('period:'.length))!.paidMilli)).toEqual([
    0, 4_900_000, 4_900_000, 4_900_000,
  ]);
  expect(orderIn(learn([[trial(1)], [said(`${BASE}..0`, 2, 37, null)]]), `${BASE}..0`)!.paidMilli).toBe(0);
});

it('what is over does not end again each time that Google is asked', () => {
  const ended = (reading: number, day: number) =>
    endedFact({ number: reading, askedAtMs: START_MS + day * DAY_MS });
  const facts = learn([[said(BASE, 1, 30)], [ended(2, 5)], [ended(3, 6)]]);
  expect(facts).toContainEqual(expect.objectContaining({ key: 'renewal', endedAtMs: START_MS + 5 * DAY_MS }));
});

it('nothing is made up before the first order that was seen, nor of another subscription', () => {
  const facts = learn([
    [said(`${BASE}..5`, 1, 180)],
    [said(`${BASE}..6`, 2, 210)],
    [said('GPA.9..9', 3, 30)],
  ]);
  expect(facts).toHaveLength(3);
});

it('S01: order and repetition of what is learned do not matter', () => {
  const words: Fact[][] = [
    [trial(1)],
    [said(`${BASE}..0`, 2, 37)],
    [said(`${BASE}..1`, 3, 67)],
    [said(`${BASE}..4`, 5, 160)],
    [said(`${BASE}..4`, 6, 150, null)],
    [said(`${BASE}..2`, 4, 97)],
    [voided(`${BASE}..3`, 90)],
    [voided(`${BASE}..4`, 140)],
    [voided(`${BASE}..4`, 141)],
  ];
  const expected = asSet(learn(words));
  fc.assert(
    fc.property(
      fc.shuffledSubarray(words, { minLength: words.length }),
      fc.array(fc.constantFrom(...words)),
      (all, again) => {
        const mixed = all.flatMap((word, i) => [word, ...again.filter((_, j) => j % all.length === i)]);
        expect(asSet(learn(mixed))).toEqual(expected);
      },
    ),
    { numRuns: 1_000 },
  );
});

/** When an order was that no reading saw is reckoned from what was seen of the next one by then, and opens nothing. */
const asSet = (facts: Fact[]) =>
  facts
    .map((fact) => (fact.asOf < asOfReading(1) ? { ...fact, startsAtMs: 0, endsAtMs: 0 } : fact))
    .sort((a, b) => (a.key < b.key ? -1 : 1));

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}
