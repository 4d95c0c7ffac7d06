import { v7 as uuidv7 } from 'uuid';
import { addDays, fromDateColumn, kstDate, toDateColumn } from '../../src/platform/clock/kst.js';
import { statement } from '../../src/platform/database/database.js';
import { historyOf } from '../../src/modules/rankings/history.queries.js';
import { giveMonthlyShields } from '../../src/modules/totals/index.js';
import { passTime, Subscriptions } from '../../src/modules/entitlement/index.js';
import type { Store } from '../../src/generated/prisma/enums.js';
import { DAY_MS, paid, refunded, renewal, trial } from '../builders/facts.js';
import { type Answer, expectFieldFault, expectProblem, type Person, send, signIn } from '../support/api.js';
import {
  allOf,
  boardOf,
  clearBoards,
  HOME_DONG,
  refreshBoards,
  setTotals,
  walkers,
} from '../support/boards.js';
import { given } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { plansOf } from '../support/plans.js';
import { at, storeWalk } from '../support/stored-walks.js';

let test: TestApp;
/** Never paid, pays, has paid once. */
let free: Person;
let premium: Person;
let former: Person;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());
beforeEach(async () => {
  test.clock.set('2026-11-20T03:00:00Z');
  [free, premium, former] = [await signIn(test), await signIn(test), await signIn(test)];
  await given.premium(premium);
  await given.premium(former, { until: test.clock.now() });
});

const later = (days: number) => new Date(test.clock.nowMs() + days * DAY_MS);
const expectLocked = (answer: Answer, unlock: string, members: object = {}) => {
  expectProblem(answer, 403, 'premium-required');
  expect(answer.body).toMatchObject({ unlocks: [unlock], ...members });
};

describe('unlimited pets', () => {
  const addPet = (to: Person) => to.send('POST', '/pets', { name: '보리' });

  it('a third one is for premium only', async () => {
    for (const person of [free, former]) {
      for (let i = 0; i < 2; i++) expect((await addPet(person)).status).toBe(201);
      expectLocked(await addPet(person), 'unlimited-pets', { limit: 2 });
    }
    for (let i = 0; i < 5; i++) expect((await addPet(premium)).status).toBe(201);
  });

  it('S14 those added stay when premium ends, and none can be added from that instant on', async () => {
    for (let i = 0; i < 4; i++) await addPet(premium);
    test.clock.set(later(30).getTime() - 1);
    expect((await addPet(premium)).status).toBe(201);
    test.clock.advance({ ms: 1 });
    expectLocked(await addPet(premium), 'unlimited-pets');
    const { items } = (await premium.send('GET', '/pets')).body;
    expect(items).toHaveLength(5);
    const renamed = await premium.send('PATCH', `/pets/${items[0].id}`, { name: '초코' });
    expect(renamed.status).toBe(200);
    for (const { id } of items.slice(0, 3)) await premium.send('DELETE', `/pets/${id}`);
    expectLocked(await addPet(premium), 'unlimited-pets');
    await premium.send('DELETE', `/pets/${items[3].id}`);
    expect((await addPet(premium)).status).toBe(201);
  });
});

describe('full-history statistics', () => {
  const statistics = (of: Person, query: string) => of.send('GET', `/users/me/statistics?${query}`);

  it('weeks and months that end in the last 92 days are everybody’s', async () => {
    for (const query of ['', 'period=month', 'period=week&date=2026-08-20', 'period=month&date=2026-08-01']) {
      for (const person of [free, former, premium])
        expect((await statistics(person, query)).status).toBe(200);
    }
  });

  it.each(['period=week&date=2026-08-16', 'period=month&date=2026-07-31', 'period=year', 'period=all'])(
    '%s is for premium',
    async (query) => {
      for (const person of [free, former])
        expectLocked(await statistics(person, query), 'full-history-statistics', { limit: 92 });
      expect((await statistics(premium, query)).status).toBe(200);
    },
  );

  it('what is shown is whole', async () => {
    await storeWalk(test, free.id, { startedAt: at('2026-08-01') });
    const { body } = await statistics(free, 'period=month&date=2026-08-31');
    expect(body).toMatchObject({ from: '2026-08-01', to: '2026-08-31', totals: { walks: 1 } });
  });
});

describe('ranking history', () => {
  const WEEKS = ['2026-10-26', '2026-11-02', '2026-11-09', '2026-11-16'];
  const history = (of: Person, query = '') => of.send('GET', `/rankings/me/history?${query}`);
  const update = (id: string, data: object) => test.db.prisma.user.update({ where: { id }, data });
  beforeEach(async () => {
    await test.queue.drain();
    await clearBoards(test);
    test.clock.set('2026-11-20T03:00:00Z');
    [free, premium, former] = [await signIn(test), await signIn(test), await signIn(test)];
    await given.premium(premium);
    await given.premium(former, { until: test.clock.now() });
  });

  it('boards older than the last period are for premium, those of the hall of fame for everybody', async () => {
    for (const query of [
      'date=2026-11-20',
      'date=2026-11-09',
      'period=month&date=2026-10-01',
      'period=all',
    ]) {
      for (const person of [free, former, premium]) expect((await boardOf(person, query)).status).toBe(200);
    }
    for (const query of ['date=2026-11-08', 'period=month&date=2026-09-30']) {
      for (const person of [free, former]) expectLocked(await boardOf(person, query), 'ranking-history');
      expect((await boardOf(premium, query)).status).toBe(200);
    }
    expect((await free.send('GET', '/hall-of-fame')).status).toBe(200);
  });

  it('a cursor does not open what is locked', async () => {
    const november = await walkers(test, [{ distanceM: 3_000 }, { distanceM: 2_000 }], {
      week: '2026-11-02',
    });
    expect(november).toHaveLength(2);
    await refreshBoards(test);
    const { nextCursor } = (await boardOf(premium, 'date=2026-11-02&limit=1')).body;
    expect((await boardOf(premium, `limit=1&cursor=${nextCursor}`)).body.startsOn).toBe('2026-11-02');
    expectLocked(await boardOf(free, `limit=1&cursor=${nextCursor}`), 'ranking-history');
  });

  it('GET /rankings/me/history is for premium', async () => {
    for (const person of [free, former]) expectLocked(await history(person), 'ranking-history');
    expectProblem(await send(test, 'GET', '/rankings/me/history'), 401, 'unauthorized');
    expect((await history(premium)).body).toMatchObject({ period: 'week', scope: 'nation', items: [] });
    expectFieldFault(await history(premium, 'period=all'), 'period');
    expectFieldFault(await history(premium, 'cursor=x'), 'cursor');
  });

  it('lists my rank and value on each closed board, newest first, page by page', async () => {
    for (const [i, week] of WEEKS.entries()) {
      await walkers(test, [{ distanceM: 9_000 }, { distanceM: 5_000 }], { week });
      if (i !== 1) await setTotals(test, premium.id, { distanceM: 4_000 + 2_000 * i + 50 }, { week });
    }
    await refreshBoards(test);
    expect((await history(premium)).body.items).toEqual([
      { startsOn: '2026-11-09', endsOn: '2026-11-15', regionCode: null, rank: 2, value: 8_050 },
      { startsOn: '2026-10-26', endsOn: '2026-11-01', regionCode: null, rank: 3, value: 4_050 },
    ]);
    for (const limit of [1, 2, 5]) {
      const pages = await allOf(premium, '/rankings/me/history?', limit);
      expect(pages.map(({ startsOn }: { startsOn: string }) => startsOn)).toEqual([
        '2026-11-09',
        '2026-10-26',
      ]);
    }
    test.clock.set('2026-11-24T03:00:00Z');
    await refreshBoards(test);
    expect((await history(premium)).body.items[0]).toMatchObject({
      startsOn: '2026-11-16',
      rank: 1,
      value: 10_050,
    });
    expect((await history(premium, 'period=month')).body.items).toEqual([]);
    expect((await history(premium, 'metric=walks')).body.items[0].value).toBe(11);
  });

  it('shows the rank that the board itself shows: nobody hidden above, none in a small dong', async () => {
    await update(premium.id, { regionCode: HOME_DONG });
    const [first, second, third] = await walkers(
      test,
      [9_000, 8_000, 7_000, 3_000].map((distanceM) => ({ distanceM })),
      { week: '2026-11-09' },
    );
    await setTotals(test, premium.id, { distanceM: 5_000 }, { week: '2026-11-09' });
    await refreshBoards(test);
    const ranks = async () => {
      const found = [];
      for (const scope of ['nation', 'gu', 'dong']) {
        const [item] = (await history(premium, `scope=${scope}`)).body.items;
        const { me } = (await boardOf(premium, `scope=${scope}&date=2026-11-09`)).body;
        expect(item.rank).toBe(me.rank);
        expect(item.value).toBe(me.value);
        found.push(item.rank);
      }
      return found;
    };
    expect(await ranks()).toEqual([4, 4, 4]);
    await update(first!, { rankingOptedOutAt: test.clock.now() });
    expect(await ranks()).toEqual([3, 3, null]);
    await test.db.prisma.block.create({
      data: { blockerId: second!, blockedId: premium.id, createdAt: test.clock.now() },
    });
    expect(await ranks()).toEqual([2, 2, null]);
    await update(second!, { suspendedAt: test.clock.now() });
    await update(third!, { deletionRequestedAt: test.clock.now() });
    expect(await ranks()).toEqual([1, 1, null]);
    await update(premium.id, { rankingOptedOutAt: test.clock.now() });
    expect(await ranks()).toEqual([null, null, null]);
  });

  it('is read by the keys of its rows, however many walked', async () => {
    const crowd = [
      `insert into ranking_snapshots (id, period, starts_on, taken_at, is_current, closed_at)
       select 100000 + n, 'week', date '2026-11-09' - 7 * n, now(), true, now() from generate_series(0, 49) n`,
      `insert into ranking_rows (snapshot_id, metric, user_id, value, nation_rank)
       select 100000 + n, 'distance', case when w = 1 then '${premium.id}'::uuid else gen_random_uuid() end, w, 800 - w
       from generate_series(0, 49) n cross join generate_series(1, 799) w`,
      `insert into ranking_boards (snapshot_id, metric, scope, region_code, members)
       select 100000 + n, 'distance', 'nation', '', 799 from generate_series(0, 49) n`,
      'analyze ranking_snapshots',
      'analyze ranking_rows',
      'analyze ranking_boards',
    ];
    await test.db.transaction(async (tx) => {
      for (const text of crowd) await tx.rows(statement<never>('', text), []);
    });
    const asked = { viewerId: premium.id, period: 'week', metric: 'distance', count: 21 } as const;
    for (const before of [null, '2026-06-01']) {
      for (const { scans } of await plansOf(test.db, (db) =>
        historyOf(db, { ...asked, scope: 'nation', before }),
      ))
        for (const scan of scans.filter((each) => each.includes('ranking_rows')))
          expect(scan).toMatch(/^Index Scan ranking_rows ranking_rows_pkey$/);
    }
    expect(await allOf(premium, '/rankings/me/history?', 20)).toHaveLength(50);
  });
});

describe('streak shields', () => {
  const shieldsOf = async (person: Person) => {
    const rows = await test.db.prisma.streakShield.findMany({
      where: { userId: person.id },
      orderBy: [{ coversFrom: 'asc' }, { id: 'asc' }],
    });
    return rows.map(
      ({ coversFrom, coversTo }) => `${fromDateColumn(coversFrom)} ${fromDateColumn(coversTo)}`,
    );
  };
  const streakOf = async (person: Person) => (await person.send('GET', '/users/me/streak')).body;
  const runMonthly = async () => {
    await test.db.transaction((tx) =>
      test.queue.enqueue(tx, giveMonthlyShields, { slotAt: test.clock.now().toISOString() }),
    );
    await test.queue.drain();
  };

  it('two come with premium, from the next day to the end of the month, once', async () => {
    await test.queue.drain();
    const novembers = ['2026-11-21 2026-11-30', '2026-11-21 2026-11-30'];
    expect(await shieldsOf(premium)).toEqual(novembers);
    expect(await shieldsOf(free)).toEqual([]);
    expect(await shieldsOf(former)).toEqual([]);
    await given.premium(premium, { until: later(60) });
    await given.premium(premium, { store: 'toss' });
    await runMonthly();
    await runMonthly();
    expect(await shieldsOf(premium)).toEqual(novembers);
    expect((await streakOf(premium)).shieldsLeft).toBe(0);
    test.clock.advance({ days: 1 });
    expect((await streakOf(premium)).shieldsLeft).toBe(2);
  });

  it('T08 a shield must be held before the day: none bought afterwards mends a streak', async () => {
    for (const date of ['2026-11-17', '2026-11-18']) await storeWalk(test, free.id, { startedAt: at(date) });
    await given.premium(free);
    await test.queue.drain();
    expect(await streakOf(free)).toMatchObject({ days: 0, shieldedDates: [] });
    await storeWalk(test, free.id, { startedAt: at('2026-11-20') });
    test.clock.set('2026-11-22T03:00:00Z');
    expect(await streakOf(free)).toMatchObject({ days: 1, shieldedDates: ['2026-11-21'], shieldsLeft: 1 });
  });

  it('each month brings two more to whoever still has premium, for all its days; unused ones end with theirs', async () => {
    await test.queue.drain();
    test.clock.set('2026-11-30T15:10:00Z'); // 00:10 on 1 December, KST
    await runMonthly();
    expect(await shieldsOf(premium)).toEqual([
      ...['2026-11-21 2026-11-30', '2026-11-21 2026-11-30'],
      ...['2026-12-01 2026-12-31', '2026-12-01 2026-12-31'],
    ]);
    expect((await streakOf(premium)).shieldsLeft).toBe(2);
    test.clock.set('2026-12-31T15:10:00Z');
    await runMonthly();
    expect(await shieldsOf(premium)).toHaveLength(4);
    expect((await streakOf(premium)).shieldsLeft).toBe(0);
  });

  it('they are not taken back when premium ends', async () => {
    await given.premium(free, { until: later(3) });
    await test.queue.drain();
    await storeWalk(test, free.id, { startedAt: at('2026-11-23') });
    test.clock.advance({ days: 5 });
    await test.db.transaction((tx) =>
      test.queue.enqueue(tx, passTime, { slotAt: test.clock.now().toISOString() }),
    );
    await test.queue.drain();
    expect(await streakOf(free)).toMatchObject({ days: 1, shieldedDates: ['2026-11-24'], shieldsLeft: 1 });
  });

  it('premium of the month’s last day has none of that month', async () => {
    test.clock.set('2026-11-30T03:00:00Z');
    const person = await signIn(test);
    await given.premium(person);
    await test.queue.drain();
    expect(await shieldsOf(person)).toEqual([]);
  });

  it('a renewal over the turn of the month that is heard of late covers the month from its first day', async () => {
    const subscriptions = test.app.get(Subscriptions);
    const learn = (...facts: Parameters<Subscriptions['learn']>[2][number][]) =>
      test.db.transaction((tx) =>
        subscriptions.learn(
          tx,
          { store: 'google', storeKey: free.id, environment: 'production', userId: free.id },
          facts,
        ),
      );
    const first = paid('a', { startsAtMs: later(0).getTime(), endsAtMs: Date.parse('2026-11-30T12:00:00Z') });
    await learn(first, renewal());
    await test.queue.drain();
    test.clock.set('2026-12-01T03:00:00Z');
    await runMonthly();
    await learn(paid('b', { startsAtMs: first.endsAtMs, endsAtMs: Date.parse('2026-12-30T12:00:00Z') }));
    await test.queue.drain();
    expect((await shieldsOf(free)).slice(2)).toEqual(['2026-12-01 2026-12-31', '2026-12-01 2026-12-31']);
  });

  it('the months’ shields go to all, page by page', async () => {
    const people = Array.from({ length: 620 }, () => uuidv7());
    const now = test.clock.now();
    await test.db.prisma.user.createMany({
      data: people.map((id, i) => ({
        id,
        nickname: `구독${i}`,
        privacySeed: new Uint8Array(32),
        createdAt: now,
      })),
    });
    await test.db.prisma.subscription.createMany({
      data: people.map((userId) => ({
        ...{
          id: uuidv7(),
          userId,
          store: 'google' as const,
          storeKey: userId,
          environment: 'production' as const,
        },
        ...{ state: 'active' as const, renews: true, standing: {}, accessUntil: later(9), createdAt: now },
      })),
    });
    await runMonthly();
    const count = await test.db.prisma.streakShield.count({
      where: { userId: { in: people }, coversFrom: toDateColumn(addDays(kstDate(now), 1)) },
    });
    expect(count).toBe(1_240);
  });
});

describe('what the user is told', () => {
  const subscriptions = () => test.app.get(Subscriptions);
  const learn = async (
    person: Person,
    store: Store,
    ...facts: Parameters<Subscriptions['learn']>[2][number][]
  ) => {
    const sale = { store, storeKey: person.id, environment: 'production' as const, userId: person.id };
    await test.db.transaction((tx) => subscriptions().learn(tx, sale, facts));
    await test.queue.drain();
    test.clock.advance({ seconds: 1 }); // so that what is told has an order
  };
  const pass = async (days: number) => {
    test.clock.advance({ days });
    await test.db.transaction((tx) =>
      test.queue.enqueue(tx, passTime, { slotAt: test.clock.now().toISOString() }),
    );
    await test.queue.drain();
  };
  const told = async (person: Person) => {
    const notes = await test.db.prisma.notification.findMany({
      where: { userId: person.id, type: 'subscription' },
      orderBy: { createdAt: 'asc' },
    });
    return notes.map(({ title, urgent }) => (urgent ? `! ${title}` : title));
  };
  const bodies = async (person: Person) =>
    (await person.send('GET', '/notifications')).body.items.map(({ body }: { body: string }) => body);
  const now = () => test.clock.nowMs();

  it('S04 a payment that fails, is held and recovers, each once', async () => {
    const bought = paid('a', { startsAtMs: now() });
    const graceUntilMs = bought.endsAtMs + 5 * DAY_MS;
    const retriesUntilMs = bought.endsAtMs + 40 * DAY_MS;
    await learn(free, 'google', bought, renewal());
    await pass(29);
    expect(await told(free)).toEqual([]);
    await learn(free, 'google', renewal({ asOf: 2, graceUntilMs, retriesUntilMs }));
    await pass(1);
    await pass(1);
    expect(await told(free)).toEqual(['! 구독 결제에 실패했어요']);
    expect((await bodies(free))[0]).toContain('Google Play');
    expect((await bodies(free))[0]).toContain('12월 25일');
    await pass(5);
    await learn(free, 'google', renewal({ asOf: 3, retriesUntilMs }));
    expect(await told(free)).toEqual(['! 구독 결제에 실패했어요', '! 프리미엄이 멈췄어요']);
    await learn(free, 'google', paid('b', { startsAtMs: now() }), renewal({ asOf: 4 }));
    await learn(free, 'google', paid('b', { asOf: 2, startsAtMs: now() }), renewal({ asOf: 5 }));
    expect((await told(free)).slice(2)).toEqual(['결제가 확인됐어요']);
    await learn(free, 'google', renewal({ asOf: 6, pausedUntilMs: now() + 90 * DAY_MS }));
    await pass(30);
    expect((await told(free)).slice(3)).toEqual(['구독을 일시 중지했어요']);
  });

  it('S03 the end and a refund; an end that the store has not confirmed is not announced', async () => {
    await learn(free, 'apple', trial('t', { startsAtMs: now() }), renewal());
    await pass(8);
    expect(await told(free)).toEqual([]);
    await learn(free, 'apple', renewal({ asOf: 2, renews: false }));
    expect(await told(free)).toEqual(['프리미엄이 끝났어요']);
    const again = paid('a', { startsAtMs: now() });
    await learn(free, 'apple', again, renewal({ asOf: 3 }));
    await learn(free, 'apple', refunded(again, now()));
    expect(await told(free)).toEqual(['프리미엄이 끝났어요', '구독이 환불되었어요']);
  });

  it('what is long over is no news', async () => {
    const old = paid('a', { startsAtMs: now() - 400 * DAY_MS });
    await learn(free, 'apple', old, renewal({ renews: false, endedAtMs: old.endsAtMs }));
    expect(await told(free)).toEqual([]);
  });

  it('S06 being charged by two stores, once for the pair, naming both', async () => {
    await learn(free, 'apple', paid('a', { startsAtMs: now() }), renewal());
    await learn(free, 'toss', paid('t', { startsAtMs: now() }), renewal());
    await learn(free, 'toss', renewal({ asOf: 2, renews: false }));
    await learn(free, 'toss', renewal({ asOf: 3 }));
    await learn(free, 'apple', paid('b', { startsAtMs: now() + 30 * DAY_MS }));
    expect(await told(free)).toEqual(['중복 구독 중이에요']);
    expect((await bodies(free))[0]).toMatch(/App Store.*멍이랑|멍이랑.*App Store/);
    await learn(former, 'google', paid('a', { startsAtMs: now() }), renewal());
    await learn(former, 'toss', paid('t', { startsAtMs: now() }), renewal({ renews: false }));
    expect(await told(former)).not.toContain('중복 구독 중이에요');
  });
});
