import fc from 'fast-check';
import { addDays } from '../../platform/clock/kst.js';
import { BADGES, type BadgeDefinition } from './badge-table.js';
import type { AmongPeople, CountingWalk, Elsewhere, Facts } from './facts.js';
import {
  type EarnedBadge,
  isTakenBack,
  ONCE,
  outcomeOf,
  reachedOf,
  TAKEN_BACK_WITHIN_MS,
} from './progress-rules.js';
import { currentOrNextSeason, daysLeft, seasonThatEndsIn, seasonYearOf } from './season-rules.js';

const RUNS = { numRuns: 200, seed: 47 };

/** A walk of 700 m at noon in a place and dong of its own, one each day from 1 January 2026. */
function walk(i: number, given: Partial<CountingWalk> = {}): CountingWalk {
  const walkDate = given.walkDate ?? addDays('2026-01-01', i);
  return {
    id: `walk ${i}`,
    walkDate,
    startHour: 12,
    completedAt: new Date(`${walkDate}T06:00:00Z`),
    distanceM: 700,
    regionCode: null,
    cells: [],
    ...given,
  };
}
const walks = (count: number, given: (i: number) => Partial<CountingWalk> = () => ({})) =>
  Array.from({ length: count }, (_, i) => walk(i, given(i)));

/** The streak of walks on dates, as the database function tells it (without shields). */
function streakOf(dates: readonly string[]): Facts['streak'] {
  const reached: string[] = [];
  let days = 0;
  let last = '';
  for (const date of [...new Set(dates)].sort()) {
    days = last && addDays(last, 1) === date ? days + 1 : 1;
    if (days > reached.length) reached.push(date);
    last = date;
  }
  return { days, reached };
}
const NOBODY_ELSE: AmongPeople = {
  follows: 0,
  followers: 0,
  likesReceived: 0,
  comments: 0,
  togethers: 0,
  meetupsHosted: 0,
  meetupsJoined: 0,
};
const facts = (of: CountingWalk[], elsewhere: Partial<Elsewhere> = {}): Facts => ({
  walks: of,
  streak: streakOf(of.map(({ walkDate }) => walkDate)),
  elsewhere: { ...NOBODY_ELSE, rainWalkIds: [], snowWalkIds: [], ...elsewhere },
});
const named = (code: string) => BADGES.find((badge) => badge.code === code)!;
const codesOf = (of: Facts) =>
  reachedOf(of).map(({ definition, year }) => (year ? `${definition.code} ${year}` : definition.code));

/** For each badge: facts that are `n` on the way to it, and the walks it must come from at its target. */
const SCENARIOS: Record<string, (n: number) => { facts: Facts; walkIds: string[] }> = {
  ...cumulative(
    ['total_1km', 'total_10km', 'total_50km', 'total_100km', 'total_300km', 'total_500km', 'total_1000km'],
    (n) =>
      // Three walks, of which the last brings the metre that was missing.
      [{ distanceM: Math.floor(n / 2) }, { distanceM: Math.ceil(n / 2) - 1 }, { distanceM: 1 }],
  ),
  single_10km: (n) => ({
    facts: facts([walk(0, { distanceM: 9_000 }), walk(1, { distanceM: n })]),
    walkIds: ['walk 1'],
  }),
  ...each(
    ['walks_1', 'walks_5', 'walks_10', 'walks_30', 'walks_50', 'walks_100', 'walks_300', 'walks_500'],
    (n) => ({
      facts: facts(walks(n, () => ({ walkDate: '2026-11-20' }))),
      walkIds: [`walk ${n - 1}`],
    }),
  ),
  ...each(
    ['streak_3', 'streak_7', 'streak_14', 'streak_30', 'streak_60', 'streak_100', 'streak_365'],
    (n) => {
      const all = [
        walk(-5),
        ...walks(n),
        ...walks(n).map(({ walkDate }, i) => walk(10_000 + i, { walkDate })),
      ];
      all.sort((a, b) => (a.walkDate < b.walkDate ? -1 : a.walkDate > b.walkDate ? 1 : 0));
      return { facts: facts(all), walkIds: walks(n).map(({ id }) => id) };
    },
  ),
  ...each(['places_3', 'places_10', 'places_30', 'places_100'], (n) => ({
    facts: facts([...walks(n, (i) => ({ cells: [i, 0] })), walk(999, { cells: [0, 1] })]),
    walkIds: [`walk ${n - 1}`],
  })),
  ...each(['dongs_3', 'dongs_10'], (n) => ({
    facts: facts([walk(998), ...walks(n, (i) => ({ regionCode: String(1_168_000_000 + i) })), walk(999)]),
    walkIds: [`walk ${n - 1}`],
  })),
  ...each(['gus_5', 'gus_15'], (n) => ({
    facts: facts([
      ...walks(n, (i) => ({ regionCode: `${11_000 + i}64000` })),
      walk(999, { regionCode: '1100099000' }),
    ]),
    walkIds: [`walk ${n - 1}`],
  })),
  ...elsewhere({
    first_follow: 'follows',
    followers_10: 'followers',
    likes_received_50: 'likesReceived',
    comments_10: 'comments',
    together_1: 'togethers',
    together_10: 'togethers',
    meetup_host_1: 'meetupsHosted',
    meetup_join_5: 'meetupsJoined',
  }),
  ...hours({ early_bird_10: [4, 5, 6, 7], night_owl_10: [20, 21, 23, 0] }),
  rain_walk_3: (n) => weather('rainWalkIds', n),
  snow_walk_1: (n) => weather('snowWalkIds', n),
  ...inWindow({
    spring_blossom_10: ['2026-03-20', '2026-04-20', 12],
    summer_dawn_10: ['2026-07-01', '2026-08-31', 6],
    autumn_leaves_10: ['2026-10-10', '2026-11-20', 12],
    winter_warrior_10: ['2026-12-15', '2027-02-15', 12],
  }),
};

function each<T>(codes: string[], of: (n: number) => T): Record<string, (n: number) => T> {
  return Object.fromEntries(codes.map((code) => [code, of]));
}
function cumulative(codes: string[], of: (n: number) => Partial<CountingWalk>[]) {
  return each(codes, (n) => ({ facts: facts(of(n).map((given, i) => walk(i, given))), walkIds: ['walk 2'] }));
}
function elsewhere(table: Record<string, keyof Elsewhere>) {
  return Object.fromEntries(
    Object.entries(table).map(([code, key]) => [
      code,
      (n: number) => ({ facts: facts([], { [key]: n }), walkIds: [] }),
    ]),
  );
}
/** The first and last hour just miss; those between count. */
function hours(table: Record<string, [number, number, number, number]>) {
  return Object.fromEntries(
    Object.entries(table).map(([code, [before, first, last, after]]) => [
      code,
      (n: number) => ({
        facts: facts([
          walk(900, { startHour: before }),
          ...walks(n, (i) => ({ startHour: i % 2 ? first : last })),
          walk(901, { startHour: after }),
        ]),
        walkIds: walks(n).map(({ id }) => id),
      }),
    ]),
  );
}
function weather(key: 'rainWalkIds' | 'snowWalkIds', n: number) {
  const ids = walks(n).map(({ id }) => id);
  return {
    facts: facts([walk(900), ...walks(n)], { [key]: [...ids, 'a walk that does not count'] }),
    walkIds: ids,
  };
}
/** Both edges of the window count, the days beside them do not. */
function inWindow(table: Record<string, [string, string, number]>) {
  return Object.fromEntries(
    Object.entries(table).map(([code, [from, until, startHour]]) => [
      code,
      (n: number) => ({
        facts: facts([
          walk(900, { walkDate: addDays(from, -1), startHour }),
          ...walks(n, (i) => ({ walkDate: i < n / 2 ? from : until, startHour })),
          walk(901, { walkDate: addDays(until, 1), startHour }),
        ]),
        walkIds: walks(n).map(({ id }) => id),
      }),
    ]),
  );
}
const yearFor = ({ season }: BadgeDefinition) => (season ? 2026 : ONCE);

it('there are 47 in six categories, each with a name of its own, a scenario, and a target in its code', () => {
  const counts = Map.groupBy(BADGES, ({ category }) => category);
  expect(Object.fromEntries([...counts].map(([category, of]) => [category, of.length]))).toEqual({
    distance: 8,
    count: 8,
    streak: 7,
    explore: 8,
    social: 8,
    season: 8,
  });
  for (const key of ['code', 'description'] as const)
    expect(new Set(BADGES.map((badge) => badge[key])).size).toBe(47);
  expect(new Set(BADGES.map(({ name }) => name.ko)).size).toBe(47);
  expect(new Set(BADGES.map(({ name }) => name.en)).size).toBe(47);
  expect(Object.keys(SCENARIOS).sort()).toEqual(BADGES.map(({ code }) => code).sort());
  for (const { code, target, unit } of BADGES) {
    const number = Number(/\d+/.exec(code)?.[0] ?? 1);
    expect([code, target]).toEqual([code, unit === 'm' ? number * 1_000 : number]);
  }
});

it.each(BADGES.map((badge) => [badge.code, badge.target, badge] as const))(
  '%s: not at one less than %i, but at it',
  (code, target, definition) => {
    const [short, full] = [SCENARIOS[code]!(target - 1), SCENARIOS[code]!(target)];
    const year = yearFor(definition);
    const { value, walkIds } = outcomeOf(definition, full.facts, year);
    expect({ value: Math.min(value, target), walkIds }).toEqual({ value: target, walkIds: full.walkIds });
    expect(reachedOf(full.facts)).toContainEqual(expect.objectContaining({ definition, year, walkIds }));

    const missed = outcomeOf(definition, short.facts, year);
    expect(missed.walkIds).toEqual([]);
    expect(missed.value).toBe(code === 'single_10km' ? 9_999 : target - 1);
    expect(reachedOf(short.facts).map((reached) => reached.definition.code)).not.toContain(code);
  },
);

it('nothing is reached by somebody who has not walked', () => {
  expect(reachedOf(facts([]))).toEqual([]);
  for (const definition of BADGES)
    expect(outcomeOf(definition, facts([]), yearFor(definition))).toEqual({ value: 0, walkIds: [] });
});

describe('a streak', () => {
  const dates = (...days: number[]) =>
    facts(days.map((day, i) => walk(i, { walkDate: addDays('2026-11-01', day) })));

  it('comes from the run that was long enough first, whatever came before and after', () => {
    expect(outcomeOf(named('streak_3'), dates(0, 1, 3, 4, 5, 6, 10, 11, 12, 13, 14), ONCE)).toEqual({
      value: 5,
      walkIds: ['walk 2', 'walk 3', 'walk 4'],
    });
  });

  it('that broke starts anew: what is told is the one that runs', () => {
    expect(outcomeOf(named('streak_7'), dates(0, 1, 2, 3, 4, 5, 8, 9), ONCE)).toEqual({
      value: 2,
      walkIds: [],
    });
  });

  it('bridged by a shield counts its walks only', () => {
    const bridged = {
      ...dates(0, 1, 3),
      streak: { days: 3, reached: ['2026-11-01', '2026-11-02', '2026-11-04'] },
    };
    expect(outcomeOf(named('streak_3'), bridged, ONCE).walkIds).toEqual(['walk 0', 'walk 1', 'walk 2']);
  });
});

describe('a season', () => {
  const season = (code: string) => named(code).season!;

  it.each([
    ['spring_blossom_10', '2026-03-19', null],
    ['spring_blossom_10', '2026-03-20', 2026],
    ['spring_blossom_10', '2026-04-20', 2026],
    ['spring_blossom_10', '2026-04-21', null],
    ['summer_dawn_10', '2026-06-30', null],
    ['summer_dawn_10', '2026-07-01', 2026],
    ['summer_dawn_10', '2026-08-31', 2026],
    ['summer_dawn_10', '2026-09-01', null],
    ['autumn_leaves_10', '2026-10-09', null],
    ['autumn_leaves_10', '2026-11-20', 2026],
    ['autumn_leaves_10', '2026-11-21', null],
    ['winter_warrior_10', '2026-12-14', null],
    ['winter_warrior_10', '2026-12-15', 2026],
    ['winter_warrior_10', '2026-12-31', 2026],
    ['winter_warrior_10', '2027-01-01', 2026],
    ['winter_warrior_10', '2027-02-15', 2026],
    ['winter_warrior_10', '2027-02-16', null],
    ['winter_warrior_10', '2028-02-15', 2027],
  ])('R10 %s on %s is of %s', (code, date, year) => {
    expect(seasonYearOf(season(code), date)).toBe(year);
  });

  it('is earned anew each year, with the walks of that year only', () => {
    const two = [2025, 2026].flatMap((year, of) =>
      walks(10, () => ({ walkDate: `${year}-04-01` })).map((each) => ({ ...each, id: `${of} ${each.id}` })),
    );
    expect(codesOf(facts(two)).filter((code) => code.startsWith('spring'))).toEqual([
      'spring_blossom_10 2025',
      'spring_blossom_10 2026',
    ]);
    expect(codesOf(facts(two.slice(1)))).toContain('spring_blossom_10 2026');
    expect(codesOf(facts(two.slice(1)))).not.toContain('spring_blossom_10 2025');
  });

  it('summer dawn takes walks from midnight until 06:59', () => {
    const dawn = (startHour: number) => facts(walks(10, () => ({ walkDate: '2026-07-15', startHour })));
    expect([0, 6, 7, 23].map((hour) => codesOf(dawn(hour)).includes('summer_dawn_10 2026'))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('ends on its last day: the next one is shown from the day after', () => {
    const winter = season('winter_warrior_10');
    expect(currentOrNextSeason(winter, '2027-02-15')).toEqual({
      year: 2026,
      from: '2026-12-15',
      until: '2027-02-15',
    });
    expect(currentOrNextSeason(winter, '2027-02-16')).toEqual({
      year: 2027,
      from: '2027-12-15',
      until: '2028-02-15',
    });
    expect(daysLeft(currentOrNextSeason(winter, '2026-12-31'), '2026-12-31')).toBe(46);
    expect(daysLeft(currentOrNextSeason(winter, '2027-02-15'), '2027-02-15')).toBe(0);
    expect(seasonThatEndsIn(winter, '2027-02-08', 7)?.year).toBe(2026);
    expect(seasonThatEndsIn(winter, '2027-02-09', 7)).toBeNull();
    expect(seasonThatEndsIn(season('spring_blossom_10'), '2026-04-19', 1)?.year).toBe(2026);
  });

  it('of any date either holds it or is the next, and its year is the one in which it begins', () => {
    const seasons = BADGES.flatMap((badge) => badge.season ?? []);
    expect(seasons).toHaveLength(4);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20_000 }), fc.constantFrom(...seasons), (day, of) => {
        const date = addDays('2010-01-01', day);
        const shown = currentOrNextSeason(of, date);
        expect(shown.from.startsWith(`${shown.year}-`)).toBe(true);
        expect(shown.until >= date && shown.from < shown.until).toBe(true);
        expect(seasonYearOf(of, date)).toBe(shown.from <= date ? shown.year : null);
        expect(daysLeft(shown, date)).toBeLessThan(366);
      }),
      RUNS,
    );
  });
});

describe('whatever the history', () => {
  const anyWalk = fc.record({
    day: fc.integer({ min: 0, max: 80 }),
    startHour: fc.integer({ min: 0, max: 23 }),
    distanceM: fc.integer({ min: 500, max: 12_000 }),
    regionCode: fc.option(
      fc.constantFrom('1168064000', '1168065000', '1120065000', '2611051000', '4113510300'),
    ),
    cells: fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 8 }),
  });
  const history = fc
    .array(anyWalk, { maxLength: 60 })
    .map((given) =>
      given
        .sort((a, b) => a.day - b.day || a.startHour - b.startHour)
        .map(({ day, ...rest }, i) => walk(i, { ...rest, walkDate: addDays('2026-10-05', day) })),
    );

  it('a badge is reached exactly when its value is, by walks of the history, each once', () => {
    fc.assert(
      fc.property(history, (all) => {
        const of = facts(all);
        const ids = new Set(all.map(({ id }) => id));
        const reached = reachedOf(of);
        expect(new Set(codesOf(of)).size).toBe(reached.length);
        for (const definition of BADGES) {
          const year = yearFor(definition);
          const { value, walkIds } = outcomeOf(definition, of, year);
          expect(reached.some((badge) => badge.definition === definition && badge.year === year)).toBe(
            value >= definition.target,
          );
          expect(walkIds.length > 0).toBe(value >= definition.target && definition.category !== 'social');
          expect(new Set(walkIds).size).toBe(walkIds.length);
          expect(walkIds.every((id) => ids.has(id))).toBe(true);
        }
      }),
      RUNS,
    );
  });

  it('one more walk takes nothing away, and the walks it came from are enough for it', () => {
    fc.assert(
      fc.property(history, fc.nat(), (all, pick) => {
        fc.pre(all.length > 0);
        const without = all.filter((_, i) => i !== pick % all.length);
        const [more, fewer] = [codesOf(facts(all)), codesOf(facts(without))];
        expect(fewer.filter((code) => !more.includes(code))).toEqual([]);
        for (const { definition, year, walkIds } of reachedOf(facts(all))) {
          if (!['streak', 'season'].includes(definition.category) && definition.code !== 'single_10km')
            continue;
          const own = facts(all.filter(({ id }) => walkIds.includes(id)));
          expect(outcomeOf(definition, own, year).value).toBeGreaterThanOrEqual(definition.target);
        }
      }),
      RUNS,
    );
  });
});

describe('taking back', () => {
  const now = new Date('2026-11-20T03:00:00Z');
  const earned = (agoMs: number): EarnedBadge => ({
    code: 'walks_5',
    year: ONCE,
    earnedAt: new Date(now.getTime() - agoMs),
    walkIds: ['walk 4'],
  });
  const judged = (badge: EarnedBadge, all: CountingWalk[]) =>
    isTakenBack(badge, facts(all), reachedOf(facts(all)), now);

  it('happens within 7 days, when a walk it came from counts no more and the target is missed', () => {
    expect(judged(earned(0), walks(4))).toBe(true);
    expect(judged(earned(TAKEN_BACK_WITHIN_MS), walks(4))).toBe(true);
    expect(judged(earned(TAKEN_BACK_WITHIN_MS + 1), walks(4))).toBe(false);
  });

  it('does not happen while the target is met, or while its walks count', () => {
    expect(judged(earned(0), walks(5))).toBe(false);
    expect(
      judged(
        earned(0),
        walks(6).filter(({ id }) => id !== 'walk 4'),
      ),
    ).toBe(false);
    expect(judged(earned(0), walks(5).slice(1))).toBe(false);
  });

  it('looks at the year of a season', () => {
    const badge: EarnedBadge = { ...earned(0), code: 'autumn_leaves_10', year: 2026, walkIds: ['walk 9'] };
    const lastYear = walks(10, () => ({ walkDate: '2025-11-01' })).map((of) => ({
      ...of,
      id: `former ${of.id}`,
    }));
    expect(judged(badge, [...lastYear, ...walks(9, () => ({ walkDate: '2026-11-01' }))])).toBe(true);
    expect(judged(badge, lastYear)).toBe(true);
  });
});
