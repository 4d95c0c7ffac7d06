import { v7 as uuidv7 } from 'uuid';
import { BadgeJobs } from '../../src/modules/badges/badges.jobs.js';
import { ReminderJobs } from '../../src/modules/reminders/reminders.jobs.js';
import { waitingForWalk } from '../../src/modules/reminders/reminders.queries.js';
import { addDays } from '../../src/platform/clock/kst.js';
import { statement } from '../../src/platform/database/database.js';
import { type Person, signIn } from '../support/api.js';
import { given } from '../support/given.js';
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

const TODAY = '2026-11-20';
const told = (userId: string, type: 'walk_reminder' | 'season_deadline') =>
  test.db.prisma.notification.findMany({ where: { userId, type }, orderBy: { dedupeKey: 'asc' } });
const user = (data: object) => test.db.prisma.user.update({ where: { id: bori.id }, data });

describe('walk reminders', () => {
  const jobs = () => test.app.get(ReminderJobs);
  const walk = (date: string, time: string, more = {}) =>
    storeWalk(test, bori.id, { startedAt: at(date, time), ...more });
  const device = (of = bori) =>
    test.db.prisma.pushToken.create({
      data: {
        id: uuidv7(),
        token: uuidv7(),
        userId: of.id,
        sessionId: of.sessionId,
        platform: 'ios',
        createdAt: test.clock.now(),
        lastSeenAt: test.clock.now(),
      },
    });
  /** At so many minutes after the slot of an hour. */
  async function remind(time = '18:00', minutesLate = 0, date = TODAY) {
    const slot = at(date, time);
    test.clock.set(slot.getTime() + minutesLate * 60_000);
    await jobs().remind({ slotAt: slot.toISOString() });
    return (await told(bori.id, 'walk_reminder')).length;
  }
  beforeEach(() => test.clock.set(at(TODAY, '07:00').getTime()));
  /** Everything that a reminder at 18:00 needs. */
  async function usuallyAtSix(times = ['18:00', '18:59', '18:30']) {
    for (const [i, time] of times.entries()) await walk(addDays(TODAY, -1 - i), time);
    await device();
    return given.pet(bori, { name: '보리' });
  }

  it('come at the usual hour, once a day, by the dog’s name', async () => {
    await usuallyAtSix();
    expect(await remind('17:00')).toBe(0);
    expect(await remind('19:00')).toBe(0);
    expect(await remind('18:00')).toBe(1);
    expect(await remind('18:00', 30)).toBe(1);
    expect(await told(bori.id, 'walk_reminder')).toEqual([
      expect.objectContaining({
        dedupeKey: `walk_reminder:${TODAY}`,
        body: '보리가 산책을 기다려요.',
        staleAt: at(TODAY, '20:00'),
      }),
    ]);
    expect(await remind('18:00', 0, addDays(TODAY, 1))).toBe(2);
  });

  it.each([
    ['뭉', '뭉이 산책을 기다려요.'],
    ['Max', 'Max이(가) 산책을 기다려요.'],
  ])('%s: %s', async (name, body) => {
    const pet = await usuallyAtSix();
    await test.db.prisma.pet.update({ where: { id: pet.id }, data: { name } });
    await remind();
    expect((await told(bori.id, 'walk_reminder'))[0]!.body).toBe(body);
  });

  it('need 3 walks of the last 28 days, and go by the hour of most', async () => {
    await usuallyAtSix(['18:00', '18:00']);
    expect(await remind()).toBe(0);
    await walk(addDays(TODAY, -29), '18:00');
    await walk(addDays(TODAY, -3), '18:00', { counts: false });
    expect(await remind()).toBe(0);
    await walk(addDays(TODAY, -28), '06:00');
    expect(await remind()).toBe(1);
  });

  it('T03 the usual hour is a Korean one', async () => {
    await usuallyAtSix(['00:00', '00:59:59.999', '00:30']);
    expect(await remind('00:00')).toBe(1);
  });

  it('G23 not without a dog: a removed one waits for nobody', async () => {
    const pet = await usuallyAtSix();
    await bori.send('DELETE', `/pets/${pet.id}`);
    expect(await remind()).toBe(0);
    await given.pet(bori, { name: '초코' });
    expect(await remind()).toBe(1);
    expect((await told(bori.id, 'walk_reminder'))[0]!.body).toContain('초코가');
  });

  it('not to a phone that is logged out or expired', async () => {
    await usuallyAtSix();
    const session = (data: object) => test.db.prisma.session.update({ where: { id: bori.sessionId }, data });
    await session({ revokedAt: test.clock.now() });
    expect(await remind()).toBe(0);
    await session({ revokedAt: null, expiresAt: at(TODAY, '18:00') });
    expect(await remind()).toBe(0);
    await session({ expiresAt: at(TODAY, '18:01') });
    expect(await remind()).toBe(1);
  });

  it('not to who walks now or has walked today', async () => {
    await usuallyAtSix();
    const id = await walk(TODAY, '00:00', { counts: false });
    expect(await remind()).toBe(0);
    const set = (data: object) => test.db.prisma.walk.update({ where: { id }, data });
    await set({ state: 'recording', walkDate: new Date(`${addDays(TODAY, -1)}T00:00:00Z`) });
    expect(await remind()).toBe(0);
    await set({ state: 'abandoned' });
    expect(await remind()).toBe(1);
  });

  it('A06 not to who is suspended or leaving', async () => {
    await usuallyAtSix();
    await user({ suspendedAt: test.clock.now() });
    expect(await remind()).toBe(0);
    await user({ suspendedAt: null, deletionRequestedAt: test.clock.now() });
    expect(await remind()).toBe(0);
  });

  it('not for a slot that was missed for more than an hour', async () => {
    await usuallyAtSix();
    expect(await remind('18:00', 60.001)).toBe(0);
    expect(await remind('18:00', 60)).toBe(1);
  });

  it('are looked for with more time than a request has', async () => {
    await usuallyAtSix();
    const { db } = test;
    const transaction = db.transaction.bind(db);
    const limits: unknown[] = [];
    db.transaction = (work, options) => {
      limits.push(options?.timeoutMs);
      return transaction(work, options);
    };
    expect(await remind()).toBe(1);
    db.transaction = transaction;
    expect(limits).toEqual([120_000, undefined]);
  });

  it('are found by the walks of the days, not by all there ever were', async () => {
    const { name, text } = waitingForWalk;
    const explain = statement<Record<'QUERY PLAN', string>>(`${name}_plan`, `explain ${text}`);
    await test.db.prisma.$executeRaw`
      insert into walks (id, user_id, state, source, visibility, walk_date, started_at, last_heard_at, counts, created_at)
      select gen_random_uuid(), ${bori.id}::uuid, 'completed', 'upload', 'private', date '2026-11-19' - n / 8, now(), now(), true, now()
      from generate_series(1, 8000) n`;
    await test.db.prisma.$executeRaw`analyze walks`;
    const plan = await test.db.rows(explain, [TODAY, 18, test.clock.now().toISOString()]);
    expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toContain('walks_counting_by_date');
    await test.db.prisma.walk.deleteMany({ where: { userId: bori.id } });
  });
});

describe('season deadlines', () => {
  const slot = (date: string) => at(date, '10:00');
  async function tell(date: string, now = slot(date)) {
    test.clock.set(now.getTime());
    await test.app.get(BadgeJobs).tellDeadlines({ slotAt: slot(date).toISOString() });
    return (await told(bori.id, 'season_deadline')).map(({ dedupeKey }) => dedupeKey);
  }
  /** So many walks in the season, one a day. */
  async function walks(count: number, from: string, time = '12:00') {
    for (let i = 0; i < count; i++) await storeWalk(test, bori.id, { startedAt: at(addDays(from, i), time) });
  }

  it('are told 7, 3 and 1 days before the last day, to who has come 30 %', async () => {
    await walks(3, '2026-10-10');
    for (const date of ['2026-11-12', '2026-11-14', '2026-11-16', '2026-11-18', '2026-11-20', '2026-11-21'])
      expect(await tell(date)).toEqual([]);
    expect(await tell('2026-11-13')).toEqual(['season_deadline:autumn_leaves_10:2026:7']);
    expect(await tell('2026-11-17')).toHaveLength(2);
    expect(await tell('2026-11-19')).toHaveLength(3);
    expect(await tell('2026-11-19')).toHaveLength(3);
    expect((await told(bori.id, 'season_deadline'))[1]).toMatchObject({
      title: '‘단풍 산책’ 3일 남았어요',
      body: expect.stringContaining('산책 7번이면'),
      staleAt: at('2026-11-18', '00:00'),
      data: { badgeCode: 'autumn_leaves_10', year: '2026' },
    });
  });

  it('not to who has 2 of 10, walked beside the season, or has the badge', async () => {
    await walks(2, '2026-10-10');
    await walks(3, '2026-10-07');
    await storeWalk(test, bori.id, { startedAt: at('2026-10-20'), counts: false });
    expect(await tell('2026-11-13')).toEqual([]);
    await walks(1, '2026-10-21');
    const badge = { userId: bori.id, code: 'autumn_leaves_10', earnedAt: test.clock.now() };
    await test.db.prisma.userBadge.create({ data: { ...badge, year: 2026 } });
    expect(await tell('2026-11-13')).toEqual([]);
    await test.db.prisma.userBadge.update({
      where: { userId_code_year: { userId: bori.id, code: badge.code, year: 2026 } },
      data: { year: 2025 },
    });
    expect(await tell('2026-11-13')).toHaveLength(1);
  });

  it('not to who has reached it, is suspended or leaving', async () => {
    await walks(10, '2026-10-10');
    expect(await tell('2026-11-13')).toEqual([]);
    await test.db.prisma.walk.deleteMany({
      where: { userId: bori.id, walkDate: new Date('2026-10-10T00:00:00Z') },
    });
    await user({ suspendedAt: test.clock.now() });
    expect(await tell('2026-11-13')).toEqual([]);
    await user({ suspendedAt: null, deletionRequestedAt: test.clock.now() });
    expect(await tell('2026-11-13')).toEqual([]);
    await user({ deletionRequestedAt: null });
    expect(await tell('2026-11-13')).toHaveLength(1);
  });

  it('of the summer dawn go by its hours; of the winter over the new year', async () => {
    await walks(3, '2026-07-01', '07:00');
    expect(await tell('2026-08-24')).toEqual([]);
    await walks(3, '2026-07-10', '06:59:59.999');
    expect(await tell('2026-08-24')).toEqual(['season_deadline:summer_dawn_10:2026:7']);
    await walks(2, '2026-12-30');
    await walks(1, '2027-02-01');
    expect(await tell('2027-02-14')).toContain('season_deadline:winter_warrior_10:2026:1');
  });

  it('of a slot made up late the same day are told, of another day not', async () => {
    await walks(5, '2026-10-10');
    expect(await tell('2026-11-13', at('2026-11-14', '00:00'))).toEqual([]);
    expect(await tell('2026-11-13', at('2026-11-13', '23:59'))).toHaveLength(1);
  });
});
