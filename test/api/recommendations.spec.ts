import { v7 as uuidv7 } from 'uuid';
import { makeRecommendations } from '../../src/modules/recommendations/index.js';
import { expectProblem, type Person, send, signIn } from '../support/api.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { get, post, remove } from '../support/rest.js';
import { at, storeWalk } from '../support/stored-walks.js';

const DONG = '1120065000';
const NEXT_DONG = '1120066000';
const OTHER_GU_DONG = '1168064000';

let test: TestApp;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());
beforeEach(async () => {
  test.clock.set('2026-11-20T03:00:00Z');
  await test.db.prisma.user.updateMany({ data: { regionCode: null } });
});

interface Neighbour {
  regionCode?: string | null;
  /** KST date and time, metres and visibility of each walk. */
  walks?: [date: string, time: string, distanceM: number, visibility?: 'public' | 'followers' | 'private'][];
  dogs?: [breed: string | null, weightKg: number | null][];
}

const EVENING: Required<Neighbour>['walks'] = [['2026-11-18', '19:10', 2_000, 'public']];

async function neighbour({ regionCode = DONG, walks = EVENING, dogs = [] }: Neighbour = {}): Promise<Person> {
  const person = await signIn(test);
  await update(person, { regionCode });
  for (const [date, time, distanceM, visibility = 'public'] of walks)
    await storeWalk(test, person.id, { startedAt: at(date, time), distanceM, visibility });
  for (const [breed, weightKg] of dogs) {
    const id = uuidv7();
    const createdAt = test.clock.now();
    await test.db.prisma.pet.create({
      data: { id, userId: person.id, name: '콩이', breed, weightKg, temperament: [], createdAt },
    });
  }
  return person;
}
const update = (of: Person, data: object) => test.db.prisma.user.update({ where: { id: of.id }, data });

const block = (blocker: Person, blockedId: string) => post(`/blocks/${blockedId}`, blocker, undefined);

async function make(): Promise<void> {
  await test.db.transaction((tx) =>
    test.queue.enqueue(tx, makeRecommendations, { slotAt: test.clock.now().toISOString() }),
  );
  await test.queue.drain();
}

interface Item {
  person: { id: string; nickname: string };
  score: number;
  reasons: string[];
  pets: object[];
}
const listed = async (viewer: Person, query = ''): Promise<Item[]> => {
  const { status, body } = await get(`/recommendations${query}`, viewer);
  expect(status).toBe(200);
  return body.items;
};
const idsFor = async (viewer: Person) => (await listed(viewer)).map(({ person }) => person.id);
const rowsFor = (viewer: Person) =>
  test.db.prisma.recommendation.findMany({
    where: { userId: viewer.id },
    orderBy: [{ score: 'desc' }, { recommendedId: 'asc' }],
    omit: { madeAt: true },
  });

describe('the score', () => {
  it('is 40 % region, 25 % hours, 20 % breed and 15 % activity, with its reasons', async () => {
    const bori = await neighbour({
      walks: [
        ['2026-11-17', '07:30', 1_000, 'followers'],
        ['2026-11-18', '19:10', 3_000, 'public'],
      ],
      dogs: [['말티즈', 4]],
    });
    // 0.4·1 + 0.25·1 (½ and ½ alike) + 0.2·1 + 0.15·(3/4)
    const twin = await neighbour({
      walks: [
        ['2026-11-01', '08:59', 1_500],
        ['2026-11-02', '18:00', 1_500],
      ],
      dogs: [
        ['진돗개', 20],
        [' 말티즈 ', 3],
      ],
    });
    // 0.4·0.5 + 0.25·½ + 0.2·½ + 0.15·½
    const smallDog = await neighbour({
      regionCode: NEXT_DONG,
      walks: [['2026-11-18', '20:59', 2_000]],
      dogs: [['푸들', 9.99]],
    });
    // 0.4·1 + 0 + 0 + 0.15·(1/4)
    const nightOwl = await neighbour({
      walks: [['2026-11-18', '23:00', 1_000]],
      dogs: [['푸들', 10]],
    });
    await neighbour({ regionCode: OTHER_GU_DONG, dogs: [['말티즈', 4]] });
    await make();
    expect(await listed(bori)).toEqual([
      {
        person: { id: twin.id, nickname: expect.any(String) },
        score: 96,
        reasons: ['same_dong', 'same_hours', 'same_breed', 'similar_activity'],
        pets: [
          { id: expect.any(String), name: '콩이', breed: '진돗개' },
          { id: expect.any(String), name: '콩이', breed: ' 말티즈 ' },
        ],
      },
      expect.objectContaining({
        person: { id: smallDog.id, nickname: expect.any(String) },
        score: 50,
        reasons: ['same_gu', 'same_hours', 'same_size'],
      }),
      expect.objectContaining({
        person: { id: nightOwl.id, nickname: expect.any(String) },
        score: 44,
        reasons: ['same_dong'],
      }),
    ]);
    const [first] = await rowsFor(bori);
    expect(first).toMatchObject({ regionScore: 1, hoursScore: 1, breedScore: 1, activityScore: 0.75 });
  });

  it('P08 tells nothing of walks that the viewer could not open', async () => {
    const bori = await neighbour();
    const shy = await neighbour({ walks: [['2026-11-18', '19:30', 2_000, 'followers']] });
    const secret = await neighbour({
      walks: [
        ['2026-11-18', '19:30', 2_000, 'private'],
        ['2026-11-17', '05:00', 1_000, 'followers'],
      ],
    });
    await neighbour({ walks: [['2026-11-18', '19:30', 2_000, 'private']] });
    await make();
    expect((await idsFor(bori)).sort()).toEqual([shy.id, secret.id].sort());
    for (const { score, reasons } of await listed(bori))
      expect({ score, reasons }).toEqual({ score: 40, reasons: ['same_dong'] });
  });

  it('holds without walks and dogs of one’s own', async () => {
    const newcomer = await neighbour({ walks: [] });
    const bori = await neighbour({ regionCode: NEXT_DONG });
    await make();
    expect(await listed(newcomer)).toEqual([
      expect.objectContaining({
        person: expect.objectContaining({ id: bori.id }),
        score: 20,
        reasons: ['same_gu'],
      }),
    ]);
    expect(await idsFor(bori)).toEqual([]);
  });
});

describe('who is not suggested', () => {
  it('B01 B06 when they are made: oneself, followed, asked, blocked, private, gone, or not walking', async () => {
    const bori = await neighbour();
    const [followed, asked, blocked, blocker, hidden, suspended, leaving] = [
      await neighbour(),
      await neighbour(),
      await neighbour(),
      await neighbour(),
      await neighbour(),
      await neighbour(),
      await neighbour(),
    ];
    await neighbour({ walks: [['2026-09-20', '19:00', 2_000, 'public']] });
    const recent = await neighbour({ walks: [['2026-09-22', '19:00', 2_000, 'public']] });
    const follower = await neighbour();
    await update(asked, { profileVisibility: 'private' });
    for (const whom of [followed, asked]) await post(`/follows/${whom.id}`, bori, undefined);
    await update(asked, { profileVisibility: 'public' });
    await post(`/follows/${bori.id}`, follower, undefined);
    await block(bori, blocked.id);
    await block(blocker, bori.id);
    await update(hidden, { profileVisibility: 'private' });
    await update(suspended, { suspendedAt: test.clock.now() });
    await update(leaving, { deletionRequestedAt: test.clock.now() });
    await test.queue.drain();
    expect(
      await test.db.prisma.followRequest.count({ where: { requesterId: bori.id, targetId: asked.id } }),
    ).toBe(1);
    await make();
    expect((await rowsFor(bori)).map(({ recommendedId }) => recommendedId).sort()).toEqual(
      [recent.id, follower.id].sort(),
    );
    expect(await rowsFor(suspended)).toEqual([]);
    expect(await idsFor(hidden)).toContain(bori.id);
  });

  it('B01 B04 B05 at reading: who was blocked, followed, suspended or moved since is gone at once', async () => {
    const bori = await neighbour();
    const others = [];
    for (let i = 0; i < 8; i++) others.push(await neighbour());
    const [blocked, blocker, followed, suspended, leaving, hidden, moved, left] = others as [
      Person,
      Person,
      Person,
      Person,
      Person,
      Person,
      Person,
      Person,
    ];
    await make();
    const before = (await idsFor(bori)).sort();
    expect(before).toEqual(others.map(({ id }) => id).sort());
    await block(bori, blocked.id);
    await block(blocker, bori.id);
    await post(`/follows/${followed.id}`, bori, undefined);
    await update(suspended, { suspendedAt: test.clock.now() });
    await update(leaving, { deletionRequestedAt: test.clock.now() });
    await update(hidden, { profileVisibility: 'private' });
    await update(moved, { regionCode: NEXT_DONG });
    expect(await idsFor(bori)).toEqual([left.id]);
    for (const whom of [blocked, blocker]) {
      expect(await idsFor(whom)).not.toContain(bori.id);
      expect((await get('/recommendations', whom)).text).not.toContain(bori.id);
    }
    await remove(`/blocks/${blocked.id}`, bori);
    await update(bori, { regionCode: null });
    expect(await idsFor(bori)).toEqual([]);
    await make();
    expect(await rowsFor(bori)).toEqual([]);
    await test.queue.drain();
  });
});

describe('the list', () => {
  it('keeps 50, in pages that blocks in between do not shift, and twice made is the same', async () => {
    const bori = await neighbour();
    for (let i = 0; i < 54; i++)
      await neighbour({ walks: [['2026-11-18', '19:00', 500 + 100 * (i % 30), 'public']] });
    await make();
    const once = await rowsFor(bori);
    expect(once).toHaveLength(50);
    await make();
    expect(await rowsFor(bori)).toEqual(once);

    const first = await get('/recommendations?limit=20', bori);
    expect(first.body.items.map(({ person }: Item) => person.id)).toEqual(
      once.slice(0, 20).map(({ recommendedId }) => recommendedId),
    );
    await block(bori, once[19]!.recommendedId);
    await block(bori, once[25]!.recommendedId);
    const rest = await get(`/recommendations?limit=100&cursor=${first.body.nextCursor}`, bori);
    expect(rest.body.items.map(({ person }: Item) => person.id)).toEqual(
      [...once.slice(20, 25), ...once.slice(26)].map(({ recommendedId }) => recommendedId),
    );
    expect(rest.body.nextCursor).toBeNull();
    const scores = [...first.body.items, ...rest.body.items].map(({ score }: Item) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    await test.queue.drain();
  });

  it('refuses a made-up cursor, and nobody without a login', async () => {
    const bori = await neighbour();
    expectProblem(await get('/recommendations?cursor=abc', bori), 422, 'validation-failed');
    expectProblem(await send(test, 'GET', '/recommendations'), 401, 'unauthorized');
  });
});
