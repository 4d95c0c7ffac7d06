import { FollowRequests } from '../../src/modules/people/follow-requests.service.js';
import { lockPair, lockProfile, lockUser } from '../../src/modules/users/users.queries.js';
import { statement, type Transaction } from '../../src/platform/database/database.js';
import { expectProblem, type Person, signIn } from '../support/api.js';
import { given } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { SERVER_URL } from '../support/lane.js';
import { get, patch, post, remove } from '../support/rest.js';

let test: TestApp;
let bori: Person;
let kong: Person;
let dal: Person;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());
beforeEach(async () => {
  [bori, kong, dal] = [await signIn(test), await signIn(test), await signIn(test)];
});

const MISSING = '0193a1b2-0000-7000-8000-000000000000';
const RACES = SERVER_URL ? 20 : 3;
/** Time goes on, so that lists have an order. */
const next = () => test.clock.advance({ seconds: 1 });
const follow = async (who: Person, whom: Person) => {
  next();
  return post(`/follows/${whom.id}`, who, undefined);
};
const block = (who: Person, whom: Person) => post(`/blocks/${whom.id}`, who, undefined);
const setPrivate = (person: Person) => patch('/users/me/settings', person, { profileVisibility: 'private' });
const setPublic = (person: Person) => patch('/users/me/settings', person, { profileVisibility: 'public' });
const profile = async (viewer: Person, of: Person) => (await get(`/users/${of.id}`, viewer)).body;
const idsOf = async (path: string, viewer: Person): Promise<string[]> =>
  (await get(path, viewer)).body.items.map(({ id }: { id: string }) => id);
const requestsTo = async (person: Person) =>
  (await get('/follow-requests', person)).body.items as { id: string; person: { id: string } }[];
const titlesOf = async (person: Person): Promise<string[]> =>
  (await get('/notifications', person)).body.items
    .filter(({ type }: { type: string }) => type === 'social')
    .map(({ title }: { title: string }) => title);

describe('following', () => {
  it('is instant for a public profile, one-way, told once, and the same when repeated', async () => {
    for (let i = 0; i < 3; i++) {
      const answer = await follow(bori, kong);
      expect([answer.status, answer.body]).toEqual([200, { state: 'following' }]);
    }
    expect(await idsOf('/following', bori)).toEqual([kong.id]);
    expect(await idsOf('/followers', kong)).toEqual([bori.id]);
    expect(await idsOf('/following', kong)).toEqual([]);
    expect(await profile(bori, kong)).toMatchObject({ isFollowing: true, followsMe: false, followers: 1 });
    expect(await profile(kong, bori)).toMatchObject({ isFollowing: false, followsMe: true, following: 1 });
    expect(await titlesOf(kong)).toEqual(['새 팔로워']);
  });

  it('ends, and takes its note back', async () => {
    await follow(bori, kong);
    for (let i = 0; i < 2; i++) expect((await remove(`/follows/${kong.id}`, bori)).status).toBe(204);
    expect(await idsOf('/followers', kong)).toEqual([]);
    expect(await titlesOf(kong)).toEqual([]);
    expect((await remove(`/follows/${MISSING}`, bori)).status).toBe(204);
  });

  it('is not for oneself, nor for nobody', async () => {
    expectProblem(await follow(bori, bori), 409, 'not-with-yourself');
    expectProblem(await post(`/follows/${MISSING}`, bori, undefined), 404, 'user-not-found');
  });

  it('A9 happens once when 20 ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => follow(bori, kong)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(await idsOf('/followers', kong)).toEqual([bori.id]);
    expect(await titlesOf(kong)).toHaveLength(1);
  });

  it('lets a follower be removed', async () => {
    await follow(bori, kong);
    expect((await remove(`/followers/${bori.id}`, kong)).status).toBe(204);
    expect(await idsOf('/following', bori)).toEqual([]);
  });

  it('lists in pages, the newest first, also of others', async () => {
    const crowd = await Promise.all(Array.from({ length: 5 }, () => signIn(test)));
    for (const one of crowd) await follow(one, kong);
    await follow(bori, crowd[3]!);
    const seen: string[] = [];
    const path = `/followers?userId=${kong.id}&limit=2`;
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await get(path + (cursor && `&cursor=${cursor}`), bori);
      seen.push(...body.items.map(({ id }: { id: string }) => id));
      cursor = body.nextCursor as string | null;
    }
    expect(seen).toEqual(crowd.map(({ id }) => id).reverse());
    const { items } = (await get(`/followers?userId=${kong.id}`, bori)).body;
    expect(items.filter(({ isFollowing }: { isFollowing: boolean }) => isFollowing)).toHaveLength(1);
  });
});

describe('a private profile', () => {
  beforeEach(() => setPrivate(kong));

  it('is followed by request, which opens it once approved', async () => {
    const walk = await given.walk(kong, { visibility: 'followers' });
    expect((await follow(bori, kong)).body).toEqual({ state: 'requested' });
    expect((await follow(bori, kong)).body).toEqual({ state: 'requested' });
    expect(await profile(bori, kong)).toEqual({
      ...{ id: kong.id, nickname: expect.any(String), isPrivate: true },
      ...{ isFollowing: false, followsMe: false, isRequested: true },
    });
    expectProblem(await get(`/walks/${walk.id}`, bori), 404, 'walk-not-found');
    expectProblem(await get(`/followers?userId=${kong.id}`, bori), 404, 'user-not-found');
    const [request, ...others] = await requestsTo(kong);
    expect([request!.person.id, others]).toEqual([bori.id, []]);
    expect((await post(`/follow-requests/${request!.id}`, kong, undefined)).status).toBe(204);
    expect(await profile(bori, kong)).toMatchObject({ isFollowing: true, isRequested: false, followers: 1 });
    expect((await get(`/walks/${walk.id}`, bori)).status).toBe(200);
    expect(await titlesOf(bori)).toEqual(['팔로우 요청 수락']);
    expect(await titlesOf(kong)).toEqual(['새 팔로워']);
    expectProblem(
      await post(`/follow-requests/${request!.id}`, kong, undefined),
      404,
      'follow-request-not-found',
    );
    await remove(`/follows/${kong.id}`, bori);
    expect(await titlesOf(bori)).toEqual([]);
  });

  it('is not followed by a request that was withdrawn at the same time', async () => {
    for (let i = 0; i < RACES; i++) {
      const asker = await signIn(test);
      await follow(asker, kong);
      const { id } = (await requestsTo(kong))[0]!;
      const [approved, withdrawn] = await Promise.all([
        post(`/follow-requests/${id}`, kong, undefined),
        remove(`/follow-requests/${id}`, i % 2 ? asker : kong),
      ]);
      expect([approved.status, withdrawn.status].sort()).toEqual([204, 404]);
      expect(await idsOf('/following', asker)).toEqual(approved.status === 204 ? [kong.id] : []);
    }
  });

  it('answers a request by its owner only; both ends may drop it', async () => {
    await follow(bori, kong);
    const { id } = (await requestsTo(kong))[0]!;
    for (const person of [bori, dal])
      expectProblem(await post(`/follow-requests/${id}`, person, undefined), 404, 'follow-request-not-found');
    expectProblem(await remove(`/follow-requests/${id}`, dal), 404, 'follow-request-not-found');
    expect((await remove(`/follow-requests/${id}`, bori)).status).toBe(204);
    expect(await titlesOf(kong)).toEqual([]);
    await follow(bori, kong);
    expect(await titlesOf(kong)).toEqual(['팔로우 요청']);
    const again = (await requestsTo(kong))[0]!;
    expect((await remove(`/follow-requests/${again.id}`, kong)).status).toBe(204);
    expect(await titlesOf(kong)).toEqual([]);
    expect(await idsOf('/followers', kong)).toEqual([]);
  });

  it('B06 takes what waits when it becomes public', async () => {
    await follow(bori, kong);
    await follow(dal, kong);
    await block(kong, dal);
    await setPublic(kong);
    await test.queue.drain();
    expect(await idsOf('/followers', kong)).toEqual([bori.id]);
    expect(await requestsTo(kong)).toEqual([]);
    expect(await titlesOf(kong)).toEqual([]);
    expect(await titlesOf(bori)).toEqual(['팔로우 요청 수락']);
  });

  it('B06 leaves the request of somebody suspended when it becomes public', async () => {
    await follow(bori, kong);
    await follow(dal, kong);
    await test.db.prisma.user.update({ where: { id: dal.id }, data: { suspendedAt: test.clock.now() } });
    await setPublic(kong);
    await test.queue.drain();
    const follows = await test.db.prisma.follow.findMany({ where: { followeeId: kong.id } });
    expect(follows.map(({ followerId }) => followerId)).toEqual([bori.id]);
    expect(await test.db.prisma.followRequest.count({ where: { requesterId: dal.id } })).toBe(1);
  });

  it('B06 keeps those who followed it before', async () => {
    await setPublic(kong);
    await follow(bori, kong);
    await setPrivate(kong);
    expect(await profile(bori, kong)).toMatchObject({ isFollowing: true, followers: 1 });
    expect((await follow(bori, kong)).body).toEqual({ state: 'following' });
  });
});

describe('a block', () => {
  it('B05 removes follows both ways, and unblocking restores none', async () => {
    await follow(bori, kong);
    await follow(kong, bori);
    expect((await block(bori, kong)).status).toBe(204);
    expect((await block(bori, kong)).status).toBe(204);
    expect((await remove(`/blocks/${kong.id}`, bori)).status).toBe(204);
    expect(await profile(bori, kong)).toMatchObject({ isFollowing: false, followsMe: false, followers: 0 });
    expect(await titlesOf(bori)).toEqual([]);
    expect(await titlesOf(kong)).toEqual([]);
  });

  it('B01 B04 makes each nobody for the other, in the same words as for nobody', async () => {
    const [walk, theirs] = [
      await given.walk(bori, { visibility: 'public' }),
      await given.walk(kong, { visibility: 'public' }),
    ];
    await follow(dal, bori);
    await follow(dal, kong);
    await follow(bori, dal);
    await follow(kong, dal);
    await block(bori, kong);
    for (const [viewer, other, hidden] of [
      [bori, kong, theirs.id],
      [kong, bori, walk.id],
    ] as const) {
      const seen = async (path: string) => {
        const { requestId: _, ...body } = (await get(path, viewer)).body;
        return body as object;
      };
      for (const [path, missing] of [
        [`/users/${other.id}`, `/users/${MISSING}`],
        [`/walks/${hidden}`, `/walks/${MISSING}`],
        [`/walks/${hidden}/route`, `/walks/${MISSING}/route`],
        [`/followers?userId=${other.id}`, `/followers?userId=${MISSING}`],
      ] as const)
        expect(await seen(path)).toEqual(await seen(missing));
      expectProblem(await follow(viewer, other), 404, 'user-not-found');
      expect(await idsOf(`/followers?userId=${dal.id}`, viewer)).toEqual([viewer.id]);
      expect(await idsOf(`/following?userId=${dal.id}`, viewer)).toEqual([viewer.id]);
      expect(await profile(viewer, dal)).toMatchObject({ followers: 1, following: 1 });
    }
    expect(await profile(dal, dal)).toMatchObject({ followers: 2, following: 2 });
  });

  it('names the blocked to whoever blocked, and to nobody else', async () => {
    await block(bori, kong);
    expect(await idsOf('/blocks', bori)).toEqual([kong.id]);
    expect(await idsOf('/blocks', kong)).toEqual([]);
    expectProblem(await block(kong, bori), 404, 'user-not-found');
    expectProblem(await block(bori, bori), 409, 'not-with-yourself');
    expect((await remove(`/blocks/${bori.id}`, kong)).status).toBe(204);
    expect(await idsOf('/blocks', bori)).toEqual([kong.id]);
  });

  it('is not passed by with the answer to an old request', async () => {
    const invite = () => post('/invitations', kong, { userId: bori.id }, { 'idempotency-key': 'walk' });
    const mine = () => post('/invitations', bori, { userId: dal.id }, { 'idempotency-key': 'walk' });
    const [first, kept] = [await invite(), await mine()];
    expect((await invite()).body).toEqual(first.body);
    await block(bori, kong);
    expectProblem(await invite(), 404, 'user-not-found');
    expect((await mine()).body).toEqual(kept.body);
  });

  it('wins against a follow at the same time', async () => {
    for (let i = 0; i < 10; i++) {
      const [one, other] = [await signIn(test), await signIn(test)];
      await Promise.all([follow(one, other), block(other, one), follow(other, one)]);
      const pair = { in: [one.id, other.id] };
      expect(await test.db.prisma.follow.count({ where: { followerId: pair, followeeId: pair } })).toBe(0);
    }
  });
});

it('hides who is suspended or leaving from lists and counts', async () => {
  await follow(bori, kong);
  await follow(dal, kong);
  await test.db.prisma.user.update({ where: { id: bori.id }, data: { suspendedAt: test.clock.now() } });
  expect(await idsOf('/followers', kong)).toEqual([dal.id]);
  expect(await profile(dal, kong)).toMatchObject({ followers: 1 });
  await test.db.prisma.user.update({ where: { id: bori.id }, data: { suspendedAt: null } });
  expect(await idsOf('/followers', kong)).toEqual([dal.id, bori.id]);
});

const waiting = statement<{ any: boolean }>(
  'test_waiting',
  `select exists (
     select from pg_locks where locktype = 'advisory' and not granted
       and database = (select oid from pg_database where datname = current_database())
   ) as any`,
);

/** Begins something while somebody holds a lock, who goes on and commits when it waits for that lock, or is done. */
async function beginDuring<T>(
  hold: (tx: Transaction) => Promise<unknown>,
  begin: () => Promise<T>,
  goOn: (tx: Transaction) => Promise<unknown>,
): Promise<T> {
  const [held, mayGoOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const holder = test.db.transaction(async (tx) => {
    await hold(tx);
    held.resolve();
    await mayGoOn.promise;
    await goOn(tx);
  });
  await held.promise;
  let isDone = false;
  const begun = begin().finally(() => (isDone = true));
  while (!isDone && !(await test.db.rows(waiting, []))[0]!.any);
  mayGoOn.resolve();
  await holder;
  return begun;
}

/** The embedded database has one connection only. */
if (SERVER_URL)
  describe('at the same time', () => {
    it('does not wait for the heavy work on somebody', async () => {
      const walk = await given.walk(kong, { visibility: 'public' });
      await test.queue.drain();
      const answers = await test.db.transaction(async (tx) => {
        await lockUser(tx, kong.id);
        return [
          await follow(bori, kong),
          await post(`/likes/${walk.id}`, bori, undefined),
          await post('/comments', bori, { walkId: walk.id, body: '귀여워요' }),
          await post('/invitations', bori, { userId: kong.id }),
          await remove(`/follows/${kong.id}`, bori),
          await block(bori, kong),
        ];
      });
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 201, 201, 204, 204]);
    });

    it('B06 a request that comes while the profile is opened is a follow', async () => {
      await setPrivate(kong);
      const answer = await beginDuring(
        (tx) => lockProfile(tx, kong.id),
        () => follow(bori, kong),
        (tx) => tx.prisma.user.update({ where: { id: kong.id }, data: { profileVisibility: 'public' } }),
      );
      expect(answer.body).toEqual({ state: 'following' });
    });

    it('B06 a requester who is blocked while the profile is opened does not follow', async () => {
      await setPrivate(kong);
      await follow(bori, kong);
      await test.db.prisma.user.update({ where: { id: kong.id }, data: { profileVisibility: 'public' } });
      const pair = { requesterId: bori.id, targetId: kong.id };
      await beginDuring(
        (tx) => lockPair(tx, bori.id, kong.id),
        () => test.app.get(FollowRequests).approveAll(kong.id),
        (tx) => tx.prisma.followRequest.deleteMany({ where: pair }),
      );
      expect(await idsOf('/followers', kong)).toEqual([]);
    });
  });

const followMany = statement(
  'test_follow_many',
  `with crowd as (
     insert into users (id, nickname, privacy_seed, created_at)
     select gen_random_uuid(), '이웃' || i, decode(repeat('00', 32), 'hex'), $2::timestamptz
     from generate_series(1, $3::int) i
     returning id
   )
   insert into follows (follower_id, followee_id, created_at) select $1::uuid, id, $2::timestamptz from crowd`,
);

it('lets nobody follow more than 10,000, waiting requests included', async () => {
  await test.db.rows(followMany, [bori.id, test.clock.now().toISOString(), 9_999]);
  await setPrivate(kong);
  expect((await follow(bori, kong)).status).toBe(200);
  expectProblem(await follow(bori, dal), 409, 'follow-limit');
  await setPrivate(dal);
  expectProblem(await follow(bori, dal), 409, 'follow-limit');
  expect((await follow(bori, kong)).body).toEqual({ state: 'requested' });
  await remove(`/follows/${kong.id}`, bori);
  expect((await follow(bori, dal)).body).toEqual({ state: 'requested' });
});
