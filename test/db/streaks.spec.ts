import { v7 as uuidv7 } from 'uuid';
import { addDays, toDateColumn } from '../../src/platform/clock/kst.js';
import { statement } from '../../src/platform/database/database.js';
import { type Person, signIn } from '../support/api.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { at, storeWalk } from '../support/stored-walks.js';

let test: TestApp;
let bori: Person;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());
beforeEach(async () => {
  bori = await signIn(test);
});

interface Streak {
  days: number;
  since: string | null;
  bestDays: number;
  best: string | null;
  shielded: string[];
  shieldsLeft: number;
  reached: string[];
}
const streakOf = statement<Streak>(
  'test_streak_of',
  `select days, since::text as since, best_days as "bestDays", best_from || ' ' || best_to as best,
          to_json(shielded) as shielded, shields_left as "shieldsLeft", to_json(reached) as reached
   from streak_of($1::uuid, $2::date)`,
);
const calculated = statement<{ days: number }>(
  'test_calculate_streak_days',
  `select calculate_streak_days($1::uuid, $2::date) as days`,
);

async function streak(asOf: string): Promise<Streak> {
  const [row] = await test.db.rows(streakOf, [bori.id, asOf]);
  const [{ days } = { days: -1 }] = await test.db.rows(calculated, [bori.id, asOf]);
  expect(days).toBe(row!.days);
  expect(row!.reached).toHaveLength(row!.bestDays);
  return row!;
}
const walk = (date: string, time?: string) => storeWalk(test, bori.id, { startedAt: at(date, time) });
const walked = async (...dates: string[]) => {
  for (const date of dates) await walk(date);
};
const shield = (coversFrom: string, coversTo = coversFrom) =>
  test.db.prisma.streakShield.create({
    data: {
      id: uuidv7(),
      userId: bori.id,
      coversFrom: toDateColumn(coversFrom),
      coversTo: toDateColumn(coversTo),
    },
  });

it('is nothing for somebody who has not walked', async () => {
  expect(await streak('2026-11-20')).toEqual({
    days: 0,
    since: null,
    bestDays: 0,
    best: null,
    shielded: [],
    shieldsLeft: 0,
    reached: [],
  });
});

describe('the calendar', () => {
  it('T01 T03 a walk is of the KST date on which it started, over midnight too', async () => {
    await walk('2026-11-18', '23:59:59.999');
    await walk('2026-11-20', '00:00');
    expect(await streak('2026-11-20')).toMatchObject({ days: 1, since: '2026-11-20' });
    await walk('2026-11-19', '23:50'); // until 00:20 on the 20th
    expect(await streak('2026-11-20')).toMatchObject({
      days: 3,
      since: '2026-11-18',
      best: '2026-11-18 2026-11-20',
    });
  });

  it('T01 several walks of one day are one day', async () => {
    for (const time of ['00:00', '12:00', '23:59:59.999']) await walk('2026-11-20', time);
    expect(await streak('2026-11-20')).toMatchObject({ days: 1, bestDays: 1 });
  });

  it.each([
    ['a month’s end', '2026-10-31'],
    ['T11 28 February of a common year', '2027-02-28'],
    ['T11 28 February of a leap year', '2028-02-28'],
    ['T11 29 February', '2028-02-29'],
    ['T11 the year’s end', '2026-12-31'],
    ['T11 week 53', '2027-01-03'],
    ['T04 T05 the end of daylight saving elsewhere', '2026-10-25'],
  ])('%s breaks nothing', async (_, date) => {
    await walked(addDays(date, -1), date, addDays(date, 1));
    expect(await streak(addDays(date, 1))).toMatchObject({ days: 3, since: addDays(date, -1) });
    expect(await streak(addDays(date, 2))).toMatchObject({ days: 3 });
    expect(await streak(addDays(date, 3))).toMatchObject({ days: 0, since: null, bestDays: 3 });
  });

  it('T07 is the same whenever it is asked for; today without a walk breaks nothing', async () => {
    await walked('2026-11-17', '2026-11-18', '2026-11-19');
    for (const asOf of ['2026-11-19', '2026-11-20']) {
      const first = await streak(asOf);
      expect(first).toMatchObject({ days: 3, since: '2026-11-17' });
      expect(await streak(asOf)).toEqual(first);
    }
    expect(await streak('2026-11-18')).toMatchObject({ days: 2 }); // what comes later is not known then
    expect(await streak('2026-11-16')).toMatchObject({ days: 0 });
    expect(await streak('2027-11-19')).toMatchObject({ days: 0, bestDays: 3, best: '2026-11-17 2026-11-19' });
  });
});

describe('changes', () => {
  it('T06 a walk that comes late repairs it', async () => {
    await walked('2026-11-14', '2026-11-16', '2026-11-17');
    expect((await streak('2026-11-18')).days).toBe(2);
    await storeWalk(test, bori.id, { startedAt: at('2026-11-15'), completedAt: at('2026-11-18') });
    expect(await streak('2026-11-18')).toMatchObject({ days: 4, since: '2026-11-14' });
  });

  it('T10 the only walk of a day in between splits it, and joins it again', async () => {
    await walked('2026-11-16', '2026-11-17');
    const id = await walk('2026-11-18');
    await walked('2026-11-19', '2026-11-20');
    const whole = await streak('2026-11-20');
    expect(whole.days).toBe(5);
    await test.db.prisma.walk.update({ where: { id }, data: { counts: false } });
    expect(await streak('2026-11-20')).toMatchObject({ days: 2, bestDays: 2, best: '2026-11-16 2026-11-17' });
    await test.db.prisma.walk.update({ where: { id }, data: { counts: true } });
    expect(await streak('2026-11-20')).toEqual(whole);
    await test.db.prisma.walk.update({ where: { id }, data: { state: 'deleted' } });
    expect((await streak('2026-11-20')).days).toBe(2);
  });

  it('only walks that count, of this user, do', async () => {
    const choco = await signIn(test);
    await walked('2026-11-18', '2026-11-20');
    await storeWalk(test, choco.id, { startedAt: at('2026-11-19') });
    await storeWalk(test, bori.id, { startedAt: at('2026-11-19'), counts: false });
    expect((await streak('2026-11-20')).days).toBe(1);
  });

  it('knows when a streak was how long for the first time', async () => {
    await walked(
      '2026-11-01',
      '2026-11-02',
      '2026-11-04',
      '2026-11-05',
      '2026-11-06',
      '2026-11-10',
      '2026-11-11',
    );
    await walked('2026-11-12', '2026-11-13');
    expect(await streak('2026-11-20')).toMatchObject({
      reached: ['2026-11-01', '2026-11-02', '2026-11-06', '2026-11-13'],
      best: '2026-11-10 2026-11-13',
    });
  });
});

describe('T08 shields', () => {
  it('one bridges one missed day, and is not counted as a day', async () => {
    await walked('2026-11-16', '2026-11-18');
    await shield('2026-11-01', '2026-11-30');
    expect(await streak('2026-11-18')).toMatchObject({
      days: 2,
      since: '2026-11-16',
      shielded: ['2026-11-17'],
      shieldsLeft: 0,
    });
  });

  it('one is used once, in the order of the days', async () => {
    await walked('2026-11-10', '2026-11-12', '2026-11-14');
    await shield('2026-11-01', '2026-11-30');
    expect(await streak('2026-11-14')).toMatchObject({
      days: 1,
      since: '2026-11-14',
      shielded: [],
      shieldsLeft: 0,
    });
    await shield('2026-11-01', '2026-11-30');
    expect(await streak('2026-11-14')).toMatchObject({ days: 3, shielded: ['2026-11-11', '2026-11-13'] });
  });

  it('the one that ends first goes first', async () => {
    await walked('2026-11-10', '2026-11-12', '2026-11-14');
    await shield('2026-11-01', '2026-12-31');
    await shield('2026-11-01', '2026-11-12');
    expect(await streak('2026-11-14')).toMatchObject({ days: 3, shielded: ['2026-11-11', '2026-11-13'] });
  });

  it('one must have been held on the day', async () => {
    await walked('2026-11-16', '2026-11-18');
    await shield('2026-11-18', '2026-11-30');
    await shield('2026-10-01', '2026-11-16');
    expect(await streak('2026-11-18')).toMatchObject({ days: 1, shieldsLeft: 1 });
    await shield('2026-11-17');
    expect(await streak('2026-11-18')).toMatchObject({ days: 2, shielded: ['2026-11-17'], shieldsLeft: 1 });
  });

  it('a late upload gives it back', async () => {
    await walked('2026-11-10', '2026-11-12', '2026-11-14');
    await shield('2026-11-01', '2026-11-30');
    expect((await streak('2026-11-14')).days).toBe(1);
    await walk('2026-11-11');
    expect(await streak('2026-11-14')).toMatchObject({ days: 4, shielded: ['2026-11-13'] });
    await walk('2026-11-13');
    expect(await streak('2026-11-14')).toMatchObject({ days: 5, shielded: [], shieldsLeft: 1 });
  });

  it('too few for a gap do not hold it, and what was used in it is used', async () => {
    await walked('2026-11-10', '2026-11-13', '2026-11-15');
    await shield('2026-11-01', '2026-11-30');
    expect(await streak('2026-11-15')).toMatchObject({ days: 1, since: '2026-11-15', shieldsLeft: 0 });
    await shield('2026-11-01', '2026-11-30');
    await shield('2026-11-01', '2026-11-30');
    expect(await streak('2026-11-15')).toMatchObject({
      days: 3,
      shielded: ['2026-11-11', '2026-11-12', '2026-11-14'],
    });
  });

  it('yesterday is bridged while today goes on; today itself needs none', async () => {
    await walked('2026-11-17', '2026-11-18');
    await shield('2026-11-01', '2026-11-30');
    expect(await streak('2026-11-19')).toMatchObject({ days: 2, shielded: [], shieldsLeft: 1 });
    expect(await streak('2026-11-20')).toMatchObject({ days: 2, shielded: ['2026-11-19'], shieldsLeft: 0 });
    expect(await streak('2026-11-21')).toMatchObject({ days: 0, shielded: [] });
  });

  it('T09 a shield of one date for each makes up for an outage', async () => {
    await walked('2026-11-17', '2026-11-19');
    await shield('2026-11-18');
    await shield('2026-11-18');
    expect(await streak('2026-11-20')).toMatchObject({ days: 2, shielded: ['2026-11-18'] });
  });
});
