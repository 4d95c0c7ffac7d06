import { v7 as uuidv7 } from 'uuid';
import { type Answer, expectFieldFault, expectProblem, type Person, signIn } from '../support/api.js';
import { given } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { get, patch, post, remove } from '../support/rest.js';
import { type StoredWalk, storeWalk } from '../support/stored-walks.js';

let test: TestApp;
let bori: Person;
let kong: Person;
let dal: Person;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());
beforeEach(async () => {
  home = `11680${String(++homes).padStart(5, '0')}`; // nobody of another test lives there
  [bori, kong, dal] = [await signIn(test), await signIn(test), await signIn(test)];
});

let homes = 0;
let home: string;
const MISSING = '0193a1b2-0000-7000-8000-000000000000';
/** Time goes on, so that lists have an order. */
const next = () => test.clock.advance({ seconds: 1 });
const like = (who: Person, walkId: string) => (next(), post(`/likes/${walkId}`, who, undefined));
const unlike = (who: Person, walkId: string) => remove(`/likes/${walkId}`, who);
const comment = (who: Person, walkId: string, body = '귀여워요') => (
  next(),
  post('/comments', who, { walkId, body })
);
const follow = (who: Person, whom: Person) => post(`/follows/${whom.id}`, who, undefined);
const block = (who: Person, whom: Person) => post(`/blocks/${whom.id}`, who, undefined);
const change = (person: Person, data: object) =>
  test.db.prisma.user.update({ where: { id: person.id }, data });
const changeWalk = (id: string, data: object) => test.db.prisma.walk.update({ where: { id }, data });
const walkOf = (person: Person, walk: Partial<StoredWalk> = {}) =>
  storeWalk(test, person.id, { visibility: 'public', completedAt: test.clock.now(), ...walk });
const notesOf = async (person: Person): Promise<string[]> =>
  (await get('/notifications', person)).body.items.map(({ title }: { title: string }) => title);
const likersOf = async (viewer: Person, walkId: string): Promise<string[]> =>
  (await get(`/likes/${walkId}`, viewer)).body.items.map(
    (item: { person: { id: string } }) => item.person.id,
  );
const bodiesOf = async (viewer: Person, walkId: string): Promise<string[]> =>
  (await get(`/comments?walkId=${walkId}`, viewer)).body.items.map((item: { body: string }) => item.body);
const feedOf = async (viewer: Person): Promise<string[]> =>
  (await get('/feed?limit=100', viewer)).body.items.map(({ id }: { id: string }) => id);

/** What a viewer is told of a walk's likes and comments, and whether lists and counts say the same; null when it is not there. */
async function countsFor(viewer: Person, walkId: string) {
  const [likes, comments] = [
    await get(`/likes/${walkId}`, viewer),
    await get(`/comments?walkId=${walkId}`, viewer),
  ];
  if (likes.status !== 200 || comments.status !== 200) {
    expectProblem(likes, 404, 'walk-not-found');
    expectProblem(comments, 404, 'walk-not-found');
    return null;
  }
  const counts = { likes: likes.body.likes as number, comments: comments.body.comments as number };
  expect(counts).toEqual({ likes: likes.body.items.length, comments: comments.body.items.length });
  return counts;
}

describe('a like', () => {
  it('is one however often it is given, told once, and gone when taken back', async () => {
    const walkId = await walkOf(bori);
    for (let i = 0; i < 3; i++)
      expect((await like(kong, walkId)).body).toEqual({ walkId, likes: 1, iLike: true });
    expect((await like(dal, walkId)).body).toEqual({ walkId, likes: 2, iLike: true });
    await follow(bori, kong);
    const { body } = await get(`/likes/${walkId}`, bori);
    expect(body).toEqual({
      likes: 2,
      iLike: false,
      items: [
        {
          person: { id: dal.id, nickname: expect.any(String) },
          isFollowing: false,
          likedAt: expect.any(String),
        },
        {
          person: { id: kong.id, nickname: expect.any(String) },
          isFollowing: true,
          likedAt: expect.any(String),
        },
      ],
      nextCursor: null,
    });
    expect(await notesOf(bori)).toEqual(['좋아요', '좋아요']);
    for (let i = 0; i < 2; i++)
      expect((await unlike(kong, walkId)).body).toEqual({ walkId, likes: 1, iLike: false });
    expect(await notesOf(bori)).toEqual(['좋아요']);
    expect(await likersOf(bori, walkId)).toEqual([dal.id]);
  });

  it('A9 is one when given 20 times at once', async () => {
    const walkId = await walkOf(bori);
    const answers = await Promise.all(Array.from({ length: 20 }, () => like(kong, walkId)));
    expect(answers.map(({ body }) => body.likes)).toEqual(Array(20).fill(1));
    expect(await notesOf(bori)).toEqual(['좋아요']);
  });

  it('is for the walk of somebody else', async () => {
    const walkId = await walkOf(bori);
    expectProblem(await like(bori, walkId), 409, 'not-your-own-walk');
    expect((await unlike(bori, walkId)).body).toEqual({ walkId, likes: 0, iLike: false });
    for (const answer of [await like(kong, MISSING), await unlike(kong, MISSING)])
      expectProblem(answer, 404, 'walk-not-found');
  });

  it('is listed page by page', async () => {
    const walkId = await walkOf(bori);
    const likers = [];
    for (let i = 0; i < 5; i++) {
      likers.unshift(await signIn(test));
      await like(likers[0]!, walkId);
    }
    const first: Answer = await get(`/likes/${walkId}?limit=3`, kong);
    const rest: Answer = await get(`/likes/${walkId}?limit=3&cursor=${first.body.nextCursor}`, kong);
    const ids = [...first.body.items, ...rest.body.items].map((item) => item.person.id);
    expect(ids).toEqual(likers.map(({ id }) => id));
    expect([first.body.likes, rest.body.likes, rest.body.nextCursor]).toEqual([5, 5, null]);
    expectFieldFault(await get(`/likes/${walkId}?cursor=x`, kong), 'cursor');
  });
});

describe('a comment', () => {
  it('is written, told, edited and deleted by its author', async () => {
    const walkId = await walkOf(bori);
    const { status, body } = await comment(kong, walkId, '  좋은 길이네요 ');
    expect([status, body]).toEqual([
      201,
      {
        id: expect.any(String),
        walkId,
        person: { id: kong.id, nickname: expect.any(String) },
        body: '좋은 길이네요',
        createdAt: test.clock.now().toISOString(),
        editedAt: null,
        isMine: true,
        isHidden: false,
      },
    ]);
    expect(await notesOf(bori)).toEqual(['새 댓글']);
    next();
    const edited = (await patch(`/comments/${body.id}`, kong, { body: '고침' })).body;
    expect(edited).toEqual({ ...body, body: '고침', editedAt: test.clock.now().toISOString() });
    next();
    for (const same of [{ body: '고침' }, {}])
      expect((await patch(`/comments/${body.id}`, kong, same)).body).toEqual(edited);
    expect((await get(`/comments?walkId=${walkId}`, bori)).body.items).toEqual([
      { ...edited, isMine: false },
    ]);
    expect((await remove(`/comments/${body.id}`, kong)).status).toBe(204);
    expectProblem(await remove(`/comments/${body.id}`, kong), 404, 'comment-not-found');
    expect(await countsFor(bori, walkId)).toEqual({ likes: 0, comments: 0 });
    expect(await notesOf(bori)).toEqual([]);
  });

  it('O03 is deleted by the walker too, and touched by nobody else', async () => {
    const walkId = await walkOf(bori);
    const { body } = await comment(kong, walkId);
    for (const who of [bori, dal])
      expectProblem(await patch(`/comments/${body.id}`, who, { body: '내 것' }), 404, 'comment-not-found');
    expectProblem(await remove(`/comments/${body.id}`, dal), 404, 'comment-not-found');
    expect((await remove(`/comments/${body.id}`, bori)).status).toBe(204);
    expect(await bodiesOf(kong, walkId)).toEqual([]);
  });

  it('is written once for one key, by the walker without a note', async () => {
    const walkId = await walkOf(bori);
    const key = { 'idempotency-key': uuidv7() };
    const [first, again] = [
      await post('/comments', bori, { walkId, body: '하나' }, key),
      await post('/comments', bori, { walkId, body: '하나' }, key),
    ];
    expect(again.body).toEqual(first.body);
    expect(await bodiesOf(bori, walkId)).toEqual(['하나']);
    expect(await notesOf(bori)).toEqual([]);
  });

  it('has a text of 1 to 500 characters', async () => {
    const walkId = await walkOf(bori);
    for (const body of ['', '   ', 'x'.repeat(501), '\u0000', '\u3164'])
      expectFieldFault(await comment(kong, walkId, body), 'body');
    const { body } = await comment(kong, walkId, '두\n줄');
    expect(body.body).toBe('두\n줄');
    expectFieldFault(await patch(`/comments/${body.id}`, kong, { body: '' }), 'body');
    expectFieldFault(await get('/comments', kong), 'walkId');
  });

  it('is listed page by page, also when some came at the same time', async () => {
    const walkId = await walkOf(bori);
    const createdAt = test.clock.now();
    await test.db.prisma.walkComment.createMany({
      data: Array.from({ length: 23 }, (_, i) => ({
        ...{ id: uuidv7(), walkId, userId: kong.id, body: '멍' },
        createdAt: new Date(createdAt.getTime() + 1_000 * (i >> 2)),
      })),
    });
    const path = `/comments?walkId=${walkId}`;
    const first = (await get(`${path}&limit=20`, dal)).body;
    const rest = (await get(`${path}&limit=20&cursor=${first.nextCursor}`, dal)).body;
    const keys = [...first.items, ...rest.items].map(({ createdAt, id }) => `${createdAt} ${id}`);
    expect(keys).toEqual([...new Set(keys)].sort().reverse());
    expect([keys.length, first.comments, rest.nextCursor]).toEqual([23, 23, null]);
  });
});

describe('who sees what', () => {
  const CASES: [name: string, walk: object, walker: object, sees: string][] = [
    ['public', { visibility: 'public' }, {}, 'owner follower stranger'],
    ['for followers', { visibility: 'followers' }, {}, 'owner follower'],
    ['private', { visibility: 'private' }, {}, 'owner'],
    ['of a private profile', {}, { profileVisibility: 'private' }, 'owner follower'],
    ['hidden by a moderator', { hiddenAt: new Date() }, {}, 'owner'],
    ['not counting', { counts: false }, {}, 'owner'],
    ['abandoned', { state: 'abandoned', completedAt: null }, {}, 'owner'],
    ['deleted', { state: 'deleted', counts: false }, {}, ''],
    ['of somebody suspended', {}, { suspendedAt: new Date() }, ''],
    ['of somebody who is leaving', {}, { deletionRequestedAt: new Date() }, ''],
  ];

  it('B01 B04 likes, comments and feed follow the visibility of the walk', async () => {
    const [blocked, blocker, somebody] = [await signIn(test), await signIn(test), await signIn(test)];
    const viewers = { owner: bori, follower: kong, stranger: dal, blocked, blocker };
    for (const neighbour of Object.values(viewers)) await change(neighbour, { regionCode: home });
    for (const follower of [kong, blocked, blocker]) await follow(follower, bori);
    await block(bori, blocked);
    await block(blocker, bori);
    for (const [name, walk, walker, sees] of CASES) {
      const walkId = await walkOf(bori);
      await like(somebody, walkId);
      await comment(somebody, walkId);
      await changeWalk(walkId, walk);
      await change(bori, walker);
      for (const [who, viewer] of Object.entries(viewers)) {
        if (who === 'owner' && sees === '') continue; // cannot ask, or erased it
        const isSeen = sees.split(' ').includes(who);
        const counts = { likes: 1, comments: 1 };
        expect([name, who, await countsFor(viewer, walkId)]).toEqual([name, who, isSeen ? counts : null]);
        const items = (await get('/feed', viewer)).body.items;
        const item = expect.objectContaining({ id: walkId, ...counts, iLike: false });
        expect([name, who, items]).toEqual([name, who, isSeen && who !== 'owner' ? [item] : []]);
        const said = await comment(viewer, walkId);
        const answers = [said, await unlike(viewer, walkId)];
        if (who !== 'owner') answers.push(await like(viewer, walkId), await unlike(viewer, walkId));
        if (isSeen) answers.push(await remove(`/comments/${said.body.id}`, viewer));
        for (const answer of answers) {
          if (isSeen) expect([name, who, answer.status < 300]).toEqual([name, who, true]);
          else expectProblem(answer, 404, 'walk-not-found');
        }
      }
      await changeWalk(walkId, { state: 'deleted' });
      await change(bori, { profileVisibility: 'public', suspendedAt: null, deletionRequestedAt: null });
    }
  });

  it('B01 B02 counts and lists only people who exist for the viewer', async () => {
    const walkId = await walkOf(bori);
    const others = [kong, dal, await signIn(test), await signIn(test)] as const;
    for (const other of others) {
      await like(other, walkId);
      await comment(other, walkId, other.id);
    }
    const [, , blocked, leaving] = others;
    const all = { likes: 4, comments: 4 };
    expect(await countsFor(kong, walkId)).toEqual(all);
    await block(blocked, kong);
    expect(await countsFor(kong, walkId)).toEqual({ likes: 3, comments: 3 });
    expect(await likersOf(kong, walkId)).not.toContain(blocked.id);
    expect(await bodiesOf(kong, walkId)).not.toContain(blocked.id);
    expect(await countsFor(blocked, walkId)).toEqual({ likes: 3, comments: 3 });
    expect(await countsFor(dal, walkId)).toEqual(all);
    await change(leaving, { deletionRequestedAt: test.clock.now() });
    expect(await countsFor(dal, walkId)).toEqual({ likes: 3, comments: 3 });
    await block(bori, dal);
    expect(await countsFor(bori, walkId)).toEqual({ likes: 2, comments: 2 });
    expect(await notesOf(bori)).toHaveLength(4); // nothing of dal, nor of who is leaving
    await test.db.prisma.walkComment.updateMany({
      where: { userId: kong.id },
      data: { hiddenAt: new Date() },
    });
    expect(await countsFor(bori, walkId)).toEqual({ likes: 2, comments: 1 });
    expect(await countsFor(kong, walkId)).toEqual({ likes: 2, comments: 2 });
    expect((await get(`/comments?walkId=${walkId}`, kong)).body.items).toContainEqual(
      expect.objectContaining({ isMine: true, isHidden: true }),
    );
  });

  it('B07 a walk that becomes private takes its likes and comments along, and brings them back', async () => {
    const walkId = await walkOf(bori);
    await follow(kong, bori);
    await like(kong, walkId);
    const { body } = await comment(kong, walkId);
    expect(await feedOf(kong)).toEqual([walkId]);
    await bori.send('PATCH', `/walks/${walkId}`, { visibility: 'private' });
    expect(await feedOf(kong)).toEqual([]);
    expect(await countsFor(kong, walkId)).toBeNull();
    expectProblem(await patch(`/comments/${body.id}`, kong, { body: '고침' }), 404, 'comment-not-found');
    expectProblem(await remove(`/comments/${body.id}`, kong), 404, 'comment-not-found');
    expectProblem(await unlike(kong, walkId), 404, 'walk-not-found');
    expect(await countsFor(bori, walkId)).toEqual({ likes: 1, comments: 1 });
    await bori.send('PATCH', `/walks/${walkId}`, { visibility: 'followers' });
    expect(await feedOf(kong)).toEqual([walkId]);
    expect(await countsFor(kong, walkId)).toEqual({ likes: 1, comments: 1 });
  });

  it('B08 what a block or a deletion came before is not there, and no count is off', async () => {
    const walkId = await walkOf(bori);
    await like(kong, walkId);
    const { body } = await comment(kong, walkId);
    const { body: hidden } = await comment(dal, walkId);
    await test.db.prisma.walkComment.update({ where: { id: hidden.id }, data: { hiddenAt: new Date() } });
    expectProblem(await remove(`/comments/${hidden.id}`, bori), 404, 'comment-not-found');
    await block(bori, kong);
    for (const who of [bori, kong])
      expectProblem(await remove(`/comments/${body.id}`, who), 404, 'comment-not-found');
    expectProblem(await patch(`/comments/${body.id}`, kong, { body: '고침' }), 404, 'comment-not-found');
    expectProblem(await unlike(kong, walkId), 404, 'walk-not-found');
    expect(await countsFor(bori, walkId)).toEqual({ likes: 0, comments: 0 });
    await remove(`/blocks/${kong.id}`, bori);
    expect(await countsFor(bori, walkId)).toEqual({ likes: 1, comments: 1 });
    await remove(`/walks/${walkId}`, bori);
    for (const who of [bori, kong, dal]) {
      expect(await countsFor(who, walkId)).toBeNull();
      expectProblem(await comment(who, walkId), 404, 'walk-not-found');
      expectProblem(await like(who, walkId), 404, 'walk-not-found');
      expectProblem(await remove(`/comments/${body.id}`, who), 404, 'comment-not-found');
    }
    await test.queue.drain();
    expect(await test.db.prisma.walkLike.count({ where: { walkId } })).toBe(0);
    expect(await test.db.prisma.walkComment.count({ where: { walkId } })).toBe(0);
  });
});

describe('the feed', () => {
  const HOUR_MS = 3_600_000;
  const ago = (hours: number) => new Date(test.clock.nowMs() - hours * HOUR_MS);

  it('P01 P03 shows what others may see of a walk, and no more', async () => {
    const { id: petId } = await given.pet(bori, { name: '보리' });
    await patch(`/pets/${petId}`, bori, { breed: '푸들' });
    const walk = await given.walk(bori, { km: 3, petId, visibility: 'followers' });
    await patch(`/walks/${walk.id}`, bori, { title: '공원 한 바퀴', memo: '비밀' });
    await follow(kong, bori);
    const { body } = await get('/feed', kong);
    const seen = (await get(`/walks/${walk.id}`, kong)).body;
    expect(body).toEqual({
      items: [
        {
          id: walk.id,
          person: { id: bori.id, nickname: expect.any(String) },
          isFollowing: true,
          ...{ title: '공원 한 바퀴', walkDate: '2026-11-20' },
          ...{ startedAt: seen.startedAt, distanceM: seen.distanceM, movingS: seen.movingS },
          preview: seen.preview,
          pets: [{ id: petId, name: '보리', breed: '푸들' }],
          ...{ likes: 0, comments: 0, iLike: false },
        },
      ],
      nextCursor: null,
    });
    expect(seen.preview.length).toBeGreaterThan(0);
    await change(bori, { privacyRevision: { increment: 1 } });
    expect((await get('/feed', kong)).body.items[0].preview).toEqual([]);
  });

  it('is of people I follow, and of public walks of my dong; without both it is empty', async () => {
    const [near, far] = [await signIn(test), await signIn(test)];
    for (const person of [near, bori]) await change(person, { regionCode: home });
    await change(far, { regionCode: '1168065000' });
    await follow(kong, dal);
    const walks = {
      near: await walkOf(near),
      nearForFollowers: await walkOf(near, { visibility: 'followers' }),
      far: await walkOf(far),
      mine: await walkOf(bori),
      followed: await walkOf(dal, { visibility: 'followers' }),
    };
    expect(await feedOf(bori)).toEqual([walks.near]);
    expect(await feedOf(kong)).toEqual([walks.followed]);
    expect(await feedOf(dal)).toEqual([]);
    await change(near, { regionCode: null });
    expect(await feedOf(bori)).toEqual([]);
  });

  it('is in the order of completion, moved by 4 h, 1 h and up to 1 h', async () => {
    const [near, other] = [await signIn(test), await signIn(test)];
    for (const person of [kong, near, other]) await change(person, { regionCode: home });
    const pets = [];
    for (const person of [kong, near]) {
      const { id } = await given.pet(person);
      await patch(`/pets/${id}`, person, { breed: person === kong ? 'Poodle' : 'poodle' });
      pets.push(id);
    }
    await follow(kong, dal);
    const walks = {
      followed: await walkOf(dal, { completedAt: ago(5.4) }), // 1.4
      sameBreed: await walkOf(near, { completedAt: ago(2.5) }), // 1.5
      plain: await walkOf(other, { completedAt: ago(1.6) }),
      liked: await walkOf(other, { completedAt: ago(1.72) }), // 1.65 with a like and a comment of others
    };
    await test.db.prisma.walkPet.create({ data: { walkId: walks.sameBreed, petId: pets[1]! } });
    const at = { createdAt: ago(0.1) };
    await test.db.prisma.walkLike.create({ data: { walkId: walks.liked, userId: bori.id, ...at } });
    const said = { walkId: walks.liked, body: '멍', ...at };
    await test.db.prisma.walkComment.create({ data: { id: uuidv7(), userId: bori.id, ...said } });
    for (let i = 0; i < 5; i++)
      await test.db.prisma.walkComment.create({ data: { id: uuidv7(), userId: other.id, ...said } });
    const order = [walks.followed, walks.sameBreed, walks.plain, walks.liked];
    expect(await feedOf(kong)).toEqual(order);
    await test.db.prisma.walkLike.create({ data: { walkId: walks.liked, userId: near.id, ...at } });
    await test.db.prisma.walkLike.create({ data: { walkId: walks.liked, userId: dal.id, ...at } });
    expect(await feedOf(kong)).toEqual([walks.followed, walks.sameBreed, walks.liked, walks.plain]);
    await test.db.prisma.walkComment.createMany({
      data: Array.from({ length: 40 }, () => ({ id: uuidv7(), userId: bori.id, ...said })),
    });
    expect((await feedOf(kong))[0]).toBe(walks.liked); // 0.72
    const capped = await walkOf(other, { completedAt: ago(0.73) });
    expect((await feedOf(kong)).slice(0, 2)).toEqual([walks.liked, capped]);
  });

  it('O02 keeps its pages while walks, likes and comments arrive, and drops whom I block at once', async () => {
    const walkers = await Promise.all(Array.from({ length: 6 }, () => signIn(test)));
    for (const [i, walker] of walkers.entries()) {
      if (i < 4) await follow(kong, walker);
      else await change(walker, { regionCode: home });
    }
    await change(kong, { regionCode: home });
    const owners = new Map<string, string>();
    for (let i = 0; i < 60; i++) {
      const walker = walkers[(i * 5) % 6]!;
      owners.set(await walkOf(walker, { completedAt: ago(0.1 + ((i * 7) % 60) * 0.3) }), walker.id);
    }
    const expected = await feedOf(kong);
    expect(expected).toHaveLength(60);
    const seen: string[] = [];
    let cursor = '';
    for (let round = 0; ; round++) {
      const { status, body }: Answer = await get(`/feed?limit=7${cursor}`, kong);
      expect(status).toBe(200);
      seen.push(...body.items.map(({ id }: { id: string }) => id));
      if (!body.nextCursor) break;
      cursor = `&cursor=${body.nextCursor}`;
      test.clock.advance({ minutes: 10 });
      for (const walker of walkers) await walkOf(walker);
      for (const walkId of expected.filter((_, i) => i % 10 === round)) {
        await like(bori, walkId);
        await comment(bori, walkId);
      }
      if (round === 3) await block(walkers[2]!, kong);
      if (round === 5) await block(kong, bori); // who liked everything
    }
    const isGone = (id: string) => owners.get(id) === walkers[2]!.id;
    expect(seen).toEqual(expected.filter((id, i) => i < 28 || !isGone(id)));
    expect(expected.slice(28).some(isGone)).toBe(true);
    expect((await feedOf(kong)).some(isGone)).toBe(false);
  });

  it('finds a neighbour by the newest public walk, whatever completed or opened it, and though it was deleted', async () => {
    const near = await signIn(test);
    for (const person of [kong, near]) await change(person, { regionCode: home });
    const lastOf = async () =>
      (await test.db.prisma.user.findUniqueOrThrow({ where: { id: near.id } })).lastPublicWalkAt;
    expect(await lastOf()).toBeNull();
    const earlier = await walkOf(near, { completedAt: ago(5) });
    const later = await walkOf(near, { completedAt: ago(2) });
    await walkOf(near, { completedAt: ago(3) });
    const closed = await walkOf(near, { completedAt: ago(0), visibility: 'followers' });
    expect(await lastOf()).toEqual(ago(2));
    await changeWalk(later, { state: 'deleted' });
    await changeWalk(earlier, { completedAt: ago(6) });
    expect(await lastOf()).toEqual(ago(2));
    await changeWalk(earlier, { completedAt: ago(1) });
    expect(await lastOf()).toEqual(ago(1));
    expect((await feedOf(kong))[0]).toBe(earlier);
    await changeWalk(closed, { title: '아직 아무도 못 봐요' });
    expect(await lastOf()).toEqual(ago(1));
    await changeWalk(closed, { visibility: 'public' });
    expect(await lastOf()).toEqual(ago(0));
    expect((await feedOf(kong))[0]).toBe(closed);
  });

  it('refuses a cursor that it did not make', async () => {
    const made = Buffer.from(JSON.stringify([ago(0), ago(0), MISSING])).toString('base64url');
    for (const cursor of ['x', made]) expectFieldFault(await get(`/feed?cursor=${cursor}`, kong), 'cursor');
  });
});
