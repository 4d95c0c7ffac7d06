import { v7 as uuidv7 } from 'uuid';
import { BadgeJobs, TABLE } from '../../src/modules/badges/badges.jobs.js';
import { seedDefinitions } from '../../src/modules/badges/badges.queries.js';
import { BADGES } from '../../src/modules/badges/badge-table.js';
import { meetupHeld } from '../../src/modules/meetups/index.js';
import { userFollowed } from '../../src/modules/people/index.js';
import { walkCommented, walkLiked } from '../../src/modules/social/index.js';
import { roomEnded } from '../../src/modules/together/index.js';
import type { MeetupState } from '../../src/generated/prisma/enums.js';
import { addDays } from '../../src/platform/clock/kst.js';
import { statement } from '../../src/platform/database/database.js';
import type { FactKind } from '../../src/platform/queue/job.js';
import { type Answer, expectFieldFault, expectProblem, type Person, signIn } from '../support/api.js';
import { given } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { at, completeWalk, storeTrack, storeWalk, tell } from '../support/stored-walks.js';

let test: TestApp;
let jobs: BadgeJobs;
let bori: Person;
beforeAll(async () => {
  test = await startTestApp();
  jobs = test.app.get(BadgeJobs);
  await test.db.prisma.badgeDefinition.updateMany({ data: { introducedAt: at('2026-01-01') } });
});
afterAll(() => test.close());
beforeEach(async () => {
  test.clock.set('2026-11-20T03:00:00Z'); // 12:00 in Korea
  bori = await signIn(test);
});

/* eslint-disable @typescript-eslint/no-explicit-any */
const list = async (as = bori): Promise<any[]> => (await as.send('GET', '/badges')).body.items;
const badge = async (code: string, as = bori) => (await list(as)).find((item) => item.code === code);
const earned = async (userId = bori.id) =>
  (
    await test.db.prisma.userBadge.findMany({
      where: { userId },
      orderBy: [{ code: 'asc' }, { year: 'asc' }],
    })
  ).map(({ code, year }) => (year ? `${code} ${year}` : code));
const notes = (userId = bori.id) =>
  test.db.prisma.notification.findMany({
    where: { userId, type: 'badge_earned' },
    orderBy: { dedupeKey: 'asc' },
  });
const keys = async (userId = bori.id) => (await notes(userId)).map(({ dedupeKey }) => dedupeKey);
const update = (id: string, data: object) => test.db.prisma.walk.update({ where: { id }, data });
const change = async (id: string, data: object) => {
  await update(id, data);
  await tell(test, 'changed', bori.id, id);
  await test.queue.drain();
};
/** So many walks on different days, the last one on the date. */
const onDaysUntil = async (date: string, count: number, more = {}) => {
  const ids: string[] = [];
  for (let i = count - 1; i >= 0; i--)
    ids.push(await completeWalk(test, bori.id, { startedAt: at(addDays(date, -2 * i)), ...more }));
  await test.queue.drain();
  return ids;
};

describe('GET /badges', () => {
  it('shows all 47 in the order of the table, locked for somebody new', async () => {
    const items = await list();
    expect(items.map(({ code }) => code)).toEqual(BADGES.map(({ code }) => code));
    for (const item of items) {
      expect(item).toMatchObject({
        value: 0,
        progressPercent: 0,
        remaining: item.target,
        state: 'locked',
        earnedAt: null,
        walkIds: [],
        earnedYears: [],
      });
    }
    expect(items[0]).toMatchObject({
      code: 'total_1km',
      category: 'distance',
      unit: 'm',
      target: 1_000,
      season: null,
    });
  });

  it('rounds progress down; 100 is for who is there', async () => {
    const id = await storeWalk(test, bori.id, { startedAt: at('2026-11-19'), distanceM: 999 });
    expect(await badge('total_1km')).toMatchObject({
      value: 999,
      progressPercent: 99,
      remaining: 1,
      state: 'in_progress',
    });
    expect(await badge('total_1000km')).toMatchObject({
      value: 999,
      progressPercent: 0,
      state: 'in_progress',
    });
    await update(id, { distanceM: 1_000 });
    // Met already, and given when the job comes to it.
    expect(await badge('total_1km')).toMatchObject({
      value: 1_000,
      progressPercent: 100,
      remaining: 0,
      state: 'in_progress',
      earnedAt: null,
    });
    await tell(test, 'completed', bori.id, id);
    await test.queue.drain();
    expect(await badge('total_1km')).toMatchObject({
      value: 1_000,
      progressPercent: 100,
      remaining: 0,
      state: 'earned',
      earnedAt: test.clock.now().toISOString(),
      walkIds: [id],
    });
  });

  it('an earned badge stays full when its walks shrink but count', async () => {
    const id = await completeWalk(test, bori.id, { startedAt: at('2026-11-19'), distanceM: 1_000 });
    await test.queue.drain();
    await change(id, { distanceM: 600 });
    expect(await badge('total_1km')).toMatchObject({
      value: 600,
      progressPercent: 100,
      remaining: 0,
      state: 'earned',
    });
  });

  it('counts a streak, places and regions', async () => {
    for (let i = 0; i < 4; i++) {
      const regionCode = `11680640${i}0`;
      const id = await storeWalk(test, bori.id, {
        startedAt: at(addDays('2026-11-20', -i), '09:00'),
        regionCode,
      });
      await storeTrack(test, id, [
        [
          [0, 37.5 + i / 100, 127],
          [200, 37.5 + i / 100, 127],
        ],
      ]);
      await tell(test, 'completed', bori.id, id);
    }
    await storeWalk(test, bori.id, {
      startedAt: at('2026-11-20', '10:00'),
      counts: false,
      regionCode: '2611051000',
    });
    await test.queue.drain();
    expect(await earned()).toEqual(['dongs_3', 'places_3', 'streak_3', 'total_1km', 'walks_1']);
    expect(await badge('streak_7')).toMatchObject({ value: 4, remaining: 3, progressPercent: 57 });
    expect(await badge('places_10')).toMatchObject({ value: 4, remaining: 6 });
    expect(await badge('gus_5')).toMatchObject({ value: 1 });
    expect(await badge('dongs_3')).toMatchObject({ value: 4, walkIds: [expect.any(String)] });
    expect((await badge('streak_3')).walkIds).toHaveLength(3);
    test.clock.advance({ days: 2 });
    expect(await badge('streak_7')).toMatchObject({ value: 0, state: 'locked' });
  });

  it('shows the season that runs or comes next', async () => {
    expect((await badge('autumn_leaves_10')).season).toEqual({
      year: 2026,
      from: '2026-10-10',
      until: '2026-11-20',
      daysLeft: 0,
    });
    expect((await badge('spring_blossom_10')).season).toEqual({
      year: 2027,
      from: '2027-03-20',
      until: '2027-04-20',
      daysLeft: null,
    });
    test.clock.set('2026-11-20T15:00:00Z'); // midnight in Korea
    expect((await badge('autumn_leaves_10')).season).toMatchObject({ year: 2027, daysLeft: null });
  });
});

describe('a badge', () => {
  it('is told of once, in a note that opens it, grouped by what brought it', async () => {
    const id = await completeWalk(test, bori.id, { startedAt: at('2026-11-20', '08:00') });
    await tell(test, 'completed', bori.id, id, id);
    await tell(test, 'changed', bori.id, id, id);
    await test.queue.drain();
    expect(await earned()).toEqual(['total_1km', 'walks_1']);
    expect(await notes()).toEqual([
      expect.objectContaining({
        dedupeKey: 'badge:total_1km:0',
        groupKey: `badges:${id}`,
        walkId: id,
        data: { badgeCode: 'total_1km', year: '0', walkId: id },
      }),
      expect.objectContaining({
        dedupeKey: 'badge:walks_1:0',
        groupKey: `badges:${id}`,
        body: expect.stringContaining('‘첫 산책’'),
      }),
    ]);
  });

  it('R01 is taken back within 7 days, with its note, when its walk is deleted; and earned again', async () => {
    const { id } = await given.walk(bori, { km: 0.7, startMs: test.clock.nowMs() - 7_200_000 });
    await test.queue.drain();
    expect(await earned()).toEqual(['walks_1']);
    test.clock.advance({ days: 7 });
    await bori.send('DELETE', `/walks/${id}`);
    await test.queue.drain();
    expect(await earned()).toEqual([]);
    expect(await keys()).toEqual([]);
    expect(await badge('walks_1')).toMatchObject({ state: 'locked', value: 0, earnedAt: null });
    await given.walk(bori, { km: 0.7, startMs: test.clock.nowMs() - 7_200_000 });
    await test.queue.drain();
    expect(await earned()).toEqual(['walks_1']);
    expect(await keys()).toEqual(['badge:walks_1:0']);
  });

  it('is not pushed twice when it is earned again', async () => {
    const id = await completeWalk(test, bori.id, { startedAt: at('2026-11-20', '08:00'), distanceM: 600 });
    await test.queue.drain();
    const [note] = await notes();
    await test.db.prisma.notification.update({ where: { id: note!.id }, data: { pushState: 'sent' } });
    await change(id, { counts: false });
    expect(await earned()).toEqual([]);
    await change(id, { counts: true });
    expect(await earned()).toEqual(['walks_1']);
    expect((await notes()).map((again) => [again.id, again.pushState])).toEqual([[note!.id, 'sent']]);
  });

  it('stays after 7 days, also when its walk is found invalid', async () => {
    const id = await completeWalk(test, bori.id, { startedAt: at('2026-11-20', '08:00') });
    await test.queue.drain();
    test.clock.advance({ days: 7, ms: 1 });
    await change(id, { counts: false });
    expect(await earned()).toEqual(['total_1km', 'walks_1']);
    expect(await badge('walks_1')).toMatchObject({ state: 'earned', value: 0, progressPercent: 100 });
  });

  it('stays while others reach it without the walk, or when the walk is only hidden', async () => {
    const [first, ...rest] = await onDaysUntil('2026-11-20', 6);
    expect(await earned()).toEqual(['total_1km', 'walks_1', 'walks_5']);
    await change(rest[3]!, { state: 'deleted', counts: false }); // the fifth, which brought walks_5
    expect(await earned()).toContain('walks_5');
    await change(first!, { visibility: 'private' });
    expect(await earned()).toContain('walks_5');
    expect(await badge('walks_5')).toMatchObject({ value: 5, walkIds: [rest[3]] });
  });

  it('R10 of a season counts walks that start before its end, whenever they end or come', async () => {
    await onDaysUntil('2026-11-18', 9);
    test.clock.set(at('2026-12-01').getTime());
    const id = await completeWalk(test, bori.id, {
      startedAt: at('2026-11-20', '23:59:59.999'),
      completedAt: test.clock.now(),
    });
    await completeWalk(test, bori.id, { startedAt: at('2026-11-21', '00:00') });
    await test.queue.drain();
    expect(await earned()).toContain('autumn_leaves_10 2026');
    expect(await keys()).toContain('badge:autumn_leaves_10:2026');
    const stored = await test.db.prisma.userBadge.findFirstOrThrow({
      where: { userId: bori.id, year: 2026 },
    });
    expect(stored.walkIds).toHaveLength(10);
    expect(stored.walkIds.at(-1)).toBe(id);
    expect(await badge('autumn_leaves_10')).toMatchObject({
      state: 'locked',
      value: 0,
      earnedAt: null,
      earnedYears: [2026],
      season: { year: 2027 },
    });
  });

  it('of a fact about a user or a walk that is gone is no error', async () => {
    await jobs.follow({ walkId: uuidv7(), userId: bori.id });
    await jobs.follow({ walkId: uuidv7(), userId: uuidv7() });
    const id = await completeWalk(test, bori.id);
    await test.db.prisma.user.delete({ where: { id: bori.id } });
    await test.queue.drain();
    await jobs.follow({ walkId: id, userId: bori.id });
  });
});

describe('what comes about between people', () => {
  /** So many strangers. */
  const neighbours = async (count: number): Promise<string[]> => {
    const ids = Array.from({ length: count }, () => uuidv7());
    const createdAt = test.clock.now();
    await test.db.prisma.user.createMany({
      data: ids.map((id) => ({ id, nickname: '이웃', privacySeed: new Uint8Array(32), createdAt })),
    });
    return ids;
  };
  /** As often as a queue may deliver it, at once. */
  const hear = async <Data extends object>(fact: FactKind<Data>, data: Data): Promise<void> => {
    await test.db.transaction(async (tx) => {
      for (let i = 0; i < 3; i++) await test.queue.record(tx, fact, data);
    });
    await test.queue.drain();
  };
  const now = () => test.clock.now();
  const valueOf = async (code: string) => (await badge(code)).value;

  it('a follow: told once, however often it is heard, and kept when it ends', async () => {
    const [choco] = await neighbours(1);
    await bori.send('POST', `/follows/${choco}`);
    await hear(userFollowed, { followerId: bori.id, followeeId: choco! });
    expect(await keys()).toEqual(['badge:first_follow:0']);
    expect(await earned(choco)).toEqual([]);
    await bori.send('DELETE', `/follows/${choco}`);
    await bori.send('POST', `/follows/${choco}`);
    await bori.send('DELETE', `/follows/${choco}`);
    await test.queue.drain();
    expect([await earned(), await keys()]).toEqual([['first_follow'], ['badge:first_follow:0']]);
    expect(await badge('first_follow')).toMatchObject({ value: 0, state: 'earned', progressPercent: 100 });
  });

  it('ten followers who exist for the user', async () => {
    const ids = await neighbours(11);
    await test.db.prisma.follow.createMany({
      data: ids.map((followerId) => ({ followerId, followeeId: bori.id, createdAt: now() })),
    });
    await test.db.prisma.user.update({ where: { id: ids[0]! }, data: { suspendedAt: now() } });
    await test.db.prisma.block.create({
      data: { blockerId: ids[1]!, blockedId: bori.id, createdAt: now() },
    });
    await hear(userFollowed, { followerId: ids[10]!, followeeId: bori.id });
    expect([await valueOf('followers_10'), await earned()]).toEqual([9, []]);
    await test.db.prisma.user.update({ where: { id: ids[0]! }, data: { suspendedAt: null } });
    await hear(userFollowed, { followerId: ids[10]!, followeeId: bori.id });
    expect([await earned(), await keys()]).toEqual([['followers_10'], ['badge:followers_10:0']]);
  });

  it('fifty likes by others, of walks that were not deleted', async () => {
    const ids = await neighbours(26);
    const stored = () => storeWalk(test, bori.id, { counts: false });
    const [first, second, deleted] = [await stored(), await stored(), await stored()];
    await update(deleted, { state: 'deleted' });
    const like = (walkIds: string[], userIds: string[]) =>
      test.db.prisma.walkLike.createMany({
        data: walkIds.flatMap((walkId) => userIds.map((userId) => ({ walkId, userId, createdAt: now() }))),
      });
    await like([first, second, deleted], ids.slice(0, 24));
    await like([first], [bori.id, ids[24]!]);
    await hear(walkLiked, { walkId: first, userId: ids[24]! });
    expect([await valueOf('likes_received_50'), await earned()]).toEqual([49, []]);
    await like([second], [ids[24]!]);
    await hear(walkLiked, { walkId: second, userId: ids[24]! });
    expect([await earned(), await keys()]).toEqual([['likes_received_50'], ['badge:likes_received_50:0']]);
    await test.db.prisma.walkLike.deleteMany({ where: { walkId: first } });
    await hear(walkLiked, { walkId: first, userId: ids[25]! });
    expect(await earned()).toEqual(['likes_received_50']);
  });

  it('ten comments under walks of others, of which none is hidden', async () => {
    const [choco] = await neighbours(1);
    const [theirs, mine] = [await storeWalk(test, choco!), await storeWalk(test, bori.id, { counts: false })];
    const comment = (walkId: string, more = {}) =>
      test.db.prisma.walkComment.create({
        data: { id: uuidv7(), walkId, userId: bori.id, body: '좋아요', createdAt: now(), ...more },
      });
    for (let i = 0; i < 9; i++) await comment(theirs);
    const hidden = await comment(theirs, { hiddenAt: now() });
    const own = await comment(mine);
    await hear(walkCommented, { commentId: own.id, walkId: mine, userId: bori.id });
    expect([await valueOf('comments_10'), await earned()]).toEqual([9, []]);
    await test.db.prisma.walkComment.update({ where: { id: hidden.id }, data: { hiddenAt: null } });
    await hear(walkCommented, { commentId: hidden.id, walkId: theirs, userId: bori.id });
    expect([await earned(), await keys()]).toEqual([['comments_10'], ['badge:comments_10:0']]);
    expect(await earned(choco)).toEqual([]);
  });

  it('walks together: rooms that ended, in which at least two let the others see them', async () => {
    const [choco, silent] = await neighbours(2);
    const room = async (consenting: string[], endedAt: Date | null = now()) => {
      const at = now();
      const invitation = await test.db.prisma.invitation.create({
        data: {
          ...{ id: uuidv7(), inviterId: bori.id, inviteeId: choco!, state: 'accepted' },
          ...{ expiresAt: at, createdAt: at },
        },
      });
      const { id } = await test.db.prisma.room.create({
        data: {
          ...{ id: uuidv7(), invitationId: invitation.id, opensAt: at, closesAt: at, endedAt, createdAt: at },
          members: {
            create: [bori.id, choco!, silent!].map((userId) => ({
              userId,
              consentedAt: consenting.includes(userId) ? at : null,
            })),
          },
        },
      });
      return id;
    };
    await hear(roomEnded, { roomId: await room([bori.id]) });
    await hear(roomEnded, { roomId: await room([choco!, silent!]) });
    await hear(roomEnded, { roomId: await room([bori.id, choco!], null) });
    expect([await valueOf('together_1'), await earned()]).toEqual([0, []]);
    for (let i = 1; i <= 10; i++) {
      await hear(roomEnded, { roomId: await room([bori.id, choco!]) });
      expect(await valueOf('together_10')).toBe(i);
    }
    expect(await earned()).toEqual(['together_1', 'together_10']);
    expect((await keys()).sort()).toEqual(['badge:together_10:0', 'badge:together_1:0']);
    expect([await earned(choco), await earned(silent)]).toEqual([
      ['together_1', 'together_10'],
      ['together_1'],
    ]);
  });

  it('meetups that began with at least two: for the host, and for whoever came to five', async () => {
    const [choco] = await neighbours(1);
    const meetup = async (hostId: string, guests: string[], state: MeetupState = 'closed') => {
      const { id } = await test.db.prisma.meetup.create({
        data: {
          ...{ id: uuidv7(), hostId, state, title: '모임', placeName: '공원', lat: 37.5, lng: 127 },
          ...{ startsAt: now(), capacity: 5, createdAt: now() },
          participants: { create: [hostId, ...guests].map((userId) => ({ userId, joinedAt: now() })) },
        },
      });
      await hear(meetupHeld, { meetupId: id });
    };
    await meetup(bori.id, []);
    await meetup(bori.id, [choco!], 'cancelled');
    expect([await earned(), await earned(choco)]).toEqual([[], []]);
    await meetup(bori.id, [choco!]);
    expect([await earned(), await keys()]).toEqual([['meetup_host_1'], ['badge:meetup_host_1:0']]);
    for (let i = 2; i <= 4; i++) await meetup(bori.id, [choco!]);
    expect(await earned(choco)).toEqual([]);
    await meetup(bori.id, [choco!]);
    expect([await earned(), await earned(choco)]).toEqual([['meetup_host_1'], ['meetup_join_5']]);
    expect(await valueOf('meetup_join_5')).toBe(0);
  });
});

describe('GET /users/:id/badges', () => {
  const of = (id: string, as: Person): Promise<Answer> => as.send('GET', `/users/${id}/badges`);

  it('shows others what and on which day, nothing else', async () => {
    test.clock.set('2026-11-20T15:30:00Z'); // 00:30 of the 21st in Korea
    await completeWalk(test, bori.id, { startedAt: at('2026-11-20', '23:00') });
    await test.queue.drain();
    const { body } = await of(bori.id, await signIn(test));
    expect(body).toEqual({
      isPrivate: false,
      items: [
        { code: 'total_1km', name: '첫 발자국', year: null, earnedOn: '2026-11-21' },
        { code: 'walks_1', name: '첫 산책', year: null, earnedOn: '2026-11-21' },
      ],
    });
    expect((await of(bori.id, bori)).body).toEqual(body);
  });

  it('A06 shows nothing of a private profile, and knows no hidden one', async () => {
    const choco = await signIn(test);
    await completeWalk(test, bori.id, { startedAt: at('2026-11-20', '08:00') });
    await test.queue.drain();
    const set = (data: object) => test.db.prisma.user.update({ where: { id: bori.id }, data });
    await set({ profileVisibility: 'private' });
    expect((await of(bori.id, choco)).body).toEqual({ isPrivate: true, items: [] });
    expect((await of(bori.id, bori)).body).toMatchObject({ isPrivate: true, items: [{}, {}] });
    await test.db.prisma.follow.create({
      data: { followerId: choco.id, followeeId: bori.id, createdAt: test.clock.now() },
    });
    expect((await of(bori.id, choco)).body).toMatchObject({ isPrivate: true, items: [{}, {}] });
    await set({ suspendedAt: test.clock.now() });
    expectProblem(await of(bori.id, choco), 404, 'user-not-found');
    await set({ suspendedAt: null, deletionRequestedAt: test.clock.now() });
    expectProblem(await of(bori.id, choco), 404, 'user-not-found');
    expectProblem(await of(uuidv7(), choco), 404, 'user-not-found');
    expectFieldFault(await of('not-an-id', choco), 'id');
  });

  it('B01 B04 answers two who are blocked as if there were nobody', async () => {
    const choco = await signIn(test);
    await bori.send('POST', `/blocks/${choco.id}`);
    const body = (answer: Answer) => ({ ...answer.body, requestId: undefined });
    const missing = body(await of(uuidv7(), choco));
    for (const answer of [await of(bori.id, choco), await of(choco.id, bori)]) {
      expectProblem(answer, 404, 'user-not-found');
      expect(body(answer)).toEqual(missing);
    }
  });
});

describe('R09 the definitions', () => {
  const versions = async () =>
    (
      await test.db.rows(
        statement<{ all: string }>(
          'test_badge_versions',
          `select string_agg(code || xmin::text, ',' order by position) as all from badge_definitions`,
        ),
        [],
      )
    )[0]!.all;
  const backFills = () =>
    test.db.prisma.$queryRaw<
      unknown[]
    >`select 1 from pgboss.job where name = 'badges.back-fill' and state < 'active'`;
  const introduced = async (code: string) =>
    (await test.db.prisma.badgeDefinition.findUniqueOrThrow({ where: { code } })).introducedAt;
  beforeEach(() => test.queue.drain());

  it('are written at the start, all 47, and no more when nothing changed', async () => {
    const stored = await test.db.prisma.badgeDefinition.findMany({ orderBy: { position: 'asc' } });
    expect(stored.map(({ code, target, category, yearly }) => [code, target, category, yearly])).toEqual(
      BADGES.map(({ code, target, category, season }) => [code, target, category, season !== undefined]),
    );
    const before = await versions();
    test.clock.advance({ days: 1 });
    await jobs.onApplicationBootstrap();
    expect(await versions()).toBe(before);
    expect(await backFills()).toEqual([]);
  });

  it('make no work for a service without users', async () => {
    const { db, queue } = test;
    await db
      .transaction(async (tx) => {
        await tx.prisma.user.deleteMany();
        await tx.prisma.userBadge.deleteMany();
        await tx.prisma.badgeDefinition.deleteMany();
        const inside = new BadgeJobs(
          { transaction: (work: (tx: unknown) => unknown) => work(tx) } as never,
          queue,
          undefined as never,
          undefined as never,
          test.clock,
        );
        await inside.onApplicationBootstrap();
        expect(await tx.prisma.badgeDefinition.count()).toBe(47);
        expect(
          await tx.prisma
            .$queryRaw`select 1 from pgboss.job where name = 'badges.back-fill' and state < 'active'`,
        ).toEqual([]);
        throw new Error('undone');
      })
      .catch((error: Error) => expect(error.message).toBe('undone'));
  });

  it('another order or category changes a row, and calls for no work', async () => {
    await test.db.prisma.badgeDefinition.update({ where: { code: 'walks_1' }, data: { position: 99 } });
    const since = await introduced('walks_1');
    test.clock.advance({ days: 1 });
    await jobs.onApplicationBootstrap();
    expect(await introduced('walks_1')).toEqual(since);
    expect(await backFills()).toEqual([]);
  });

  it('a new one is given silently for what was walked before, once, whatever starts at once', async () => {
    const choco = await signIn(test);
    await onDaysUntil('2026-11-19', 5);
    await completeWalk(test, choco.id, { startedAt: at('2026-11-19') });
    await test.queue.drain();
    await test.db.prisma.notification.deleteMany({ where: { userId: { in: [bori.id, choco.id] } } });
    // As if the code of today were the first to know of it.
    await test.db.prisma.userBadge.deleteMany({ where: { code: { in: ['walks_1', 'walks_5'] } } });
    await test.db.prisma.badgeDefinition.delete({ where: { code: 'walks_5' } });
    await test.db.prisma.badgeDefinition.update({ where: { code: 'walks_1' }, data: { target: 2 } });
    await Promise.all([
      jobs.onApplicationBootstrap(),
      jobs.onApplicationBootstrap(),
      jobs.onApplicationBootstrap(),
    ]);
    for (const code of ['walks_1', 'walks_5']) expect(await introduced(code)).toEqual(test.clock.now());
    expect(await introduced('walks_10')).not.toEqual(test.clock.now());
    expect(await backFills()).toHaveLength(1);
    await test.queue.drain();
    expect(await earned()).toEqual(['total_1km', 'walks_1', 'walks_5']);
    expect(await earned(choco.id)).toEqual(['total_1km', 'walks_1']);
    expect([await keys(), await keys(choco.id)]).toEqual([[], []]);
    await jobs.backFill({ after: '00000000-0000-0000-0000-000000000000', table: TABLE });
    await test.queue.drain();
    expect([await keys(), await keys(choco.id)]).toEqual([[], []]);
  });

  it('what is reached by a walk of after it is told', async () => {
    await onDaysUntil('2026-11-18', 4);
    await test.db.prisma.badgeDefinition.updateMany({ data: { introducedAt: at('2026-11-19') } });
    await test.db.prisma.notification.deleteMany();
    await onDaysUntil('2026-11-20', 1);
    expect(await keys()).toEqual(['badge:walks_5:0']);
    await test.db.prisma.badgeDefinition.updateMany({ data: { introducedAt: at('2026-01-01') } });
  });

  it('of a newer process are left alone by an older one', async () => {
    await test.db
      .transaction(async (tx) => {
        const more = { ...BADGES[0]!, code: 'walks_in_space' };
        expect(await seedDefinitions(tx, test.clock.now(), [...BADGES, more])).toBe(true);
        expect(await seedDefinitions(tx, test.clock.now(), [...BADGES, more])).toBe(false);
        expect(await seedDefinitions(tx, test.clock.now())).toBe(false); // an older process leaves it alone
        throw new Error('undone');
      })
      .catch((error: Error) => expect(error.message).toBe('undone'));
  });

  it('a back-fill goes on page by page', async () => {
    await test.db.prisma.$executeRaw`
      insert into users (id, nickname, privacy_seed, created_at)
      select gen_random_uuid(), 'crowd', '\\x00', now() from generate_series(1, 101)`;
    await test.db.prisma.$executeRaw`
      insert into walks (id, user_id, state, source, visibility, walk_date, started_at, completed_at, last_heard_at, distance_m, counts, created_at)
      select gen_random_uuid(), id, 'completed', 'upload', 'private', '2026-11-01', '2026-11-01T03:00Z', '2026-11-01T04:00Z', now(), 600, true, now()
      from users where nickname = 'crowd'`;
    await jobs.backFill({ after: '00000000-0000-0000-0000-000000000000', table: TABLE });
    expect(await backFills()).toHaveLength(1);
    await test.queue.drain();
    expect(
      await test.db.prisma.userBadge.count({ where: { code: 'walks_1', user: { nickname: 'crowd' } } }),
    ).toBe(101);
    await test.db.prisma.user.deleteMany({ where: { nickname: 'crowd' } });
  });
});
