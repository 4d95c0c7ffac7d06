import { v7 as uuidv7 } from 'uuid';
import { NotificationHandlers } from '../../src/modules/notifications/notifications.handlers.js';
import { Notifications } from '../../src/modules/notifications/index.js';
import { Pushes } from '../../src/modules/notifications/pushes.service.js';
import { statement } from '../../src/platform/database/database.js';
import { type FcmSimulator, startFcm } from '../simulators/fcm.js';
import { expectFieldFault, expectProblem, type Person, signIn } from '../support/api.js';
import { given } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { storeWalk } from '../support/stored-walks.js';
import { kst, losePushJobs, phoneOf, pushJobsFor, pushStatesOf, tell } from '../support/pushing.js';

let fcm: FcmSimulator;
let test: TestApp;
let bori: Person;
beforeAll(async () => {
  fcm = await startFcm();
  test = await startTestApp({ env: fcm.env });
});
afterAll(async () => {
  await test.close();
  await fcm.close();
});
beforeEach(async () => {
  await test.queue.drain();
  fcm.reset();
  test.clock.set(kst('12:00'));
  bori = await signIn(test);
});

const drain = () => test.queue.drain();
const inbox = async (person = bori, query = '') => (await person.send('GET', `/notifications${query}`)).body;
const release = async () => {
  await test.app.get(NotificationHandlers).releaseHeld();
  await drain();
};
const deliveriesOf = (person: Person) =>
  test.db.prisma.pushDelivery.findMany({
    where: { userId: person.id },
    orderBy: [{ createdAt: 'asc' }, { ordinal: 'asc' }],
  });
const jobsFor = (person: Person) => pushJobsFor(test, person);

describe('the inbox', () => {
  it('lists the newest first, page by page, with how many are unread', async () => {
    for (let i = 0; i < 5; i++) await tell(test, bori, { title: `알림 ${i}`, data: { walkId: 'w' } });
    const first = await inbox(bori, '?limit=3');
    expect(first.items.map(({ title }: { title: string }) => title)).toEqual(['알림 4', '알림 3', '알림 2']);
    expect(first.items[0]).toEqual({
      id: expect.any(String),
      type: 'social',
      title: '알림 4',
      body: '알림 4 내용',
      data: { walkId: 'w' },
      createdAt: expect.any(String),
      readAt: null,
    });
    expect(first.unreadCount).toBe(5);
    const second = await inbox(bori, `?limit=3&cursor=${first.nextCursor}`);
    expect(second.items.map(({ title }: { title: string }) => title)).toEqual(['알림 1', '알림 0']);
    expect(second.nextCursor).toBeNull();
  });

  it('shows each in the language its reader had when it came', async () => {
    await tell(test, bori, { title: '안녕' });
    await bori.send('PATCH', '/users/me/settings', { locale: 'en' });
    await tell(test, bori, { title: '안녕' });
    expect((await inbox()).items.map(({ title }: { title: string }) => title)).toEqual(['안녕 (en)', '안녕']);
  });

  it('tells the same thing once, also when it is told twice at once', async () => {
    const [first, second] = [
      await tell(test, bori, { dedupeKey: 'x' }),
      await tell(test, bori, { dedupeKey: 'x' }),
    ];
    expect([first, second]).toEqual([true, false]);
    const told = await Promise.all([1, 2, 3].map(() => tell(test, bori, { dedupeKey: 'y' })));
    expect(told.filter(Boolean)).toHaveLength(1);
    expect(await tell(test, await signIn(test), { dedupeKey: 'x' })).toBe(true);
    expect((await inbox()).items).toHaveLength(2);
  });

  it('tells nobody who is gone', async () => {
    expect(await tell(test, { ...bori, id: uuidv7() })).toBe(false);
  });

  it('loses a notification with the transaction that told it', async () => {
    await phoneOf(bori);
    const failing = test.db.transaction(async (tx) => {
      await test.app.get(Notifications).notify(tx, {
        userId: bori.id,
        type: 'social',
        dedupeKey: 'x',
        title: { ko: '제목', en: 'title' },
        body: { ko: '내용', en: 'body' },
      });
      throw new Error('undone');
    });
    await expect(failing).rejects.toThrow('undone');
    expect((await inbox()).items).toEqual([]);
    expect(await jobsFor(bori)).toBe(0);
  });

  it('marks one as read, and keeps the first time', async () => {
    await tell(test, bori);
    const [{ id }] = (await inbox()).items;
    const first = await bori.send('PATCH', `/notifications/${id}`, { read: true });
    expect(first.status).toBe(200);
    test.clock.advance({ minutes: 1 });
    expect((await bori.send('PATCH', `/notifications/${id}`, { read: true })).body).toEqual(first.body);
    expect(first.body.readAt).not.toBeNull();
    expect((await inbox()).unreadCount).toBe(0);
  });

  it('marks all as read, up to what was on the screen', async () => {
    for (let i = 0; i < 3; i++) await tell(test, bori);
    const { items } = await inbox();
    const some = await bori.send('PATCH', '/notifications', { read: true, until: items[1].createdAt });
    expect(some.body).toEqual({ unreadCount: 1 });
    expect((await inbox()).items.map(({ readAt }: { readAt: unknown }) => readAt !== null)).toEqual([
      false,
      true,
      true,
    ]);
    expect((await bori.send('PATCH', '/notifications', { read: true })).body).toEqual({ unreadCount: 0 });
  });

  it('is nobody else’s', async () => {
    const choco = await signIn(test);
    await tell(test, bori);
    const [{ id }] = (await inbox()).items;
    expectProblem(
      await choco.send('PATCH', `/notifications/${id}`, { read: true }),
      404,
      'notification-not-found',
    );
    expectProblem(
      await bori.send('PATCH', `/notifications/${uuidv7()}`, { read: true }),
      404,
      'notification-not-found',
    );
    await choco.send('PATCH', '/notifications', { read: true });
    expect(await inbox(choco)).toEqual({ items: [], nextCursor: null, unreadCount: 0 });
    expect((await inbox()).unreadCount).toBe(1);
  });

  it.each([
    [{}, 'read'],
    [{ read: false }, 'read'],
    [{ read: 'true' }, 'read'],
    [{ read: true, until: 'yesterday' }, 'until'],
    [{ read: true, all: true }, 'all'],
  ])('refuses %j', async (body, field) => {
    expectFieldFault(await bori.send('PATCH', '/notifications', body), field);
  });
});

describe('what no longer exists for the reader is not in the inbox, not counted, and not on the icon', () => {
  let choco: Person;
  beforeEach(async () => {
    choco = await signIn(test);
    await tell(test, bori, { title: '남는 알림' });
  });
  const expectOnlyTheOther = async () => {
    const { items, unreadCount } = await inbox();
    expect([items.map(({ title }: { title: string }) => title), unreadCount]).toEqual([['남는 알림'], 1]);
    const device = await phoneOf(bori);
    await tell(test, bori);
    await drain();
    expect(fcm.sentTo(device).at(-1)!.apns!.payload!.aps!.badge).toBe(2);
  };

  it.each([
    ['B02 blocked', () => bori.send('POST', `/blocks/${choco.id}`)],
    ['B02 blocking', () => choco.send('POST', `/blocks/${bori.id}`)],
    [
      'suspended',
      () => test.db.prisma.user.update({ where: { id: choco.id }, data: { suspendedAt: test.clock.now() } }),
    ],
    [
      'leaving',
      () =>
        test.db.prisma.user.update({
          where: { id: choco.id },
          data: { deletionRequestedAt: test.clock.now() },
        }),
    ],
  ])('its actor: %s', async (_, happen) => {
    await tell(test, bori, { actorId: choco.id });
    const [{ id }] = (await inbox()).items;
    await happen();
    expectProblem(
      await bori.send('PATCH', `/notifications/${id}`, { read: true }),
      404,
      'notification-not-found',
    );
    await expectOnlyTheOther();
  });

  it('B07 somebody’s walk that became private; all is back when it is public again', async () => {
    const walkId = await storeWalk(test, choco.id, { visibility: 'public' });
    const show = (visibility: 'public' | 'private') =>
      test.db.prisma.walk.update({ where: { id: walkId }, data: { visibility } });
    await tell(test, bori, { walkId });
    await show('private');
    await expectOnlyTheOther();
    await show('public');
    expect((await inbox()).items).toHaveLength(3);
  });

  it('B08 one’s own walk that was deleted, but for the badge that it brought', async () => {
    const walkId = await storeWalk(test, bori.id);
    await tell(test, bori, { walkId, actorId: choco.id });
    await tell(test, bori, { walkId, type: 'badge_earned' });
    await test.db.prisma.walk.update({ where: { id: walkId }, data: { state: 'deleted' } });
    expect((await inbox()).items.map(({ type }: { type: string }) => type)).toEqual([
      'badge_earned',
      'social',
    ]);
  });
});

describe('devices', () => {
  const tokens = async (person: Person) =>
    (await test.db.prisma.pushToken.findMany({ where: { userId: person.id } })).map(({ token }) => token);

  it('are registered once, with the session that asked, and without echoing the token', async () => {
    const answer = await bori.send('POST', '/push-tokens', { token: 'abc:DEF_-~', platform: 'ios' });
    expect(answer.body).toEqual({ platform: 'ios', registeredAt: test.clock.now().toISOString() });
    test.clock.advance({ days: 1 });
    await bori.send('POST', '/push-tokens', { token: 'abc:DEF_-~', platform: 'ios' });
    expect(await test.db.prisma.pushToken.findMany({ where: { userId: bori.id } })).toEqual([
      expect.objectContaining({
        token: 'abc:DEF_-~',
        sessionId: bori.sessionId,
        platform: 'ios',
        lastSeenAt: test.clock.now(),
      }),
    ]);
  });

  it.each([
    ['token', { platform: 'ios' }],
    ['token', { token: '', platform: 'ios' }],
    ['token', { token: 'a/b', platform: 'ios' }],
    ['token', { token: 'a b', platform: 'ios' }],
    ['token', { token: '토큰', platform: 'ios' }],
    ['token', { token: 'x'.repeat(501), platform: 'ios' }],
    ['platform', { token: 'x', platform: 'web' }],
  ])('are refused with a bad %s', async (field, body) => {
    expectFieldFault(await bori.send('POST', '/push-tokens', body), field);
  });

  it('are forgotten by a token of any allowed form, and forgetting twice is fine', async () => {
    for (const token of ['x'.repeat(500), 'a:b'.repeat(150), '%41', '~!@#$^&*()=+{}[]|;,.<>?']) {
      await phoneOf(bori, token);
      const address = `/push-tokens/${encodeURIComponent(token).replaceAll('%3A', ':')}`;
      for (let i = 0; i < 2; i++) expect((await bori.send('DELETE', address)).status).toBe(204);
      expect(await tokens(bori)).toEqual([]);
    }
  });

  it('N01 a token belongs to whoever registered it last; a delayed DELETE of the former owner removes nothing', async () => {
    const choco = await signIn(test);
    const token = await phoneOf(bori);
    await phoneOf(choco, token);
    expect([await tokens(bori), await tokens(choco)]).toEqual([[], [token]]);
    expect((await bori.send('DELETE', `/push-tokens/${token}`)).status).toBe(204);
    expect(await tokens(choco)).toEqual([token]);
    await tell(test, bori, { title: '보리의 비밀' });
    await tell(test, choco, { title: '초코의 소식' });
    await drain();
    expect(fcm.titlesSentTo(token)).toEqual(['초코의 소식']);
    expect(await pushStatesOf(test, bori)).toEqual(['none']);
  });

  it('N01 after a logout the phone stays silent, though its DELETE was lost', async () => {
    await phoneOf(bori);
    await tell(test, bori);
    await bori.send('POST', '/auth/logout');
    await tell(test, bori);
    await drain();
    expect(fcm.messages).toEqual([]);
    expect(await pushStatesOf(test, bori)).toEqual(['none', 'none']);
  });

  it('N01 an expired session is as good as none', async () => {
    await phoneOf(bori);
    await test.db.prisma.session.update({
      where: { id: bori.sessionId },
      data: { expiresAt: test.clock.now() },
    });
    await tell(test, bori);
    expect(await pushStatesOf(test, bori)).toEqual(['none']);
  });

  it('N01 a token that two users register at once has one owner', async () => {
    const people = [bori, ...(await Promise.all(Array.from({ length: 4 }, () => signIn(test))))];
    await Promise.all(people.flatMap((person) => [phoneOf(person, 'shared'), phoneOf(person, 'shared')]));
    expect(await test.db.prisma.pushToken.count({ where: { token: 'shared' } })).toBe(1);
  });

  it('are 20 at most; the one that was silent for the longest goes', async () => {
    const other = await signIn(test);
    await phoneOf(other);
    const registered: string[] = [];
    for (let i = 0; i < 21; i++) {
      registered.push(await phoneOf(bori));
      test.clock.advance({ minutes: 1 });
    }
    expect((await tokens(bori)).sort()).toEqual(registered.slice(1).sort());
    expect(await tokens(other)).toHaveLength(1);
  });
});

describe('switches', () => {
  it('a muted type goes to the inbox only, the others are pushed', async () => {
    const token = await phoneOf(bori);
    await bori.send('PATCH', '/users/me/settings', { notifications: { social: false } });
    await tell(test, bori, { type: 'social', title: '조용히' });
    await tell(test, bori, { type: 'badge_earned', title: '뱃지' });
    await drain();
    expect(fcm.titlesSentTo(token)).toEqual(['뱃지']);
    expect((await inbox()).items).toHaveLength(2);
    expect(await pushStatesOf(test, bori)).toEqual(['none', 'sent']);
    await bori.send('PATCH', '/users/me/settings', { notifications: { social: true } });
    await tell(test, bori, { type: 'social', title: '다시' });
    await drain();
    expect(fcm.titlesSentTo(token)).toEqual(['뱃지', '다시']);
  });

  it('nobody without a phone gets a job', async () => {
    await tell(test, bori);
    expect(await pushStatesOf(test, bori)).toEqual(['none']);
    expect(await jobsFor(bori)).toBe(0);
  });
});

describe('N04 quiet hours', () => {
  it.each([
    ['20:59:59.999', true],
    ['21:00:00.000', false],
    ['23:59:59.999', false],
    ['00:00:00.000', false],
    ['07:59:59.999', false],
    ['08:00:00.000', true],
  ])('at %s a push is sent: %s', async (time, sent) => {
    const token = await phoneOf(bori);
    test.clock.set(kst(time));
    await tell(test, bori);
    test.clock.set(kst(time));
    await drain();
    expect(fcm.sentTo(token)).toHaveLength(sent ? 1 : 0);
    expect(await pushStatesOf(test, bori)).toEqual([sent ? 'sent' : 'pending']);
  });

  it('what was told before and comes to its turn after 21:00 is held as well', async () => {
    const token = await phoneOf(bori);
    test.clock.set(kst('20:59:59.999'));
    await tell(test, bori, { title: '늦은 소식' });
    test.clock.set(kst('21:00'));
    await drain();
    expect(fcm.messages).toEqual([]);
    test.clock.set(kst('08:00', 21));
    await release();
    expect(fcm.titlesSentTo(token)).toEqual(['늦은 소식']);
  });

  it('holds without a job, and merges the night into one push at 08:00', async () => {
    const token = await phoneOf(bori);
    test.clock.set(kst('22:00'));
    await tell(test, bori, { title: '좋아요' });
    test.clock.set(kst('23:59'));
    await tell(test, bori, { title: '새 뱃지', type: 'badge_earned' });
    test.clock.set(kst('03:00', 21));
    await tell(test, bori, { title: '새 친구' });
    expect(await jobsFor(bori)).toBe(0);
    test.clock.set(kst('08:00', 21));
    await tell(test, bori, { title: '아침 소식' });
    await release();
    expect(fcm.sentTo(token).map(({ notification }) => notification)).toEqual([
      { title: '밤사이 알림 3개', body: '좋아요 · 새 뱃지 · 새 친구' },
      { title: '아침 소식', body: '아침 소식 내용' },
    ]);
    expect(fcm.sentTo(token)[0]!.data).toEqual({
      type: 'overnight',
      count: '3',
      deliveryId: expect.any(String),
    });
    expect((await deliveriesOf(bori)).map(({ day, ordinal }) => [day, ordinal])).toEqual([
      [new Date('2026-11-21'), 1],
      [new Date('2026-11-21'), 2],
    ]);
    await release();
    expect(fcm.messages).toHaveLength(2);
  });

  it('in the language of its reader; one alone comes as it is', async () => {
    const token = await phoneOf(bori);
    await bori.send('PATCH', '/users/me/settings', { locale: 'en' });
    test.clock.set(kst('22:00'));
    await tell(test, bori, { title: 'one' });
    test.clock.set(kst('08:00', 21));
    await release();
    test.clock.set(kst('21:30', 21));
    await tell(test, bori, { title: 'two' });
    await tell(test, bori, { title: 'three' });
    test.clock.set(kst('08:00', 22));
    await release();
    expect(fcm.titlesSentTo(token)).toEqual(['one (en)', '2 notifications overnight']);
  });

  it('drops what is stale by the morning', async () => {
    const token = await phoneOf(bori);
    test.clock.set(kst('22:00'));
    await tell(test, bori, { title: '친구가 지금 산책 중', staleAt: new Date(kst('22:30')) });
    await tell(test, bori, { title: '새 친구', staleAt: new Date(kst('08:00:00.001', 21)) });
    await tell(test, bori, { title: '아침까지', staleAt: new Date(kst('08:00', 21)) });
    test.clock.set(kst('08:00', 21));
    await release();
    expect(fcm.titlesSentTo(token)).toEqual(['새 친구']);
    expect(await pushStatesOf(test, bori)).toEqual(['dropped', 'sent', 'dropped']);
    expect((await inbox()).items).toHaveLength(3);
  });

  it('a note of the last second before 08:00, which the release may not see, has a job of its own', async () => {
    const token = await phoneOf(bori);
    test.clock.set(kst('07:59:59.999'));
    await tell(test, bori);
    expect(await jobsFor(bori)).toBe(1);
    test.clock.set(kst('08:00'));
    await drain();
    expect(fcm.sentTo(token)).toHaveLength(1);
  });

  it('let urgent ones pass, at once and as they are', async () => {
    const token = await phoneOf(bori);
    test.clock.set(kst('02:00'));
    await tell(test, bori, { title: '느긋' });
    await tell(test, bori, { title: '곧 산책 시작', type: 'companion', urgent: true });
    await drain();
    expect(fcm.titlesSentTo(token)).toEqual(['곧 산책 시작']);
    expect(fcm.messages[0]!.android!.ttl).toBe('7200s');
    expect(await pushStatesOf(test, bori)).toEqual(['pending', 'sent']);
  });

  it('let urgent ones go before everything that the release puts on the queue', async () => {
    await phoneOf(bori);
    const others = await Promise.all([signIn(test), signIn(test)]);
    test.clock.set(kst('22:00'));
    for (const other of others) {
      await phoneOf(other);
      await tell(test, other);
    }
    test.clock.set(kst('08:00', 21));
    await test.app.get(NotificationHandlers).releaseHeld();
    await tell(test, bori, { type: 'companion', urgent: true });
    const next = statement<{ userId: string }>(
      'test_next_push',
      `select data->>'userId' as "userId" from pgboss.job
       where name = 'notifications.push' and state < 'active' order by priority desc, created_on`,
    );
    const inTurn = (await test.db.rows(next, [])).map(({ userId }) => userId);
    expect(inTurn[0]).toBe(bori.id);
    expect(inTurn).toEqual(expect.arrayContaining(others.map(({ id }) => id)));
  });

  it('the release finds whatever lost its job, and a push that nobody finished', async () => {
    const token = await phoneOf(bori);
    await tell(test, bori, { title: '잃어버린 소식' });
    await losePushJobs(test);
    await release();
    expect(fcm.titlesSentTo(token)).toEqual(['잃어버린 소식']);
  });
});

describe('N03 the day’s limit', () => {
  it('is 10 pushes; the rest stays in the inbox and is not pushed later', async () => {
    const token = await phoneOf(bori);
    for (let i = 1; i <= 12; i++) {
      await tell(test, bori, { title: `${i}` });
      await drain();
    }
    expect(fcm.titlesSentTo(token)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10']);
    expect((await pushStatesOf(test, bori)).slice(9)).toEqual(['sent', 'capped', 'capped']);
    expect((await inbox()).items).toHaveLength(12);
    test.clock.set(kst('08:00', 21));
    await release();
    expect(fcm.messages).toHaveLength(10);
  });

  it('takes the oldest first when many wait', async () => {
    const token = await phoneOf(bori);
    for (let i = 1; i <= 12; i++) await tell(test, bori, { title: `${i}` });
    await drain();
    expect(fcm.titlesSentTo(token)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10']);
  });

  it('begins anew at midnight in Korea, not in Greenwich', async () => {
    const token = await phoneOf(bori);
    test.clock.set(kst('20:00'));
    for (let i = 0; i < 11; i++) await tell(test, bori);
    await drain();
    test.clock.set(kst('08:59:59', 21)); // 23:59:59 of the day before in Greenwich
    for (let i = 0; i < 11; i++) await tell(test, bori);
    await drain();
    test.clock.set(kst('09:00:01', 21));
    await tell(test, bori);
    await drain();
    expect(fcm.sentTo(token)).toHaveLength(20);
    expect((await deliveriesOf(bori)).map(({ ordinal }) => ordinal)).toEqual(
      [...Array(20).keys()].map((i) => (i % 10) + 1),
    );
  });

  it('does not hold urgent ones, which take no place of it', async () => {
    const token = await phoneOf(bori);
    await tell(test, bori, { title: '결제 실패', type: 'subscription', urgent: true });
    for (let i = 0; i < 11; i++) await tell(test, bori);
    await tell(test, bori, { title: '곧 산책', type: 'companion', urgent: true });
    await drain();
    expect(fcm.sentTo(token)).toHaveLength(12);
    expect(fcm.titlesSentTo(token)).toEqual(expect.arrayContaining(['결제 실패', '곧 산책']));
  });

  it('is kept by the database itself', async () => {
    const row = {
      userId: bori.id,
      day: new Date('2026-11-20'),
      title: '',
      body: '',
      data: {},
      createdAt: test.clock.now(),
    };
    const add = (ordinal: number | null) =>
      test.db.prisma.pushDelivery.create({
        data: { ...row, id: uuidv7(), ordinal, remaining: [], settledAt: row.createdAt },
      });
    await add(1);
    await add(null);
    await add(null);
    await expect(add(1)).rejects.toThrow();
    await expect(add(11)).rejects.toThrow();
    await expect(add(0)).rejects.toThrow();
  });
});

describe('a group', () => {
  it('of likes on one walk is one push with the newest, and one place in the day', async () => {
    const token = await phoneOf(bori);
    for (const name of ['초코', '두부', '콩이'])
      await tell(test, bori, { title: `${name}님이 좋아해요`, groupKey: 'likes:w1', data: { walkId: 'w1' } });
    await tell(test, bori, { title: '다른 산책', groupKey: 'likes:w2' });
    await drain();
    expect(fcm.titlesSentTo(token)).toEqual(['콩이님이 좋아해요 외 2건', '다른 산책']);
    expect(fcm.messages[0]!.data).toMatchObject({ type: 'social', walkId: 'w1', count: '3' });
    expect((await inbox()).items).toHaveLength(4);
    expect(await deliveriesOf(bori)).toHaveLength(2);
    // What comes after it is another push.
    await tell(test, bori, { title: '나중', groupKey: 'likes:w1' });
    await drain();
    expect(fcm.titlesSentTo(token)).toHaveLength(3);
  });
});

describe('N05 looked at again before it is pushed', () => {
  const dropped = async () => {
    await drain();
    expect(fcm.messages).toEqual([]);
    expect(await pushStatesOf(test, bori)).toEqual(['dropped']);
  };

  it('muted since', async () => {
    await phoneOf(bori);
    await tell(test, bori);
    await bori.send('PATCH', '/users/me/settings', { notifications: { social: false } });
    await dropped();
  });

  it.each(['suspendedAt', 'deletionRequestedAt'] as const)('the one it is about: %s', async (state) => {
    const choco = await signIn(test);
    await phoneOf(bori);
    await tell(test, bori, { actorId: choco.id });
    await test.db.prisma.user.update({ where: { id: choco.id }, data: { [state]: test.clock.now() } });
    await dropped();
  });

  it('the one it is about is gone', async () => {
    await phoneOf(bori);
    await tell(test, bori, { actorId: uuidv7() });
    await dropped();
  });

  it.each(['suspendedAt', 'deletionRequestedAt'] as const)('its reader: %s', async (state) => {
    await phoneOf(bori);
    await tell(test, bori, { urgent: true });
    await test.db.prisma.user.update({ where: { id: bori.id }, data: { [state]: test.clock.now() } });
    await dropped();
  });

  it.each(['blocked', 'was blocked by'] as const)('B02 its reader %s the one it is about', async (verb) => {
    const choco = await signIn(test);
    await phoneOf(bori);
    await tell(test, bori, { actorId: choco.id });
    await tell(test, choco, { actorId: bori.id });
    const [blocker, blocked] = verb === 'blocked' ? [bori, choco] : [choco, bori];
    await test.db.prisma.block.create({
      data: { blockerId: blocker.id, blockedId: blocked.id, createdAt: test.clock.now() },
    });
    await dropped();
  });

  it('B02 a push that was not sent to every device is not tried again after a block', async () => {
    const choco = await signIn(test);
    await phoneOf(bori);
    fcm.fail('INTERNAL');
    await tell(test, bori, { actorId: choco.id });
    await expect(test.app.get(Pushes).push(bori.id)).rejects.toThrow('not sent');
    await choco.send('POST', `/blocks/${bori.id}`);
    fcm.reset();
    test.clock.advance({ minutes: 5 });
    await release();
    expect(fcm.messages).toEqual([]);
    expect(await deliveriesOf(bori)).toMatchObject([{ settledAt: test.clock.now() }]);
  });

  it('the walk was deleted, also one’s own', async () => {
    await phoneOf(bori);
    const walk = await given.walk(bori);
    await drain();
    fcm.reset();
    await test.db.prisma.notification.deleteMany({ where: { userId: bori.id } });
    await tell(test, bori, { walkId: walk.id });
    await bori.send('DELETE', `/walks/${walk.id}`);
    await dropped();
  });

  it('the walk became private: for others only', async () => {
    const choco = await signIn(test);
    const walk = await given.walk(choco, { visibility: 'public' });
    await drain();
    await test.db.prisma.notification.deleteMany({ where: { userId: choco.id } });
    const phones = [await phoneOf(bori), await phoneOf(choco)];
    for (const person of [bori, choco]) await tell(test, person, { walkId: walk.id, actorId: choco.id });
    await test.db.prisma.walk.update({ where: { id: walk.id }, data: { visibility: 'private' } });
    await drain();
    expect(phones.map((token) => fcm.sentTo(token).length)).toEqual([0, 1]);
    expect(await pushStatesOf(test, bori)).toEqual(['dropped']);
  });

  it('what was taken back is not pushed, and not in the inbox', async () => {
    await phoneOf(bori);
    await tell(test, bori, { dedupeKey: 'badge:x' });
    await test.db.transaction((tx) => test.app.get(Notifications).retract(tx, bori.id, 'badge:x'));
    await drain();
    expect(fcm.messages).toEqual([]);
    expect((await inbox()).items).toEqual([]);
    expect(await tell(test, bori, { dedupeKey: 'badge:x' })).toBe(true);
  });
});

it('what is told and taken back again and again is pushed once, and listed as it was told last', async () => {
  const token = await phoneOf(bori);
  const retract = () =>
    test.db.transaction((tx) => test.app.get(Notifications).retract(tx, bori.id, 'follow:x'));
  for (let i = 0; i < 12; i++) {
    expect(await tell(test, bori, { dedupeKey: 'follow:x', title: `팔로우 ${i}` })).toBe(true);
    await drain();
    const { items, unreadCount } = await inbox();
    expect([items.length, items[0].title, items[0].readAt, unreadCount]).toEqual([1, `팔로우 ${i}`, null, 1]);
    expect(items[0].createdAt).toBe(new Date(test.clock.nowMs() - 1).toISOString());
    const read = () => bori.send('PATCH', `/notifications/${items[0].id}`, { read: true });
    await read();
    await retract();
    expect(await inbox()).toMatchObject({ items: [], unreadCount: 0 });
    expectProblem(await read(), 404, 'notification-not-found');
  }
  await tell(test, bori, { title: '다른 알림' });
  await drain();
  expect(fcm.titlesSentTo(token)).toEqual(['팔로우 0', '다른 알림']);
  expect(fcm.sentTo(token)[1]!.apns!.payload!.aps).toMatchObject({ badge: 1 });
  expect(await tell(test, bori, { dedupeKey: 'follow:x' })).toBe(true);
  expect(await tell(test, bori, { dedupeKey: 'follow:x' })).toBe(false);
});

it('the purge keeps 90 days of notifications, 30 of pushes, and only tokens that can still be pushed to', async () => {
  const slotAt = kst('04:50', 25);
  const before = (days: number, ms = 0) => test.clock.set(Date.parse(slotAt) - days * 86_400_000 + ms);
  const [ended, expired] = [await signIn(test), await signIn(test)];
  before(271);
  await phoneOf(bori, 'old');
  before(270);
  await phoneOf(bori, 'silent');
  await phoneOf(ended, 'ended');
  await ended.send('POST', '/auth/logout');
  await phoneOf(expired, 'expired');
  await test.db.prisma.session.update({
    where: { id: expired.sessionId },
    data: { expiresAt: new Date(slotAt) },
  });
  before(90, -1);
  await tell(test, bori, { title: '옛날' });
  await tell(test, bori, { title: '90일' });
  await test.db.prisma.notification.updateMany({ where: { userId: bori.id }, data: { pushState: 'sent' } });
  const day = new Date('2026-10-26');
  const delivery = { userId: bori.id, day, title: '', body: '', data: {}, remaining: [], settledAt: day };
  for (const ms of [-1, 0]) {
    before(30, ms);
    await test.db.prisma.pushDelivery.create({
      data: { ...delivery, id: uuidv7(), createdAt: test.clock.now() },
    });
  }
  await test.app.get(NotificationHandlers).purge({ slotAt });
  await test.app.get(NotificationHandlers).purge({ slotAt });
  expect((await inbox()).items.map(({ title }: { title: string }) => title)).toEqual(['90일']);
  expect(await deliveriesOf(bori)).toHaveLength(1);
  const left = await test.db.prisma.pushToken.findMany({
    where: { token: { in: ['old', 'silent', 'ended', 'expired'] } },
  });
  expect(left.map(({ token }) => token)).toEqual(['silent']);
});
