import { v7 as uuidv7 } from 'uuid';
import { grantRole } from '../../src/modules/moderation/index.js';
import { statement } from '../../src/platform/database/database.js';
import { type Answer, expectFieldFault, expectProblem, type Person, signIn } from '../support/api.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { expectPages, get, patch, post, remove } from '../support/rest.js';
import { storeWalk } from '../support/stored-walks.js';

const REASON = '이용 원칙 3조';
const PARK = { placeName: '뚝섬유원지역 2번 출구', lat: 37.5315, lng: 127.0667, capacity: 4 };

let test: TestApp;
let bori: Person;
let choco: Person;
let witness: Person;
let moderator: Person;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());
beforeEach(async () => {
  await test.queue.drain();
  test.clock.set('2026-11-20T03:00:00.000Z');
  await test.db.prisma.report.deleteMany();
  [bori, choco, witness, moderator] = [
    await signIn(test, { nickname: '보리네' }),
    await signIn(test, { nickname: '초코네' }),
    await signIn(test, { nickname: '지나가던이' }),
    await withRole('moderator'),
  ];
});

const set = (person: Person, data: object) => test.db.prisma.user.update({ where: { id: person.id }, data });
async function withRole(role: 'moderator' | 'admin'): Promise<Person> {
  const person = await signIn(test, { nickname: '운영자' });
  await set(person, { role });
  return person;
}
const block = async (one: Person, other: Person) =>
  expect((await post(`/blocks/${other.id}`, one, undefined)).status).toBe(204);

/** Something of bori's of each kind, as everybody sees it. */
const made = {
  user: () => Promise.resolve(bori.id),
  walk: async () => {
    const id = await storeWalk(test, bori.id, { visibility: 'public', distanceM: 1_549 });
    await test.db.prisma.walk.update({ where: { id }, data: { title: '나쁜 제목', memo: '나만의 메모' } });
    return id;
  },
  comment: async () => {
    const walkId = await storeWalk(test, choco.id, { visibility: 'public' });
    return (await answered(201, post('/comments', bori, { walkId, body: '나쁜 댓글' }))).id as string;
  },
  meetup: async () => {
    const startsAt = new Date(test.clock.nowMs() + 5 * 3_600_000).toISOString();
    return (await answered(201, post('/meetups', bori, { title: '나쁜 모임', startsAt, ...PARK })))
      .id as string;
  },
};
type Kind = keyof typeof made;
const KINDS = Object.keys(made) as Kind[];

async function answered(status: number, asked: Promise<Answer>) {
  const answer = await asked;
  expect([answer.status, answer.text]).toEqual([status, answer.text]);
  return answer.body;
}
const report = (as: Person, targetKind: Kind, targetId: string, more: object = {}) =>
  post('/reports', as, { targetKind, targetId, reason: 'inappropriate', ...more });
const reported = async (as: Person, kind: Kind, id: string): Promise<string> =>
  (await answered(201, report(as, kind, id))).id;
const queue = async (as = moderator, query = '') =>
  (await answered(200, get(`/admin/reports?${query}`, as))).items;
const act = (action: string, id: string, as = moderator) =>
  post(`/admin/reports/${id}/actions`, as, { action, reason: REASON });
const suspend = (who: Person, suspended = true, as = moderator) =>
  post(`/admin/users/${who.id}/suspension`, as, { suspended, reason: REASON });
const auditOf = async (targetId: string) =>
  (await test.db.prisma.auditEntry.findMany({ where: { targetId }, orderBy: { at: 'asc' } })).map(
    ({ actorId, action, reportId, reason }) => [actorId, action, reportId, reason],
  );
const stateOf = async (id: string) =>
  (await test.db.prisma.report.findUniqueOrThrow({ where: { id } })).state;

describe('a report', () => {
  it.each(KINDS)('of a %s keeps what was there, and comes to the queue', async (kind) => {
    const targetId = await made[kind]();
    const body = await answered(201, report(witness, kind, targetId, { note: '보기 불편해요' }));
    expect(body).toEqual({
      ...{ id: expect.any(String), targetKind: kind, targetId, reason: 'inappropriate' },
      ...{ note: '보기 불편해요', createdAt: '2026-11-20T03:00:00.000Z' },
    });
    const content = {
      user: { nickname: '보리네', bio: null },
      walk: {
        ...{ nickname: '보리네', title: '나쁜 제목', walkDate: '2026-11-20' },
        ...{ distanceM: 1_500, movingS: 1_200, petNames: [] },
      },
      comment: { nickname: '보리네', walkId: expect.any(String), body: '나쁜 댓글' },
      meetup: {
        ...{ nickname: '보리네', title: '나쁜 모임', description: null, placeName: PARK.placeName },
        ...{ startsAt: '2026-11-20T08:00:00.000Z', capacity: 4 },
      },
    }[kind];
    expect(await queue()).toEqual([
      {
        ...body,
        ...{ state: 'open', settledAt: null, reporters: 1, snapshot: content },
        owner: { id: bori.id, nickname: '보리네', role: 'user', isSuspended: false, isLeaving: false },
        present: { content, isEdited: false, isDeleted: false, isHidden: false, photoUrl: null },
      },
    ]);
    // No route, no position, no note of the walker's own.
    expect(JSON.stringify(await queue())).not.toMatch(/lat|lng|preview|memo|메모/);
  });

  it('is one while it is open, whoever sends it how often, and a new one after that', async () => {
    const walkId = await made.walk();
    const all = await Promise.all(Array.from({ length: 8 }, () => report(witness, 'walk', walkId)));
    expect(new Set(all.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
    const again = await answered(201, report(witness, 'walk', walkId, { reason: 'spam', note: '또' }));
    expect(again).toEqual(all[0]!.body);
    await answered(201, act('dismiss', again.id));
    expect(await reported(witness, 'walk', walkId)).not.toBe(again.id);
    const key = { 'idempotency-key': 'once' };
    const input = { targetKind: 'user', targetId: bori.id, reason: 'spam' };
    const [first, second] = [
      await post('/reports', choco, input, key),
      await post('/reports', choco, input, key),
    ];
    expect(second.body).toEqual(first.body);
  });

  it.each(KINDS)(
    'B01 B04 of a %s that is not there for the reporter is answered as one of nothing',
    async (kind) => {
      const targetId = await made[kind]();
      const bodyOf = ({ body }: Answer) => ({ ...body, requestId: null });
      const missing = await report(witness, kind, uuidv7());
      expectProblem(missing, 404, 'report-target-not-found');
      await block(bori, witness);
      expect(bodyOf(await report(witness, kind, targetId))).toEqual(bodyOf(missing));
      await set(bori, { suspendedAt: test.clock.now() });
      expect(bodyOf(await report(choco, kind, targetId))).toEqual(bodyOf(missing));
      await set(bori, { suspendedAt: null, deletionRequestedAt: test.clock.now() });
      expect(bodyOf(await report(choco, kind, targetId))).toEqual(bodyOf(missing));
      expect(await queue()).toEqual([]);
    },
  );

  it('cannot be about oneself, what is hidden or private, or in other words', async () => {
    for (const kind of KINDS)
      expectProblem(await report(bori, kind, await made[kind]()), 409, 'not-with-yourself');
    const mine = await storeWalk(test, bori.id, { visibility: 'private' });
    expectProblem(await report(witness, 'walk', mine), 404, 'report-target-not-found');
    const comment = await made.comment();
    await test.db.prisma.walkComment.update({ where: { id: comment }, data: { hiddenAt: test.clock.now() } });
    expectProblem(await report(witness, 'comment', comment), 404, 'report-target-not-found');
    for (const [field, more] of [
      ['reason', { reason: 'boring' }],
      ['note', { note: '' }],
      ['note', { note: 'x'.repeat(1_001) }],
      ['targetKind', { targetKind: 'badge' }],
      ['targetId', { targetId: 'x' }],
    ] as const)
      expectFieldFault(await report(witness, 'user', bori.id, more), field);
  });
});

describe('B09 what is reported and then changed', () => {
  it('is seen as it was and as it is; the reporter is nobody', async () => {
    const [walk, comment, meetup] = [await made.walk(), await made.comment(), await made.meetup()];
    const known = new Map<string, Kind>([
      [await reported(witness, 'user', bori.id), 'user'],
      [await reported(witness, 'walk', walk), 'walk'],
      [await reported(witness, 'comment', comment), 'comment'],
      [await reported(witness, 'meetup', meetup), 'meetup'],
    ]);
    await answered(200, patch('/users/me', bori, { bio: '고친 소개' }));
    await answered(200, patch(`/walks/${walk}`, bori, { title: '고친 제목' }));
    await answered(200, patch(`/comments/${comment}`, bori, { body: '고친 댓글' }));
    await answered(200, patch(`/meetups/${meetup}`, bori, { title: '고친 모임' }));
    const all = async () =>
      // eslint-disable-next-line @typescript-eslint/no-explicit-any
      Object.fromEntries((await queue()).map((item: any) => [known.get(item.id), item]));
    expect(await all()).toMatchObject({
      user: { snapshot: { bio: null }, present: { content: { bio: '고친 소개' }, isEdited: true } },
      walk: {
        snapshot: { title: '나쁜 제목' },
        present: { content: { title: '고친 제목' }, isEdited: true },
      },
      comment: {
        snapshot: { body: '나쁜 댓글' },
        present: { content: { body: '고친 댓글' }, isEdited: true },
      },
      meetup: {
        snapshot: { title: '나쁜 모임' },
        present: { content: { title: '고친 모임' }, isEdited: true },
      },
    });

    await answered(204, remove(`/walks/${walk}`, bori));
    await answered(204, remove(`/comments/${comment}`, bori));
    await answered(204, remove(`/meetups/${meetup}`, bori));
    await test.queue.drain();
    const gone = { content: null, isDeleted: true, isEdited: false, isHidden: false, photoUrl: null };
    expect(await all()).toMatchObject({
      walk: { snapshot: { title: '나쁜 제목' }, present: gone, owner: { isSuspended: false } },
      comment: { snapshot: { body: '나쁜 댓글' }, present: gone },
      meetup: { snapshot: { title: '나쁜 모임' }, present: gone },
    });
    // Nothing is left to hide, but somebody to warn.
    const [[walkReport]] = [...known].filter(([, kind]) => kind === 'walk') as [[string, Kind]];
    expectProblem(await act('hide', walkReport), 409, 'action-does-not-fit');
    expect(await stateOf(walkReport)).toBe('open');
    await answered(201, act('warn', walkReport));

    for (const path of [
      ...['open', 'actioned', 'dismissed'].map((state) => `reports?state=${state}`),
      'audit-log',
    ]) {
      const { text } = await get(`/admin/${path}`, moderator);
      expect(text).not.toContain(witness.id);
      expect(text).not.toContain('지나가던이');
    }
    // An account that is erased takes nothing with it, and somebody who left is not taken for suspended.
    await set(bori, { deletionRequestedAt: test.clock.now() });
    expect((await all()).user.owner).toMatchObject({ isLeaving: true, isSuspended: false });
    await test.db.prisma.user.delete({ where: { id: bori.id } });
    const { user } = await all();
    expect(user).toMatchObject({ owner: null, snapshot: { nickname: '보리네' }, present: gone });
    expectProblem(await act('suspend', user.id), 409, 'action-does-not-fit');
    await answered(201, act('dismiss', user.id));
  });
});

describe('the queue', () => {
  it('has the oldest first, page by page, and says how many people reported the same', async () => {
    const ids: string[] = [];
    for (const person of [witness, choco, await signIn(test)]) {
      ids.push(await reported(person, 'user', bori.id));
      test.clock.advance({ minutes: 1 });
    }
    ids.push(await reported(witness, 'user', choco.id));
    const first = (await get('/admin/reports?limit=3', moderator)).body;
    const second = (await get(`/admin/reports?limit=3&cursor=${first.nextCursor}`, moderator)).body;
    const items = [...first.items, ...second.items] as { id: string; reporters: number }[];
    expect(items.map(({ id, reporters }) => [id, reporters])).toEqual([
      ...ids.slice(0, 3).map((id) => [id, 3]),
      [ids[3], 1],
    ]);
    expect(second.nextCursor).toBeNull();
    expectFieldFault(await get('/admin/reports?state=all', moderator), 'state');
  });

  it('one act settles all that is open on the same thing, once, of two moderators at once', async () => {
    const walk = await made.walk();
    const [one, other] = [await reported(witness, 'walk', walk), await reported(choco, 'walk', walk)];
    const user = await reported(witness, 'user', bori.id);
    const second = await withRole('moderator');
    const answers = await Promise.all([
      act('hide', one),
      act('warn', other, second),
      act('dismiss', one, second),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    for (const answer of answers.filter(({ status }) => status === 409))
      expectProblem(answer, 409, 'report-settled');
    const [state] = [await stateOf(one)];
    expect(['actioned', 'dismissed']).toContain(state);
    expect([await stateOf(other), await stateOf(user)]).toEqual([state, 'open']);
    expect(await auditOf(walk)).toHaveLength(1);
    expect((await queue()).map(({ id }: { id: string }) => id)).toEqual([user]);
    expect(await queue(moderator, `state=${state}`)).toHaveLength(2);
  });

  it('an act that fails half-way leaves nothing, and one sent twice under a key is one', async () => {
    const id = await reported(witness, 'user', bori.id);
    expectProblem(await act('hide', id), 409, 'action-does-not-fit'); // a profile is not hidden
    expectProblem(await act('unhide', id), 409, 'report-settled');
    expectFieldFault(await act('ban', id), 'action');
    expect([await stateOf(id), await auditOf(bori.id)]).toEqual(['open', []]);
    const once = () =>
      post(
        `/admin/reports/${id}/actions`,
        moderator,
        { action: 'warn', reason: REASON },
        { 'idempotency-key': id },
      );
    expect((await once()).body).toEqual((await once()).body);
    expect(await auditOf(bori.id)).toEqual([[moderator.id, 'warn', id, REASON]]);
    expectProblem(await act('warn', uuidv7()), 404, 'report-not-found');
  });
});

describe('acts', () => {
  it('dismiss: nothing happens to anybody', async () => {
    const walk = await made.walk();
    const id = await reported(witness, 'walk', walk);
    expect(await answered(201, act('dismiss', id))).toMatchObject({
      ...{ id, state: 'dismissed', settledAt: '2026-11-20T03:00:00.000Z', present: { isHidden: false } },
    });
    expect((await get(`/walks/${walk}`, choco)).status).toBe(200);
    expect((await get('/notifications', bori)).body.items).toEqual([]);
    expect(await auditOf(walk)).toEqual([[moderator.id, 'dismiss', id, REASON]]);
  });

  it('warn: the owner is told, and of nobody', async () => {
    const id = await reported(witness, 'comment', await made.comment());
    await answered(201, act('warn', id));
    const { items, unreadCount } = (await get('/notifications', bori)).body;
    expect([items, unreadCount]).toEqual([
      [expect.objectContaining({ title: '이용 안내', body: expect.stringContaining('내 댓글에') })],
      1,
    ]);
    expect(JSON.stringify(items)).not.toContain(witness.id);
  });

  it('hide and unhide a walk: it is there for its owner only, and comes back', async () => {
    const walk = await made.walk();
    const seen = () =>
      Promise.all(
        [`/walks/${walk}`, `/walks/${walk}/route`, `/comments?walkId=${walk}`, `/likes/${walk}`].map(
          async (path) => (await get(path, choco)).status,
        ),
      );
    expect(await seen()).toEqual([200, 200, 200, 200]);
    const id = await reported(witness, 'walk', walk);
    expect(await answered(201, act('hide', id))).toMatchObject({
      ...{ state: 'actioned', present: { isHidden: true, isDeleted: false } },
    });
    expect(await seen()).toEqual([404, 404, 404, 404]);
    expectProblem(await report(choco, 'walk', walk), 404, 'report-target-not-found');
    expect((await get(`/walks/${walk}`, bori)).status).toBe(200);
    expect((await get('/walks', bori)).body.items).toHaveLength(1);
    test.clock.advance({ minutes: 1 });
    expect(await answered(201, act('unhide', id))).toMatchObject({
      ...{ state: 'dismissed', present: { isHidden: false } },
    });
    expect(await seen()).toEqual([200, 200, 200, 200]);
    expect((await auditOf(walk)).map(([, action]) => action)).toEqual(['hide', 'unhide']);
    expectProblem(await act('unhide', id), 409, 'report-settled');
  });

  it('hide and unhide a comment: not listed, not counted, and the walker’s note of it is gone', async () => {
    const comment = await made.comment();
    const { walkId } = await test.db.prisma.walkComment.findUniqueOrThrow({ where: { id: comment } });
    const counts = async () =>
      Promise.all(
        [choco, witness, bori].map(async (as) => (await get(`/comments?walkId=${walkId}`, as)).body.comments),
      );
    expect([await counts(), (await get('/notifications', choco)).body.unreadCount]).toEqual([[1, 1, 1], 1]);
    const id = await reported(witness, 'comment', comment);
    await answered(201, act('hide', id));
    expect([await counts(), (await get('/notifications', choco)).body.items]).toEqual([[0, 0, 1], []]);
    await answered(201, act('unhide', id));
    expect(await counts()).toEqual([1, 1, 1]);
  });

  it('hide a meetup: it is there for its host only, its room ends, and its guests are told', async () => {
    const meetup = await made.meetup();
    await answered(201, post(`/meetups/${meetup}/participation`, choco, {}));
    await answered(201, act('hide', await reported(witness, 'meetup', meetup)));
    const seen = await Promise.all(
      [bori, choco, witness].map(async (as) => (await get(`/meetups/${meetup}`, as)).status),
    );
    expect(seen).toEqual([200, 404, 404]);
    expect(
      (await test.db.prisma.room.findFirstOrThrow({ where: { meetupId: meetup } })).endedAt,
    ).not.toBeNull();
    const { text } = await get('/notifications', choco);
    expect(JSON.parse(text).items).toHaveLength(1);
    expect(text).not.toContain('나쁜 모임');
  });

  it('suspend: of all that somebody wrote nothing is there for others, at once', async () => {
    const [walk, comment, meetup] = [await made.walk(), await made.comment(), await made.meetup()];
    const { walkId } = await test.db.prisma.walkComment.findUniqueOrThrow({ where: { id: comment } });
    await answered(200, post(`/follows/${choco.id}`, bori, undefined));
    const seen = async () => [
      ...(await Promise.all(
        [`/users/${bori.id}`, `/users/${bori.id}/badges`, `/walks/${walk}`, `/meetups/${meetup}`].map(
          async (path) => (await get(path, choco)).status,
        ),
      )),
      (await get(`/comments?walkId=${walkId}`, choco)).body.comments,
      (await get('/followers', choco)).body.items.length,
      (await get('/notifications', choco)).body.unreadCount,
    ];
    expect(await seen()).toEqual([200, 200, 200, 200, 1, 1, 2]);
    const id = await reported(witness, 'comment', comment);
    expect(await answered(201, act('suspend', id))).toMatchObject({
      state: 'actioned',
      owner: { isSuspended: true },
    });
    expect(await seen()).toEqual([404, 404, 404, 404, 0, 0, 0]);
    expect(await auditOf(bori.id)).toEqual([[moderator.id, 'suspend', id, REASON]]);
    await answered(200, suspend(bori, false));
    expect(await seen()).toEqual([200, 200, 200, 404, 1, 1, 2]); // a meetup that was withdrawn stays so
  });

  it.each(['report', 'account'])(
    'suspend, by the %s: the coming meetups do not take place, and guests are told without a name',
    async (by) => {
      const [meetup, hidden] = [await made.meetup(), await made.meetup()];
      for (const id of [meetup, hidden]) await answered(201, post(`/meetups/${id}/participation`, choco, {}));
      await answered(201, act('hide', await reported(witness, 'meetup', hidden)));
      await answered(200, patch(`/meetups/${meetup}`, bori, { title: '더 나쁜 모임' }));
      const id = await reported(witness, 'user', bori.id);
      if (by === 'report') await answered(201, act('suspend', id));
      else await answered(200, suspend(bori));
      const { text, body } = await get('/notifications', choco);
      expect(body.items.map(({ data }: { data: { meetupId: string } }) => data.meetupId).sort()).toEqual(
        [meetup, hidden].sort(),
      );
      expect(text).not.toMatch(/나쁜 모임|보리네/);
      const { endedAt } = await test.db.prisma.room.findFirstOrThrow({ where: { meetupId: meetup } });
      expect(endedAt).not.toBeNull();
      await answered(200, suspend(bori, false));
      for (const as of [bori, choco])
        expect(await answered(200, get(`/meetups/${meetup}`, as))).toMatchObject({
          ...{ state: 'cancelled', roomId: null },
        });
    },
  );
});

describe('a suspended user', () => {
  it('sees and takes away what is their own, and does nothing else', async () => {
    const walk = await storeWalk(test, bori.id);
    expect(await answered(200, suspend(bori))).toMatchObject({
      id: bori.id,
      suspendedAt: test.clock.now().toISOString(),
    });
    expect((await get('/users/me', bori)).body.nickname).toBe('보리네');
    expect((await get('/walks', bori)).body.items).toHaveLength(1);
    await answered(204, remove(`/walks/${walk}`, bori));
    const { headers, body } = await get(`/users/${choco.id}`, bori);
    expect(body).toMatchObject({ code: 'account-suspended', title: '이용이 정지된 계정이에요.' });
    expect(headers.get('www-authenticate')).toBeNull();
    for (const asked of [
      post('/pets', bori, { name: '보리' }),
      get('/feed', bori),
      report(bori, 'user', choco.id),
    ])
      expectProblem(await asked, 403, 'account-suspended');
    await answered(200, suspend(bori, false));
    expect((await get(`/users/${choco.id}`, bori)).status).toBe(200);
  });

  it('is suspended once, however often it is said', async () => {
    for (let i = 0; i < 2; i++) {
      await answered(200, suspend(bori));
      test.clock.advance({ minutes: 1 });
    }
    expect((await suspend(bori)).body.suspendedAt).toBe('2026-11-20T03:00:00.000Z');
    await answered(200, suspend(bori, false));
    await answered(200, suspend(bori, false));
    expect((await auditOf(bori.id)).map(([, action]) => action)).toEqual(['suspend', 'unsuspend']);
    expectProblem(await suspend({ ...bori, id: uuidv7() }), 404, 'user-not-found');
  });
});

describe('roles', () => {
  it('nobody acts on equals, those above, or themselves; their reports are for others', async () => {
    const [equal, admin] = [await withRole('moderator'), await withRole('admin')];
    const ids = {
      own: await reported(witness, 'user', moderator.id),
      equal: await reported(witness, 'user', equal.id),
      admin: await reported(witness, 'user', admin.id),
    };
    expect(await queue()).toEqual([]);
    for (const id of Object.values(ids)) expectProblem(await act('suspend', id), 404, 'report-not-found');
    for (const person of [moderator, equal, admin]) expectProblem(await suspend(person), 403, 'forbidden');
    expect((await queue(admin)).map(({ id }: { id: string }) => id).sort()).toEqual(
      [ids.own, ids.equal].sort(),
    );
    expectProblem(await act('suspend', ids.admin, admin), 404, 'report-not-found');
    expectProblem(await suspend(admin, true, admin), 403, 'forbidden');
    await answered(201, act('suspend', ids.own, admin));
    expectProblem(await get('/admin/reports', moderator), 403, 'account-suspended');
    await answered(200, suspend(moderator, false, admin));
    expect((await get('/admin/reports', moderator)).status).toBe(200);
  });

  it('are given by the operator, which is written down, and hold from the next request', async () => {
    const grant = (role: 'user' | 'moderator') =>
      test.db.transaction((tx) => grantRole(tx, { userId: bori.id, role, now: test.clock.now() }));
    expectProblem(await get('/admin/users', bori), 403, 'forbidden');
    expect([await grant('moderator'), await grant('moderator')]).toEqual([true, false]);
    expect((await get('/admin/users', bori)).status).toBe(200);
    test.clock.advance({ minutes: 1 });
    expect(await grant('user')).toBe(true);
    expectProblem(await get('/admin/users', bori), 403, 'forbidden');
    expect(await auditOf(bori.id)).toEqual([
      [null, 'grant_role', null, 'moderator'],
      [null, 'grant_role', null, 'user'],
    ]);
    const nobody = uuidv7();
    expect(
      await test.db.transaction((tx) =>
        grantRole(tx, { userId: nobody, role: 'admin', now: test.clock.now() }),
      ),
    ).toBe(false);
    expect(await auditOf(nobody)).toEqual([]);
  });
});

describe('accounts', () => {
  const found = async (query: string): Promise<string[]> =>
    (await answered(200, get(`/admin/users?${query}`, moderator))).items.map(({ id }: { id: string }) => id);

  it('are found by the beginning of a name, letter for letter, or by the id', async () => {
    const prefix = uuidv7().slice(24);
    const named = async (rest: string) => (await signIn(test, { nickname: `${prefix}${rest}` })).id;
    const [one, two, odd] = [await named('Aa'), await named('ab'), await named('_%')];
    expect((await found(`q=${prefix}a`)).sort()).toEqual([one, two].sort());
    expect(await found(`q=${encodeURIComponent(`${prefix}_`)}`)).toEqual([odd]);
    expect(await found('q=%25')).toEqual([]);
    expect(await found(`q=${two}`)).toEqual([two]);
    expect(await found(`q=${two.toUpperCase()}`)).toEqual([two]);
    expect(await found(`q=${uuidv7()}`)).toEqual([]);
    await set({ ...bori, id: two }, { suspendedAt: test.clock.now() });
    expect(await found(`q=${prefix}&suspended=true`)).toEqual([two]);
    const page = (await get(`/admin/users?q=${prefix}&limit=2`, moderator)).body;
    expect([page.items.length, await found(`q=${prefix}&limit=2&cursor=${page.nextCursor}`)]).toEqual([
      2,
      [[one, two, odd].sort()[2]],
    ]);
    for (const [field, query] of [
      ['q', `q=${'x'.repeat(41)}`],
      ['suspended', 'suspended=1'],
      ['cursor', 'cursor=x'],
    ] as const)
      expectFieldFault(await get(`/admin/users?${query}`, moderator), field);
  });

  it('say what is to know about somebody', async () => {
    await reported(witness, 'user', bori.id);
    await set(bori, { deletionRequestedAt: test.clock.now() });
    expect((await get(`/admin/users?q=${bori.id}`, moderator)).body.items).toEqual([
      {
        ...{ id: bori.id, nickname: '보리네', role: 'user', createdAt: '2026-11-20T03:00:00.000Z' },
        ...{ suspendedAt: null, isLeaving: true, openReports: 1 },
      },
    ]);
  });
});

describe('the audit log', () => {
  it('lists the newest first with who did it, page by page', async () => {
    const before = await test.db.prisma.auditEntry.count();
    for (let i = 0; i < 12; i++) {
      await suspend(bori, i % 2 === 0);
      test.clock.advance({ minutes: 1 });
    }
    await expectPages('/admin/audit-log', moderator, before + 12, ({ at }: { at: string }) => at);
    expect((await get('/admin/audit-log?limit=1', moderator)).body.items).toEqual([
      {
        ...{ id: expect.any(String), actorId: moderator.id, actorNickname: '운영자', action: 'unsuspend' },
        ...{ targetKind: 'user', targetId: bori.id, reportId: null, reason: REASON },
        at: '2026-11-20T03:11:00.000Z',
      },
    ]);
  });

  it('only grows, whoever is at the database', async () => {
    await suspend(bori);
    for (const [i, sql] of [
      `update audit_log set reason = 'x'`,
      `delete from audit_log`,
      `truncate audit_log`,
    ].entries())
      await expect(test.db.rows(statement(`test_audit_${i}`, sql), [])).rejects.toThrow('is not changed');
    expect(await auditOf(bori.id)).toHaveLength(1);
  });
});
