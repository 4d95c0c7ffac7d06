import { v7 as uuidv7 } from 'uuid';
import { CONSENT_TEXT_VERSION } from '../../src/modules/payments/plans.js';
import { FileLinks } from '../../src/platform/storage/file-links.js';
import { form, picture } from '../builders/pictures.js';
import { type Answer, contractOf, send as sendAs } from '../support/api.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { operationsOf } from '../support/operations.js';
import { get } from '../support/rest.js';
import {
  blockOwner,
  bringOwner,
  fillBoards,
  type LoggedIn,
  type Viewer,
  VIEWERS,
  type World,
  worldWithoutOwner,
} from '../support/surface-world.js';

interface Ask {
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
}
type Row = [ask: (world: World, viewer: LoggedIn) => Ask, answers: string];

/** Asked in the same words by everybody. */
const at = (path: string | ((world: World) => string), answers: string, body?: unknown): Row => [
  (world) => ({ path: typeof path === 'string' ? path : path(world), body }),
  answers,
];

/** Take nothing but what the caller proves: no id of anybody. */
const ABOUT_NOBODY = [
  'GET /health/live',
  'GET /health/ready',
  'POST /auth/nonce',
  'POST /auth/kakao',
  'POST /auth/naver',
  'POST /auth/apple',
  'POST /auth/link/kakao',
  'POST /auth/link/naver',
  'POST /auth/link/apple',
  'POST /auth/refresh',
  'POST /auth/callbacks/kakao',
  'POST /auth/callbacks/naver',
  'POST /auth/callbacks/apple',
  'GET /plans',
  'GET /regions',
  'GET /regions/resolve',
  'GET /weather',
  'GET /places/nearby',
  'GET /places/search',
  'PUT /upload/direct/{token}',
  'POST /payments/webhook/apple',
  'POST /payments/webhook/google',
  'POST /payments/webhook/toss',
];

const MINE = '200+ 200 200 200 200 401';
const MINE_UNNAMED = '200 200 200 200 200 401';
const OWNERS_ONLY = '200+ 404 404 404 404 401';
const OWNERS_ONLY_UNNAMED = '200 404 404 404 404 401';
const FOR_MODERATORS = '403 403 403 403 403 401';
const NO_SUBSCRIPTION = '404 404 404 404 404 401';
const CONSENT = { priceKrw: 39_000, textVersion: CONSENT_TEXT_VERSION };
const MONTHLY_CONSENT = { ...CONSENT, priceKrw: 4_900 };
const NOT_THE_BLOCKED = '200+ 200+ 200+ 404 404 401';

/**
 * The policy, row by row: what the operation answers to owner, follower, stranger, blocked, blocker and anonymous
 * when they ask for the owner's things, or for their own list; `+`: the answer names her or something of hers.
 */
const TABLE: Record<string, Row[]> = {
  'POST /auth/logout': [at('/auth/logout', '204 204 204 204 204 401')],
  'GET /auth/sessions': [at('/auth/sessions', MINE_UNNAMED)],
  'DELETE /auth/sessions/{id}': [
    at(({ owner }) => `/auth/sessions/${owner.session}`, '204 404 404 404 404 401'),
  ],
  'GET /users/me': [at('/users/me', MINE)],
  'PATCH /users/me': [at('/users/me', MINE, { bio: '안녕' })],
  'DELETE /users/me': [at('/users/me', '200 200 200 200 200 401', { confirm: true })],
  'GET /users/me/export': [at('/users/me/export', MINE_UNNAMED)],
  'POST /users/me/restore': [at('/users/me/restore', '204 204 204 204 204 401')],
  'GET /users/me/settings': [at('/users/me/settings', MINE_UNNAMED)],
  'PATCH /users/me/settings': [at('/users/me/settings', MINE_UNNAMED, { locale: 'ko' })],
  'PUT /users/me/region': [[({ dong }) => ({ path: '/users/me/region', body: { code: dong } }), MINE]],
  'GET /users/me/privacy-zones': [at('/users/me/privacy-zones', MINE_UNNAMED)],
  'POST /users/me/privacy-zones': [
    at('/users/me/privacy-zones', '201 201 201 201 201 401', {
      name: '회사',
      lat: 37,
      lng: 127,
      radiusM: 200,
    }),
  ],
  'DELETE /users/me/privacy-zones/{id}': [
    at(({ owner }) => `/users/me/privacy-zones/${owner.zone}`, '204 404 404 404 404 401'),
  ],
  'GET /users/me/consents': [at('/users/me/consents', MINE_UNNAMED)],
  'POST /users/me/consents': [
    at('/users/me/consents', '201 201 201 201 201 401', { kind: 'terms', version: '1', granted: true }),
  ],
  'GET /users/me/location-log': [at('/users/me/location-log', MINE_UNNAMED)],
  'GET /users/me/statistics': [
    at('/users/me/statistics', MINE_UNNAMED),
    at(({ owner }) => `/users/me/statistics?petId=${owner.pet}`, MINE_UNNAMED),
  ],
  'GET /users/me/streak': [at('/users/me/streak', MINE_UNNAMED)],
  'GET /users/{id}': [at(({ owner }) => `/users/${owner.user}`, NOT_THE_BLOCKED)],
  'GET /users/{id}/badges': [at(({ owner }) => `/users/${owner.user}/badges`, '200 200 200 404 404 401')],
  'GET /badges': [at('/badges', MINE_UNNAMED)],
  'GET /pets': [at('/pets', MINE)],
  'POST /pets': [at('/pets', '201 201 201 201 201 401', { name: '둘째' })],
  'GET /pets/{id}': [at(({ owner }) => `/pets/${owner.pet}`, OWNERS_ONLY)],
  'PATCH /pets/{id}': [at(({ owner }) => `/pets/${owner.pet}`, OWNERS_ONLY, { weightKg: 8 })],
  'DELETE /pets/{id}': [at(({ owner }) => `/pets/${owner.pet}`, '204 404 404 404 404 401')],
  'GET /pets/{id}/health': [at(({ owner }) => `/pets/${owner.pet}/health`, OWNERS_ONLY_UNNAMED)],
  'POST /pets/{id}/health': [
    at(({ owner }) => `/pets/${owner.pet}/health`, '201 404 404 404 404 401', {
      ...{ kind: 'vet_visit', date: '2026-11-02' },
    }),
  ],
  'PATCH /pets/{id}/health/{recordId}': [
    at(({ owner }) => `/pets/${owner.pet}/health/${owner.record}`, OWNERS_ONLY_UNNAMED, { note: '메모' }),
  ],
  'DELETE /pets/{id}/health/{recordId}': [
    at(({ owner }) => `/pets/${owner.pet}/health/${owner.record}`, '204 404 404 404 404 401'),
  ],
  'POST /walks': [
    [
      ({ owner }) => ({ path: '/walks', body: { petIds: [owner.pet] } }),
      '409+ 422 422 422 422 401', // hers is recording
    ],
  ],
  'GET /walks': [at('/walks', MINE)],
  'POST /walks/import': [
    [
      ({ owner }) => ({
        path: `/walks/import?petIds=${owner.pet}`,
        body: GPX,
        headers: { 'content-type': 'application/gpx+xml' },
      }),
      '201+ 422 422 422 422 401',
    ],
  ],
  'PUT /walks/{id}': [
    [
      ({ owner }) => ({ path: `/walks/${owner.walks.public}`, body: { petIds: [owner.pet], points: [] } }),
      '200+ 404 404 404 404 401',
    ],
  ],
  'GET /walks/{id}': [
    at(({ owner }) => `/walks/${owner.walks.public}`, NOT_THE_BLOCKED),
    at(({ owner }) => `/walks/${owner.walks.followers}`, '200+ 200+ 404 404 404 401'),
    at(({ owner }) => `/walks/${owner.walks.private}`, OWNERS_ONLY),
    at(({ owner }) => `/walks/${owner.walks.hidden}`, OWNERS_ONLY),
    at(({ owner }) => `/walks/${owner.walks.recording}`, OWNERS_ONLY),
  ],
  'PATCH /walks/{id}': [at(({ owner }) => `/walks/${owner.walks.public}`, OWNERS_ONLY, { memo: '좋았다' })],
  'DELETE /walks/{id}': [at(({ owner }) => `/walks/${owner.walks.public}`, '204 404 404 404 404 401')],
  'POST /walks/{id}/points': [
    at(({ owner }) => `/walks/${owner.walks.recording}/points`, OWNERS_ONLY, {
      points: [{ seq: 1, t: '2026-11-20T03:00:01.000Z', lat: 37.5, lng: 127 }],
    }),
  ],
  'POST /walks/{id}/complete': [
    at(({ owner }) => `/walks/${owner.walks.recording}/complete`, OWNERS_ONLY, {}),
  ],
  'GET /walks/{id}/route': [
    at(({ owner }) => `/walks/${owner.walks.public}/route`, NOT_THE_BLOCKED),
    at(({ owner }) => `/walks/${owner.walks.followers}/route`, '200+ 200+ 404 404 404 401'),
    at(({ owner }) => `/walks/${owner.walks.hidden}/route`, OWNERS_ONLY),
  ],
  'GET /walks/{id}/share-card': [
    at(({ owner }) => `/walks/${owner.walks.public}/share-card`, OWNERS_ONLY_UNNAMED),
    at(({ owner }) => `/walks/${owner.walks.private}/share-card`, OWNERS_ONLY_UNNAMED),
  ],
  'GET /walks/{id}/shares': [at(({ owner }) => `/walks/${owner.walks.public}/shares`, OWNERS_ONLY_UNNAMED)],
  'POST /walks/{id}/shares': [
    at(({ owner }) => `/walks/${owner.walks.public}/shares`, '201 404 404 404 404 401', {}),
    at(({ owner }) => `/walks/${owner.walks.hidden}/shares`, '409 404 404 404 404 401', {}),
  ],
  'DELETE /walks/{id}/shares/{shareId}': [
    at(({ owner }) => `/walks/${owner.walks.public}/shares/${owner.share}`, '204 404 404 404 404 401'),
  ],
  // Whoever was given the link sees the dog and the way, also without a login, and also who was blocked.
  'GET /s/{token}': [at(({ owner }) => `/s/${owner.shareToken}`, '200+ 200+ 200+ 200+ 200+ 200+')],
  'GET /s/{token}/card.png': [
    at(({ owner }) => `/s/${owner.shareToken}/card.png`, '200 200 200 200 200 200'),
  ],
  'POST /walks/{id}/photos': [
    [
      ({ owner }) => ({ path: `/walks/${owner.walks.public}/photos`, body: form(file) }),
      '201+ 404 404 404 404 401',
    ],
  ],
  'GET /walks/{id}/photos': [
    at(({ owner }) => `/walks/${owner.walks.public}/photos`, '200+ 200+ 200+ 404 404 401'),
    at(({ owner }) => `/walks/${owner.walks.followers}/photos`, '200 200 404 404 404 401'),
    at(({ owner }) => `/walks/${owner.walks.hidden}/photos`, OWNERS_ONLY_UNNAMED),
  ],
  'DELETE /walks/{id}/photos/{photoId}': [
    at(({ owner }) => `/walks/${owner.walks.public}/photos/${owner.photo}`, '204 404 404 404 404 401'),
  ],
  'DELETE /pets/{id}/photo': [at(({ owner }) => `/pets/${owner.pet}/photo`, '204 404 404 404 404 401')],
  // Each with the link that was made for them; without a login as with one.
  'GET /files/{token}': [
    [
      ({ owner, people }, viewer) => ({
        path: test.app
          .get(FileLinks)
          .urlOf({ fileId: owner.photo, viewerId: people[viewer].id, sizePx: 320 }),
      }),
      '200 200 200 404 404 200',
    ],
  ],
  'POST /upload/walk-photo': [
    [
      ({ owner }) => ({ path: '/upload/walk-photo', body: form(file, { walkId: owner.walks.public }) }),
      '201+ 404 404 404 404 401',
    ],
  ],
  'POST /upload/pet-profile': [
    [
      ({ owner }) => ({ path: '/upload/pet-profile', body: form(file, { petId: owner.pet }) }),
      '201+ 404 404 404 404 401',
    ],
  ],
  'POST /upload/presign': [
    [
      ({ owner }) => ({
        path: '/upload/presign',
        body: { kind: 'pet_profile', petId: owner.pet, mediaType: 'image/png', sizeBytes: 9 },
      }),
      '201 404 404 404 404 401',
    ],
  ],
  'POST /upload/complete': [
    [
      ({ owner }) => ({ path: '/upload/complete', body: { uploadId: owner.upload } }),
      '409 404 404 404 404 401', // hers has not come yet
    ],
  ],
  'GET /walks/{id}/gpx': [at(({ owner }) => `/walks/${owner.walks.public}/gpx`, OWNERS_ONLY)],
  'GET /weather/walk-score': [
    at(
      ({ owner }) => `/weather/walk-score?lat=37.5&lng=127&petId=${owner.pet}`,
      '503 404 404 404 404 401', // there is no KMA here
    ),
  ],
  'GET /notifications': [at('/notifications', '200+ 200+ 200+ 200 200 401')],
  'PATCH /notifications': [at('/notifications', '200 200 200 200 200 401', { read: true })],
  'PATCH /notifications/{id}': [
    at(({ owner }) => `/notifications/${owner.notification}`, OWNERS_ONLY, { read: true }),
  ],
  'POST /push-tokens': [at('/push-tokens', '200 200 200 200 200 401', { token: 'x', platform: 'ios' })],
  'DELETE /push-tokens/{token}': [
    at(({ owner }) => `/push-tokens/${owner.pushToken}`, '204 204 204 204 204 401'),
  ],
  'GET /rankings': [
    at('/rankings?period=all&scope=nation', '200+ 200+ 200+ 200 200 401'),
    at('/rankings?period=week&scope=gu', '200+ 200+ 200+ 200 200 401'),
  ],
  'GET /rankings/me/why': [at('/rankings/me/why', MINE)],
  'GET /hall-of-fame': [at('/hall-of-fame', '200+ 200+ 200+ 200 200 401')],
  'POST /follows/{userId}': [at(({ owner }) => `/follows/${owner.user}`, '409 200 200 404 404 401')],
  'DELETE /follows/{userId}': [at(({ owner }) => `/follows/${owner.user}`, '204 204 204 204 204 401')],
  'GET /followers': [
    at('/followers', '200 200+ 200+ 200 200 401'),
    at(({ owner }) => `/followers?userId=${owner.user}`, '200 200 200 404 404 401'),
    at(({ friend }) => `/followers?userId=${friend.id}`, '200+ 200+ 200+ 200 200 401'),
  ],
  'DELETE /followers/{userId}': [at(({ owner }) => `/followers/${owner.user}`, '204 204 204 204 204 401')],
  'GET /following': [
    at('/following', '200 200+ 200 200 200 401'),
    at(({ owner }) => `/following?userId=${owner.user}`, '200 200 200 404 404 401'),
  ],
  'GET /follow-requests': [at('/follow-requests', MINE_UNNAMED)],
  'POST /follow-requests/{id}': [
    at(({ owner }) => `/follow-requests/${owner.followRequest}`, '204 404 404 404 404 401'),
  ],
  'DELETE /follow-requests/{id}': [
    at(({ owner }) => `/follow-requests/${owner.followRequest}`, '204 404 404 404 404 401'),
  ],
  'GET /feed': [at('/feed', '200 200+ 200+ 200 200 401')],
  'GET /likes/{walkId}': [
    at(({ owner }) => `/likes/${owner.walks.public}`, '200 200 200 404 404 401'),
    at(({ owner }) => `/likes/${owner.walks.followers}`, '200 200 404 404 404 401'),
    at(({ friendsWalk }) => `/likes/${friendsWalk}`, '200+ 200+ 200+ 200 200 401'),
    [({ things }, viewer) => ({ path: `/likes/${things[viewer]?.walk}` }), '422 200+ 200+ 200 200 401'],
  ],
  'POST /likes/{walkId}': [
    at(({ owner }) => `/likes/${owner.walks.public}`, '409 200+ 200+ 404 404 401'),
    at(({ owner }) => `/likes/${owner.walks.followers}`, '409 200+ 404 404 404 401'),
    at(({ owner }) => `/likes/${owner.walks.hidden}`, '409 404 404 404 404 401'),
  ],
  'DELETE /likes/{walkId}': [at(({ owner }) => `/likes/${owner.walks.public}`, '200+ 200+ 200+ 404 404 401')],
  'GET /comments': [
    at(({ owner }) => `/comments?walkId=${owner.walks.public}`, NOT_THE_BLOCKED),
    at(({ owner }) => `/comments?walkId=${owner.walks.private}`, '200 404 404 404 404 401'),
    at(({ friendsWalk }) => `/comments?walkId=${friendsWalk}`, '200+ 200+ 200+ 200 200 401'),
  ],
  'POST /comments': [
    [
      ({ owner }) => ({ path: '/comments', body: { walkId: owner.walks.public, body: '안녕' } }),
      '201+ 201+ 201+ 404 404 401',
    ],
    [
      ({ owner }) => ({ path: '/comments', body: { walkId: owner.walks.followers, body: '안녕' } }),
      '201+ 201+ 404 404 404 401',
    ],
  ],
  'PATCH /comments/{id}': [
    at(({ owner }) => `/comments/${owner.comments.there}`, OWNERS_ONLY, { body: '고침' }),
  ],
  'DELETE /comments/{id}': [
    at(({ owner }) => `/comments/${owner.comments.there}`, '204 404 404 404 404 401'),
    at(({ owner }) => `/comments/${owner.comments.here}`, '204 404 404 404 404 401'),
  ],
  'GET /recommendations': [at('/recommendations', '200 200 200+ 200 200 401')],
  'GET /invitations': [
    at('/invitations', '200+ 200+ 200+ 200 200 401'),
    at('/invitations?box=sent', '200+ 200+ 200+ 200 200 401'),
  ],
  'POST /invitations': [
    [
      ({ owner }) => ({ path: '/invitations', body: { userId: owner.user } }),
      '409 409 409 404 404 401', // one waits already
    ],
  ],
  'PATCH /invitations/{id}': [
    [
      ({ owner }, viewer) => ({
        path: `/invitations/${viewer === 'owner' ? owner.invitationFrom.stranger : owner.invitationTo[viewer]}`,
        body: { action: 'decline' },
      }),
      '200+ 200+ 200+ 404 404 401',
    ],
    [
      ({ owner }) => ({
        path: `/invitations/${owner.invitationTo.follower}`,
        body: { action: 'accept' },
      }),
      '404 200+ 404 404 404 401',
    ],
  ],
  'GET /meetups': [
    at('/meetups', '200+ 200+ 200+ 200 200 401'),
    at('/meetups?mine=true', '200+ 200 200 200 200 401'),
  ],
  'POST /meetups': [
    at('/meetups', '201+ 201 201 201 201 401', {
      ...{ title: '같이 걸어요', placeName: '공원 정문', lat: 37.5, lng: 127, capacity: 4 },
      startsAt: '2026-11-22T03:00:00.000Z',
    }),
  ],
  'GET /meetups/{id}': [
    at(({ owner }) => `/meetups/${owner.meetup}`, NOT_THE_BLOCKED),
    at(({ friendsMeetup }) => `/meetups/${friendsMeetup}`, '200 200 200 200 200 401'),
  ],
  'PATCH /meetups/{id}': [at(({ owner }) => `/meetups/${owner.meetup}`, OWNERS_ONLY, { capacity: 9 })],
  'DELETE /meetups/{id}': [at(({ owner }) => `/meetups/${owner.meetup}`, '204 404 404 404 404 401')],
  'POST /meetups/{id}/participation': [
    at(({ owner }) => `/meetups/${owner.meetup}/participation`, '409 201+ 201+ 404 404 401', {}),
  ],
  'DELETE /meetups/{id}/participation': [
    at(({ owner }) => `/meetups/${owner.meetup}/participation`, '409 404 404 404 404 401'),
  ],
  'GET /meetups/{id}/participants': [
    at(({ owner }) => `/meetups/${owner.meetup}/participants`, NOT_THE_BLOCKED),
    at(({ friendsMeetup }) => `/meetups/${friendsMeetup}/participants`, '200+ 200+ 200+ 200 200 401'),
  ],
  'GET /rooms': [at('/rooms', '200+ 200+ 200 200 200 401')],
  'DELETE /rooms/{id}/membership': [
    at(({ owner }) => `/rooms/${owner.room}/membership`, '204 204 404 404 404 401'),
  ],
  // The one list that names a blocked user, to whoever blocked.
  'GET /blocks': [at('/blocks', '200 200 200 200 200+ 401')],
  'POST /blocks/{userId}': [at(({ owner }) => `/blocks/${owner.user}`, '409 204 204 404 204 401')],
  'DELETE /blocks/{userId}': [at(({ owner }) => `/blocks/${owner.user}`, '204 204 204 204 204 401')],
  'POST /reports': [
    [
      ({ owner }) => ({
        path: '/reports',
        body: { targetKind: 'user', targetId: owner.user, reason: 'spam' },
      }),
      '409 201+ 201+ 404 404 401',
    ],
    [
      ({ owner }) => ({
        path: '/reports',
        body: { targetKind: 'walk', targetId: owner.walks.public, reason: 'spam' },
      }),
      '409 201+ 201+ 404 404 401',
    ],
    [
      ({ owner }) => ({
        path: '/reports',
        body: { targetKind: 'walk', targetId: owner.walks.followers, reason: 'spam' },
      }),
      '409 201+ 404 404 404 401',
    ],
    [
      ({ owner }) => ({
        path: '/reports',
        body: { targetKind: 'meetup', targetId: owner.meetup, reason: 'spam' },
      }),
      '409 201+ 201+ 404 404 401',
    ],
  ],
  // Moderators only; what they see is in the suite of moderation.
  'GET /admin/reports': [at('/admin/reports', FOR_MODERATORS)],
  'POST /admin/reports/{id}/actions': [
    at(({ owner }) => `/admin/reports/${owner.user}/actions`, FOR_MODERATORS, {
      ...{ action: 'dismiss', reason: '이유' },
    }),
  ],
  'GET /admin/users': [at(({ owner }) => `/admin/users?q=${owner.user}`, FOR_MODERATORS)],
  'GET /admin/users/{id}': [at(({ owner }) => `/admin/users/${owner.user}`, FOR_MODERATORS)],
  'GET /admin/jobs': [at('/admin/jobs', FOR_MODERATORS)],
  'POST /admin/jobs/{name}/run': [at('/admin/jobs/walks.abandon-silent/run', FOR_MODERATORS)],
  'POST /admin/users/{id}/suspension': [
    at(({ owner }) => `/admin/users/${owner.user}/suspension`, FOR_MODERATORS, {
      ...{ suspended: true, reason: '이유' },
    }),
  ],
  'GET /admin/audit-log': [at('/admin/audit-log', FOR_MODERATORS)],
  'GET /admin/webhooks': [at('/admin/webhooks', FOR_MODERATORS)],
  'POST /admin/webhooks/{id}/replay': [
    at(({ owner }) => `/admin/webhooks/${owner.user}/replay`, FOR_MODERATORS),
  ],
  // Money is one's own; the stores are not set up here, and have suites of their own.
  'GET /rankings/me/history': [at('/rankings/me/history', '403 403 403 403 403 401')],
  'GET /subscriptions/me': [at('/subscriptions/me', MINE_UNNAMED)],
  'GET /payments/history': [at('/payments/history', MINE_UNNAMED)],
  'POST /subscriptions/cancel': [at('/subscriptions/cancel', NO_SUBSCRIPTION, {})],
  'POST /subscriptions/resume': [at('/subscriptions/resume', NO_SUBSCRIPTION, {})],
  'POST /subscriptions/plan': [
    at('/subscriptions/plan', NO_SUBSCRIPTION, { plan: 'yearly', consent: CONSENT }),
  ],
  'POST /subscriptions/price-consent': [at('/subscriptions/price-consent', NO_SUBSCRIPTION, CONSENT)],
  'POST /payments/billing-key': [
    at('/payments/billing-key', '409 409 409 409 409 401', { authKey: 'a', customerKey: 'of-somebody-else' }),
  ],
  'POST /payments/orders': [
    at('/payments/orders', '503 503 503 503 503 401', { plan: 'monthly', consent: MONTHLY_CONSENT }),
  ],
  'POST /payments/confirm': [
    at('/payments/confirm', '404 404 404 404 404 401', { paymentKey: 'p', orderId: 'order-1', amount: 1 }),
  ],
  'POST /payments/refund': [at('/payments/refund', '404 404 404 404 404 401', { orderId: 'order-1' })],
  'POST /payments/apple/transactions': [
    at('/payments/apple/transactions', '503 503 503 503 503 401', { signedTransaction: 'x' }),
  ],
  'POST /payments/google/purchases': [
    at('/payments/google/purchases', '503 503 503 503 503 401', { purchaseToken: 'x' }),
  ],
};

const GPX = `<?xml version="1.0"?><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><trkseg>${[
  0, 60, 120,
]
  .map(
    (s) => `<trkpt lat="${37.5 + s / 100_000}" lon="127"><time>2026-11-19T01:0${s / 60}:00Z</time></trkpt>`,
  )
  .join('')}</trkseg></trk></gpx>`;

let test: TestApp;
let shared: World;
let file: Buffer;
beforeAll(async () => {
  file = await picture();
  test = await startTestApp();
  shared = await newWorld();
  await fillBoards(test, shared, true);
});
afterAll(() => test.close());

async function newWorld(): Promise<World> {
  const world = await bringOwner(test, await worldWithoutOwner(test));
  await blockOwner(test, world);
  return world;
}

const ask = (world: World, viewer: Viewer, method: string, { path, body, headers }: Ask): Promise<Answer> => {
  const isRaw = typeof body === 'string' || body instanceof FormData;
  const json = body !== undefined && !isRaw && { 'content-type': 'application/json' };
  return viewer === 'anonymous'
    ? sendAs(test, method, path, body, { ...json, ...headers })
    : world.people[viewer].send(method, path, body, { ...json, ...headers });
};

it('has a row for every operation of the document, and no other', () => {
  const keys = operationsOf(contractOf(test).document).map(({ key }) => key);
  expect([...Object.keys(TABLE), ...ABOUT_NOBODY].sort()).toEqual(keys.sort());
});

/** Everybody asks before the owner does, as it may be gone after that. */
const LAST_THE_OWNER = [...VIEWERS].reverse();

it.each(
  Object.entries(TABLE).flatMap(([key, rows]) =>
    rows.map(
      ([rowAsk, answers], i) => [rows.length > 1 ? `${key} #${i + 1}` : key, rowAsk, answers] as const,
    ),
  ),
)('B01 B04 O03 %s', async (key, rowAsk, answers) => {
  const method = key.split(' ')[0]!;
  const world = method === 'GET' ? shared : await newWorld();
  const seen: Partial<Record<Viewer, string>> = {};
  for (const viewer of LAST_THE_OWNER) {
    const request = rowAsk(world, viewer === 'anonymous' ? 'stranger' : viewer);
    const { status, text } = await ask(world, viewer, method, request);
    // What the question says does not count, where the answer repeats it.
    const isNamed = world.words.some((word) => text.includes(word));
    seen[viewer] = `${status}${isNamed ? '+' : ''}`;
  }
  expect(VIEWERS.map((viewer) => seen[viewer]).join(' ')).toBe(answers);
});

it('B04 a blocked one gets the very words that a missing id gets', async () => {
  const { owner } = shared;
  const isIdOfOwner = new RegExp(
    [
      owner.user,
      owner.pet,
      owner.meetup,
      ...Object.values(owner.walks),
      ...Object.values(owner.comments),
    ].join('|'),
    'g',
  );
  let compared = 0;
  for (const [key, rows] of Object.entries(TABLE)) {
    const method = key.split(' ')[0]!;
    for (const [rowAsk] of rows) {
      for (const viewer of ['blocked', 'blocker'] as const) {
        const request = rowAsk(shared, viewer);
        const written = JSON.stringify(request);
        if (method !== 'GET' || !isIdOfOwner.test(written)) continue;
        isIdOfOwner.lastIndex = 0;
        const missing = JSON.parse(written.replace(isIdOfOwner, uuidv7())) as Ask;
        const [answer, absent] = [
          await ask(shared, viewer, method, request),
          await ask(shared, viewer, method, missing),
        ].map(({ status, body }) => ({ status, ...(body as object), requestId: undefined }));
        expect([key, answer]).toEqual([key, absent]);
        compared++;
      }
    }
  }
  expect(compared).toBeGreaterThan(20);
});

/** The second holds the first, zipped; `accounts.spec.ts` looks into it. */
const NOT_COMPARED = ['/blocks', '/users/me/export'];

describe('B01 B02 L3 after a block, all is as if the other had never been', () => {
  /** Every list and thing that a third party's world has for the viewer. */
  const surfaces = ({ friend, friendsWalk, things }: Omit<World, 'owner' | 'words'>, viewer: LoggedIn) => [
    ...Object.values(TABLE)
      .flat()
      .flatMap(([rowAsk]) => {
        try {
          const { path, body } = rowAsk({ owner: undefined } as never, viewer);
          return body === undefined && !path.includes('undefined') ? [path] : [];
        } catch {
          return []; // about the owner's things
        }
      }),
    `/users/${friend.id}`,
    `/followers?userId=${friend.id}`,
    `/following?userId=${friend.id}`,
    `/users/${friend.id}/badges`,
    `/walks/${friendsWalk}`,
    `/walks/${things[viewer].walk}`,
  ];

  it.each(['blocked', 'blocker'] as const)('%s reads the same bytes as before she came', async (viewer) => {
    const before = await worldWithoutOwner(test);
    const me = before.people[viewer];
    const paths = [...new Set(surfaces(before, viewer))];
    const read = async () => {
      const bodies: Record<string, string> = {};
      for (const path of paths) {
        const { status, text } = await get(path, me);
        if (status === 200) bodies[path] = text.replace(/"takenAt":"[^"]+"/, '"takenAt":""');
      }
      return bodies;
    };
    await fillBoards(test, before, false);
    await fillBoards(test, before, false); // ranks have a former one
    const reads = await read();
    expect(Object.keys(reads).length).toBeGreaterThan(25);
    const world = await bringOwner(test, before);
    await fillBoards(test, before, true);
    expect(JSON.stringify(await read())).toContain(world.owner.user);
    await blockOwner(test, world);
    for (const [path, text] of Object.entries(await read()))
      if (!NOT_COMPARED.includes(path)) expect(`${path} ${text}`).toBe(`${path} ${reads[path]}`);
  });
});
