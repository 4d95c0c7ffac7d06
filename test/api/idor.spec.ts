import { v7 as uuidv7 } from 'uuid';
import { sha256 } from '../../src/platform/crypto/secrets.js';
import { form, picture } from '../builders/pictures.js';
import { streetWalk } from '../builders/tracks.js';
import { wirePoints } from '../builders/wire.js';
import { type KmaSimulator, startKma } from '../simulators/kma.js';
import { type Answer, contractOf, type Person, signIn } from '../support/api.js';
import { given } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { operationsOf } from '../support/operations.js';
import { phoneOf, told } from '../support/pushing.js';
import { TestClock } from '../support/test-clock.js';

interface Ids {
  user: string;
  session: string;
  zone: string;
  pet: string;
  record: string;
  walk: string;
  recording: string;
  notification: string;
  pushToken: string;
  comment: string;
  invitation: string;
  meetup: string;
  room: string;
  followRequest: string;
  report: string;
  share: string;
  photo: string;
  upload: string;
}

interface Ask {
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
}

let test: TestApp;
let file: Buffer;
let kma: KmaSimulator;
let owner: Person;
let stranger: Person;
let owned: Ids;
let mine: Ids;
beforeAll(async () => {
  file = await picture();
  const clock = new TestClock();
  kma = await startKma({ now: () => clock.nowMs() });
  test = await startTestApp({ clock, env: kma.env });
  [owner, stranger] = [await signIn(test), await signIn(test)];
  for (const person of [owner, stranger]) await given.premium(person);
  [owned, mine] = [await everything(owner), await everything(stranger)];
});
afterAll(async () => {
  await test.close();
  await kma.close();
});

const points = wirePoints(
  streetWalk({ startMs: Date.parse('2026-11-19T01:00:00Z'), km: 1, noiseM: 4, seed: 5 }),
);
const missing = (): Ids => ({
  user: uuidv7(),
  session: uuidv7(),
  zone: uuidv7(),
  pet: uuidv7(),
  record: uuidv7(),
  walk: uuidv7(),
  recording: uuidv7(),
  notification: uuidv7(),
  pushToken: 'device-of-nobody',
  comment: uuidv7(),
  invitation: uuidv7(),
  meetup: uuidv7(),
  room: uuidv7(),
  followRequest: uuidv7(),
  report: uuidv7(),
  share: uuidv7(),
  photo: uuidv7(),
  upload: uuidv7(),
});

/** One of each thing that has an id. */
async function everything(person: Person): Promise<Ids> {
  const zone = await person.api.POST('/users/me/privacy-zones', {
    body: { name: '집', lat: 37.5, lng: 127.1, radiusM: 200 },
  });
  const pet = await given.pet(person);
  const record = await person.api.POST('/pets/{id}/health', {
    params: { path: { id: pet.id } },
    body: { kind: 'vaccination', date: '2026-11-01', note: '비밀 메모' },
  });
  const walk = await given.walk(person, { petId: pet.id, visibility: 'private' });
  const recording = await person.api.POST('/walks', { body: { petIds: [pet.id], visibility: 'private' } });
  return {
    user: person.id,
    session: person.sessionId,
    zone: zone.data!.id,
    pet: pet.id,
    record: record.data!.id,
    walk: walk.id,
    recording: recording.data!.id,
    notification: await told(test, person),
    pushToken: await phoneOf(person),
    share: await sharedBy(person, walk.id),
    ...(await photosOf(person, walk.id, pet.id)),
    ...(await amongPeople(person)),
  };
}

/** One of the walk and one of the pet, and one that is announced. */
async function photosOf(person: Person, walkId: string, petId: string) {
  const { body: photo } = await person.send('POST', `/walks/${walkId}/photos`, form(file));
  await person.send('POST', '/upload/pet-profile', form(file, { petId }));
  const announced = { kind: 'walk_photo', walkId, mediaType: 'image/jpeg', sizeBytes: 9 };
  const { body: upload } = await person.send('POST', '/upload/presign', announced);
  return { photo: photo.id as string, upload: upload.uploadId as string };
}

/** A link that was made before the walk became private. */
async function sharedBy(person: Person, walkId: string): Promise<string> {
  const { id } = await test.db.prisma.walkShare.create({
    data: {
      ...{ id: uuidv7(), walkId, userId: person.id, tokenHash: sha256(uuidv7()), theme: 'milk' },
      ...{ createdAt: test.clock.now(), expiresAt: new Date(test.clock.nowMs() + 86_400_000) },
    },
  });
  return id;
}

/** What a person has with others, none of whom is the stranger. */
async function amongPeople(person: Person) {
  const friend = await signIn(test);
  const { id: friendsWalk } = await given.walk(friend, { visibility: 'public', km: 1 });
  const made = async (as: Person, path: string, body: object): Promise<string> =>
    (await as.send('POST', path, body)).body.id as string;
  const invitation = await made(friend, '/invitations', { userId: person.id });
  const accepted = await made(person, '/invitations', { userId: friend.id });
  const { body } = await friend.send('PATCH', `/invitations/${accepted}`, { action: 'accept' });
  const { id: followRequest } = await test.db.prisma.followRequest.create({
    data: { id: uuidv7(), requesterId: friend.id, targetId: person.id, createdAt: test.clock.now() },
  });
  const meetup = await made(person, '/meetups', {
    ...{ title: '비밀 모임', placeName: '공원', lat: 37.5, lng: 127, capacity: 3 },
    startsAt: '2026-11-22T01:00:00.000Z',
  });
  await test.db.prisma.meetup.update({ where: { id: meetup }, data: { hiddenAt: test.clock.now() } });
  return {
    ...{ invitation, followRequest, meetup, room: body.roomId as string },
    comment: await made(person, '/comments', { walkId: friendsWalk, body: '내 댓글' }),
    report: await made(person, '/reports', { targetKind: 'walk', targetId: friendsWalk, reason: 'spam' }),
  };
}

/** What a stranger asks for with each id-taking operation; the ids are the owner's, or nobody's. */
const ASKS: Record<string, ((ids: Ids) => Ask)[]> = {
  'DELETE /auth/sessions/{id}': [({ session }) => ({ path: `/auth/sessions/${session}` })],
  'DELETE /users/me/privacy-zones/{id}': [({ zone }) => ({ path: `/users/me/privacy-zones/${zone}` })],
  'GET /users/me/statistics': [({ pet }) => ({ path: `/users/me/statistics?period=all&petId=${pet}` })],
  'GET /weather/walk-score': [({ pet }) => ({ path: `/weather/walk-score?lat=37.5&lng=127&petId=${pet}` })],
  'GET /pets/{id}': [({ pet }) => ({ path: `/pets/${pet}` })],
  'PATCH /pets/{id}': [({ pet }) => ({ path: `/pets/${pet}`, body: { name: '뺏음' } })],
  'DELETE /pets/{id}': [({ pet }) => ({ path: `/pets/${pet}` })],
  'GET /pets/{id}/health': [({ pet }) => ({ path: `/pets/${pet}/health` })],
  'POST /pets/{id}/health': [
    ({ pet }) => ({ path: `/pets/${pet}/health`, body: { kind: 'vet_visit', date: '2026-11-02' } }),
  ],
  'PATCH /pets/{id}/health/{recordId}': [
    ({ pet, record }) => ({ path: `/pets/${pet}/health/${record}`, body: { note: '바꿈' } }),
    ({ record }) => ({ path: `/pets/${mine.pet}/health/${record}`, body: { note: '바꿈' } }),
  ],
  'DELETE /pets/{id}/health/{recordId}': [
    ({ pet, record }) => ({ path: `/pets/${pet}/health/${record}` }),
    ({ record }) => ({ path: `/pets/${mine.pet}/health/${record}` }),
    ({ pet }) => ({ path: `/pets/${pet}/health/${mine.record}` }),
  ],
  'POST /walks': [
    ({ pet }) => ({ path: '/walks', body: { petIds: [pet] } }),
    ({ pet }) => ({ path: '/walks', body: { petIds: [mine.pet, pet] } }),
  ],
  'POST /walks/import': [
    ({ pet }) => ({
      path: `/walks/import?petIds=${pet}`,
      body: gpx,
      headers: { 'content-type': 'application/gpx+xml' },
    }),
  ],
  'PUT /walks/{id}': [({ pet }) => ({ path: `/walks/${uuidv7()}`, body: { petIds: [pet], points } })],
  'POST /walks/{id}/photos': [({ walk }) => ({ path: `/walks/${walk}/photos`, body: form(file) })],
  'GET /walks/{id}/photos': [({ walk }) => ({ path: `/walks/${walk}/photos` })],
  'DELETE /walks/{id}/photos/{photoId}': [
    ({ walk, photo }) => ({ path: `/walks/${walk}/photos/${photo}` }),
    ({ photo }) => ({ path: `/walks/${mine.walk}/photos/${photo}` }),
    ({ walk }) => ({ path: `/walks/${walk}/photos/${mine.photo}` }),
  ],
  'DELETE /pets/{id}/photo': [({ pet }) => ({ path: `/pets/${pet}/photo` })],
  'POST /upload/walk-photo': [
    ({ walk }) => ({ path: '/upload/walk-photo', body: form(file, { walkId: walk }) }),
  ],
  'POST /upload/pet-profile': [
    ({ pet }) => ({ path: '/upload/pet-profile', body: form(file, { petId: pet }) }),
  ],
  'POST /upload/presign': [
    ({ walk }) => ({
      path: '/upload/presign',
      body: { kind: 'walk_photo', walkId: walk, mediaType: 'image/png', sizeBytes: 1 },
    }),
    ({ pet }) => ({
      path: '/upload/presign',
      body: { kind: 'pet_profile', petId: pet, mediaType: 'image/png', sizeBytes: 1 },
    }),
  ],
  'POST /upload/complete': [({ upload }) => ({ path: '/upload/complete', body: { uploadId: upload } })],
  'GET /walks/{id}/share-card': [({ walk }) => ({ path: `/walks/${walk}/share-card` })],
  'GET /walks/{id}/shares': [({ walk }) => ({ path: `/walks/${walk}/shares` })],
  'POST /walks/{id}/shares': [({ walk }) => ({ path: `/walks/${walk}/shares`, body: {} })],
  'DELETE /walks/{id}/shares/{shareId}': [
    ({ walk, share }) => ({ path: `/walks/${walk}/shares/${share}` }),
    ({ share }) => ({ path: `/walks/${mine.walk}/shares/${share}` }),
  ],
  'GET /walks/{id}': [
    ({ walk }) => ({ path: `/walks/${walk}` }),
    ({ recording }) => ({ path: `/walks/${recording}` }),
  ],
  'PATCH /walks/{id}': [
    ({ walk }) => ({ path: `/walks/${walk}`, body: { title: '바꿈', visibility: 'public' } }),
  ],
  'DELETE /walks/{id}': [
    ({ walk }) => ({ path: `/walks/${walk}` }),
    ({ recording }) => ({ path: `/walks/${recording}` }),
  ],
  'POST /walks/{id}/points': [({ recording }) => ({ path: `/walks/${recording}/points`, body: { points } })],
  'POST /walks/{id}/complete': [({ recording }) => ({ path: `/walks/${recording}/complete`, body: {} })],
  'GET /walks/{id}/route': [({ walk }) => ({ path: `/walks/${walk}/route` })],
  'GET /walks/{id}/gpx': [({ walk }) => ({ path: `/walks/${walk}/gpx` })],
  'PATCH /notifications/{id}': [
    ({ notification }) => ({ path: `/notifications/${notification}`, body: { read: true } }),
  ],
  'DELETE /push-tokens/{token}': [({ pushToken }) => ({ path: `/push-tokens/${pushToken}` })],
  'POST /follow-requests/{id}': [({ followRequest }) => ({ path: `/follow-requests/${followRequest}` })],
  'DELETE /follow-requests/{id}': [({ followRequest }) => ({ path: `/follow-requests/${followRequest}` })],
  'GET /likes/{walkId}': [({ walk }) => ({ path: `/likes/${walk}` })],
  'POST /likes/{walkId}': [({ walk }) => ({ path: `/likes/${walk}` })],
  'DELETE /likes/{walkId}': [({ walk }) => ({ path: `/likes/${walk}` })],
  'GET /comments': [({ walk }) => ({ path: `/comments?walkId=${walk}` })],
  'POST /comments': [({ walk }) => ({ path: '/comments', body: { walkId: walk, body: '안녕' } })],
  'PATCH /comments/{id}': [({ comment }) => ({ path: `/comments/${comment}`, body: { body: '바꿈' } })],
  'DELETE /comments/{id}': [({ comment }) => ({ path: `/comments/${comment}` })],
  'PATCH /invitations/{id}': [
    ({ invitation }) => ({ path: `/invitations/${invitation}`, body: { action: 'accept' } }),
    ({ invitation }) => ({ path: `/invitations/${invitation}`, body: { action: 'cancel' } }),
  ],
  'POST /meetups': [
    ({ pet }) => ({
      path: '/meetups',
      body: {
        ...{ title: '모임', placeName: '공원', lat: 37.5, lng: 127, capacity: 3, petId: pet },
        startsAt: '2026-11-22T01:00:00.000Z',
      },
    }),
  ],
  // Hidden by a moderator; one that is not hidden is open to all.
  'GET /meetups/{id}': [({ meetup }) => ({ path: `/meetups/${meetup}` })],
  'PATCH /meetups/{id}': [({ meetup }) => ({ path: `/meetups/${meetup}`, body: { title: '바꿈' } })],
  'DELETE /meetups/{id}': [({ meetup }) => ({ path: `/meetups/${meetup}` })],
  'POST /meetups/{id}/participation': [
    ({ meetup }) => ({ path: `/meetups/${meetup}/participation`, body: {} }),
  ],
  'DELETE /meetups/{id}/participation': [({ meetup }) => ({ path: `/meetups/${meetup}/participation` })],
  'GET /meetups/{id}/participants': [({ meetup }) => ({ path: `/meetups/${meetup}/participants` })],
  'DELETE /rooms/{id}/membership': [({ room }) => ({ path: `/rooms/${room}/membership` })],
  'POST /reports': [
    ({ walk }) => ({ path: '/reports', body: { targetKind: 'walk', targetId: walk, reason: 'spam' } }),
    ({ meetup }) => ({ path: '/reports', body: { targetKind: 'meetup', targetId: meetup, reason: 'spam' } }),
    ({ photo }) => ({ path: '/reports', body: { targetKind: 'photo', targetId: photo, reason: 'spam' } }),
  ],
  'POST /admin/reports/{id}/actions': [
    ({ report }) => ({
      path: `/admin/reports/${report}/actions`,
      body: { action: 'dismiss', reason: '없음' },
    }),
  ],
  'POST /admin/webhooks/{id}/replay': [({ report }) => ({ path: `/admin/webhooks/${report}/replay` })],
  'GET /admin/users/{id}': [({ user }) => ({ path: `/admin/users/${user}` })],
  'POST /admin/jobs/{name}/run': [({ report }) => ({ path: `/admin/jobs/${report}/run` })],
  'POST /admin/users/{id}/suspension': [
    ({ user }) => ({ path: `/admin/users/${user}/suspension`, body: { suspended: true, reason: '스팸' } }),
  ],
};
/** Say nothing of what is there by their status either. */
const ANSWERS_ALIKE = [
  'GET /users/me/statistics',
  'DELETE /push-tokens/{token}',
  'DELETE /meetups/{id}/participation',
];
/** Meant for others to look at; what they see has a suite of its own. */
const OPEN_TO_OTHERS = [
  'GET /users/{id}',
  'GET /users/{id}/badges',
  'POST /follows/{userId}',
  'DELETE /follows/{userId}',
  'GET /followers',
  'DELETE /followers/{userId}',
  'GET /following',
  'POST /blocks/{userId}',
  'DELETE /blocks/{userId}',
  'POST /invitations',
];
/** Lists, where somebody else's things must simply not be. */
const LISTS = [
  '/pets',
  '/walks',
  '/auth/sessions',
  '/users/me/privacy-zones',
  '/users/me/consents',
  '/users/me/location-log',
  '/rankings/me/why',
  '/follow-requests',
  '/blocks',
  '/invitations',
  '/rooms',
  '/meetups?mine=true',
  '/payments/history',
];

const gpx = `<?xml version="1.0"?><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>${points
  .slice(0, 200)
  .map(({ lat, lng, t }) => `<trkpt lat="${lat}" lon="${lng}"><time>${t}</time></trkpt>`)
  .join('')}</trkseg></trk></gpx>`;

const seen = ({ status, body }: Answer) => {
  const { requestId: _, ...rest } = (body ?? {}) as Record<string, unknown>;
  return { status, body: rest };
};

/** Everything of the owner that is stored, to notice any change. */
async function stored(): Promise<string> {
  const { prisma } = test.db;
  const of = { where: { userId: owner.id }, orderBy: { id: 'asc' as const } };
  return JSON.stringify([
    await prisma.user.findUnique({ where: { id: owner.id } }),
    await prisma.session.findMany(of),
    await prisma.privacyZone.findMany(of),
    await prisma.pet.findMany(of),
    await prisma.healthRecord.findMany({ where: { pet: { userId: owner.id } }, orderBy: { id: 'asc' } }),
    await prisma.walk.findMany(of),
    await prisma.walkPet.findMany({
      where: { OR: [{ pet: { userId: owner.id } }, { walk: { userId: owner.id } }] },
      orderBy: [{ walkId: 'asc' }, { petId: 'asc' }],
    }),
    await prisma.walkChunk.count({ where: { walk: { userId: owner.id } } }),
    await prisma.notification.findMany(of),
    await prisma.pushToken.findMany(of),
    await prisma.walkShare.findMany(of),
    await prisma.photo.findMany(of),
    await prisma.uploadIntent.findMany(of),
    await prisma.walkLike.count({ where: { walk: { userId: owner.id } } }),
    await prisma.walkComment.findMany({
      where: { OR: [{ userId: owner.id }, { walk: { userId: owner.id } }] },
      orderBy: { id: 'asc' },
    }),
    await prisma.follow.count({ where: { OR: [{ followerId: owner.id }, { followeeId: owner.id }] } }),
    await prisma.followRequest.findMany({ where: { targetId: owner.id } }),
    await prisma.invitation.findMany({
      where: { OR: [{ inviterId: owner.id }, { inviteeId: owner.id }] },
      orderBy: { id: 'asc' },
    }),
    await prisma.meetup.findMany({ where: { hostId: owner.id }, include: { participants: true } }),
    await prisma.roomMember.findMany({ where: { userId: owner.id }, orderBy: { roomId: 'asc' } }),
    await prisma.report.findMany({ where: { reporterId: owner.id } }),
    await prisma.report.count({ where: { targetUserId: owner.id } }),
  ]);
}

it('knows every operation that takes an id', () => {
  const takesId = (schema: string) => /"format":"uuid"|[pP]etIds/.test(schema);
  const { document } = contractOf(test);
  const resolved = (schema: object | undefined) =>
    JSON.stringify(schema ?? {}).replaceAll(
      /\{"\$ref":"#\/components\/schemas\/(\w+)"\}/g,
      (_, name: string) => JSON.stringify(document.components!.schemas![name]),
    );
  const taking = operationsOf(document)
    .filter(({ wantsToken }) => wantsToken)
    .filter(
      ({ pathParams, query, body }) =>
        pathParams.length > 0 ||
        query.some(({ name }) => /id/i.test(name)) ||
        takesId(resolved(body?.schema)),
    )
    .map(({ key }) => key);
  expect([...Object.keys(ASKS), ...OPEN_TO_OTHERS].sort()).toEqual(taking.sort());
});

it.each(
  Object.entries(ASKS).flatMap(([key, asks]) => asks.map((ask, i) => [`${key} #${i + 1}`, ask] as const)),
)('O03 %s: what is not mine is what is not there', async (key, ask) => {
  const method = key.split(' ')[0]!;
  const before = await stored();
  const [foreign, absent] = [ask(owned), ask(missing())];
  const answers = [
    await stranger.send(method, foreign.path, foreign.body, foreign.headers),
    await stranger.send(method, absent.path, absent.body, absent.headers),
  ].map(seen);
  expect(answers[0]).toEqual(answers[1]);
  if (!ANSWERS_ALIKE.includes(key.split(' #')[0]!)) expect(answers[0]!.status).toBeGreaterThanOrEqual(400);
  expect(answers[0]!.status).toBeLessThan(500);
  expect(JSON.stringify(answers[0])).not.toMatch(new RegExp(Object.values(owned).join('|')));
  expect(await stored()).toBe(before);
});

it.each(Object.entries(ASKS).filter(([key]) => /^GET (?!\/admin\/)/.test(key)))(
  'O03 %s is the owner’s to see',
  async (key, asks) => {
    for (const ask of asks) expect((await owner.send('GET', ask(owned).path)).status).toBe(200);
    expect(key).toBeTruthy();
  },
);

it('O03 a walk cannot be put over somebody else’s', async () => {
  const before = await stored();
  for (const id of [owned.walk, owned.recording]) {
    const put = await stranger.send('PUT', `/walks/${id}`, { petIds: [mine.pet], points });
    expect([404, 409]).toContain(put.status);
    const started = await stranger.send('POST', '/walks', { id, petIds: [mine.pet] });
    expect([404, 409]).toContain(started.status);
    for (const answer of [put, started]) expect(answer.text).not.toContain(owner.id);
  }
  expect(await stored()).toBe(before);
});

it.each(LISTS)('O03 %s shows nothing of others', async (path) => {
  const { status, text } = await stranger.send('GET', `${path}${path.includes('?') ? '&' : '?'}limit=100`);
  expect(status).toBe(200);
  expect(text).not.toMatch(new RegExp(Object.values(owned).join('|')));
});

it('C5 fields that are not the client’s to set are refused by name, and change nothing', async () => {
  const FORBIDDEN = {
    id: uuidv7(),
    userId: uuidv7(),
    user_id: uuidv7(),
    role: 'admin',
    isAdmin: true,
    isPremium: true,
    premiumUntil: '2099-01-01T00:00:00Z',
    createdAt: '2000-01-01T00:00:00Z',
    removedAt: null,
    deletedAt: null,
    suspendedAt: null,
    counts: true,
    distanceM: 42_195,
    state: 'completed',
    privacySeed: 'x',
    providers: [],
    reasons: [],
    mine: true,
    $where: '1',
    user: { connect: { id: owner.id } },
  };
  const writes: [string, string, object][] = [
    ['PATCH', '/users/me', { nickname: '보리' }],
    ['PATCH', '/users/me/settings', { locale: 'ko' }],
    ['PUT', '/users/me/region', { code: '1168064000' }],
    ['POST', '/users/me/consents', { kind: 'terms', version: '1', granted: true }],
    ['POST', '/users/me/privacy-zones', { name: '집', lat: 37.5, lng: 127.1, radiusM: 200 }],
    ['POST', '/pets', { name: '보리' }],
    ['PATCH', `/pets/${owned.pet}`, { name: '보리' }],
    ['POST', `/pets/${owned.pet}/health`, { kind: 'vet_visit', date: '2026-11-02' }],
    ['PATCH', `/pets/${owned.pet}/health/${owned.record}`, { note: '메모' }],
    ['PATCH', `/walks/${owned.walk}`, { title: '산책' }],
    ['POST', `/walks/${owned.recording}/complete`, {}],
    ['POST', `/walks/${owned.recording}/points`, { points: points.slice(0, 2) }],
    ['PUT', `/walks/${uuidv7()}`, { petIds: [owned.pet], points: points.slice(0, 2) }],
    ['PATCH', '/notifications', { read: true }],
    ['POST', '/comments', { walkId: owned.walk, body: '안녕' }],
    ['PATCH', `/comments/${owned.comment}`, { body: '안녕' }],
    ['POST', '/invitations', { userId: stranger.id }],
    ['PATCH', `/invitations/${owned.invitation}`, { action: 'decline' }],
    ['PATCH', `/meetups/${owned.meetup}`, { title: '모임' }],
    ['POST', `/meetups/${owned.meetup}/participation`, {}],
    ['POST', '/reports', { targetKind: 'user', targetId: stranger.id, reason: 'spam' }],
    ['PATCH', `/notifications/${owned.notification}`, { read: true }],
    ['POST', '/push-tokens', { token: 'x', platform: 'ios' }],
    ['POST', '/auth/refresh', { refreshToken: 'x' }],
    ['POST', '/auth/kakao', { accessToken: 'x' }],
    ['POST', '/auth/naver', { code: 'x', state: 'x' }],
  ];
  const before = await stored();
  for (const [method, path, body] of writes) {
    for (const [name, value] of Object.entries(FORBIDDEN)) {
      if (name in body) continue;
      const answer = await owner.send(method, path, { ...body, [name]: value });
      expect([method, path, name, answer.status]).toEqual([method, path, name, 422]);
      expect(answer.body.errors).toContainEqual(
        expect.objectContaining({ path: name, code: 'unknown-field' }),
      );
    }
  }
  expect(await stored()).toBe(before);
});
