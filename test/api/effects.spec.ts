/**
 * What follows a walk equals the walks, whatever order, number and delay the facts come in.
 * EFFECTS_RUNS=… for more histories, EFFECTS_SEED=… for others.
 */
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { BadgeJobs } from '../../src/modules/badges/badges.jobs.js';
import { factsOf } from '../../src/modules/badges/badges.queries.js';
import { reachedOf } from '../../src/modules/badges/progress-rules.js';
import { TotalsJobs } from '../../src/modules/totals/totals.jobs.js';
import { addDays, fromDateColumn, kstDate, kstMidnight, toDateColumn } from '../../src/platform/clock/kst.js';
import { statement } from '../../src/platform/database/database.js';
import { streetWalk } from '../builders/tracks.js';
import { wirePoints } from '../builders/wire.js';
import { type Person, signIn } from '../support/api.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { at, storeTrack, storeWalk, tell } from '../support/stored-walks.js';
import { dogOf, phone } from '../support/walking.js';

const SEED = Number(process.env.EFFECTS_SEED ?? 20_261_121);
const RUNS = Number(process.env.EFFECTS_RUNS ?? 5);

const TODAY = '2026-11-20';
/** Over the end of a week, a month, a quarter and a season. */
const FIRST_DAY = '2026-09-24';
const DAYS = 58;

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
  test.clock.set(at(TODAY).getTime());
  await test.db.prisma.badgeDefinition.updateMany({ data: { introducedAt: at('2026-01-01') } });
});
afterAll(() => test.close());

interface Delivery {
  /** How often it comes: pg-boss gives a job at least once. */
  times: number;
  /** How many operations later it comes. */
  delay: number;
  /** Where in the line it is put. */
  key: number;
}

const index = fc.nat({ max: 1_000 });
const operation = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constant('complete' as const),
      day: fc.integer({ min: 0, max: DAYS - 1 }),
      minute: fc.integer({ min: 0, max: 1_439 }),
      distanceM: fc.integer({ min: 500, max: 9_000 }),
      movingS: fc.integer({ min: 300, max: 9_000 }),
      visibility: fc.constantFrom('public' as const, 'followers' as const, 'private' as const),
      place: fc.integer({ min: 0, max: 12 }),
      dong: fc.integer({ min: 0, max: 5 }),
      /** Uploaded so many hours after its start. */
      lateH: fc.constantFrom(1, 1, 1, 30, 200, 900),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('crop' as const),
      of: index,
      toM: fc.integer({ min: 500, max: 4_000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constantFrom('invalidate' as const, 'validate' as const), of: index }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('delete' as const), of: index }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constantFrom('hide' as const, 'show' as const), of: index }) },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant('start earlier' as const),
      of: index,
      minutes: fc.integer({ min: 1, max: 600 }),
    }),
  },
);
const delivery: fc.Arbitrary<Delivery> = fc.record({
  times: fc.integer({ min: 1, max: 5 }),
  delay: fc.constantFrom(0, 0, 1, 5, 40),
  key: fc.integer(),
});
const history = fc.array(fc.record({ operation, totals: delivery, badges: delivery }), {
  minLength: 30,
  maxLength: 45,
});
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

/** Does what the operation says to the stored walks. @returns the walk that the fact is about */
async function perform(userId: string, walkIds: string[], operation: Operation): Promise<string | undefined> {
  if (operation.op === 'complete') {
    const { day, minute, lateH, place, dong, ...rest } = operation;
    const startedAt = new Date(kstMidnight(addDays(FIRST_DAY, day)).getTime() + minute * 60_000);
    const completedAt = new Date(Math.min(startedAt.getTime() + lateH * 3_600_000, test.clock.nowMs()));
    const regionCode = dong ? `11${dong}10640${dong}0` : null;
    const id = await storeWalk(test, userId, { ...rest, startedAt, completedAt, regionCode });
    await storeTrack(test, id, [stay(place, 150 + 10 * place), stay(place + 1, 170 + 20 * (minute % 2))]);
    walkIds.push(id);
    return id;
  }
  const id = walkIds[operation.of % walkIds.length];
  const walk = id && (await test.db.prisma.walk.findUniqueOrThrow({ where: { id } }));
  if (!walk || walk.state === 'deleted') return undefined;
  const set = (data: object) => test.db.prisma.walk.update({ where: { id }, data });
  switch (operation.op) {
    case 'crop':
      await set({ distanceM: Math.min(walk.distanceM, operation.toM), movingS: Math.ceil(walk.movingS / 2) });
      await storeTrack(test, id, [stay(operation.of % 12, 200)]);
      break;
    case 'invalidate':
      await set({ counts: false, reasons: ['too_fast'] });
      break;
    case 'validate':
      await set({ counts: true, reasons: [] });
      break;
    case 'hide':
      await set({ visibility: 'private' });
      break;
    case 'show':
      await set({ visibility: 'public' });
      break;
    case 'start earlier': {
      const startedAt = new Date(walk.startedAt.getTime() - operation.minutes * 60_000);
      await set({ startedAt, walkDate: toDateColumn(kstDate(startedAt)) });
      break;
    }
    case 'delete':
      await test.db.prisma.walkTrack.deleteMany({ where: { walkId: id } });
      await set({ state: 'deleted', counts: false });
  }
  return id;
}

const stay = (place: number, seconds: number): [number, number, number][] =>
  [0, 0.5, 1].map(
    (part) => [1_795_000_000 + seconds * part, 37.5 + place * 0.004, 127] as [number, number, number],
  );

const countingWalks = (userId: string) =>
  test.db.prisma.walk.findMany({
    where: { userId, state: 'completed', counts: true },
    orderBy: [{ startedAt: 'asc' }, { id: 'asc' }],
  });

/** The sums by a second way: walk by walk, in JavaScript. */
async function expectedTotals(userId: string) {
  const sums: Record<string, number[]> = {};
  for (const walk of await countingWalks(userId)) {
    const date = fromDateColumn(walk.walkDate);
    const [year, month] = [Number(date.slice(0, 4)), Number(date.slice(5, 7))];
    const first = (ofMonth: number) => new Date(Date.UTC(year, ofMonth, 1)).toISOString().slice(0, 10);
    const monday = addDays(date, -((new Date(date).getUTCDay() + 6) % 7));
    const quarter = Math.floor((month - 1) / 3) * 3;
    for (const [period, next] of [
      [`week ${monday}`, addDays(monday, 7)],
      [`month ${first(month - 1)}`, first(month)],
      [`quarter ${first(quarter)}`, first(quarter + 3)],
      ['all 1970-01-01', '9999-12-31'],
    ] as const) {
      const sum = (sums[period] ??= [0, 0, 0, 0, 0, 0]);
      const onBoards = walk.visibility !== 'private' && walk.completedAt! < kstMidnight(addDays(next, 1));
      [1, walk.distanceM, walk.movingS].forEach((amount, i) => {
        sum[i]! += amount;
        if (onBoards) sum[i + 3]! += amount;
      });
    }
  }
  return sums;
}

async function storedTotals(userId: string) {
  const rows = await test.db.prisma.userTotal.findMany({ where: { userId } });
  const figures = rows.map((row): [string, number[]] => [
    `${row.period} ${fromDateColumn(row.startsOn)}`,
    [row.walks, row.distanceM, row.movingS, row.rankedWalks, row.rankedDistanceM, row.rankedMovingS],
  ]);
  return Object.fromEntries(figures.filter(([, values]) => values.some((value) => value !== 0)));
}

const visits = statement<{ walkId: string; cells: string[] }>(
  'test_expected_places',
  `select walks.id as "walkId", coalesce(json_agg(cell::text order by cell) filter (where seconds >= 180), '[]') as cells
   from walks join walk_tracks on walk_tracks.walk_id = walks.id left join lateral visited_places(path) place on true
   where user_id = $1::uuid and state = 'completed' and counts group by walks.id order by walks.id`,
);
const uniquePlaces = statement<{ places: number }>(
  'test_places',
  `select count_unique_places($1::uuid) as places`,
);

/** All that must be true of a user once every fact was delivered. */
async function expectExact(person: Person): Promise<{ badges: number; walks: number }> {
  const { id: userId } = person;
  const { prisma } = test.db;
  const walks = await countingWalks(userId);

  expect(await storedTotals(userId)).toEqual(await expectedTotals(userId));
  const contributions = await prisma.walkContribution.findMany({
    where: { userId },
    orderBy: { walkId: 'asc' },
  });
  expect(contributions).toEqual(
    walks
      .map(({ id, walkDate, completedAt, visibility, distanceM, movingS }) => ({
        walkId: id,
        userId,
        walkDate,
        completedAt,
        ranked: visibility !== 'private',
        distanceM,
        movingS,
      }))
      .sort((a, b) => (a.walkId < b.walkId ? -1 : 1)),
  );

  const places = await prisma.walkPlaces.findMany({ where: { userId }, orderBy: { walkId: 'asc' } });
  expect(places.map(({ walkId, cells }) => ({ walkId, cells: cells.map(String) }))).toEqual(
    await test.db.rows(visits, [userId]),
  );

  const { body: badges } = await person.send('GET', '/badges');
  const value = (code: string): number =>
    badges.items.find((item: { code: string }) => item.code === code).value as number;
  const [{ places: unique } = { places: -1 }] = await test.db.rows(uniquePlaces, [userId]);
  expect({
    walks_500: value('walks_500'),
    total_1000km: value('total_1000km'),
    places_100: value('places_100'),
  }).toEqual({
    walks_500: walks.length,
    total_1000km: walks.reduce((sum, { distanceM }) => sum + distanceM, 0),
    places_100: unique,
  });
  const { body: streak } = await person.send('GET', '/users/me/streak');
  expect(streak).toMatchObject(
    expectedStreak(new Set(walks.map(({ walkDate }) => fromDateColumn(walkDate)))),
  );

  // Each badge that is met is stored; what is stored beside them has not lost a walk it came from.
  const facts = await factsOf(test.db, userId, TODAY);
  const met = reachedOf(facts).map(({ definition, year }) => `badge:${definition.code}:${year}`);
  const earned = await prisma.userBadge.findMany({ where: { userId } });
  const counting = new Set(walks.map(({ id }) => id));
  const kept = earned
    .filter(({ code, year }) => !met.includes(`badge:${code}:${year}`))
    .filter(({ walkIds }) => !walkIds.every((id) => counting.has(id)));
  expect(kept).toEqual([]);
  const keys = earned.map(({ code, year }) => `badge:${code}:${year}`).sort();
  expect(keys).toEqual(expect.arrayContaining(met));
  const told = await prisma.notification.findMany({ where: { userId, type: 'badge_earned' } });
  expect(told.map(({ dedupeKey }) => dedupeKey).sort()).toEqual(keys);
  return { badges: keys.length, walks: walks.length };
}

function expectedStreak(dates: Set<string>) {
  let day = dates.has(TODAY) ? TODAY : addDays(TODAY, -1);
  let days = 0;
  for (; dates.has(day); day = addDays(day, -1)) days++;
  let bestDays = 0;
  for (const date of dates) {
    let length = 0;
    for (let at = date; dates.has(at); at = addDays(at, 1)) length++;
    bestDays = Math.max(bestDays, length);
  }
  return { days, bestDays, walkedToday: dates.has(TODAY), since: days ? addDays(day, 1) : null };
}

it('R01 R02 R12 G21 whatever happens in whatever order, the effects are those of the walks', async () => {
  const totals = test.app.get(TotalsJobs);
  const badges = test.app.get(BadgeJobs);
  const seen = { operations: 0, deliveries: 0, badges: 0, walks: 0 };
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
      const person = await signIn(test);
      const { id: userId } = person;
      const walkIds: string[] = [];
      let line: { key: number; due: number; run: () => Promise<void> }[] = [];
      /** Two at once, as two processes do. */
      async function deliver(until: number): Promise<void> {
        const due = line.filter((waiting) => waiting.due <= until).sort((a, b) => a.key - b.key);
        line = line.filter((waiting) => waiting.due > until);
        for (let i = 0; i < due.length; i += 2)
          await Promise.all(due.slice(i, i + 2).map(({ run }) => run()));
        seen.deliveries += due.length;
      }
      for (const [step, { operation, ...deliveries }] of steps.entries()) {
        const walkId = await perform(userId, walkIds, operation);
        seen.operations++;
        if (!walkId) continue;
        const fact = { walkId, userId };
        for (const [{ times, delay, key }, run] of [
          [deliveries.totals, () => totals.apply(fact)],
          [deliveries.badges, () => badges.follow(fact)],
        ] as const) {
          for (let i = 0; i < times; i++) line.push({ key: key * (i + 1), due: step + delay * i, run });
        }
        await deliver(step);
      }
      await deliver(Infinity);
      const end = await expectExact(person);
      seen.badges += end.badges;
      seen.walks += end.walks;
    }),
    // The first counterexample at once: to shrink a history takes longer than a test may.
    { numRuns: RUNS, seed: SEED, endOnFailure: true },
  );
  console.log(`effects: ${JSON.stringify(seen)}`);
  expect(seen.badges / RUNS).toBeGreaterThan(4);

  const told: unknown[] = [];
  Logger.overrideLogger({ error: (...words: unknown[]) => told.push(words), log: () => {}, warn: () => {} });
  await totals.reconcile();
  Logger.overrideLogger(false);
  expect(told).toEqual([]);
}, 300_000);

it('R08 G01 two walks completed at once, each twice: each badge and each note once', async () => {
  const bori = await signIn(test);
  for (let i = 2; i <= 4; i++) await storeWalk(test, bori.id, { startedAt: at(addDays(TODAY, -i)) });
  const before = await test.db.prisma.walk.findMany({ where: { userId: bori.id } });
  await tell(test, 'completed', bori.id, ...before.map(({ id }) => id));
  await test.queue.drain();

  const petIds = [await dogOf(bori)];
  const uploads = [1, 2].map((hour) => {
    const points = wirePoints(
      streetWalk({
        startMs: test.clock.nowMs() - (20 + hour) * 3_600_000,
        km: 0.6,
        noiseM: 4,
        seed: 900 + hour,
      }),
    );
    return { id: uuidv7(), points };
  });
  const answers = await Promise.all(
    [...uploads, ...uploads].map(({ id, points }) => phone.put(bori, id, points, { petIds })),
  );
  for (const { status, body } of answers) expect([status, body.counts]).toEqual([200, true]);
  await Promise.all(uploads.map(({ id }) => phone.complete(bori, id)));
  await Promise.all([test.queue.drain(), test.queue.drain(), test.queue.drain()]);
  await test.queue.drain();

  const { badges, walks } = await expectExact(bori);
  expect(walks).toBe(5);
  const earned = await test.db.prisma.userBadge.findMany({
    where: { userId: bori.id },
    orderBy: { code: 'asc' },
  });
  expect(earned.map(({ code }) => code)).toEqual(expect.arrayContaining(['streak_3', 'walks_1', 'walks_5']));
  expect(earned).toHaveLength(badges);
});
