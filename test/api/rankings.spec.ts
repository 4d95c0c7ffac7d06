import { seededRandom } from '../builders/tracks.js';
import { expectFieldFault, expectProblem, type Person, signIn } from '../support/api.js';
import {
  allOf,
  boardOf,
  clearBoards,
  HOME_DONG,
  HOME_GU,
  NOVEMBER,
  refreshBoards,
  setTotals,
  walkers,
} from '../support/boards.js';
import { given } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { dogOf } from '../support/walking.js';

let test: TestApp;
let bori: Person;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());
beforeEach(async () => {
  await test.queue.drain();
  await clearBoards(test);
  test.clock.set('2026-11-20T03:00:00Z');
  bori = await citizen();
});

async function citizen(regionCode: string | null = HOME_DONG): Promise<Person> {
  const person = await signIn(test);
  await update(person.id, { regionCode });
  return person;
}
const update = (id: string, data: object) => test.db.prisma.user.update({ where: { id }, data });
const values = (...distances: number[]) => distances.map((distanceM) => ({ distanceM }));
interface Item {
  rank: number;
  formerRank: number | null;
  value: number;
  user: { id: string } | null;
  isMe: boolean;
}
interface WhyItem {
  value: number;
  included: boolean;
  reasons: string[];
}
const ranksOf = (body: { items: Item[] }) => body.items.map(({ rank, value }) => [rank, value]);
const block = (blockerId: string, blockedId: string) =>
  test.db.prisma.block.create({ data: { blockerId, blockedId, createdAt: HOUR_AGO } });
const HIDDEN = ['suspendedAt', 'deletionRequestedAt', 'rankingOptedOutAt'] as const;
const HOUR_AGO = new Date('2026-11-20T02:00:00Z');

describe('a board', () => {
  it('is the nation by distance this week unless told', async () => {
    const ids = await walkers(test, values(3_000, 2_000));
    await setTotals(test, bori.id, { distanceM: 2_500 });
    await refreshBoards(test);
    const { status, body } = await boardOf(bori);
    expect(status).toBe(200);
    expect(body).toEqual({
      period: 'week',
      scope: 'nation',
      metric: 'distance',
      regionCode: null,
      regionName: null,
      startsOn: '2026-11-16',
      endsOn: '2026-11-22',
      takenAt: '2026-11-20T03:00:00.000Z',
      isFinal: false,
      members: 3,
      shown: true,
      me: { rank: 2, formerRank: null, value: 2_500, optedOut: false },
      items: [
        { rank: 1, formerRank: null, value: 3_000, user: { id: ids[0], nickname: '이웃0' }, isMe: false },
        {
          rank: 2,
          formerRank: null,
          value: 2_500,
          user: { id: bori.id, nickname: expect.any(String) },
          isMe: true,
        },
        { rank: 3, formerRank: null, value: 2_000, user: { id: ids[1], nickname: '이웃1' }, isMe: false },
      ],
      nextCursor: null,
    });
  });

  it('is there for each period, scope and metric', async () => {
    await walkers(test, [{ distanceM: 9_000, walks: 1, movingS: 100 }, ...values(1, 2, 3)]);
    await setTotals(test, bori.id, { distanceM: 5_000, walks: 7, movingS: 90 });
    await refreshBoards(test);
    for (const period of ['week', 'month', 'all']) {
      for (const [scope, regionCode] of [
        ['dong', HOME_DONG],
        ['gu', HOME_GU],
        ['nation', null],
      ]) {
        for (const [metric, rank, value] of [
          ['distance', 2, 5_000],
          ['walks', 1, 7],
          ['moving_time', 2, 90],
        ]) {
          const { body } = await boardOf(bori, `period=${period}&scope=${scope}&metric=${metric}`);
          expect(body).toMatchObject({ period, scope, metric, regionCode, members: 5, me: { rank, value } });
          expect(body.items).toHaveLength(5);
          expect(body.items[Number(rank) - 1]).toMatchObject({ rank, value, isMe: true });
        }
      }
    }
    expect((await boardOf(bori, 'period=all')).body).toMatchObject({ startsOn: '1970-01-01', endsOn: null });
  });

  it('nobody has taken yet is empty, and tells no rank', async () => {
    await setTotals(test, bori.id, { distanceM: 5_000 });
    for (const query of ['', 'scope=gu', 'date=2031-01-01']) {
      const { body } = await boardOf(bori, query);
      expect(body).toMatchObject({
        takenAt: null,
        isFinal: false,
        members: 0,
        items: [],
        me: { rank: null },
      });
    }
    expect((await boardOf(bori)).body.me.value).toBe(5_000);
  });

  it('says what its region is called, once that is known', async () => {
    const nameOf = async (path: string) => (await bori.send('GET', path)).body.regionName;
    expect(await nameOf('/rankings?scope=gu')).toBeNull();
    await test.db.prisma.region.create({
      data: {
        code: HOME_DONG,
        sido: '서울특별시',
        gu: '강남구',
        dong: '역삼1동',
        learntAt: test.clock.now(),
      },
    });
    for (const path of ['/rankings', '/hall-of-fame']) {
      expect(await nameOf(`${path}?scope=dong`)).toBe('역삼1동');
      expect(await nameOf(`${path}?scope=gu`)).toBe('서울특별시 강남구');
      expect(await nameOf(`${path}?scope=nation`)).toBeNull();
    }
    await test.db.prisma.region.deleteMany();
  });

  it('of a dong or gu needs a home region', async () => {
    const nobody = await citizen(null);
    for (const path of ['/rankings?scope=dong', '/rankings?scope=gu', '/hall-of-fame?scope=dong'])
      expectProblem(await nobody.send('GET', path), 409, 'home-region-needed');
    for (const path of ['/rankings', '/hall-of-fame', '/rankings/me/why'])
      expect((await nobody.send('GET', path)).status).toBe(200);
  });

  it('is asked for by known words only', async () => {
    for (const [path, field] of [
      ['/rankings?period=quarter', 'period'],
      ['/rankings?scope=city', 'scope'],
      ['/rankings?metric=ranked_walks', 'metric'],
      ['/rankings?date=2026-02-30', 'date'],
      ['/rankings?cursor=abc', 'cursor'],
      ['/hall-of-fame?period=week', 'period'],
      ['/hall-of-fame?cursor=WyJ4Il0', 'cursor'],
      ['/rankings/me/why?cursor=abc', 'cursor'],
    ] as const)
      expectFieldFault(await bori.send('GET', path), field);
  });

  it('keeps the former rank of the same board', async () => {
    const [first, second] = await walkers(test, values(3_000, 2_000));
    await refreshBoards(test);
    test.clock.advance({ hours: 1 });
    await setTotals(test, second!, { distanceM: 9_000 });
    await setTotals(test, bori.id, { distanceM: 1_000 });
    await refreshBoards(test);
    const { body } = await boardOf(bori);
    expect(body.items.map((item: Item) => [item.user?.id, item.rank, item.formerRank])).toEqual([
      [second, 1, 2],
      [first, 2, 1],
      [bori.id, 3, null],
    ]);
  });
});

describe('R03 ties', () => {
  it('are 1, 2, 2, 4, by user id, whatever the page size', async () => {
    const ids = await walkers(test, values(400, 500, 400, 300, 400, 300));
    await refreshBoards(test);
    const expected = [
      [1, ids[1]],
      [2, ids[0]],
      [2, ids[2]],
      [2, ids[4]],
      [5, ids[3]],
      [5, ids[5]],
    ];
    for (const limit of [1, 2, 3, 4, 5, 6, 100]) {
      const items = await allOf(bori, '/rankings?scope=gu', limit);
      expect(items.map(({ rank, user }) => [rank, user?.id])).toEqual(expected);
    }
  });
});

describe('R06 hidden people', () => {
  it.each(HIDDEN)('%s since the board was taken: not listed, not counted, no hole', async (mark) => {
    const ids = await walkers(test, values(500, 400, 400, 400, 300, 200));
    await setTotals(test, bori.id, { distanceM: 250 });
    await refreshBoards(test);
    await update(ids[1]!, { [mark]: test.clock.now() });
    const { body } = await boardOf(bori);
    expect(ranksOf(body)).toEqual([
      [1, 500],
      [2, 400],
      [2, 400],
      [4, 300],
      [5, 250],
      [6, 200],
    ]);
    expect(body).toMatchObject({ members: 6, me: { rank: 5 } });
    expect(JSON.stringify(body)).not.toContain(ids[1]);
    await update(ids[0]!, { [mark]: test.clock.now() });
    expect(ranksOf((await boardOf(bori)).body).slice(0, 3)).toEqual([
      [1, 400],
      [1, 400],
      [3, 300],
    ]);
    test.clock.advance({ hours: 1 });
    await refreshBoards(test);
    expect((await boardOf(bori)).body).toMatchObject({ members: 5, me: { rank: 4 } });
    await update(ids[0]!, { [mark]: null });
    expect((await boardOf(bori)).body).toMatchObject({ members: 5, me: { rank: 4 } });
    test.clock.advance({ hours: 1 });
    await refreshBoards(test);
    expect((await boardOf(bori)).body.items[0]).toMatchObject({ rank: 1, value: 500 });
  });

  it('a private profile keeps its place, and is named to its followers only', async () => {
    const [quiet] = await walkers(test, values(500, 400));
    await setTotals(test, bori.id, { distanceM: 250 });
    test.clock.set('2026-12-02T00:00:00Z');
    await refreshBoards(test);
    test.clock.set('2026-11-20T03:00:00Z');
    await refreshBoards(test);
    await update(quiet!, { profileVisibility: 'private' });
    const named = async () =>
      (await Promise.all([boardOf(bori, 'period=all'), bori.send('GET', '/hall-of-fame')])).map(
        ({ body }) => [body.items[0].value, body.items[0].user?.id ?? null],
      );
    expect(await named()).toEqual([
      [500, null],
      [500, null],
    ]);
    expect((await boardOf(bori, 'period=all')).text).not.toContain(quiet);
    await test.db.prisma.follow.create({
      data: { followerId: bori.id, followeeId: quiet!, createdAt: test.clock.now() },
    });
    expect(await named()).toEqual([
      [500, quiet],
      [500, quiet],
    ]);
  });

  it('the last of a page hidden before the next is read: the list goes on behind them', async () => {
    const ids = await walkers(test, values(500, 400, 400, 400, 300));
    await refreshBoards(test);
    const first = (await boardOf(bori, 'limit=2')).body;
    await update(ids[1]!, { suspendedAt: test.clock.now() });
    const { body } = await boardOf(bori, `limit=2&cursor=${first.nextCursor}`);
    expect(body.items.map(({ rank, user }: Item) => [rank, user?.id])).toEqual([
      [2, ids[2]],
      [2, ids[3]],
    ]);
    expect((await boardOf(bori, `cursor=${body.nextCursor}`)).body.items[0]).toMatchObject({ rank: 4 });
  });

  it('B01 every board is what ranking the visible ones gives, blocks and all (20 random boards)', async () => {
    const random = seededRandom(20);
    const pick = (n: number) => Math.floor(random() * n);
    const dongs = [HOME_DONG, '1168065000', '2611051000'];
    for (let round = 0; round < 20; round++) {
      await clearBoards(test);
      bori = await citizen();
      const people = Array.from({ length: 4 + pick(14) }, () => ({
        distanceM: 100 * (1 + pick(5)),
        regionCode: random() < 0.7 ? HOME_DONG : [...dongs, null][pick(4)]!,
        isHidden: random() < 0.25,
      }));
      const ids = await walkers(test, people);
      await refreshBoards(test);
      for (const [i, { isHidden }] of people.entries())
        if (isHidden)
          await [
            ...HIDDEN.map((mark) => () => update(ids[i]!, { [mark]: HOUR_AGO })),
            () => block(bori.id, ids[i]!),
            () => block(ids[i]!, bori.id),
          ][pick(5)]!();
      const mine = 100 * pick(7);
      await setTotals(test, bori.id, { distanceM: mine });
      for (const [scope, isOn] of [
        ['dong', (code: string | null) => code === HOME_DONG],
        ['gu', (code: string | null) => code?.startsWith(HOME_GU)],
        ['nation', () => true],
      ] as const) {
        const visible = people
          .map((person, i) => ({ ...person, id: ids[i]! }))
          .filter(({ isHidden, regionCode }) => !isHidden && isOn(regionCode))
          .sort((a, b) => b.distanceM - a.distanceM || (a.id < b.id ? -1 : 1));
        const rankOf = (value: number) => 1 + visible.filter(({ distanceM }) => distanceM > value).length;
        const shown = scope !== 'dong' || visible.length >= 5;
        const items = await allOf(bori, `/rankings?scope=${scope}`, 1 + pick(5));
        expect(items.map(({ rank, user }) => [rank, user?.id])).toEqual(
          shown ? visible.map(({ id, distanceM }) => [rankOf(distanceM), id]) : [],
        );
        expect((await boardOf(bori, `scope=${scope}`)).body).toMatchObject({
          shown,
          members: shown ? visible.length : null,
          me: { value: mine, rank: shown && mine > 0 ? rankOf(mine) : null },
        });
      }
    }
  });

  it('B01 B04 after a block neither sees the other, nor a hole, now and an hour later; everybody else does', async () => {
    const ids = await walkers(test, values(500, 400, 300, 200));
    await setTotals(test, bori.id, { distanceM: 250 });
    const other = await citizen();
    await setTotals(test, other.id, { distanceM: 350 });
    await refreshBoards(test);
    await block(bori.id, other.id);
    for (const _ of ['at once', 'later']) {
      for (const [viewer, gone, rank] of [
        [bori, other, 4],
        [other, bori, 3],
      ] as const) {
        for (const query of ['', 'scope=dong', 'scope=gu']) {
          const { text, body } = await boardOf(viewer, query);
          expect(text).not.toContain(gone.id);
          expect(body).toMatchObject({ members: 5, me: { rank } });
          expect(body.items.map((item: Item) => item.rank)).toEqual([1, 2, 3, 4, 5]);
          // A former rank that counted the other would show everybody behind as risen, hour after hour.
          for (const item of [...body.items, body.me] as Item[])
            expect([item.rank, null]).toContain(item.formerRank);
        }
      }
      test.clock.advance({ hours: 1 });
      await refreshBoards(test);
    }
    const third = await citizen();
    expect((await boardOf(third)).body).toMatchObject({ members: 6, items: { length: 6 } });
    expect(ids).toHaveLength(4);
  });

  it('whoever opts out keeps the figures and has no rank, and is back after opting in', async () => {
    await walkers(test, values(300, 100));
    await setTotals(test, bori.id, { distanceM: 200 });
    await refreshBoards(test);
    const show = (showInRankings: boolean) =>
      bori.api.PATCH('/users/me/settings', { body: { showInRankings } });
    await show(false);
    const out = { rank: null, formerRank: null, value: 200, optedOut: true };
    expect((await boardOf(bori)).body).toMatchObject({ me: out, members: 2 });
    expect((await boardOf(bori)).body.items.some(({ isMe }: Item) => isMe)).toBe(false);
    test.clock.advance({ hours: 1 });
    await refreshBoards(test);
    expect((await boardOf(bori)).body.me).toEqual(out);
    await show(true);
    expect((await boardOf(bori)).body.me).toEqual({ ...out, rank: 2, optedOut: false });
  });
});

describe('R07 a small dong', () => {
  it('is not shown under five members, and is when the fifth is there', async () => {
    const ids = await walkers(test, values(400, 300, 200, 100));
    await setTotals(test, bori.id, { distanceM: 150 });
    const hidden = { shown: false, members: null, items: [], nextCursor: null };
    await test.db.prisma.userTotal.deleteMany({ where: { userId: bori.id } });
    await refreshBoards(test);
    await setTotals(test, bori.id, { distanceM: 150 });
    expect((await boardOf(bori, 'scope=dong')).body).toMatchObject({
      ...hidden,
      me: { rank: null, formerRank: null, value: 150 },
    });
    expect((await boardOf(bori, 'scope=gu')).body).toMatchObject({
      shown: true,
      members: 4,
      me: { rank: 4 },
    });
    test.clock.advance({ hours: 1 });
    await refreshBoards(test);
    expect((await boardOf(bori, 'scope=dong&limit=1')).body).toMatchObject({
      shown: true,
      members: 5,
      me: { rank: 4 },
    });
    const { nextCursor } = (await boardOf(bori, 'scope=dong&limit=1')).body;
    await update(ids[3]!, { rankingOptedOutAt: test.clock.now() });
    for (const query of ['scope=dong', `scope=dong&limit=1&cursor=${nextCursor}`])
      expect((await boardOf(bori, query)).body).toMatchObject({ ...hidden, me: { rank: null, value: 150 } });
  });
});

describe('my place is live', () => {
  it('by the totals of now, without my own row of before', async () => {
    await walkers(test, values(500, 400, 300, 300, 200));
    await setTotals(test, bori.id, { distanceM: 350 });
    await refreshBoards(test);
    for (const [distanceM, rank] of [
      [350, 3],
      [300, 3],
      [400, 2],
      [450, 2],
      [600, 1],
      [299, 5],
      [100, 6],
      [0, null],
    ] as const) {
      await setTotals(test, bori.id, { distanceM });
      expect((await boardOf(bori)).body.me).toMatchObject({ rank, value: distanceM });
    }
  });

  it('also for somebody who is not on the board yet', async () => {
    await walkers(test, values(500, 400));
    await refreshBoards(test);
    expect((await boardOf(bori)).body.me).toMatchObject({ rank: null, value: 0 });
    await setTotals(test, bori.id, { distanceM: 450 });
    expect((await boardOf(bori)).body.me).toMatchObject({ rank: 2, formerRank: null });
    await setTotals(test, bori.id, { distanceM: 1 });
    expect((await boardOf(bori)).body.me.rank).toBe(3);
  });

  it('R04 after a move: at once on the new board, and from the next taking only there', async () => {
    const there = '2611051000';
    await walkers(test, values(500, 400, 300, 200));
    const theirs = await walkers(
      test,
      values(90, 80, 70, 60, 50).map((entry) => ({ ...entry, regionCode: there })),
    );
    await setTotals(test, bori.id, { distanceM: 450 });
    await refreshBoards(test);
    await bori.api.PUT('/users/me/region', { body: { code: there } });
    const { body } = await boardOf(bori, 'scope=dong');
    expect(body).toMatchObject({
      regionCode: there,
      members: 5,
      me: { rank: 1, formerRank: null, value: 450 },
    });
    expect(body.items.map(({ user }: Item) => user?.id)).toEqual(theirs);
    test.clock.advance({ hours: 1 });
    await refreshBoards(test);
    expect((await boardOf(bori, 'scope=dong')).body).toMatchObject({
      members: 6,
      me: { rank: 1, formerRank: null },
    });
    const neighbour = await citizen();
    expect((await boardOf(neighbour, 'scope=dong')).body).toMatchObject({ shown: false });
    expect((await boardOf(neighbour, 'scope=gu')).body).toMatchObject({ members: 4 });
  });
});

describe('a page', () => {
  it('O02 stays on its snapshot while the boards are taken anew', async () => {
    const ids = await walkers(test, values(500, 400, 300, 200));
    await refreshBoards(test);
    const first = (await boardOf(bori, 'limit=2')).body;
    for (const _ of [1, 2]) {
      test.clock.advance({ minutes: 60 });
      await setTotals(test, ids[3]!, { distanceM: 900 });
      await refreshBoards(test);
      const { body } = await boardOf(bori, `limit=2&cursor=${first.nextCursor}`);
      expect(body.takenAt).toBe(first.takenAt);
      expect(body.items.map(({ rank, user }: Item) => [rank, user?.id])).toEqual([
        [3, ids[2]],
        [4, ids[3]],
      ]);
    }
    test.clock.advance({ minutes: 61 });
    await refreshBoards(test);
    test.clock.advance({ minutes: 60 });
    await refreshBoards(test);
    expectFieldFault(await boardOf(bori, `cursor=${first.nextCursor}`), 'cursor');
  });

  it('begun on Sunday goes on behind midnight, when there is a new week', async () => {
    test.clock.set('2026-11-22T14:30:00Z');
    const ids = await walkers(test, values(500, 400, 300));
    await refreshBoards(test);
    const first = (await boardOf(bori, 'limit=2')).body;
    test.clock.advance({ hours: 1 });
    await refreshBoards(test);
    const { body } = await boardOf(bori, `cursor=${first.nextCursor}`);
    expect(body).toMatchObject({ startsOn: '2026-11-16', items: [{ rank: 3, user: { id: ids[2] } }] });
  });

  it('takes no cursor of another board', async () => {
    await walkers(test, [...values(500, 400), { distanceM: 600, regionCode: '2611051000' }]);
    await refreshBoards(test);
    const { nextCursor } = (await boardOf(bori, 'limit=1')).body;
    for (const query of ['scope=gu', 'period=month', 'period=all'])
      expectFieldFault(await boardOf(bori, `${query}&cursor=${nextCursor}`), 'cursor');
    const hall = Buffer.from(JSON.stringify([bori.id])).toString('base64url');
    expectFieldFault(await bori.send('GET', `/hall-of-fame?cursor=${hall}`), 'cursor');
    expectFieldFault(await boardOf(bori, `cursor=${hall}`), 'cursor');
  });

  it('P03 tells the values of others in full 100 m and minutes, and the own as it is', async () => {
    await setTotals(test, bori.id, { distanceM: 1_234, movingS: 1_019 });
    await walkers(test, [{ distanceM: 1_299, movingS: 1_079 }]);
    await refreshBoards(test);
    const valuesOf = async (query: string) =>
      (await boardOf(bori, query)).body.items.map(({ value }: { value: number }) => value);
    expect(await valuesOf('metric=distance')).toEqual([1_200, 1_234]);
    expect(await valuesOf('metric=moving_time')).toEqual([1_020, 1_019]);
    expect(await valuesOf('metric=walks')).toEqual([2, 2]);
  });

  it('has a cursor that tells nothing and that nobody can make: it would tell of whom it names', async () => {
    const ids = await walkers(test, values(500, 400, 300));
    await refreshBoards(test);
    const { nextCursor } = (await boardOf(bori, 'limit=1')).body;
    const bytes = Buffer.from(nextCursor as string, 'base64url');
    expect(bytes.toString('latin1')).not.toContain(ids[0]);
    bytes[20]! ^= 1;
    for (const forged of [bytes, Buffer.from(JSON.stringify(['week nation distance', 1, 500, ids[0]]))])
      expectFieldFault(await boardOf(bori, `cursor=${forged.toString('base64url')}`), 'cursor');
  });
});

describe('real walks', () => {
  const SUNDAY = Date.parse('2026-11-15T01:00:00Z');
  const LAST_WEEK = 'date=2026-11-15';
  const why = async (query: string) => (await bori.send('GET', `/rankings/me/why?${query}`)).body;

  it('R05 outside the home region count on the board of home', async () => {
    await update(bori.id, { regionCode: '2611051000' });
    await walkers(
      test,
      values(1, 2, 3, 4).map((entry) => ({ ...entry, regionCode: '2611051000' })),
    );
    const { distanceM } = await given.walk(bori);
    await test.queue.drain();
    await refreshBoards(test);
    expect((await boardOf(bori, 'scope=dong')).body.items[0]).toMatchObject({ isMe: true, value: distanceM });
  });

  it('R01 a walk made private, or deleted, leaves the open boards and comes back', async () => {
    await walkers(test, values(1_000));
    const walk = await given.walk(bori, { km: 2 });
    const path = `/walks/${walk.id}`;
    await test.queue.drain();
    await refreshBoards(test);
    expect((await boardOf(bori)).body.items[0]).toMatchObject({ isMe: true });
    await bori.send('PATCH', path, { visibility: 'private' });
    await test.queue.drain();
    expect((await boardOf(bori)).body.me).toMatchObject({ rank: null, value: 0 });
    expect((await why('')).items).toMatchObject([{ included: false, reasons: ['private'] }]);
    test.clock.advance({ hours: 1 });
    await refreshBoards(test);
    expect((await boardOf(bori)).body).toMatchObject({ members: 1 });
    await bori.send('PATCH', path, { visibility: 'followers' });
    await test.queue.drain();
    expect((await boardOf(bori)).body.me).toMatchObject({ rank: 1, value: walk.distanceM });
    await bori.send('DELETE', path);
    await test.queue.drain();
    expect((await boardOf(bori)).body.me).toMatchObject({ rank: null, value: 0 });
  });

  it('T06 of Sunday count when uploaded on Monday, and not after the week is closed', async () => {
    const petId = await dogOf(bori);
    test.clock.set('2026-11-16T14:59:59.999Z'); // Monday's last millisecond: 24 h after the end
    const inTime = await given.walk(bori, { petId, startMs: SUNDAY });
    await test.queue.drain();
    test.clock.set('2026-11-16T15:00:00Z');
    await given.walk(bori, { petId, startMs: SUNDAY + 6 * 3_600_000 });
    await test.queue.drain();
    expect((await boardOf(bori, LAST_WEEK)).body.me.value).toBe(inTime.distanceM);
    expect((await why(LAST_WEEK)).total).toBe(inTime.distanceM);
    test.clock.set('2026-11-16T15:05:00Z');
    await refreshBoards(test);
    const closed = (await boardOf(bori, LAST_WEEK)).body;
    expect(closed).toMatchObject({
      isFinal: true,
      takenAt: '2026-11-16T15:00:00.000Z',
      me: { rank: 1, value: inTime.distanceM },
    });
    test.clock.set('2026-11-18T03:00:00Z');
    await given.walk(bori, { petId, startMs: SUNDAY + 3 * 3_600_000 });
    await test.queue.drain();
    await refreshBoards(test);
    expect((await boardOf(bori, LAST_WEEK)).body).toEqual(closed);
    expect(await why(LAST_WEEK)).toMatchObject({
      total: inTime.distanceM,
      items: [
        { included: false, reasons: ['completed_after_close'] },
        { included: false, reasons: ['completed_after_close'] },
        { walkId: inTime.id, included: true, reasons: [] },
      ],
    });
    // The month is open still, and so is all time.
    const both = (await why('period=month&date=2026-11-01')).total;
    expect(both).toBeGreaterThan(inTime.distanceM);
    for (const period of ['month', 'all'])
      expect((await boardOf(bori, `period=${period}`)).body.me.value).toBe(both);
  });

  it('T06 no board is final while a walk that was completed in time is not in the totals', async () => {
    test.clock.set('2026-11-23T14:59:00Z');
    const walk = await given.walk(bori, { startMs: Date.parse('2026-11-22T01:00:00Z') });
    await test.db.prisma.$executeRaw`
      update pgboss.job set created_on = '2026-11-23T14:59:00Z' where name like '%.totals' and state = 'created'`;
    test.clock.set('2026-11-23T15:05:00Z');
    await refreshBoards(test);
    expect((await boardOf(bori, 'date=2026-11-22')).body.isFinal).toBe(false);
    await test.queue.drain();
    await refreshBoards(test);
    expect((await boardOf(bori, 'date=2026-11-22')).body).toMatchObject({
      isFinal: true,
      me: { rank: 1, value: walk.distanceM },
    });
  });

  it('T06 the hall of fame stays as it is when a walk of its month comes late, or goes', async () => {
    test.clock.set('2026-12-01T03:00:00Z');
    const walk = await given.walk(bori, { startMs: Date.parse('2026-11-30T01:00:00Z') });
    await test.queue.drain();
    test.clock.set('2026-12-01T15:00:00Z');
    await refreshBoards(test);
    const hall = async () => (await bori.send('GET', '/hall-of-fame')).body.items;
    const before = await hall();
    expect(before).toMatchObject([
      { startsOn: '2026-11-01', rank: 1, value: walk.distanceM, user: { id: bori.id } },
    ]);
    test.clock.set('2026-12-05T03:00:00Z');
    await given.walk(bori, { startMs: Date.parse('2026-11-30T04:00:00Z') });
    await bori.send('DELETE', `/walks/${walk.id}`);
    await test.queue.drain();
    await refreshBoards(test);
    expect(await hall()).toEqual(before);
    expect((await boardOf(bori, 'period=month&date=2026-11-03')).body).toMatchObject({
      isFinal: true,
      me: { rank: 1, value: walk.distanceM },
    });
  });

  it('why: the included ones sum up to my value, for every period and metric, on every page size', async () => {
    test.clock.set('2026-11-18T03:00:00Z');
    await given.premium(bori); // for the boards of October
    const at = (day: string, hour: string) => Date.parse(`2026-11-${day}T${hour}:00:00Z`);
    const petId = await dogOf(bori);
    await given.walk(bori, { petId, km: 1, startMs: at('15', '01') }); // too late for its week
    await given.walk(bori, { petId, km: 1, startMs: at('15', '16') }); // Monday, KST
    await given.walk(bori, { petId, km: 0.6, startMs: at('16', '05'), visibility: 'private' });
    await given.walk(bori, { petId, km: 0.3, startMs: at('16', '08') });
    await given.walk(bori, { petId, km: 0.3, startMs: at('15', '08'), visibility: 'private' });
    await given.walk(bori, { petId, km: 0.8, startMs: at('17', '01'), visibility: 'public' });
    await test.queue.drain();
    for (const period of ['week', 'month', 'all']) {
      for (const metric of ['distance', 'walks', 'moving_time']) {
        for (const date of ['2026-11-15', '2026-11-18', '2026-10-01']) {
          const query = `period=${period}&metric=${metric}&date=${date}`;
          const items = await allOf(bori, `/rankings/me/why?${query}`, 2);
          const sum = items.filter(({ included }) => included).reduce((total, { value }) => total + value, 0);
          const { me } = (await boardOf(bori, query)).body;
          expect([query, sum, (await why(query)).total]).toEqual([query, me.value, me.value]);
          expect(items.map(({ startedAt }) => startedAt)).toEqual(
            items
              .map(({ startedAt }) => startedAt)
              .sort()
              .reverse(),
          );
        }
      }
    }
    expect((await why('date=2026-11-15')).items.map(({ reasons }: WhyItem) => reasons)).toEqual([
      ['too_short', 'private', 'completed_after_close'],
      ['completed_after_close'],
    ]);
    expect(
      (await why('metric=walks')).items.map(({ included, reasons, value }: WhyItem) => [
        included,
        reasons,
        value,
      ]),
    ).toEqual([
      [true, [], 1],
      [false, ['too_short'], 1],
      [false, ['private'], 1],
      [true, [], 1],
    ]);
    expect(await why('period=week')).toMatchObject({ startsOn: '2026-11-16', endsOn: '2026-11-22' });
    expect(await why('period=all')).toMatchObject({ startsOn: '1970-01-01', endsOn: null });
    const stranger = await citizen();
    expect((await stranger.send('GET', '/rankings/me/why?period=all')).body).toMatchObject({
      total: 0,
      items: [],
    });
  });
});

describe('closing', () => {
  it('is 24 h after the end, to the millisecond; the final board is no longer live', async () => {
    await walkers(test, values(500, 300));
    await setTotals(test, bori.id, { distanceM: 400 });
    test.clock.set('2026-11-23T14:59:59.999Z');
    await refreshBoards(test);
    expect((await boardOf(bori, 'date=2026-11-22')).body).toMatchObject({ isFinal: false, me: { rank: 2 } });
    test.clock.advance({ ms: 1 });
    await refreshBoards(test);
    const { body: closed } = await boardOf(bori, 'date=2026-11-22');
    expect(closed).toMatchObject({
      isFinal: true,
      takenAt: '2026-11-23T15:00:00.000Z',
      me: { rank: 2, formerRank: 2, value: 400 },
    });
    await setTotals(test, bori.id, { distanceM: 900 });
    test.clock.advance({ hours: 1 });
    await refreshBoards(test);
    expect((await boardOf(bori, 'date=2026-11-22')).body).toEqual(closed);
    await update(bori.id, { rankingOptedOutAt: test.clock.now() });
    expect((await boardOf(bori, 'date=2026-11-22')).body).toMatchObject({
      members: 2,
      me: { rank: null, value: 400, optedOut: true },
    });
  });

  it('shows an erased user of a final board as nobody, without a hole', async () => {
    const ids = await walkers(test, values(500, 400, 300));
    test.clock.set('2026-11-24T00:00:00Z');
    await refreshBoards(test);
    await test.db.prisma.user.delete({ where: { id: ids[1]! } });
    const { items, members } = (await boardOf(bori, 'date=2026-11-22')).body;
    expect(items.map(({ rank, user }: Item) => [rank, user?.id ?? null])).toEqual([
      [1, ids[0]],
      [2, null],
      [3, ids[2]],
    ]);
    expect(members).toBe(3);
  });

  it.each([
    ['week', '2026-12-31', '2026-12-28', '2027-01-03'],
    ['week', '2027-01-03', '2026-12-28', '2027-01-03'],
    ['week', '2027-01-04', '2027-01-04', '2027-01-10'],
    ['week', '2028-02-29', '2028-02-28', '2028-03-05'],
    ['month', '2028-02-29', '2028-02-01', '2028-02-29'],
    ['month', '2027-02-01', '2027-02-01', '2027-02-28'],
    ['month', '2026-12-31', '2026-12-01', '2026-12-31'],
    ['week', '2099-12-31', '2099-12-28', '2100-01-03'],
    ['all', '2026-11-20', '1970-01-01', null],
  ])('T11 the %s of %s is from %s to %s', async (period, date, startsOn, endsOn) => {
    for (const path of ['/rankings', '/rankings/me/why']) {
      const { body } = await bori.send('GET', `${path}?period=${period}&date=${date}`);
      expect(body).toMatchObject({ startsOn, endsOn });
    }
  });

  it('T03 a week begins at midnight in Seoul', async () => {
    test.clock.set('2026-11-22T14:59:59.999Z');
    expect((await boardOf(bori)).body.startsOn).toBe('2026-11-16');
    test.clock.advance({ ms: 1 });
    expect((await boardOf(bori)).body.startsOn).toBe('2026-11-23');
  });
});

describe('the hall of fame', () => {
  const hall = async (query = '') => (await bori.send('GET', `/hall-of-fame?${query}`)).body;

  it('holds the three best of each board and closed month, newest first, ties and all', async () => {
    const october = await walkers(test, values(200, 100), { month: '2026-10-01' });
    const ids = await walkers(test, values(500, 400, 400, 300, 200), NOVEMBER);
    test.clock.set('2026-12-02T00:00:00Z');
    await refreshBoards(test);
    for (const scope of ['nation', 'gu', 'dong']) {
      const expected = [
        ['2026-11-01', 1, 500, ids[0]],
        ['2026-11-01', 2, 400, ids[1]],
        ['2026-11-01', 2, 400, ids[2]],
        ['2026-10-01', 1, 200, october[0]],
        ['2026-10-01', 2, 100, october[1]],
      ].filter(([month]) => scope !== 'dong' || month === '2026-11-01');
      for (const limit of [1, 2, 3, 100]) {
        const items = await allOf(bori, `/hall-of-fame?scope=${scope}`, limit);
        // Within a tie the order is any, but always the same.
        const told = items.map(({ startsOn, rank, value, user }) => [startsOn, rank, value, user?.id]);
        expect(told.map(([...entry]) => entry.slice(0, 3))).toEqual(
          expected.map((entry) => entry.slice(0, 3)),
        );
        expect(told.map(String).sort()).toEqual(expected.map(String).sort());
        expect(told).toEqual(
          (await allOf(bori, `/hall-of-fame?scope=${scope}`, 100)).map(({ startsOn, rank, value, user }) => [
            startsOn,
            rank,
            value,
            user?.id,
          ]),
        );
      }
    }
    expect(await hall('scope=gu')).toMatchObject({
      period: 'month',
      scope: 'gu',
      metric: 'distance',
      regionCode: HOME_GU,
    });
    expect((await hall('metric=walks')).items[0]).toMatchObject({ rank: 1, value: 1 });
    const elsewhere = await citizen('2611051000');
    expect((await elsewhere.send('GET', '/hall-of-fame?scope=gu')).body.items).toEqual([]);
  });

  it('has quarters too, which have no board of their own', async () => {
    const ids = await walkers(test, values(500, 400));
    test.clock.set('2027-01-01T14:59:59.999Z');
    await refreshBoards(test);
    expect((await hall('period=quarter')).items).toEqual([]);
    test.clock.advance({ ms: 1 });
    await refreshBoards(test);
    await refreshBoards(test);
    expect((await hall('period=quarter')).items).toEqual([
      { startsOn: '2026-10-01', rank: 1, value: 500, user: { id: ids[0], nickname: '이웃0' } },
      { startsOn: '2026-10-01', rank: 2, value: 400, user: { id: ids[1], nickname: '이웃1' } },
    ]);
  });

  it('R06 B01 leaves hidden and blocked people out and closes up; an erased one stays without a name', async () => {
    const ids = await walkers(test, values(500, 400, 300, 200));
    test.clock.set('2026-12-02T00:00:00Z');
    await refreshBoards(test);
    const told = async () =>
      (await hall()).items.map(({ rank, value, user }: Item) => [rank, value, user?.id ?? null]);
    const others = [
      [1, 400, ids[1]],
      [2, 300, ids[2]],
    ];
    for (const mark of HIDDEN) {
      await update(ids[0]!, { [mark]: test.clock.now() });
      expect(await told()).toEqual(others);
      await update(ids[0]!, { [mark]: null });
    }
    for (const [one, theOther] of [
      [bori.id, ids[0]!],
      [ids[0]!, bori.id],
    ] as const) {
      await block(one, theOther);
      expect(await told()).toEqual(others);
      await test.db.prisma.block.deleteMany();
    }
    const { nextCursor } = await hall('limit=1');
    await test.db.prisma.user.delete({ where: { id: ids[0]! } });
    expect(await told()).toEqual([
      [1, 500, null],
      [2, 400, ids[1]],
      [3, 300, ids[2]],
    ]);
    await update(ids[1]!, { suspendedAt: test.clock.now() });
    expect((await hall(`cursor=${nextCursor}`)).items).toMatchObject([{ rank: 2, value: 300 }]);
  });
});

describe('who enters the ten best, or falls out of them', () => {
  const notes = async () =>
    (
      await test.db.prisma.notification.findMany({
        where: { type: 'ranking_change' },
        orderBy: [{ createdAt: 'asc' }, { userId: 'asc' }],
      })
    ).map(({ userId, body, dedupeKey }) => [userId, body, dedupeKey]);
  const eleven = () => walkers(test, values(...Array.from({ length: 11 }, (_, i) => 2_000 - 100 * i)));
  const refreshAnHourLater = async () => {
    test.clock.advance({ hours: 1 });
    await refreshBoards(test);
  };
  const KEY = 'ranking_change:2026-11-20';

  it('is told once a day, on the widest board', async () => {
    const ids = await eleven();
    await refreshBoards(test);
    expect(await notes()).toEqual([]);
    await setTotals(test, ids[10]!, { distanceM: 1_450 });
    await refreshAnHourLater();
    expect(await notes()).toEqual(
      [
        [ids[9], '전국 주간 랭킹 11위가 되었어요. 한 바퀴 더 걸어 볼까요?', KEY],
        [ids[10], '전국 주간 랭킹 7위에 올랐어요!', KEY],
      ].sort(),
    );
    await setTotals(test, ids[9]!, { distanceM: 1_460 });
    await refreshAnHourLater();
    expect(await notes()).toHaveLength(3); // ids[8] fell out; the other two were told today
    test.clock.set('2026-11-21T03:00:00Z');
    await setTotals(test, ids[10]!, { distanceM: 1_000 });
    await refreshBoards(test);
    expect(
      (await notes())
        .slice(3)
        .map(([id, , key]) => [id, key])
        .sort(),
    ).toEqual([[ids[8], 'ranking_change:2026-11-21']]); // nobody overtook ids[10], whose own value fell
  });

  it('on the board of the gu when the nation’s ten best are others; a newcomer enters', async () => {
    await walkers(
      test,
      values(...Array<number>(10).fill(90_000)).map((entry) => ({ ...entry, regionCode: '2611051000' })),
    );
    const ids = await eleven();
    await refreshBoards(test);
    await setTotals(test, bori.id, { distanceM: 5_000 });
    await refreshAnHourLater();
    expect(await notes()).toEqual(
      [
        [ids[9], '우리 구 주간 랭킹 11위가 되었어요. 한 바퀴 더 걸어 볼까요?', KEY],
        [bori.id, '우리 구 주간 랭킹 1위에 올랐어요!', KEY],
      ].sort(),
    );
  });

  it('not on a board of ten, not when nothing changed', async () => {
    await walkers(test, values(10, 20, 30));
    await refreshBoards(test);
    await setTotals(test, bori.id, { distanceM: 5_000 });
    await refreshAnHourLater();
    expect(await notes()).toEqual([]);
    await walkers(test, values(...Array<number>(6).fill(1)));
    await refreshAnHourLater();
    expect(await notes()).toEqual([]);
    const [eleventh] = await walkers(test, values(1));
    await refreshAnHourLater();
    await refreshAnHourLater();
    expect(await notes()).toEqual([[eleventh, '전국 주간 랭킹 5위에 올랐어요!', KEY]]);
  });

  it('B04 is told by the ranks that somebody sees, without those they blocked or were blocked by', async () => {
    const ids = await eleven();
    const twelfth = (await walkers(test, values(950)))[0]!;
    await block(ids[10]!, ids[0]!);
    await block(ids[3]!, ids[9]!);
    await refreshBoards(test);
    // The eleventh overtakes the tenth. In their own eyes one was tenth and is ninth, the other ninth and is tenth.
    await setTotals(test, ids[10]!, { distanceM: 1_150 });
    await refreshAnHourLater();
    expect(await notes()).toEqual([]);
    // The twelfth overtakes both, and becomes tenth: ids[10] sees the same place, ids[9] is eleventh by now.
    await setTotals(test, twelfth, { distanceM: 1_170 });
    await refreshAnHourLater();
    expect(await notes()).toEqual(
      [
        [ids[9], '전국 주간 랭킹 11위가 되었어요. 한 바퀴 더 걸어 볼까요?', KEY],
        [twelfth, '전국 주간 랭킹 10위에 올랐어요!', KEY],
      ].sort(),
    );
  });

  it('R06 is not told to somebody who opted out meanwhile', async () => {
    const ids = await eleven();
    await refreshBoards(test);
    await setTotals(test, ids[10]!, { distanceM: 1_450 });
    test.clock.advance({ hours: 1 });
    const { RankingJobs } = await import('../../src/modules/rankings/rankings.jobs.js');
    await test.app.get(RankingJobs).refresh();
    await update(ids[10]!, { rankingOptedOutAt: test.clock.now() });
    await test.queue.drain();
    expect((await notes()).map(([id]) => id)).toEqual([ids[9]]);
  });
});
