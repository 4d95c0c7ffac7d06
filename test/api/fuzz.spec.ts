import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { AccessTokens } from '../../src/platform/auth/access-tokens.js';
import { purgeIdempotencyKeys } from '../../src/platform/http/idempotency.js';
import { form as fileForm, picture } from '../builders/pictures.js';
import { streetWalk } from '../builders/tracks.js';
import { wirePoints } from '../builders/wire.js';
import { type KakaoLocalSimulator, startKakaoLocal } from '../simulators/kakao-local.js';
import { type KmaSimulator, startKma } from '../simulators/kma.js';
import { type LoginProviders, REDIRECT_URIS, startLoginProviders } from '../simulators/login-providers.js';
import { contractOf, type Person, signIn } from '../support/api.js';
import { given } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { SERVER_URL } from '../support/lane.js';
import { secret } from '../support/leaks.js';
import { told } from '../support/pushing.js';
import { happySales, startStores, type Stores } from '../support/sales.js';
import { type JsonSchema, type Operation, operationsOf } from '../support/operations.js';
import { TestClock } from '../support/test-clock.js';

/** Fixed in CI, so that a red run can be repeated; FUZZ_SEED=… looks elsewhere. */
const SEED = Number(process.env.FUZZ_SEED ?? 20_261_121);
const INPUTS = Number(process.env.FUZZ_INPUTS ?? (SERVER_URL ? 10_000 : 3_000));

const PUSH_TOKEN = 'fuzz-device:APA91b_x';

const clock = new TestClock();
let providers: LoginProviders;
let stores: Stores;
let kakaoLocal: KakaoLocalSimulator;
let kma: KmaSimulator;
let test: TestApp;
let operations: Operation[];
let runsPerOperation: number;
let owner: Person;
/** Whose things others see; and whom the owner follows and blocks. */
let friend: Person;
let neighbour: Person;
let moderator: Person;
/** Real ids by the name of the collection, for paths and bodies to hit something. */
let file: Buffer;
let real: {
  pet: string;
  record: string;
  walk: string;
  recording: string;
  zone: string;
  session: string;
  user: string;
  notification: string;
  friendsWalk: string;
  comment: string;
  invitation: string;
  meetup: string;
  room: string;
  followRequest: string;
  report: string;
  storeEvent: string;
  share: string;
  shareToken: string;
  photo: string;
  fileToken: string;
  uploadToken: string;
};

beforeAll(async () => {
  [providers, stores] = await Promise.all([
    startLoginProviders({ now: () => clock.nowMs() }),
    startStores(clock),
  ]);
  kakaoLocal = await startKakaoLocal();
  kma = await startKma({ now: () => clock.nowMs() });
  kakaoLocal.regions.push({
    ...{ code: '1144071000', names: ['서울특별시', '마포구', '연남동'], box: [37, 126, 38, 128] },
  });
  test = await startTestApp({
    clock,
    env: { ...kma.env, ...kakaoLocal.env, ...providers.env, ...stores.env },
  });
  operations = operationsOf(contractOf(test).document);
  runsPerOperation = Math.ceil(INPUTS / operations.length);
  [owner, friend, neighbour] = [await signIn(test), await signIn(test), await signIn(test)];
  moderator = await signIn(test);
  await test.db.prisma.user.update({ where: { id: moderator.id }, data: { role: 'admin' } });
  await given.premium(owner);
  const pet = await given.pet(owner);
  const record = await owner.send('POST', `/pets/${pet.id}/health`, {
    kind: 'vet_visit',
    date: '2026-11-01',
  });
  const walk = await given.walk(owner, { petId: pet.id, km: 0.6 });
  const recording = await owner.send('POST', '/walks', { petIds: [pet.id] });
  const zone = await owner.send('POST', '/users/me/privacy-zones', {
    name: '집',
    lat: 37.5,
    lng: 127.1,
    radiusM: 200,
  });
  real = {
    pet: pet.id,
    record: record.body.id,
    walk: walk.id,
    recording: recording.body.id,
    zone: zone.body.id,
    session: owner.sessionId,
    user: owner.id,
    notification: await told(test, owner),
    ...(await amongPeople()),
    storeEvent: await anEvent(),
    ...(await sharedBy(owner, walk.id)),
    ...(await photographedBy(owner, walk.id)),
  };
  console.log(`fuzz: seed ${SEED}, ${runsPerOperation} inputs for each of ${operations.length} operations`);
});
afterAll(async () => {
  await test.close();
  await Promise.all([kma.close(), kakaoLocal.close(), providers.close(), stores.close()]);
});

/** A store's message that was received. */
async function anEvent(): Promise<string> {
  const notification = stores.apple.buy({ productId: 'premium_monthly' }).notifications[0]!;
  await stores.apple.deliver(notification, test.url);
  return (await test.db.prisma.storeEvent.findFirstOrThrow()).id;
}

/** Under which a file is read, and another one is sent. */
async function photographedBy(person: Person, walkId: string) {
  file = await picture('jpeg', { widthPx: 16, heightPx: 12 });
  const { body: photo } = await person.send('POST', `/walks/${walkId}/photos`, fileForm(file));
  const announced = { kind: 'walk_photo', walkId, mediaType: 'image/jpeg', sizeBytes: file.length };
  const { body: upload } = await person.send('POST', '/upload/presign', announced);
  return {
    photo: photo.id as string,
    fileToken: secret((photo.url320 as string).split('/files/')[1]!),
    uploadToken: secret((upload.url as string).split('/direct/')[1]!),
  };
}

/** As a client sends it, file and all; each field as text. */
function multipartOf(fields: Record<string, string | null>): Buffer {
  const parts = Object.entries(fields).map(([name, text]) => {
    const kind = text === null ? '; filename="a.jpg"\r\ncontent-type: image/jpeg' : '';
    const head = `--fuzz\r\ncontent-disposition: form-data; name="${encodeURIComponent(name)}"${kind}\r\n\r\n`;
    return Buffer.concat([Buffer.from(head), text === null ? file : Buffer.from(text), Buffer.from('\r\n')]);
  });
  return Buffer.concat([...parts, Buffer.from('--fuzz--\r\n')]);
}

/** A link to the walk, and what opens it. */
async function sharedBy(person: Person, walkId: string) {
  const { body } = await person.send('POST', `/walks/${walkId}/shares`, {});
  return { share: body.id as string, shareToken: secret((body.url as string).split('/s/')[1]!) };
}

/** What others bring: a walk to like, an invitation, a meetup. */
async function amongPeople() {
  const friendsWalk = (await given.walk(friend, { km: 0.6, visibility: 'public' })).id;
  const made = async (as: Person, path: string, body: object): Promise<string> => {
    const { status, text, body: answer } = await as.send('POST', path, body);
    if (status >= 300) throw new Error(`POST ${path} → ${text}`);
    return answer.id as string;
  };
  const meetup = await made(owner, '/meetups', MEETUP);
  const { id: room } = await test.db.prisma.room.findFirstOrThrow({ where: { meetupId: meetup } });
  return {
    friendsWalk,
    ...{ meetup, room },
    comment: await made(owner, '/comments', { walkId: friendsWalk, body: '예쁜 길이네요' }),
    invitation: await made(friend, '/invitations', { userId: owner.id }),
    followRequest: await followRequestTo(owner),
    report: await made(owner, '/reports', { targetKind: 'walk', targetId: friendsWalk, reason: 'spam' }),
  };
}

async function followRequestTo(person: Person): Promise<string> {
  const requester = await signIn(test);
  const { id } = await test.db.prisma.followRequest.create({
    data: { id: uuidv7(), requesterId: requester.id, targetId: person.id, createdAt: clock.now() },
  });
  return id;
}

const MEETUP = {
  ...{ title: '서울숲 산책', placeName: '서울숲 정문', lat: 37.54, lng: 127.04, capacity: 4 },
  startsAt: '2026-11-22T01:00:00.000Z',
};

interface Input {
  method: string;
  url: string;
  headers: Record<string, string>;
  payload?: string | Buffer;
}
const reached = new Set<string>();
let inputs = 0;

/** Sends without a socket, and judges the answer by the document. */
async function ask(operation: Operation, input: Input) {
  inputs++;
  const answer = await test.app
    .getHttpAdapter()
    .getInstance()
    .inject({ ...input, method: input.method as 'GET' });
  const type = answer.headers['content-type']?.toString() ?? null;
  const body: unknown = type?.includes('json') && answer.body ? answer.json() : answer.body;
  const told = `${input.method} ${input.url} ${input.payload?.slice(0, 300).toString() ?? ''} → ${answer.statusCode} ${answer.body.slice(0, 300)}`;
  if (answer.statusCode >= 500) throw new Error(told);
  const isPage = type !== null && operation.raw.responses[answer.statusCode]?.content?.[type.split(';')[0]!];
  if (answer.statusCode >= 400 && !isPage && !type?.startsWith('application/problem+json'))
    throw new Error(`No problem: ${told}`);
  contractOf(test).check(
    operation.method,
    operation.path.replaceAll(/\{\w+\}/g, real.user),
    answer.statusCode,
    type,
    body,
  );
  if (answer.statusCode === 422 && (body as { code: string }).code === 'validation-failed') {
    // Without errors it was PostgreSQL, not a schema, that refused the value.
    if (!(body as { errors?: unknown[] }).errors?.length) throw new Error(`No field named: ${told}`);
  }
  if (answer.statusCode < 300) reached.add(operation.key);
  return { status: answer.statusCode, body };
}

const bearer = (person: Person) =>
  `Bearer ${test.app.get(AccessTokens).issue(person.id, person.sessionId).token}`;
const usualOf = ({ path }: Operation) => (path.startsWith('/admin') ? moderator : owner);
const authorizationOf = ({ wantsToken }: Operation, person: Person): Record<string, string> =>
  wantsToken ? { authorization: bearer(person) } : {};

describe('each operation reaches a success', () => {
  const json = (body: unknown) => ({
    payload: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
  const form = (fields: Record<string, string>) => ({
    payload: new URLSearchParams(fields).toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  const multipart = (fields: Record<string, string>) => ({
    payload: multipartOf({ ...fields, file: null }),
    headers: { 'content-type': MULTIPART },
  });
  const announced = () =>
    json({ kind: 'walk_photo', walkId: real.walk, mediaType: 'image/jpeg', sizeBytes: file.length });
  type Part = { url?: string; payload?: string | Buffer; headers?: Record<string, string>; as?: Person };
  const nonce = async () =>
    (await test.app.getHttpAdapter().getInstance().inject({ method: 'POST', url: '/auth/nonce' })).json<{
      nonce: string;
    }>().nonce;
  let last = 7_000_000_000;
  const kakao = () => {
    const { id } = providers.kakao.addUser({ id: String(++last) });
    return {
      id,
      login: {
        code: providers.kakao.code(id, { redirectUri: REDIRECT_URIS.kakao }),
        redirectUri: REDIRECT_URIS.kakao,
      },
    };
  };
  const naver = async () => {
    const { id } = providers.naver.addUser({ id: `naver-${++last}` });
    const state = await nonce();
    return { id, login: { code: providers.naver.code(id, { state }), state } };
  };
  const apple = async () => {
    const { sub } = providers.apple.addUser({ sub: `001122.${++last}.0900` });
    const value = await nonce();
    const authorizationCode = providers.apple.code(sub, { clientId: providers.apple.clientIds[0]! });
    return {
      sub,
      login: {
        identityToken: providers.apple.idToken(sub, { nonce: value }),
        authorizationCode,
        nonce: value,
      },
    };
  };
  const logIn = async (path: string, body: object) =>
    (
      await test.app.getHttpAdapter().getInstance().inject({ method: 'POST', url: path, payload: body })
    ).json<{ refreshToken: string }>();
  const points = wirePoints(
    streetWalk({ startMs: Date.parse('2026-11-18T01:00:00Z'), km: 0.6, noiseM: 4, seed: 9 }),
  );

  const HAPPY: Record<string, () => Part | Promise<Part>> = {
    'GET /health/live': () => ({}),
    'GET /health/ready': () => ({}),
    'POST /auth/nonce': () => ({}),
    'POST /auth/kakao': () => json(kakao().login),
    'POST /auth/naver': async () => json((await naver()).login),
    'POST /auth/apple': async () => json((await apple()).login),
    'POST /auth/link/kakao': () => json(kakao().login),
    'POST /auth/link/naver': async () => json((await naver()).login),
    'POST /auth/link/apple': async () => json((await apple()).login),
    'POST /auth/refresh': async () =>
      json({ refreshToken: (await logIn('/auth/kakao', kakao().login)).refreshToken }),
    'POST /auth/logout': async () => ({ as: await signIn(test) }),
    'GET /auth/sessions': () => ({}),
    'DELETE /auth/sessions/{id}': async () => {
      const other = await signIn(test);
      return { url: `/auth/sessions/${other.sessionId}`, as: other };
    },
    'POST /auth/callbacks/kakao': async () => {
      const user = kakao();
      await logIn('/auth/kakao', user.login);
      const { headers, body } = providers.kakao.unlinkWebhook(user.id, 'UNLINK_FROM_APPS');
      return { headers, payload: body };
    },
    'POST /auth/callbacks/naver': async () => {
      const user = await naver();
      await logIn('/auth/naver', user.login);
      return form({ ...providers.naver.disconnectNotification(user.id) });
    },
    'POST /auth/callbacks/apple': async () => {
      const user = await apple();
      await logIn('/auth/apple', user.login);
      return json(providers.apple.notification(user.sub, 'consent-revoked'));
    },
    'GET /users/me': () => ({}),
    'PATCH /users/me': () => json({ nickname: '보리', bio: null }),
    'DELETE /users/me': async () => ({ ...json({ confirm: true }), as: await signIn(test) }),
    'POST /users/me/restore': () => ({}),
    'GET /users/me/export': () => ({}),
    'GET /users/me/settings': () => ({}),
    'PATCH /users/me/settings': () => json({ locale: 'en' }),
    'PUT /users/me/region': () => json({ code: '1168064000' }),
    'GET /users/{id}': () => ({ url: `/users/${real.user}` }),
    'GET /users/me/privacy-zones': () => ({}),
    'POST /users/me/privacy-zones': () => json({ name: '회사', lat: -90, lng: 180, radiusM: 1_000 }),
    'DELETE /users/me/privacy-zones/{id}': async () => {
      const { body } = await owner.send('POST', '/users/me/privacy-zones', {
        name: '곧 없음',
        lat: 1,
        lng: 2,
        radiusM: 100,
      });
      return { url: `/users/me/privacy-zones/${body.id}` };
    },
    'GET /users/me/consents': () => ({}),
    'POST /users/me/consents': () => json({ kind: 'terms', version: '2026-11-01', granted: true }),
    'GET /users/me/location-log': () => ({}),
    'GET /users/me/statistics': () => ({ url: `/users/me/statistics?period=month&petId=${real.pet}` }),
    'GET /pets': () => ({}),
    'POST /pets': () =>
      json({ name: '초코', weightKg: 4.25, birthDate: '2020-02-29', temperament: ['calm'] }),
    'GET /pets/{id}': () => ({ url: `/pets/${real.pet}` }),
    'PATCH /pets/{id}': () => ({ url: `/pets/${real.pet}`, ...json({ breed: '진돗개' }) }),
    'DELETE /pets/{id}': async () => {
      const other = await signIn(test);
      return { url: `/pets/${(await given.pet(other)).id}`, as: other };
    },
    'GET /pets/{id}/health': () => ({ url: `/pets/${real.pet}/health` }),
    'POST /pets/{id}/health': () => ({
      url: `/pets/${real.pet}/health`,
      ...json({ kind: 'weight', date: '2026-11-02', weightKg: 8.1 }),
    }),
    'PATCH /pets/{id}/health/{recordId}': () => ({
      url: `/pets/${real.pet}/health/${real.record}`,
      ...json({ note: '잘 먹음\n잘 잠' }),
    }),
    'DELETE /pets/{id}/health/{recordId}': async () => {
      const { body } = await owner.send('POST', `/pets/${real.pet}/health`, {
        kind: 'medication',
        date: '2026-11-03',
      });
      return { url: `/pets/${real.pet}/health/${body.id}` };
    },
    'POST /walks': async () => {
      const other = await signIn(test);
      return { as: other, ...json({ petIds: [(await given.pet(other)).id] }) };
    },
    'GET /walks': () => ({}),
    'POST /walks/import': () => ({
      url: `/walks/import?petIds=${real.pet}`,
      headers: { 'content-type': 'application/gpx+xml' },
      payload: `<gpx version="1.1"><trk><trkseg>${points.map(({ lat, lng, t }) => `<trkpt lat="${lat}" lon="${lng}"><time>${t}</time></trkpt>`).join('')}</trkseg></trk></gpx>`,
    }),
    'PUT /walks/{id}': () => ({ url: `/walks/${uuidv7()}`, ...json({ petIds: [real.pet], points }) }),
    'GET /walks/{id}': () => ({ url: `/walks/${real.walk}` }),
    'PATCH /walks/{id}': () => ({ url: `/walks/${real.walk}`, ...json({ title: '아침 산책', memo: null }) }),
    'DELETE /walks/{id}': async () => ({
      url: `/walks/${(await given.walk(owner, { petId: real.pet, km: 0.6, startMs: Date.parse('2026-11-17T01:00:00Z') })).id}`,
    }),
    'POST /walks/{id}/points': () => ({
      url: `/walks/${real.recording}/points`,
      ...json({ points: points.slice(0, 2) }),
    }),
    'POST /walks/{id}/complete': async () => {
      const other = await signIn(test);
      const { body } = await other.send('POST', '/walks', { petIds: [(await given.pet(other)).id] });
      return { as: other, url: `/walks/${body.id}/complete`, ...json({ pointCount: 0 }) };
    },
    'GET /walks/{id}/route': () => ({ url: `/walks/${real.walk}/route` }),
    'POST /walks/{id}/photos': () => ({ url: `/walks/${real.walk}/photos`, ...multipart({}) }),
    'GET /walks/{id}/photos': () => ({ url: `/walks/${real.walk}/photos` }),
    'DELETE /walks/{id}/photos/{photoId}': async () => {
      const { body } = await owner.send('POST', `/walks/${real.walk}/photos`, fileForm(file));
      return { url: `/walks/${real.walk}/photos/${body.id}` };
    },
    'DELETE /pets/{id}/photo': () => ({ url: `/pets/${real.pet}/photo` }),
    'GET /files/{token}': () => ({ url: `/files/${real.fileToken}` }),
    'POST /upload/walk-photo': () => multipart({ walkId: real.walk }),
    'POST /upload/pet-profile': () => multipart({ petId: real.pet }),
    'POST /upload/presign': () => announced(),
    'PUT /upload/direct/{token}': () => ({
      url: `/upload/direct/${real.uploadToken}`,
      payload: file,
      headers: { 'content-type': 'image/jpeg' },
    }),
    'POST /upload/complete': async () => {
      const { body } = await owner.send('POST', '/upload/presign', JSON.parse(announced().payload) as object);
      await fetch(test.url + (body.url as string), {
        method: 'PUT',
        headers: { 'content-type': 'image/jpeg' },
        body: new Uint8Array(file),
      });
      return json({ uploadId: body.uploadId as string });
    },
    'GET /walks/{id}/share-card': () => ({ url: `/walks/${real.walk}/share-card?theme=mono` }),
    'GET /walks/{id}/shares': () => ({ url: `/walks/${real.walk}/shares` }),
    'POST /walks/{id}/shares': () => ({ url: `/walks/${real.walk}/shares`, ...json({ expiresInDays: 7 }) }),
    'DELETE /walks/{id}/shares/{shareId}': async () => {
      const { share } = await sharedBy(owner, real.walk);
      return { url: `/walks/${real.walk}/shares/${share}` };
    },
    'GET /regions': () => ({ url: `/regions?q=${encodeURIComponent('마포 연남')}` }),
    'GET /regions/resolve': () => ({ url: '/regions/resolve?lat=37.56&lng=126.92' }),
    'GET /weather': () => ({ url: '/weather?lat=37.56&lng=126.92' }),
    'GET /weather/walk-score': () => ({ url: `/weather/walk-score?lat=37.56&lng=126.92&petId=${real.pet}` }),
    'GET /places/nearby': () => ({ url: '/places/nearby?kind=vet&lat=37.56&lng=126.92' }),
    'GET /places/search': () => ({ url: '/places/search?q=vet&lat=37.56&lng=126.92' }),
    'GET /s/{token}': () => ({ url: `/s/${real.shareToken}` }),
    'GET /s/{token}/card.png': () => ({ url: `/s/${real.shareToken}/card.png` }),
    'GET /walks/{id}/gpx': () => ({ url: `/walks/${real.walk}/gpx` }),
    'GET /notifications': () => ({}),
    'PATCH /notifications': () => json({ read: true, until: '2026-11-20T03:00:00.000Z' }),
    'PATCH /notifications/{id}': () => ({
      url: `/notifications/${real.notification}`,
      ...json({ read: true }),
    }),
    'POST /push-tokens': () => json({ token: PUSH_TOKEN, platform: 'ios' }),
    'DELETE /push-tokens/{token}': () => ({ url: `/push-tokens/${PUSH_TOKEN}` }),
    'GET /users/me/streak': () => ({}),
    'GET /badges': () => ({}),
    'GET /users/{id}/badges': () => ({ url: `/users/${real.user}/badges` }),
    'GET /rankings': () => ({ url: '/rankings?period=month&date=2026-02-28' }),
    'GET /rankings/me/why': () => ({ url: '/rankings/me/why?period=all&metric=moving_time' }),
    'GET /hall-of-fame': () => ({ url: '/hall-of-fame?period=quarter' }),
    'POST /follows/{userId}': () => ({ url: `/follows/${neighbour.id}` }),
    'DELETE /follows/{userId}': () => ({ url: `/follows/${neighbour.id}` }),
    'GET /followers': () => ({ url: `/followers?userId=${friend.id}` }),
    'DELETE /followers/{userId}': () => ({ url: `/followers/${neighbour.id}` }),
    'GET /following': () => ({}),
    'GET /follow-requests': () => ({}),
    'POST /follow-requests/{id}': async () => ({ url: `/follow-requests/${await followRequestTo(owner)}` }),
    'DELETE /follow-requests/{id}': async () => ({ url: `/follow-requests/${await followRequestTo(owner)}` }),
    'GET /blocks': () => ({}),
    'POST /blocks/{userId}': async () => ({ url: `/blocks/${(await signIn(test)).id}` }),
    'DELETE /blocks/{userId}': () => ({ url: `/blocks/${neighbour.id}` }),
    'GET /feed': () => ({}),
    'GET /likes/{walkId}': () => ({ url: `/likes/${real.friendsWalk}` }),
    'POST /likes/{walkId}': () => ({ url: `/likes/${real.friendsWalk}` }),
    'DELETE /likes/{walkId}': () => ({ url: `/likes/${real.friendsWalk}` }),
    'GET /comments': () => ({ url: `/comments?walkId=${real.friendsWalk}` }),
    'POST /comments': () => json({ walkId: real.friendsWalk, body: '우리 개도\n좋아해요' }),
    'PATCH /comments/{id}': () => ({ url: `/comments/${real.comment}`, ...json({ body: '고쳤어요' }) }),
    'DELETE /comments/{id}': async () => {
      const { body } = await owner.send('POST', '/comments', { walkId: real.friendsWalk, body: '곧 없음' });
      return { url: `/comments/${body.id}` };
    },
    'GET /recommendations': () => ({}),
    'GET /invitations': () => ({ url: '/invitations?box=sent' }),
    'POST /invitations': async () => json({ userId: (await signIn(test)).id, message: '같이 걸어요' }),
    'PATCH /invitations/{id}': async () => {
      const other = await signIn(test);
      const { body } = await other.send('POST', '/invitations', { userId: owner.id });
      return { url: `/invitations/${body.id}`, ...json({ action: 'accept' }) };
    },
    'GET /rooms': () => ({}),
    'DELETE /rooms/{id}/membership': async () => {
      const other = await signIn(test);
      const { body } = await other.send('POST', '/meetups', MEETUP);
      const { id } = await test.db.prisma.room.findFirstOrThrow({ where: { meetupId: body.id } });
      return { url: `/rooms/${id}/membership`, as: other };
    },
    'GET /meetups': () => ({ url: '/meetups?mine=true' }),
    'POST /meetups': () => json({ ...MEETUP, maxWeightKg: 12.5, temperaments: ['calm'] }),
    'GET /meetups/{id}': () => ({ url: `/meetups/${real.meetup}` }),
    'PATCH /meetups/{id}': () => ({ url: `/meetups/${real.meetup}`, ...json({ title: '한강 산책' }) }),
    'DELETE /meetups/{id}': async () => {
      const { body } = await owner.send('POST', '/meetups', MEETUP);
      return { url: `/meetups/${body.id}` };
    },
    'POST /meetups/{id}/participation': async () => ({
      ...{ as: await signIn(test), url: `/meetups/${real.meetup}/participation` },
      ...json({}),
    }),
    'DELETE /meetups/{id}/participation': async () => {
      const other = await signIn(test);
      await other.send('POST', `/meetups/${real.meetup}/participation`, {});
      return { url: `/meetups/${real.meetup}/participation`, as: other };
    },
    'GET /meetups/{id}/participants': () => ({ url: `/meetups/${real.meetup}/participants` }),
    'POST /reports': () =>
      json({ targetKind: 'user', targetId: friend.id, reason: 'other', note: '수상해요' }),
    'GET /admin/reports': () => ({}),
    'POST /admin/reports/{id}/actions': () => ({
      url: `/admin/reports/${real.report}/actions`,
      ...json({ action: 'dismiss', reason: '문제 없음' }),
    }),
    'GET /admin/users': () => ({ url: '/admin/users?suspended=false' }),
    'GET /admin/users/{id}': () => ({ url: `/admin/users/${friend.id}` }),
    'GET /admin/jobs': () => ({}),
    'POST /admin/jobs/{name}/run': () => ({ url: `/admin/jobs/${purgeIdempotencyKeys.name}/run` }),
    'POST /admin/users/{id}/suspension': async () => ({
      url: `/admin/users/${(await signIn(test)).id}/suspension`,
      ...json({ suspended: true, reason: '스팸' }),
    }),
    'GET /admin/audit-log': () => ({}),
    ...happySales(() => ({ test, stores })),
  };

  it('is told for every operation', () => {
    expect(Object.keys(HAPPY).sort()).toEqual(operations.map(({ key }) => key).sort());
  });

  it.each(Object.keys(HAPPY))('%s', async (key) => {
    const operation = operations.find((candidate) => candidate.key === key)!;
    const { url = operation.path, payload, headers = {}, as = usualOf(operation) } = await HAPPY[key]!();
    const { status, body } = await ask(operation, {
      method: operation.method,
      url,
      payload,
      headers: { ...authorizationOf(operation, as), ...headers },
    });
    expect([Math.floor(status / 100), body]).toEqual([2, body]);
    await test.queue.drain();
  });
});

describe('a fault in one field is told by its path', () => {
  it('missing, unknown and wrong-typed ones, for each body', async () => {
    let checked = 0;
    for (const operation of operations.filter(
      ({ body, path }) =>
        body?.mediaType === 'application/json' && !/^\/(auth\/callbacks|payments\/webhook)\//.test(path),
    )) {
      const schema = resolve(operation.body!.schema);
      if (schema.type !== 'object') continue; // a choice of shapes
      const [base] = fc.sample(valueOf(schema), { numRuns: 1, seed: SEED }) as [Record<string, unknown>];
      const url = pathWith(operation, (name) => idFor(operation, name));
      const faults = async (body: object) => {
        const answer = await ask(operation, {
          method: operation.method,
          url,
          payload: JSON.stringify(body),
          headers: { authorization: bearer(usualOf(operation)), 'content-type': 'application/json' },
        });
        expect([operation.key, answer.status]).toEqual([operation.key, 422]);
        return (answer.body as { errors: { path: string; code: string }[] }).errors.map(
          ({ path, code }) => `${path} ${code}`,
        );
      };
      for (const name of (schema.required ?? []) as string[]) {
        const { [name]: _, ...rest } = base;
        expect(await faults(rest)).toContain(`${name} required`);
        checked++;
      }
      for (const name of Object.keys(schema.properties as object)) {
        const told = await faults({ ...base, [name]: { wrong: 'type' } });
        expect(told.some((fault) => fault.startsWith(`${name} `) || fault.startsWith(`${name}.`))).toBe(true);
        checked++;
      }
      expect(await faults({ ...base, surplus: 1 })).toContain('surplus unknown-field');
    }
    expect(checked).toBeGreaterThan(40);
  });
});

describe('whatever is sent', () => {
  /** What takes away comes after the others, what suspends at the very end. */
  const order = ({ method, path }: Operation) =>
    path.startsWith('/admin') ? 2 : method === 'DELETE' || path === '/auth/logout' ? 1 : 0;

  it('is answered by no 5xx, as the document says', async () => {
    const startedAt = performance.now();
    for (const operation of [...operations].sort((a, b) => order(a) - order(b))) {
      const person = order(operation) === 1 ? await signIn(test) : usualOf(operation);
      await fc.assert(
        fc.asyncProperty(inputOf(operation), async (input) => {
          await ask(operation, {
            ...input,
            headers: { ...authorizationOf(operation, person), ...input.headers },
          });
        }),
        { numRuns: runsPerOperation, seed: SEED, endOnFailure: true },
      );
    }
    console.log(`fuzz: ${inputs} inputs in ${Math.round((performance.now() - startedAt) / 1_000)} s`);
    expect(inputs).toBeGreaterThanOrEqual(INPUTS);
  }, 600_000);

  it('stores no position outside the earth and no broken number', async () => {
    const zones = await test.db.prisma.privacyZone.findMany();
    expect(zones.every(({ lat, lng }) => Math.abs(lat) <= 90 && Math.abs(lng) <= 180)).toBe(true);
    const [{ bad }] = await test.db.prisma.$queryRaw<[{ bad: number }]>`
      select count(*)::int as bad from walk_tracks
       where path is not null and (not ST_IsValid(path::geometry) or ST_XMin(path::geometry) < -180 or ST_XMax(path::geometry) > 180
             or ST_YMin(path::geometry) < -90 or ST_YMax(path::geometry) > 90)`;
    expect(bad).toBe(0);
  });

  it('every operation was answered with a success at least once', () => {
    expect([...reached].sort()).toEqual(operations.map(({ key }) => key).sort());
  });

  it('leaves jobs that all succeed', async () => {
    await test.queue.drain();
  });
});

/** JSON cannot say these; they are written into the text in place of a marker. */
const RAW = [
  '1e400',
  '-1e400',
  '-0',
  '9007199254740993',
  '1e-320',
  '0.1e1',
  'NaN',
  'Infinity',
  '01',
  "'x'",
  '"\\ud800"',
  '"\\u0000"',
];
const marker = (i: number) => `@raw${i}@`;

const CORPUS: unknown[] = [
  'a\u0000b',
  '\ud800',
  '\udc00보리',
  '\u202e보리',
  '\u2066x\u2069',
  '👨‍👩‍👧‍👦'.repeat(5),
  'ㅂㅗㄹㅣ',
  '보리'.normalize('NFD'),
  '\u3164',
  '\u200b',
  '   ',
  '',
  '\t\n',
  'a'.repeat(10_000),
  "' or 1=1; drop table users; --",
  '%s%n${7*7}{{7*7}}',
  '<script>alert(1)</script>',
  '../../etc/passwd',
  '１２３',
  'true',
  'null',
  '00000000-0000-0000-0000-000000000000',
  'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
  '0193a1b2-0000-7000-8000-00000000000',
  '294277-01-01T00:00:00Z',
  '+275760-09-13T00:00:00.000Z',
  '0000-01-01T00:00:00Z',
  '2026-02-30',
  '2026-02-30T00:00:00Z',
  '2026-11-20T24:00:00Z',
  '2026-11-20T12:00:00+09:00',
  '2026-11-20T12:00:60Z',
  '2026-11-20T00:00:00.000000000000000001Z',
  '2099-12-31',
  '9999-12-31T23:59:59.999Z',
  0,
  -1,
  1.5,
  91,
  -181,
  2_147_483_647,
  2_147_483_648,
  -2_147_483_649,
  1e21,
  1e308,
  null,
  true,
  false,
  [],
  {},
  [[]],
  [null],
  { $ne: null },
  { toString: 'x', valueOf: 'x' },
  Array<number>(10_000).fill(0),
  Array<string>(10_000).fill('보리'),
  ...RAW.map((_, i) => marker(i)),
];
const badValue = fc.constantFrom(...CORPUS);

function inputOf(operation: Operation): fc.Arbitrary<Input> {
  const ids = fc.tuple(...operation.pathParams.map((name) => pathValue(operation, name)));
  const language = fc.constantFrom<Record<string, string>>({}, {}, {}, { 'accept-language': 'en' });
  const key = fc.oneof(
    { weight: 8, arbitrary: fc.constant({}) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom('k', 'a'.repeat(300), '보리', ' ')
        .map((text) => ({ 'idempotency-key': Buffer.from(text).toString('latin1') })),
    },
  );
  return fc
    .tuple(ids, queryOf(operation), bodyOf(operation), language, key)
    .map(([values, query, body, ...headers]) => ({
      method: operation.method,
      url: pathWith(operation, (_, i) => values[i]!) + query,
      payload: body?.text,
      headers: Object.assign({}, ...headers, body && { 'content-type': body.type }),
    }));
}

const pathWith = ({ path }: Operation, valueOf: (name: string, i: number) => string): string => {
  let i = 0;
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => valueOf(name, i++));
};

function idFor({ path }: Operation, name: string): string {
  if (name === 'recordId') return real.record;
  if (name === 'shareId') return real.share;
  if (path.startsWith('/s/')) return real.shareToken;
  if (name === 'photoId') return real.photo;
  if (path.startsWith('/files')) return real.fileToken;
  if (path.startsWith('/upload')) return real.uploadToken;
  if (path.startsWith('/pets')) return real.pet;
  if (path.startsWith('/auth/sessions')) return real.session;
  if (path.startsWith('/users/me/privacy-zones')) return real.zone;
  if (path.startsWith('/users')) return real.user;
  if (path.startsWith('/notifications')) return real.notification;
  if (path.startsWith('/push-tokens')) return PUSH_TOKEN;
  if (name === 'userId') return neighbour.id;
  if (name === 'walkId') return real.friendsWalk;
  if (path.startsWith('/comments')) return real.comment;
  if (path.startsWith('/follow-requests')) return real.followRequest;
  if (path.startsWith('/invitations')) return real.invitation;
  if (path.startsWith('/meetups')) return real.meetup;
  if (path.startsWith('/rooms')) return real.room;
  if (path.startsWith('/admin/webhooks')) return real.storeEvent;
  if (path.startsWith('/admin/reports')) return real.report;
  if (path.startsWith('/admin/jobs')) return purgeIdempotencyKeys.name;
  if (path.startsWith('/admin/users')) return neighbour.id;
  return /points|complete/.test(path) ? real.recording : real.walk;
}

function pathValue(operation: Operation, name: string): fc.Arbitrary<string> {
  const garbage = fc.oneof(
    fc.constantFrom(
      '%00',
      '%zz',
      '%ff%fe',
      '%ud800',
      '.',
      '..',
      '%2e%2e',
      '*',
      ':id',
      'a'.repeat(601),
      'x'.repeat(2_000),
      '%F0%9F%90%B6',
      ' ',
      "'",
    ),
    fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 20 }).map(encodeURIComponent),
  );
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant(null).map(() => idFor(operation, name)) },
    { weight: 2, arbitrary: fc.uuid() },
    { weight: 1, arbitrary: fc.constantFrom(uuidv7().toUpperCase(), '00000000-0000-0000-0000-000000000000') },
    { weight: 2, arbitrary: garbage },
  );
}

function queryOf({ query }: Operation): fc.Arbitrary<string> {
  const garbage = fc
    .oneof(badValue, fc.string({ unit: 'binary', maxLength: 30 }))
    .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed().slice(0, 600));
  const valid = query.map(({ name, schema }) =>
    fc.option(
      valueOf(/petId|userId|walkId/.test(name) ? { type: 'string', format: 'uuid' } : schema).map(
        (value) => `${name}=${encodeURIComponent(String(value).toWellFormed())}`,
      ),
      { nil: '' },
    ),
  );
  const names = [...query.map(({ name }) => name), 'surplus', '__proto__', 'constructor', 'a[b]', ''];
  const bad = fc.array(
    fc
      .tuple(fc.constantFrom(...names), garbage)
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`),
    { maxLength: 3 },
  );
  const rough = fc.constantFrom('', '', '', '%', '&&==', '%00=%00', 'limit=%FF', 'limit=5&limit=6', '?');
  const all = fc
    .tuple(fc.tuple(...valid), bad, rough)
    .map(([good, worse, roughest]) => [...good, ...worse, roughest].filter(Boolean).join('&'));
  return fc
    .oneof(
      { weight: 3, arbitrary: fc.tuple(...valid).map((good) => good.filter(Boolean).join('&')) },
      { weight: 1, arbitrary: all },
    )
    .map((text) => (text ? `?${text}` : ''));
}

const MULTIPART = 'multipart/form-data; boundary=fuzz';

function bodyOf({ body }: Operation): fc.Arbitrary<{ type: string; text: string | Buffer } | null> {
  const json = 'application/json';
  if (!body)
    return fc.constantFrom(null, null, null, { type: json, text: '{}' }, { type: 'text/plain', text: 'x' });
  const valid = valueOf(body.schema);
  const mutated = fc
    .tuple(
      valid,
      fc.array(fc.tuple(fc.nat(), fc.constantFrom('replace', 'replace', 'delete', 'add', 'wrap'), badValue), {
        minLength: 1,
        maxLength: 3,
      }),
    )
    .map(([base, mutations]) =>
      mutations.reduce<unknown>((at, [where, how, value]) => mutate(at, where, how, value), base),
    );
  const asText = (value: unknown) =>
    RAW.reduce((text, rawText, i) => text.replaceAll(`"${marker(i)}"`, rawText), JSON.stringify(value) ?? '');
  const isJson = body.mediaType === json;
  const isMultipart = body.mediaType === 'multipart/form-data';
  const encode = (value: unknown): string | Buffer => {
    if (isJson) return asText(value);
    const plain = (member: unknown) =>
      (typeof member === 'string' ? member : (JSON.stringify(member) ?? '')).toWellFormed();
    if (value === null || typeof value !== 'object') return plain(value);
    if (isMultipart)
      return multipartOf(
        Object.fromEntries(
          Object.entries(value).map(([name, member]) => [name, name === 'file' ? null : plain(member)]),
        ),
      );
    return new URLSearchParams(
      Object.entries(value).map(([name, member]): [string, string] => [name, plain(member)]),
    ).toString();
  };
  const type = isMultipart ? MULTIPART : body.mediaType;
  return fc.oneof(
    { weight: 4, arbitrary: valid.map((value) => ({ type, text: encode(value) })) },
    { weight: 8, arbitrary: mutated.map((value) => ({ type, text: encode(value) })) },
    { weight: 1, arbitrary: badValue.map((value) => ({ type, text: encode(value) })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(valid, fc.nat(200))
        .map(([value, cut]) => ({ type, text: encode(value).slice(0, cut) })),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        null,
        { type, text: '' },
        { type: 'text/plain', text: '{}' },
        { type: json, text: '{"__proto__":1}' },
      ),
    },
  );
}

/** A text for each kind of gpx, form or JSON schema; what the schema admits, with real ids half of the time. */
function valueOf(given: JsonSchema): fc.Arbitrary<unknown> {
  const schema = resolve(given);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as unknown[]));
  const branches = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined;
  if (branches) return fc.oneof(...branches.map(valueOf));
  const types = [schema.type].flat().filter((type) => type !== undefined);
  if (types.length > 1) return fc.oneof(...types.map((type) => valueOf({ ...schema, type })));
  const bound = (name: string, fallback: number) =>
    typeof schema[name] === 'number' ? schema[name] : fallback;
  switch (types[0] as string | undefined) {
    case 'object': {
      const members = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>);
      return fc.record(Object.fromEntries(members.map(([name, member]) => [name, valueOf(member)])), {
        requiredKeys: (schema.required ?? []) as never[],
        noNullPrototype: true,
      });
    }
    case 'array': {
      const minLength = bound('minItems', 0);
      return fc.array(valueOf(schema.items as JsonSchema), {
        minLength,
        maxLength: Math.max(minLength, Math.min(bound('maxItems', 4), 4)),
      });
    }
    case 'integer':
      return fc.integer({ min: bound('minimum', -100), max: bound('maximum', 100_000) });
    case 'number':
      return fc
        .integer({
          min: Math.ceil(bound('minimum', -100) * 100),
          max: Math.floor(bound('maximum', 1_000) * 100),
        })
        .map((hundredths) => hundredths / 100);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case undefined:
    default:
      return textOf(schema);
  }
}

function textOf(schema: JsonSchema): fc.Arbitrary<string> {
  const noon = Date.parse('2026-11-19T03:00:00Z');
  const moment = fc.integer({ min: 0, max: 7_200_000 }).map((ms) => new Date(noon + ms).toISOString());
  if (schema.format === 'uuid') {
    return fc.oneof(
      { weight: 4, arbitrary: fc.constant(null).map(() => real.pet) },
      { weight: 2, arbitrary: fc.nat().map((i) => Object.values(real)[i % Object.values(real).length]!) },
      { weight: 1, arbitrary: fc.uuid({ version: 7 }) },
    );
  }
  if (schema.format === 'date-time') return moment;
  if (schema.format === 'date') return moment.map((text) => text.slice(0, 10));
  if (typeof schema.pattern === 'string')
    return fc.stringMatching(new RegExp(schema.pattern), { maxLength: Number(schema.maxLength ?? 40) });
  const maxLength = Math.min(Number(schema.maxLength ?? 40), 40);
  return fc.oneof(
    fc.string({ unit: 'grapheme', minLength: Number(schema.minLength ?? 0), maxLength }),
    fc.constantFrom('보리', 'bori', '산책 🐶').map((text) => text.slice(0, maxLength)),
  );
}

function resolve(schema: JsonSchema): JsonSchema {
  if (typeof schema.$ref !== 'string') return schema;
  return resolve(
    contractOf(test).document.components!.schemas![schema.$ref.split('/').at(-1)!] as JsonSchema,
  );
}

type Path = (string | number)[];

/** Changes one place of a value, at any depth; the value itself is left as it is. */
function mutate(value: unknown, where: number, how: string, bad: unknown): unknown {
  const places = placesOf(value);
  const path = places[where % places.length]!;
  const copy = structuredClone({ root: value });
  const full: Path = ['root', ...path];
  const parent = full
    .slice(0, -1)
    .reduce<Record<string | number, unknown>>((at, key) => at[key] as Record<string | number, unknown>, copy);
  const key = full.at(-1)!;
  const target = parent[key];
  if (how === 'delete' && path.length > 0) delete parent[key];
  else if (how === 'wrap') parent[key] = [target];
  else if (how === 'add' && target !== null && typeof target === 'object')
    (target as Record<string, unknown>)[where % 2 ? 'role' : 'userId'] = bad;
  else parent[key] = bad;
  return copy.root;
}

function placesOf(value: unknown, path: Path = []): Path[] {
  if (value === null || typeof value !== 'object') return [path];
  const members = Array.isArray(value)
    ? value.map((member, i) => [i, member] as const)
    : Object.entries(value);
  return [path, ...members.slice(0, 50).flatMap(([key, member]) => placesOf(member, [...path, key]))];
}
