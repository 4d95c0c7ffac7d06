import { v7 as uuidv7 } from 'uuid';
import { InvitationJobs } from '../../src/modules/invitations/invitations.jobs.js';
import { MeetupJobs } from '../../src/modules/meetups/meetups.jobs.js';
import type { InvitationState } from '../../src/generated/prisma/enums.js';
import { type Answer, expectProblem, type Person, signIn } from '../support/api.js';
import { given } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { SERVER_URL } from '../support/lane.js';
import { expectFault, get, patch, post, remove } from '../support/rest.js';

const MISSING = '0193a1b2-0000-7000-8000-000000000000';
const NOON = '2026-11-20T03:00:00.000Z';
const HOUR_MS = 3_600_000;
const PLACE = { title: '한강 아침 산책', placeName: '뚝섬유원지역 2번 출구', lat: 37.5315, lng: 127.0667 };
const RACES = SERVER_URL ? 50 : 5;
const SEAT_RACES = SERVER_URL ? 200 : 30;

let test: TestApp;
let bori: Person;
let kong: Person;
let dal: Person;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());
beforeEach(async () => {
  await test.queue.drain();
  test.clock.set(NOON);
  [bori, kong, dal] = [
    await signIn(test, { nickname: '보리네' }),
    await signIn(test, { nickname: '콩이네' }),
    await signIn(test, { nickname: '달이네' }),
  ];
});

/** Hours from now. */
const inHours = (hours: number) => new Date(test.clock.nowMs() + hours * HOUR_MS).toISOString();
const block = async (who: Person, whom: Person) => {
  expect((await post(`/blocks/${whom.id}`, who, undefined)).status).toBe(204);
};
const follow = (who: Person, whom: Person) => post(`/follows/${whom.id}`, who, undefined);
const makePrivate = (person: Person) => patch('/users/me/settings', person, { profileVisibility: 'private' });
const liveIn = (person: Person, code: string) => person.send('PUT', '/users/me/region', { code });
const mark = (person: Person, data: { suspendedAt?: Date | null; deletionRequestedAt?: Date | null }) =>
  test.db.prisma.user.update({ where: { id: person.id }, data });
const notesOf = (person: Person) =>
  test.db.prisma.notification.findMany({
    where: { userId: person.id, type: 'companion' },
    orderBy: { id: 'asc' },
  });
const titlesOf = async (person: Person) => (await notesOf(person)).map(({ title }) => title);
const membersOf = async (room: { invitationId: string } | { meetupId: string }) => {
  const found = await test.db.prisma.room.findFirst({ where: room, select: { members: true } });
  return (found?.members ?? []).map(({ userId }) => userId).sort();
};
const ids = (...people: Person[]) => people.map(({ id }) => id).sort();

describe('invitations', () => {
  const invite = (who: Person, whom: Person, more: object = {}, headers = {}) =>
    post('/invitations', who, { userId: whom.id, ...more }, headers);
  const invited = async (who: Person, whom: Person, more: object = {}) => {
    const { status, body, text } = await invite(who, whom, more);
    if (status !== 201) throw new Error(text);
    return body;
  };
  const answer = (who: Person, id: string, action: string) => patch(`/invitations/${id}`, who, { action });
  const box = async (who: Person, which: 'received' | 'sent') =>
    (await get(`/invitations?box=${which}`, who)).body.items;
  const stateOf = async (id: string) =>
    (await test.db.prisma.invitation.findUniqueOrThrow({ where: { id } })).state;
  const runExpiry = () => test.app.get(InvitationJobs).expire();

  it('go to the other one’s box and phone, and an accepted one opens a room for both', async () => {
    const made = await invited(bori, kong, { message: '같이 걸어요' });
    expect(made).toEqual({
      id: expect.any(String),
      inviter: { id: bori.id, nickname: '보리네' },
      invitee: { id: kong.id, nickname: '콩이네' },
      state: 'pending',
      message: '같이 걸어요',
      proposedAt: null,
      expiresAt: inHours(2),
      createdAt: NOON,
      settledAt: null,
      roomId: null,
    });
    expect(await box(kong, 'received')).toEqual([made]);
    expect(await box(bori, 'sent')).toEqual([made]);
    expect([await box(kong, 'sent'), await box(bori, 'received')]).toEqual([[], []]);
    expect(await notesOf(kong)).toMatchObject([
      {
        title: '산책 초대',
        body: '보리네님이 함께 산책하재요.',
        data: { invitationId: made.id },
        actorId: bori.id,
        urgent: true,
        staleAt: new Date(made.expiresAt),
      },
    ]);

    test.clock.advance({ minutes: 5 });
    const accepted = await answer(kong, made.id, 'accept');
    expect(accepted.status).toBe(200);
    expect(accepted.body).toMatchObject({
      state: 'accepted',
      settledAt: inHours(0),
      roomId: expect.any(String),
    });
    expect(await membersOf({ invitationId: made.id })).toEqual(ids(bori, kong));
    expect(await test.db.prisma.room.findUnique({ where: { id: accepted.body.roomId } })).toMatchObject({
      opensAt: test.clock.now(),
    });
    expect(await titlesOf(kong)).toEqual([]);
    expect(await notesOf(bori)).toMatchObject([
      { title: '초대 수락', urgent: true, data: { invitationId: made.id, roomId: accepted.body.roomId } },
    ]);
    expect(await box(bori, 'sent')).toEqual([accepted.body]);
  });

  it('for later are open until the time they propose, and the room opens half an hour before', async () => {
    const proposedAt = inHours(20);
    const { id, expiresAt } = await invited(bori, kong, { proposedAt });
    expect(expiresAt).toBe(proposedAt);
    expect(await notesOf(kong)).toMatchObject([{ urgent: false, staleAt: new Date(proposedAt) }]);
    test.clock.advance({ hours: 18 });
    const { body } = await answer(kong, id, 'accept');
    const room = await test.db.prisma.room.findUniqueOrThrow({ where: { id: body.roomId } });
    expect(room.opensAt.toISOString()).toBe(inHours(1.5));
    expect(await notesOf(bori)).toMatchObject([{ urgent: true }]);
  });

  it('are declined, or taken back, which also takes the note back', async () => {
    const one = await invited(bori, kong);
    expect((await answer(kong, one.id, 'decline')).body).toMatchObject({ state: 'declined', roomId: null });
    const two = await invited(bori, kong);
    expect(await titlesOf(kong)).toEqual(['산책 초대']);
    expect((await answer(bori, two.id, 'cancel')).body).toMatchObject({ state: 'cancelled' });
    expect([await titlesOf(kong), await titlesOf(bori)]).toEqual([[], []]);
    expect(await test.db.prisma.room.count({ where: { invitationId: { in: [one.id, two.id] } } })).toBe(0);
  });

  it('end in one state only', async () => {
    const ends: [InvitationState, (id: string) => Promise<unknown>][] = [
      ['accepted', (id) => answer(kong, id, 'accept')],
      ['declined', (id) => answer(kong, id, 'decline')],
      ['cancelled', (id) => answer(bori, id, 'cancel')],
    ];
    for (const [state, end] of ends) {
      test.clock.advance({ days: 1 });
      const { id } = await invited(bori, kong);
      await end(id);
      for (const [who, action] of [
        [kong, 'accept'],
        [kong, 'decline'],
        [bori, 'cancel'],
      ] as const) {
        const refused = await answer(who, id, action);
        expectProblem(refused, 409, 'invitation-settled');
        expect(refused.body.state).toBe(state);
      }
      expect(await stateOf(id)).toBe(state);
    }
  });

  it('B11: cannot be accepted after expiry, before or after the job ran', async () => {
    const { id, expiresAt } = await invited(bori, kong);
    test.clock.set(Date.parse(expiresAt) - 1);
    await runExpiry();
    expect(await stateOf(id)).toBe('pending');
    test.clock.set(expiresAt);
    const shown = { state: 'expired', settledAt: expiresAt };
    for (const hasRun of [false, true]) {
      if (hasRun) await runExpiry();
      expect(await stateOf(id)).toBe(hasRun ? 'expired' : 'pending');
      for (const [who, action] of [
        [kong, 'accept'],
        [kong, 'decline'],
        [bori, 'cancel'],
      ] as const)
        expectProblem(await answer(who, id, action), 409, 'invitation-expired');
      expect(await box(kong, 'received')).toMatchObject([shown]);
      expect(await box(bori, 'sent')).toMatchObject([shown]);
    }
    expect(await titlesOf(kong)).toEqual([]);
    expect(await membersOf({ invitationId: id })).toEqual([]);
  });

  it('B11: cannot be accepted after a block either way, and are gone for both at once', async () => {
    for (const [blocker, blocked] of [
      [bori, kong],
      [kong, bori],
    ] as const) {
      test.clock.advance({ days: 1 });
      const { id } = await invited(bori, kong);
      await block(blocker, blocked);
      for (const hasRun of [false, true]) {
        if (hasRun) await test.queue.drain();
        expectProblem(await answer(kong, id, 'accept'), 404, 'invitation-not-found');
        expectProblem(await answer(bori, id, 'cancel'), 404, 'invitation-not-found');
        expect([await box(kong, 'received'), await box(bori, 'sent')]).toEqual([[], []]);
        expectProblem(await invite(bori, kong), 404, 'user-not-found');
      }
      expect(await stateOf(id)).toBe('cancelled');
      expect(await titlesOf(kong)).toEqual([]);
      expect((await remove(`/blocks/${blocked.id}`, blocker)).status).toBe(204);
      expectProblem(await answer(kong, id, 'accept'), 409, 'invitation-settled');
      await test.db.prisma.invitation.delete({ where: { id } });
    }
  });

  it('B11: made after an unblock are kept from a block’s job that runs late', async () => {
    await block(kong, bori);
    await remove(`/blocks/${bori.id}`, kong);
    test.clock.advance({ seconds: 1 });
    const { id } = await invited(bori, kong);
    await test.queue.drain();
    expect([await stateOf(id), await titlesOf(kong)]).toEqual(['pending', ['산책 초대']]);
  });

  it('B11: are answered by the invitee’s token and cancelled by the inviter’s, and no other', async () => {
    const { id } = await invited(bori, kong);
    for (const [who, action] of [
      [dal, 'accept'],
      [dal, 'decline'],
      [dal, 'cancel'],
      [bori, 'accept'],
      [bori, 'decline'],
      [kong, 'cancel'],
    ] as const) {
      const { body, ...refused } = await answer(who, id, action);
      expectProblem({ body, ...refused }, 404, 'invitation-not-found');
      const { body: missing } = await answer(who, MISSING, action);
      expect({ ...body, requestId: '' }).toEqual({ ...missing, requestId: '' });
    }
    expect(await stateOf(id)).toBe('pending');
  });

  it('of people who are suspended or leaving do not exist', async () => {
    const { id } = await invited(bori, kong);
    for (const data of [{ suspendedAt: test.clock.now() }, { deletionRequestedAt: test.clock.now() }]) {
      await mark(bori, data);
      expect(await box(kong, 'received')).toEqual([]);
      expectProblem(await answer(kong, id, 'accept'), 404, 'invitation-not-found');
      expectProblem(await invite(kong, bori), 404, 'user-not-found');
      await mark(bori, { suspendedAt: null, deletionRequestedAt: null });
    }
    expectProblem(await invite(kong, { ...bori, id: MISSING }), 404, 'user-not-found');
    expectProblem(await invite(kong, kong), 409, 'not-with-yourself');
  });

  it('reach a private profile from whom it lets in or follows', async () => {
    await makePrivate(kong);
    expectProblem(await invite(bori, kong), 403, 'invitation-not-allowed');
    await follow(kong, bori);
    await invited(bori, kong);
    await test.db.prisma.follow.create({
      data: { followerId: dal.id, followeeId: kong.id, createdAt: test.clock.now() },
    });
    await invited(dal, kong);
  });

  it('wait once for each pair and direction, five at most, and three a day to one person', async () => {
    const first = await invited(bori, kong);
    const again = await invite(bori, kong);
    expectProblem(again, 409, 'invitation-pending');
    expect(again.body.invitationId).toBe(first.id);
    await invited(kong, bori); // the other direction
    for (let i = 0; i < 4; i++) await invited(bori, await signIn(test));
    const sixth = await invite(bori, dal);
    expectProblem(sixth, 409, 'too-many-invitations');
    expect(sixth.body.limit).toBe(5);
    await mark(kong, { suspendedAt: test.clock.now() }); // who could not even be taken back
    const { id } = await invited(bori, dal);
    await mark(kong, { suspendedAt: null });
    await answer(bori, id, 'cancel');
    test.clock.set(first.expiresAt); // those that ran out wait no more, whether or not the job has run
    for (let i = 0; i < 2; i++) await answer(bori, (await invited(bori, kong)).id, 'cancel');
    expectProblem(await invite(bori, kong), 409, 'invited-too-often');
    test.clock.advance({ hours: 22 });
    await invited(bori, kong);
  });

  it('of two who invite each other need one answer', async () => {
    const [one, other] = [await invited(bori, kong), await invited(kong, bori)];
    const saturday = await invited(dal, bori, { proposedAt: inHours(30) });
    await answer(bori, other.id, 'accept');
    expect([await stateOf(one.id), await stateOf(other.id), await stateOf(saturday.id)]).toEqual([
      'cancelled',
      'accepted',
      'pending',
    ]);
    expectProblem(await answer(kong, one.id, 'accept'), 409, 'invitation-settled');
  });

  it('are made once for an Idempotency-Key', async () => {
    const key = { 'idempotency-key': 'walk-with-kong' };
    const [one, two] = [await invite(bori, kong, {}, key), await invite(bori, kong, {}, key)];
    expect([one.status, two.status, two.body]).toEqual([201, 201, one.body]);
    expectProblem(await invite(bori, dal, {}, key), 422, 'idempotency-key-reused');
    expect(await titlesOf(kong)).toEqual(['산책 초대']);
  });

  it('are listed page by page, the newest first', async () => {
    for (const person of [kong, dal, await signIn(test)]) {
      test.clock.advance({ minutes: 1 });
      await invited(person, bori);
    }
    const first = (await get('/invitations?limit=2', bori)).body;
    const second = (await get(`/invitations?limit=2&cursor=${first.nextCursor}`, bori)).body;
    const all = [...first.items, ...second.items];
    expect(all).toEqual(await box(bori, 'received'));
    expect(all.map(({ createdAt }) => createdAt)).toEqual(
      all
        .map(({ createdAt }) => createdAt)
        .sort()
        .reverse(),
    );
    expect([all.length, second.nextCursor]).toEqual([3, null]);
  });

  it.each([
    [{}, 'userId'],
    [{ userId: 'x' }, 'userId'],
    [{ userId: MISSING, message: '' }, 'message'],
    [{ userId: MISSING, message: 'ㄱ'.repeat(201) }, 'message'],
    [{ userId: MISSING, proposedAt: 'tomorrow' }, 'proposedAt'],
    [{ userId: MISSING, proposedAt: NOON }, 'proposedAt'],
    [{ userId: MISSING, proposedAt: '2026-11-27T03:00:00.001Z' }, 'proposedAt'],
    [{ userId: MISSING, state: 'accepted' }, 'state'],
    [{ userId: MISSING, inviterId: MISSING }, 'inviterId'],
  ])('refuse %j', async (body, field) => expectFault(await post('/invitations', bori, body), field));

  it('take a proposal of exactly seven days ahead', async () => {
    expect((await invite(bori, kong, { proposedAt: inHours(7 * 24) })).status).toBe(201);
  });

  describe('when two things happen at once', () => {
    /** Straight in the database: the limits are of another test. */
    const waiting = async (inviter = bori, invitee = kong) => {
      const row = {
        id: uuidv7(),
        inviterId: inviter.id,
        inviteeId: invitee.id,
        expiresAt: new Date(inHours(0.1)),
        createdAt: test.clock.now(),
      };
      await test.db.prisma.invitation.create({ data: row });
      return row;
    };
    /** What one invitation has led to, whoever won. */
    const expectOneEffect = async (id: string, answers: Answer[]) => {
      const state = await stateOf(id);
      expect(answers.map(({ status }) => status).filter((status) => status !== 409)).toEqual(
        state === 'expired' ? [] : [200],
      );
      const isAccepted = state === 'accepted';
      expect(await membersOf({ invitationId: id })).toEqual(isAccepted ? ids(bori, kong) : []);
      expect(await test.db.prisma.room.count({ where: { invitationId: id } })).toBe(isAccepted ? 1 : 0);
      const told = { dedupeKey: `invitation-accepted:${id}` };
      expect(await test.db.prisma.notification.count({ where: told })).toBe(isAccepted ? 1 : 0);
      return state;
    };

    it(`A9: accepting and cancelling, accepting twice, ${RACES} times: one effect`, async () => {
      for (let i = 0; i < RACES; i++) {
        const one = await waiting();
        await expectOneEffect(
          one.id,
          await Promise.all([answer(kong, one.id, 'accept'), answer(bori, one.id, 'cancel')]),
        );
        const two = await waiting();
        const twice = await Promise.all([answer(kong, two.id, 'accept'), answer(kong, two.id, 'accept')]);
        expect(await expectOneEffect(two.id, twice)).toBe('accepted');
      }
    });

    it(`A9: accepting and running out, ${RACES} times: one effect`, async () => {
      for (let i = 0; i < RACES; i++) {
        const { id, expiresAt } = await waiting();
        const accepting = answer(kong, id, 'accept');
        for (let step = 0; step < i % 4; step++) await get('/health/live', bori); // so that either may win
        test.clock.set(expiresAt.getTime());
        const [accepted] = await Promise.all([accepting, runExpiry()]);
        await runExpiry(); // it leaves alone what is just being answered
        const state = await expectOneEffect(id, [accepted]);
        expect(['accepted', 'expired']).toContain(state);
        if (state === 'expired') expectProblem(accepted, 409, 'invitation-expired');
      }
    });

    it(`two who accept each other’s, ${RACES} times: one room`, async () => {
      for (let i = 0; i < RACES; i++) {
        const [one, other] = [(await waiting()).id, (await waiting(kong, bori)).id];
        const answers = await Promise.all([answer(kong, one, 'accept'), answer(bori, other, 'accept')]);
        expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
        expect(await test.db.prisma.room.count({ where: { invitationId: { in: [one, other] } } })).toBe(1);
      }
    });
  });
});

describe('meetups', () => {
  beforeEach(() => test.db.prisma.meetup.deleteMany());

  const hold = (host: Person, more: object = {}, headers = {}) =>
    post('/meetups', host, { ...PLACE, startsAt: inHours(24), capacity: 4, ...more }, headers);
  const held = async (host: Person, more: object = {}) => {
    const { status, body, text } = await hold(host, more);
    if (status !== 201) throw new Error(text);
    return body;
  };
  const seen = (who: Person, id: string) => get(`/meetups/${id}`, who);
  const change = (who: Person, id: string, more: object) => patch(`/meetups/${id}`, who, more);
  const cancel = (who: Person, id: string) => remove(`/meetups/${id}`, who);
  const join = (who: Person, id: string, body: unknown = {}, headers = {}) =>
    post(`/meetups/${id}/participation`, who, body, headers);
  /** Time goes on, so that lists have an order. */
  const joined = async (who: Person, id: string, body: unknown = {}) => {
    test.clock.advance({ seconds: 1 });
    const { status, text } = await join(who, id, body);
    if (status !== 201) throw new Error(text);
  };
  const leave = (who: Person, id: string) => remove(`/meetups/${id}/participation`, who);
  const listed = async (who: Person, query = '') =>
    (await get(`/meetups?limit=50&${query}`, who)).body.items.map(({ id }: { id: string }) => id);
  const namesOf = async (who: Person, id: string) =>
    (await get(`/meetups/${id}/participants`, who)).body.items.map(
      ({ person }: { person: { nickname: string } }) => person.nickname,
    );
  const stored = (id: string) =>
    test.db.prisma.meetup.findUniqueOrThrow({ where: { id }, include: { participants: true } });
  const stateOf = async (id: string) => (await stored(id)).state;
  const closeBegun = () => test.app.get(MeetupJobs).closeBegun();
  /** Meetups that were told to have been held, by the jobs of whoever reacts. */
  const heldTold = async () => {
    const told: string[] = [];
    const record = test.queue.record.bind(test.queue);
    test.queue.record = async (tx, fact, data) => {
      if (fact.name === 'meetup-held') told.push((data as unknown as { meetupId: string }).meetupId);
      return record(tx, fact, data);
    };
    await closeBegun().finally(() => (test.queue.record = record));
    return told;
  };

  it('are held, joined and left, with a seat and a place in the room each', async () => {
    await liveIn(bori, '1120067000');
    const { id: petId } = await given.pet(kong, { name: '콩이' });
    const made = await held(bori, { description: '천천히 걸어요', capacity: 2 });
    expect(made).toEqual({
      ...{ id: expect.any(String), host: { id: bori.id, nickname: '보리네' }, state: 'open', ...PLACE },
      ...{ description: '천천히 걸어요', startsAt: inHours(24), capacity: 2, participants: 1 },
      ...{ maxWeightKg: null, temperaments: [], isJoined: true, roomId: expect.any(String), createdAt: NOON },
    });
    expect((await seen(kong, made.id)).body).toEqual({ ...made, isJoined: false, roomId: null });
    const room = await test.db.prisma.room.findUniqueOrThrow({ where: { id: made.roomId } });
    expect(room.opensAt.toISOString()).toBe(inHours(23.5));

    test.clock.advance({ minutes: 1 });
    const full = await join(kong, made.id, { petId });
    expect([full.status, full.body]).toEqual([201, { ...made, state: 'full', participants: 2 }]);
    expect(await stateOf(made.id)).toBe('full');
    expect(await membersOf({ meetupId: made.id })).toEqual(ids(bori, kong));
    expectProblem(await join(kong, made.id), 409, 'already-joined');
    expectProblem(await join(bori, made.id), 409, 'already-joined');
    expectProblem(await join(dal, made.id), 409, 'meetup-full');
    expect((await get(`/meetups/${made.id}/participants`, dal)).body).toEqual({
      items: [
        { person: { id: bori.id, nickname: '보리네' }, isHost: true, pet: null, joinedAt: NOON },
        {
          person: { id: kong.id, nickname: '콩이네' },
          isHost: false,
          pet: { name: '콩이', breed: null },
          joinedAt: inHours(0),
        },
      ],
      nextCursor: null,
    });
    expect(await notesOf(bori)).toMatchObject([
      { title: '모임에 한 명이 더 와요', urgent: false, data: { meetupId: made.id, userId: kong.id } },
    ]);

    expectProblem(await leave(bori, made.id), 409, 'host-cannot-leave');
    expectProblem(await leave(dal, made.id), 404, 'participation-not-found');
    expect((await leave(kong, made.id)).status).toBe(204);
    expectProblem(await leave(kong, made.id), 404, 'participation-not-found');
    expect(await stateOf(made.id)).toBe('open');
    expect(await membersOf({ meetupId: made.id })).toEqual([bori.id]);
    expect(await titlesOf(bori)).toEqual(['모임에 한 명이 빠졌어요']);
    await joined(dal, made.id);
    test.clock.advance({ seconds: 1 });
    await leave(dal, made.id);
    await joined(kong, made.id);
    expect(await titlesOf(bori)).toEqual(['모임에 한 명이 빠졌어요', '모임에 한 명이 더 와요']);
  });

  it('tell the host of comings and goings under one key each, and never urgently', async () => {
    const { id } = await held(bori, { startsAt: inHours(1) });
    const told = { joined: `meetup-joined:${id}:${kong.id}`, left: `meetup-left:${id}:${kong.id}` };
    for (let i = 0; i < 3; i++) {
      await joined(kong, id);
      expect(await notesOf(bori)).toMatchObject([{ dedupeKey: told.joined, urgent: false }]);
      await leave(kong, id);
      expect(await notesOf(bori)).toMatchObject([{ dedupeKey: told.left, urgent: false }]);
    }
  });

  it('take dogs within their limits: what is not known does not fit', async () => {
    const { id } = await held(bori, { maxWeightKg: 10, temperaments: ['gentle', 'calm'], capacity: 10 });
    expectFault(await join(kong, id), 'petId');
    expectFault(await join(kong, id, { petId: (await given.pet(dal)).id }), 'petId');
    const { id: petId } = await given.pet(kong, { weightKg: null });
    const tries = [
      [{}, ['weight', 'temperament']],
      [{ weightKg: 10.01, temperament: ['gentle'] }, ['weight']],
      [{ weightKg: 10, temperament: ['gentle', 'playful'] }, ['temperament']],
      [{ weightKg: 10, temperament: ['gentle'] }, null],
    ] as const;
    for (const [dog, misfits] of tries) {
      if (Object.keys(dog).length > 0) await patch(`/pets/${petId}`, kong, dog);
      const answer = await join(kong, id, { petId });
      if (misfits) {
        expectProblem(answer, 409, 'pet-does-not-fit');
        expect(answer.body.misfits).toEqual(misfits);
      } else expect(answer.status).toBe(201);
    }
    const big = await given.pet(bori, { weightKg: 30 });
    expectProblem(await hold(bori, { maxWeightKg: 10, petId: big.id }), 409, 'pet-does-not-fit');
    expect((await hold(bori, { petId: big.id })).status).toBe(201);
  });

  it('are changed by the host, and whoever takes part is told once of each kind of change', async () => {
    const { id } = await held(bori, { capacity: 3 });
    await joined(kong, id);
    await test.db.prisma.notification.deleteMany({ where: { userId: bori.id } });
    for (const who of [kong, dal])
      expectProblem(await change(who, id, { title: '내 모임' }), 404, 'meetup-not-found');

    for (const nothing of [{}, { title: PLACE.title }, { description: '다시 씀' }, { capacity: 4 }])
      expect((await change(bori, id, nothing)).status).toBe(200);
    expect(await titlesOf(kong)).toEqual([]);

    const startsAt = inHours(30);
    const moved = await change(bori, id, { startsAt, title: '저녁 산책' });
    expect(moved.body).toMatchObject({ startsAt, title: '저녁 산책', capacity: 4, description: '다시 씀' });
    const ofChange = (what: string, kind: string, urgent: boolean) => ({
      ...{ title: '모임이 바뀌었어요', body: `‘저녁 산책’ 모임의 ${what} 바뀌었어요.`, urgent },
      dedupeKey: `meetup-changed:${id}:${kind}`, // the same each time: a note that was pushed is not pushed again
    });
    const told = async () =>
      (await notesOf(kong)).sort((one, other) => (one.dedupeKey < other.dedupeKey ? -1 : 1));
    const renamed = ofChange('이름이', 'title', false);
    expect(await told()).toMatchObject([ofChange('시간이', 'time', false), renamed]);
    const room = await test.db.prisma.room.findUniqueOrThrow({ where: { meetupId: id } });
    expect(room.opensAt.toISOString()).toBe(inHours(29.5));
    await change(bori, id, { startsAt: inHours(1), lat: 37.54, maxWeightKg: 9 });
    await change(bori, id, { title: '밤 산책' });
    await change(bori, id, { title: '저녁 산책' });
    expect(await told()).toMatchObject([
      ofChange('참가 조건이', 'limits', false),
      ofChange('장소가', 'place', true),
      ofChange('시간이', 'time', true),
      renamed,
    ]);
    expect(await titlesOf(bori)).toEqual([]);
    expect((await seen(kong, id)).body).toMatchObject({ participants: 2, isJoined: true }); // with no dog that fits
    expectProblem(await change(bori, id, { capacity: 1 }), 422, 'validation-failed');
    await change(bori, id, { maxWeightKg: null });
    await joined(dal, id);
    const tooFew = await change(bori, id, { capacity: 2 });
    expectProblem(tooFew, 409, 'capacity-below-participants');
    expect(tooFew.body).not.toHaveProperty('participants');
    expect((await change(bori, id, { capacity: 3 })).body.state).toBe('full');
    expect(await stateOf(id)).toBe('full');
    expect((await change(bori, id, { capacity: 5 })).body.state).toBe('open');
    expect(await stateOf(id)).toBe('open');
  });

  it('are cancelled by the host: the room ends, everybody is told, nobody else finds them', async () => {
    const { id } = await held(bori, { startsAt: inHours(1.5) });
    await joined(kong, id);
    for (const who of [kong, dal]) expectProblem(await cancel(who, id), 404, 'meetup-not-found');
    expect((await cancel(bori, id)).status).toBe(204);
    expect(await notesOf(kong)).toMatchObject([{ title: '모임이 취소되었어요', urgent: true }]);
    for (const who of [bori, kong])
      expect((await seen(who, id)).body).toMatchObject({ state: 'cancelled', roomId: null });
    expectProblem(await seen(dal, id), 404, 'meetup-not-found');
    expect((await test.db.prisma.room.findUniqueOrThrow({ where: { meetupId: id } })).endedAt).not.toBeNull();
    for (const refused of [
      await cancel(bori, id),
      await change(bori, id, { title: '다시' }),
      await leave(kong, id),
      await join(kong, id),
    ]) {
      expectProblem(refused, 409, 'meetup-closed');
      expect(refused.body.state).toBe('cancelled');
    }
    expectProblem(await join(dal, id), 404, 'meetup-not-found');
    expect(await listed(kong, 'mine=true')).toEqual([]);
    test.clock.advance({ hours: 2 });
    expect(await heldTold()).toEqual([]);
    expect(await stateOf(id)).toBe('cancelled');
  });

  it('are closed when they begin, also before the job ran, and held when somebody came', async () => {
    const [{ id, startsAt }, { id: alone }] = [await held(bori), await held(dal)];
    await joined(kong, id);
    test.clock.set(Date.parse(startsAt) - 1);
    expect(await heldTold()).toEqual([]);
    expect((await seen(dal, id)).body.state).toBe('open');
    test.clock.advance({ ms: 1 });
    for (const hasRun of [false, true]) {
      if (hasRun) expect(await heldTold()).toEqual([id]);
      expect(await stateOf(id)).toBe(hasRun ? 'closed' : 'open');
      for (const refused of [
        await join(kong, id),
        await leave(kong, id),
        await change(bori, id, { title: '늦은 변경' }),
        await cancel(bori, id),
      ]) {
        expectProblem(refused, 409, 'meetup-closed');
        expect(refused.body.state).toBe('closed');
      }
      expectProblem(await join(dal, id), 404, 'meetup-not-found');
      expect((await seen(kong, id)).body).toMatchObject({ state: 'closed', roomId: expect.any(String) });
      expect([await listed(kong, 'mine=true'), await listed(kong)]).toEqual([[id], []]);
    }
    expect([await heldTold(), await stateOf(alone)]).toEqual([[], 'closed']);
    test.clock.advance({ hours: 4 });
    expect(await listed(kong, 'mine=true')).toEqual([]);
  });

  it('of a gu are listed the soonest first, page by page', async () => {
    const [seoul, jeju] = ['1159051000', '5011025000'];
    await liveIn(bori, seoul);
    await liveIn(kong, '1159068000');
    await liveIn(dal, jeju);
    const made: string[] = [];
    for (const hours of [30, 26, 28, 26, 24]) made.push((await held(bori, { startsAt: inHours(hours) })).id);
    const elsewhere = (await held(dal)).id;
    const bySoonest = [made[4], ...[made[1], made[3]].sort(), made[2], made[0]];
    expect(await listed(kong)).toEqual(bySoonest);
    expect(await listed(dal)).toEqual([elsewhere]);
    expect(await listed(dal, `gu=${seoul.slice(0, 5)}`)).toEqual(bySoonest);
    expect(await listed(await signIn(test))).toEqual(expect.arrayContaining([...made, elsewhere]));
    const paged: string[] = [];
    let cursor = '';
    do {
      const { body } = await get(`/meetups?limit=2${cursor}`, kong);
      paged.push(...body.items.map(({ id }: { id: string }) => id));
      cursor = body.nextCursor ? `&cursor=${body.nextCursor}` : '';
    } while (cursor);
    expect(paged).toEqual(bySoonest);
    await cancel(bori, made[4]!);
    test.clock.advance({ hours: 26 }); // two more begin
    expect(await listed(kong)).toEqual([made[2], made[0]]);
    await joined(kong, made[0]!);
    expect(await listed(kong, 'mine=true')).toEqual([made[0]]);
    expect(await listed(bori, 'mine=true')).toEqual(bySoonest.slice(1));
    expectFault(await get('/meetups?mine=yes', kong), 'mine');
    expectFault(await get('/meetups?gu=1168064000', kong), 'gu');
  });

  it('are seen as far as the host’s profile is open, and by whoever takes part', async () => {
    const { id } = await held(bori);
    await joined(kong, id);
    await makePrivate(bori);
    expect((await seen(kong, id)).status).toBe(200);
    expectProblem(await seen(dal, id), 404, 'meetup-not-found');
    expectProblem(await join(dal, id), 404, 'meetup-not-found');
    expect(await listed(dal)).not.toContain(id);
    await test.db.prisma.follow.create({
      data: { followerId: dal.id, followeeId: bori.id, createdAt: test.clock.now() },
    });
    expect((await seen(dal, id)).status).toBe(200);
    expect(await listed(dal)).toContain(id);
    await makePrivate(kong);
    const { items } = (await get(`/meetups/${id}/participants`, dal)).body;
    expect(items[1]).toMatchObject({ person: { id: kong.id }, pet: null });
  });

  it('hidden by a moderator are seen by their host only', async () => {
    const { id } = await held(bori);
    await joined(kong, id);
    await test.db.prisma.meetup.update({ where: { id }, data: { hiddenAt: test.clock.now() } });
    for (const who of [kong, dal]) {
      expectProblem(await seen(who, id), 404, 'meetup-not-found');
      expectProblem(await join(who, id), 404, 'meetup-not-found');
      expectProblem(await get(`/meetups/${id}/participants`, who), 404, 'meetup-not-found');
      expect([...(await listed(who)), ...(await listed(who, 'mine=true'))]).not.toContain(id);
    }
    expect((await seen(bori, id)).status).toBe(200);
    expect((await change(bori, id, { title: '새 이름', startsAt: inHours(1) })).status).toBe(200);
    expect(await titlesOf(kong)).toEqual([]);
    test.clock.advance({ hours: 2 });
    expect(await heldTold()).toEqual([]);
  });

  it('hidden by a moderator are cancelled by their host without a word', async () => {
    const { id } = await held(bori);
    await joined(kong, id);
    await test.db.prisma.meetup.update({ where: { id }, data: { hiddenAt: test.clock.now() } });
    expect((await cancel(bori, id)).status).toBe(204);
    expect(await titlesOf(kong)).toEqual([]);
  });

  it.each(['host', 'only guest'])('are not held when the %s is suspended or leaving', async (which) => {
    for (const gone of ['suspendedAt', 'deletionRequestedAt']) {
      const [host, guest] = [await signIn(test), await signIn(test)];
      const { id } = await held(host);
      for (const who of which === 'host' ? [kong, guest] : [guest]) await joined(who, id);
      await mark(which === 'host' ? host : guest, { [gone]: test.clock.now() });
      test.clock.advance({ hours: 25 });
      expect([await heldTold(), await stateOf(id)]).toEqual([[], 'closed']);
    }
  });

  it('B10: of a host who blocked, was blocked, is suspended or leaving do not exist', async () => {
    const expectGone = async (who: Person, id: string) => {
      const { body: missing } = await seen(who, MISSING);
      const gone = await seen(who, id);
      expect([gone.status, { ...gone.body, requestId: '' }]).toEqual([404, { ...missing, requestId: '' }]);
      for (const refused of [
        await join(who, id),
        await leave(who, id),
        await get(`/meetups/${id}/participants`, who),
      ])
        expectProblem(refused, 404, 'meetup-not-found');
      expect([...(await listed(who)), ...(await listed(who, 'mine=true'))]).not.toContain(id);
    };
    for (const hostBlocks of [true, false]) {
      const { id } = await held(bori, { capacity: 3 });
      for (const who of [kong, dal]) await joined(who, id);
      expect(await stateOf(id)).toBe('full');
      if (hostBlocks) await block(bori, kong);
      else await block(kong, bori);
      await expectGone(kong, id);
      expect([await namesOf(bori, id), (await seen(bori, id)).body.participants]).toEqual([
        ['보리네', '달이네'],
        2,
      ]);
      await test.queue.drain();
      expect(await stateOf(id)).toBe('open');
      expect(await membersOf({ meetupId: id })).toEqual(ids(bori, dal));
      expect((await stored(id)).participants.map(({ userId }) => userId).sort()).toEqual(ids(bori, dal));
      await expectGone(kong, id);
      await remove(`/blocks/${kong.id}`, bori);
      await remove(`/blocks/${bori.id}`, kong);
      expect((await seen(kong, id)).body).toMatchObject({ isJoined: false, participants: 2 });
    }
    const { id } = await held(bori);
    await joined(kong, id);
    for (const data of [{ suspendedAt: test.clock.now() }, { deletionRequestedAt: test.clock.now() }]) {
      await mark(bori, data);
      await expectGone(kong, id);
      await mark(bori, { suspendedAt: null, deletionRequestedAt: null });
      expect((await seen(kong, id)).status).toBe(200);
    }
    await test.db.prisma.user.delete({ where: { id: bori.id } });
    await expectGone(kong, id);
  });

  it('B01: two participants who blocked each other neither see nor count each other', async () => {
    const { id } = await held(bori, { capacity: 3 });
    for (const who of [kong, dal]) await joined(who, id);
    await block(kong, dal);
    await test.queue.drain();
    expect(await namesOf(kong, id)).toEqual(['보리네', '콩이네']);
    expect(await namesOf(dal, id)).toEqual(['보리네', '달이네']);
    expect(await namesOf(bori, id)).toEqual(['보리네', '콩이네', '달이네']);
    const seats = (...people: Person[]) =>
      Promise.all(
        people.map(async (who) => {
          const { state, participants, capacity } = (await seen(who, id)).body;
          return [state, participants, capacity];
        }),
      );
    // Full looks full.
    expect(await seats(kong, dal, bori)).toEqual([
      ['full', 2, 2],
      ['full', 2, 2],
      ['full', 3, 3],
    ]);
    await mark(kong, { suspendedAt: test.clock.now() });
    expect(await seats(dal, bori)).toEqual([
      ['open', 2, 3],
      ['open', 2, 3],
    ]);
  });

  it('have the seat of somebody who is suspended or leaving free, and more people than seats when they return', async () => {
    const late = await signIn(test);
    for (const gone of ['suspendedAt', 'deletionRequestedAt']) {
      const { id } = await held(bori, { capacity: 3 });
      for (const who of [kong, dal]) await joined(who, id);
      expectProblem(await join(late, id), 409, 'meetup-full');
      await mark(kong, { [gone]: test.clock.now() });
      expect((await change(bori, id, { capacity: 2 })).body).toMatchObject({ state: 'full', capacity: 2 });
      expectProblem(await join(late, id), 409, 'meetup-full');
      expect((await change(bori, id, { capacity: 3 })).body.state).toBe('open');
      await joined(late, id);
      await mark(kong, { [gone]: null });
      expect((await seen(bori, id)).body).toMatchObject({ state: 'full', participants: 4, capacity: 3 });
      await leave(kong, id);
      expect((await seen(bori, id)).body).toMatchObject({ state: 'full', participants: 3 });
    }
  });

  it('B10: keep a seat that was taken after an unblock from a block’s job that runs late', async () => {
    const { id } = await held(bori);
    await joined(kong, id);
    await block(kong, bori);
    await remove(`/blocks/${bori.id}`, kong);
    await leave(kong, id);
    await joined(kong, id);
    await test.queue.drain();
    expect((await seen(kong, id)).body).toMatchObject({ isJoined: true, participants: 2 });
  });

  it('have a free seat again when a participant’s account is erased', async () => {
    const { id } = await held(bori, { capacity: 2 });
    await joined(kong, id);
    await test.db.prisma.user.delete({ where: { id: kong.id } });
    expect((await seen(dal, id)).body).toMatchObject({ state: 'open', participants: 1 });
    await joined(dal, id);
    expect((await seen(bori, id)).body).toMatchObject({ state: 'full', participants: 2 });
  });

  it('are held and joined once for an Idempotency-Key, ten coming ones a host', async () => {
    const key = { 'idempotency-key': 'morning-walk' };
    const body = { startsAt: inHours(24) };
    const [one, two] = [await hold(bori, body, key), await hold(bori, body, key)];
    expect([one.status, two.status, two.body]).toEqual([201, 201, one.body]);
    const joins = [await join(kong, one.body.id, {}, key), await join(kong, one.body.id, {}, key)];
    expect(joins.map(({ status }) => status)).toEqual([201, 201]);
    expect(joins[1]!.body).toEqual(joins[0]!.body);
    for (let i = 0; i < 9; i++) await held(bori);
    expectProblem(await hold(bori), 409, 'too-many-meetups');
    await cancel(bori, one.body.id);
    await held(bori);
  });

  it.each([
    [{ title: '' }, 'title'],
    [{ title: '두\n줄' }, 'title'],
    [{ placeName: 'ㄱ'.repeat(61) }, 'placeName'],
    [{ lat: 90.1 }, 'lat'],
    [{ lng: -181 }, 'lng'],
    [{ capacity: 1 }, 'capacity'],
    [{ capacity: 11 }, 'capacity'],
    [{ capacity: 2.5 }, 'capacity'],
    [{ maxWeightKg: 0 }, 'maxWeightKg'],
    [{ temperaments: ['fierce'] }, 'temperaments.0'],
    [{ temperaments: ['calm', 'calm'] }, 'temperaments'],
    [{ startsAt: NOON }, 'startsAt'],
    [{ startsAt: '2027-01-19T03:00:00.001Z' }, 'startsAt'],
    [{ hostId: MISSING }, 'hostId'],
    [{ state: 'open' }, 'state'],
    [{ hiddenAt: null }, 'hiddenAt'],
  ])('refuse %j', async (body, field) => {
    expectFault(await hold(bori, body), field);
    const { id } = await held(bori);
    expectFault(await change(bori, id, body), field);
  });

  describe('when two things happen at once', () => {
    it(`B10, A9: two who want the last seat, ${SEAT_RACES} times: one of them gets it`, async () => {
      const { id } = await held(bori, { capacity: 3 });
      await joined(await signIn(test), id);
      const winners = new Set<string>();
      for (let i = 0; i < SEAT_RACES; i++) {
        const answers = await Promise.all(
          (i % 2 === 0 ? [kong, dal] : [dal, kong]).map(async (who) => ({ who, ...(await join(who, id)) })),
        );
        expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
        expectProblem(
          answers.find(({ status }) => status === 409)!,
          409,
          'meetup-full',
        );
        const { who } = answers.find(({ status }) => status === 201)!;
        winners.add(who.id);
        const { participants, state } = await stored(id);
        expect([participants.length, state]).toEqual([3, 'full']);
        expect(participants.map(({ userId }) => userId)).toContain(who.id);
        expect(await membersOf({ meetupId: id })).toEqual(participants.map(({ userId }) => userId).sort());
        expect((await leave(who, id)).status).toBe(204);
        expect(await stateOf(id)).toBe('open');
      }
      if (SERVER_URL) expect(winners.size).toBe(2);
    });

    it(`A9: joining, leaving, changing the seats and blocking, ${RACES} times: never more people than seats`, async () => {
      const crowd = [kong, dal, await signIn(test), await signIn(test)];
      for (let i = 0; i < RACES; i++) {
        const { id } = await held(bori, { capacity: 4 });
        await joined(crowd[0]!, id);
        await Promise.all([
          ...crowd.slice(1).map((who) => join(who, id)),
          leave(crowd[0]!, id),
          change(bori, id, { capacity: 3 }),
          block(crowd[1]!, bori),
        ]);
        await test.queue.drain();
        const { participants, capacity, state } = await stored(id);
        expect(participants.length).toBeLessThanOrEqual(capacity);
        expect(state).toBe(participants.length === capacity ? 'full' : 'open');
        expect(participants.map(({ userId }) => userId)).not.toContain(crowd[1]!.id);
        expect(await membersOf({ meetupId: id })).toEqual(participants.map(({ userId }) => userId).sort());
        await remove(`/blocks/${bori.id}`, crowd[1]!);
        await cancel(bori, id);
      }
    });
  });
});
