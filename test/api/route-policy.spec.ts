import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { AccessTokens } from '../../src/platform/auth/access-tokens.js';
import { contractOf, expectProblem, type Person, send, signIn } from '../support/api.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { type Operation, operationsOf } from '../support/operations.js';

/** Who may ask what. A new route is written down here, or the suite fails. */
const POLICY: Record<string, 'public' | 'user' | 'moderator' | 'admin'> = {
  'GET /health/live': 'public',
  'GET /health/ready': 'public',
  'POST /auth/nonce': 'public',
  'POST /auth/kakao': 'public',
  'POST /auth/naver': 'public',
  'POST /auth/apple': 'public',
  'POST /auth/link/kakao': 'user',
  'POST /auth/link/naver': 'user',
  'POST /auth/link/apple': 'user',
  'POST /auth/refresh': 'public',
  'POST /auth/logout': 'user',
  'GET /auth/sessions': 'user',
  'DELETE /auth/sessions/{id}': 'user',
  'POST /auth/callbacks/kakao': 'public',
  'POST /auth/callbacks/naver': 'public',
  'POST /auth/callbacks/apple': 'public',
  'GET /users/me': 'user',
  'PATCH /users/me': 'user',
  'GET /users/me/settings': 'user',
  'PATCH /users/me/settings': 'user',
  'PUT /users/me/region': 'user',
  'GET /users/me/privacy-zones': 'user',
  'POST /users/me/privacy-zones': 'user',
  'DELETE /users/me/privacy-zones/{id}': 'user',
  'GET /users/me/consents': 'user',
  'POST /users/me/consents': 'user',
  'GET /users/me/location-log': 'user',
  'GET /users/me/statistics': 'user',
  'GET /users/me/streak': 'user',
  'GET /users/{id}': 'user',
  'GET /users/{id}/badges': 'user',
  'GET /badges': 'user',
  'GET /pets': 'user',
  'POST /pets': 'user',
  'GET /pets/{id}': 'user',
  'PATCH /pets/{id}': 'user',
  'DELETE /pets/{id}': 'user',
  'GET /pets/{id}/health': 'user',
  'POST /pets/{id}/health': 'user',
  'PATCH /pets/{id}/health/{recordId}': 'user',
  'DELETE /pets/{id}/health/{recordId}': 'user',
  'POST /walks': 'user',
  'GET /walks': 'user',
  'POST /walks/import': 'user',
  'PUT /walks/{id}': 'user',
  'GET /walks/{id}': 'user',
  'PATCH /walks/{id}': 'user',
  'DELETE /walks/{id}': 'user',
  'POST /walks/{id}/points': 'user',
  'POST /walks/{id}/complete': 'user',
  'GET /walks/{id}/route': 'user',
  'GET /walks/{id}/gpx': 'user',
  'GET /walks/{id}/share-card': 'user',
  'GET /walks/{id}/shares': 'user',
  'POST /walks/{id}/shares': 'user',
  'DELETE /walks/{id}/shares/{shareId}': 'user',
  'GET /s/{token}': 'public',
  'GET /s/{token}/card.png': 'public',
  'POST /walks/{id}/photos': 'user',
  'GET /walks/{id}/photos': 'user',
  'DELETE /walks/{id}/photos/{photoId}': 'user',
  'DELETE /pets/{id}/photo': 'user',
  'GET /files/{token}': 'public',
  'POST /upload/walk-photo': 'user',
  'POST /upload/pet-profile': 'user',
  'POST /upload/presign': 'user',
  'PUT /upload/direct/{token}': 'public',
  'POST /upload/complete': 'user',
  'GET /notifications': 'user',
  'PATCH /notifications': 'user',
  'PATCH /notifications/{id}': 'user',
  'POST /push-tokens': 'user',
  'DELETE /push-tokens/{token}': 'user',
  'GET /invitations': 'user',
  'POST /invitations': 'user',
  'PATCH /invitations/{id}': 'user',
  'GET /meetups': 'user',
  'POST /meetups': 'user',
  'GET /meetups/{id}': 'user',
  'PATCH /meetups/{id}': 'user',
  'DELETE /meetups/{id}': 'user',
  'POST /meetups/{id}/participation': 'user',
  'DELETE /meetups/{id}/participation': 'user',
  'GET /meetups/{id}/participants': 'user',
  'GET /rankings': 'user',
  'GET /rankings/me/why': 'user',
  'GET /rankings/me/history': 'user',
  'GET /hall-of-fame': 'user',
  'GET /recommendations': 'user',
  'GET /feed': 'user',
  'GET /likes/{walkId}': 'user',
  'POST /likes/{walkId}': 'user',
  'DELETE /likes/{walkId}': 'user',
  'GET /comments': 'user',
  'POST /comments': 'user',
  'PATCH /comments/{id}': 'user',
  'DELETE /comments/{id}': 'user',
  'POST /follows/{userId}': 'user',
  'DELETE /follows/{userId}': 'user',
  'GET /followers': 'user',
  'DELETE /followers/{userId}': 'user',
  'GET /following': 'user',
  'GET /follow-requests': 'user',
  'POST /follow-requests/{id}': 'user',
  'DELETE /follow-requests/{id}': 'user',
  'GET /rooms': 'user',
  'DELETE /rooms/{id}/membership': 'user',
  'GET /blocks': 'user',
  'POST /blocks/{userId}': 'user',
  'DELETE /blocks/{userId}': 'user',
  'POST /reports': 'user',
  'GET /admin/reports': 'moderator',
  'POST /admin/reports/{id}/actions': 'moderator',
  'GET /admin/users': 'moderator',
  'POST /admin/users/{id}/suspension': 'moderator',
  'GET /admin/audit-log': 'moderator',
  'GET /plans': 'public',
  'GET /regions': 'user',
  'GET /regions/resolve': 'user',
  'GET /weather': 'user',
  'GET /weather/walk-score': 'user',
  'GET /places/nearby': 'user',
  'GET /places/search': 'user',
  'GET /subscriptions/me': 'user',
  'POST /subscriptions/cancel': 'user',
  'POST /subscriptions/resume': 'user',
  'POST /subscriptions/plan': 'user',
  'POST /subscriptions/price-consent': 'user',
  'GET /payments/history': 'user',
  'POST /payments/billing-key': 'user',
  'POST /payments/orders': 'user',
  'POST /payments/confirm': 'user',
  'POST /payments/refund': 'user',
  'POST /payments/apple/transactions': 'user',
  'POST /payments/google/purchases': 'user',
  'POST /payments/webhook/apple': 'public',
  'POST /payments/webhook/google': 'public',
  'POST /payments/webhook/toss': 'public',
  'GET /admin/webhooks': 'admin',
  'POST /admin/webhooks/{id}/replay': 'admin',
};

/** What is open to somebody who is suspended: to see and take away what is their own, and to leave. */
const OPEN_TO_SUSPENDED = [
  'POST /auth/logout',
  'GET /auth/sessions',
  'DELETE /auth/sessions/{id}',
  'GET /users/me',
  'GET /users/me/settings',
  'GET /users/me/privacy-zones',
  'DELETE /users/me/privacy-zones/{id}',
  'GET /users/me/consents',
  'POST /users/me/consents',
  'GET /users/me/location-log',
  'GET /pets',
  'GET /pets/{id}',
  'DELETE /pets/{id}',
  'GET /pets/{id}/health',
  'DELETE /pets/{id}/health/{recordId}',
  'GET /walks',
  'DELETE /walks/{id}',
  'GET /walks/{id}/gpx',
  'GET /walks/{id}/shares',
  'DELETE /walks/{id}/shares/{shareId}',
  'DELETE /walks/{id}/photos/{photoId}',
  'DELETE /pets/{id}/photo',
  'GET /notifications',
  'DELETE /push-tokens/{token}',
  'GET /subscriptions/me',
  'GET /payments/history',
  'POST /subscriptions/cancel',
  'POST /payments/refund',
];

/** What Fastify answers beside the controllers: the documentation, and figures to who has their token (`observability.spec.ts`). */
const BESIDE_THE_DOCUMENT = /^\/(docs(\/.*)?|openapi\.json|metrics)$/;

let test: TestApp;
let operations: Operation[];
const served: { method: string; url: string }[] = [];
beforeAll(async () => {
  test = await startTestApp();
  operations = operationsOf(contractOf(test).document);
  // A tree of address parts: each level is indented by four more characters.
  const parts: string[] = [];
  for (const line of test.app
    .getHttpAdapter()
    .getInstance()
    .printRoutes({ commonPrefix: false })
    .split('\n')) {
    const [, indent, part, methods] = /^([│ ]*)[├└]── (\S*)(?: \(([A-Z, ]+)\))?/.exec(line) ?? [];
    if (indent === undefined) continue;
    parts.splice(indent.length / 4, Infinity, part!);
    for (const method of methods?.split(', ') ?? []) served.push({ method, url: parts.join('') });
  }
});
afterAll(() => test.close());

const ID = '0193a1b2-0000-7000-8000-000000000000';
const filled = ({ path }: Operation, id = ID) => path.replaceAll(/\{\w+\}/g, id);

it('lists every operation of the document, and no other', () => {
  expect(operations.map(({ key }) => key).sort()).toEqual(Object.keys(POLICY).sort());
});

it('says in the document what the policy is', () => {
  const documented = Object.fromEntries(
    operations.map(({ key, wantsToken, raw }) => [key, raw['x-role'] ?? (wantsToken ? 'user' : 'public')]),
  );
  expect(documented).toEqual(POLICY);
  const open = operations.filter(({ raw }) => raw['x-open-to-suspended']).map(({ key }) => key);
  expect(open.sort()).toEqual([...OPEN_TO_SUSPENDED].sort());
});

it('knows of every route that is served', () => {
  expect(served.length).toBeGreaterThan(operations.length);
  const templates = new Set(operations.map(({ path }) => path.replaceAll(/\{(\w+)\}/g, ':$1')));
  const unknown = served.filter(({ url }) => !templates.has(url) && !BESIDE_THE_DOCUMENT.test(url));
  expect(unknown).toEqual([]);
});

it('lets nobody in without a token, whatever the ids and the body', async () => {
  for (const operation of operations.filter(({ key }) => POLICY[key] !== 'public')) {
    for (const [id, body] of [
      [ID, undefined],
      ['not-an-id', {}],
      ['%00', 'x'],
    ] as const) {
      const answer = await send(
        test,
        operation.method,
        filled(operation, id),
        operation.method === 'GET' ? undefined : body,
        {
          ...(typeof body === 'string' && { 'content-type': 'application/json' }),
        },
      );
      // A body that cannot be parsed is refused before anybody looks for a token.
      if (answer.status !== 401)
        expect([operation.key, id, answer.status]).toEqual([operation.key, '%00', 400]);
      else expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
  }
});

it('lets nobody in with what is not a token', async () => {
  const person = await signIn(test);
  const { token } = test.app.get(AccessTokens).issue(person.id, person.sessionId);
  const [header, payload, signature] = token.split('.') as [string, string, string];
  const bad = [
    'garbage',
    '...',
    `${header}.${payload}.`,
    `${header}.${Buffer.from('no json').toString('base64url')}.${signature}`,
    `${header}.${payload}.${signature.slice(0, -2)}AA`,
    `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`,
    'a'.repeat(8_000),
    token.replaceAll('.', ' '),
  ];
  const headers = [
    ...bad.map((text) => `Bearer ${text}`),
    `Basic ${token}`,
    token,
    `bearer`,
    'Bearer ',
    'Bearer null',
    `Token ${token}`,
  ];
  for (const authorization of headers) {
    expectProblem(await send(test, 'GET', '/users/me', undefined, { authorization }), 401, 'unauthorized');
  }
  for (const operation of operations.filter(({ key }) => POLICY[key] !== 'public')) {
    const answer = await send(test, operation.method, filled(operation), undefined, {
      authorization: `Bearer ${bad[3]}`,
    });
    expectProblem(answer, 401, 'unauthorized');
  }
  expectProblem(await send(test, 'GET', `/users/me?access_token=${token}`), 401, 'unauthorized');
  expectProblem(
    await send(test, 'GET', '/users/me', undefined, { cookie: `token=${token}` }),
    401,
    'unauthorized',
  );
  expect((await send(test, 'GET', '/users/me', undefined, { authorization: `Bearer ${token}` })).status).toBe(
    200,
  );
});

it('C1 lets nobody in without the role, whatever the ids and the body', async () => {
  const [person, moderator] = [await signIn(test), await signIn(test)];
  await test.db.prisma.user.update({ where: { id: moderator.id }, data: { role: 'moderator' } });
  for (const operation of operations.filter(({ key }) => POLICY[key] === 'moderator')) {
    for (const id of [ID, person.id, 'not-an-id']) {
      const body = operation.method === 'GET' ? undefined : {};
      const ask = (as: Person) => as.send(operation.method, filled(operation, id), body);
      expectProblem(await ask(person), 403, 'forbidden');
      expect([operation.key, (await ask(moderator)).status]).not.toEqual([operation.key, 403]);
    }
  }
});

it('C1 lets somebody who is suspended to what is their own, and nowhere else', async () => {
  const person = await signIn(test);
  await test.db.prisma.user.update({
    where: { id: person.id },
    data: { suspendedAt: test.clock.now(), role: 'moderator' },
  });
  const isLast = ({ key }: Operation) => key === 'POST /auth/logout';
  const asked = operations.filter((operation) => POLICY[operation.key] !== 'public' && !isLast(operation));
  for (const operation of [...asked, ...operations.filter(isLast)]) {
    const body = operation.method === 'GET' ? undefined : {};
    const answer = await person.send(operation.method, filled(operation), body);
    if (OPEN_TO_SUSPENDED.includes(operation.key))
      expect([operation.key, answer.status]).not.toEqual([operation.key, 403]);
    else expectProblem(answer, 403, 'account-suspended');
  }
});

it('lets anybody ask what is public', async () => {
  for (const operation of operations.filter(({ key }) => POLICY[key] === 'public')) {
    const answer = await send(
      test,
      operation.method,
      filled(operation),
      operation.method === 'GET' ? undefined : {},
    );
    expect((answer.body as { code?: string } | undefined)?.code).not.toBe('unauthorized');
  }
});

it('checks every body, query and path parameter of every handler with a schema', () => {
  const KINDS: Record<string, string> = { 3: 'body', 4: 'query', 5: 'path' };
  const FORBIDDEN: Record<string, string> = { 7: 'session', 8: 'file', 9: 'files', 12: 'raw body' };
  const unchecked: string[] = [];
  let seen = 0;
  for (const { instance, metatype } of test.app.get(DiscoveryService, { strict: false }).getControllers()) {
    const prototype = Object.getPrototypeOf(instance) as object;
    for (const name of new MetadataScanner().getAllMethodNames(prototype)) {
      const notes = (Reflect.getMetadata('__routeArguments__', metatype as object, name) ?? {}) as Record<
        string,
        { schema?: unknown }
      >;
      for (const [key, { schema }] of Object.entries(notes)) {
        const kind = KINDS[key.split(':')[0]!];
        if (kind) seen++;
        if ((kind && !schema) || FORBIDDEN[key.split(':')[0]!])
          unchecked.push(`${(metatype as { name: string }).name}.${name} ${kind ?? key}`);
      }
    }
  }
  expect(unchecked).toEqual([]);
  expect(seen).toBeGreaterThan(30);
});
