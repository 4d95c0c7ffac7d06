import { type ChildProcess, spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import { BadRequestException, Body, Controller, Get, Logger, Post, Query } from '@nestjs/common';
import { APP_FILTER, APP_PIPE, NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { z } from 'zod';
import { loadConfig } from '../../src/config/config.js';
import { AccessTokens } from '../../src/platform/auth/access-tokens.js';
import { purgeIdempotencyKeys } from '../../src/platform/http/idempotency.js';
import { Answers } from '../../src/platform/http/answers.js';
import { createAdapter, DEFAULT_BODY_LIMIT_BYTES, registerPlugins } from '../../src/platform/http/fastify.js';
import { writeCursor } from '../../src/platform/http/pagination.js';
import { ProblemFilter } from '../../src/platform/http/problem.filter.js';
import { SchemaPipe } from '../../src/platform/http/schema.pipe.js';
import { instant, safeLine } from '../../src/platform/http/schemas.js';
import { createLogger } from '../../src/platform/observability/logger.js';
import { type Answer, expectFieldFault, expectProblem, type Person, send, signIn } from '../support/api.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { NODE_FLAGS, ownDatabase, PROCESS_ENV } from '../support/lane.js';

const CANARY = 'canary7f3a';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let test: TestApp;
let bori: Person;
let token: string;
beforeAll(async () => {
  test = await startTestApp();
  bori = await signIn(test);
  token = test.app.get(AccessTokens).issue(bori.id, bori.sessionId).token;
});
afterAll(() => test.close());
beforeEach(() => test.db.prisma.pet.deleteMany());

const petCount = () => test.db.prisma.pet.count({ where: { userId: bori.id } });
const addPet = (headers: Record<string, string> = {}, name = '보리') =>
  bori.send('POST', '/pets', { name }, headers);

describe('problems', () => {
  const places: [string, number, string, () => Promise<Answer>][] = [
    ['the filter', 422, 'validation-failed', () => bori.send('POST', '/pets', { name: 7, [CANARY]: CANARY })],
    ['an unknown route', 404, 'not-found', () => bori.send('GET', `/${CANARY}?q=${CANARY}`)],
    ['a bad address', 400, 'bad-request', () => bori.send('GET', `/users/%zz${CANARY}`)],
    ['a long path parameter', 414, 'uri-too-long', () => bori.send('GET', `/users/${CANARY.repeat(61)}`)],
    ['no token', 401, 'unauthorized', () => send(test, 'GET', `/pets/${CANARY}`)],
    [
      'broken JSON',
      400,
      'bad-request',
      () => bori.send('POST', '/pets', `{"name":"${CANARY}`, { 'content-type': 'application/json' }),
    ],
    ['garbage on the socket', 400, 'bad-request', () => raw(`${CANARY} / HTTP/9\r\n\r\n`)],
    [
      'headers of 20 kB',
      431,
      'headers-too-large',
      () => raw(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${CANARY.repeat(2_000)}\r\n\r\n`),
    ],
    [
      'two lengths',
      400,
      'bad-request',
      () =>
        raw(
          `POST /pets HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
        ),
    ],
    [
      'no host',
      400,
      'bad-request',
      () => raw(`GET /health/live HTTP/1.1\r\nConnection: close\r\nX: ${CANARY}\r\n\r\n`),
    ],
  ];

  it.each(places)('%s answers %i %s as problem+json, and echoes nothing', async (_, status, code, ask) => {
    const answer = await ask();
    expectProblem(answer, status, code);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.body).toMatchObject({
      type: `urn:withbowwow:problem:${code}`,
      status,
      title: expect.any(String),
      requestId: expect.stringMatching(UUID),
    });
    if (code !== 'validation-failed') expect(answer.text).not.toContain(CANARY);
    expect(answer.text).not.toMatch(/fastify|nest|node_modules|Exception|stack|at .*\.[jt]s/i);
  });

  it('close a connection that spoke garbage, although the client keeps its side open', async () => {
    const { server } = test.app.getHttpAdapter().getInstance();
    const connections = () =>
      new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
    server.closeIdleConnections();
    while ((await connections()) > 0);
    const socket = await open();
    socket.write('garbage\r\n\r\n');
    await new Promise((resolve) => socket.once('end', resolve).resume());
    while ((await connections()) > 0);
    socket.destroy();
  });

  it.each([
    [undefined, 'ko'],
    ['', 'ko'],
    ['ko-KR,ko;q=0.9,en;q=0.8', 'ko'],
    ['en', 'en'],
    ['en-GB,ko;q=0.9', 'en'],
    ['EN-us', 'en'],
    ['fr, en', 'ko'],
    ['*', 'ko'],
    [',;q=\u00e9', 'ko'],
  ])('Accept-Language %p is answered in %s', async (asked, language) => {
    const answer = await send(
      test,
      'POST',
      '/auth/kakao',
      { code: 7 },
      asked === undefined ? {} : { 'accept-language': asked },
    );
    expectProblem(answer, 422, 'validation-failed');
    expect(answer.headers.get('content-language')).toBe(language);
    const [error] = (answer.body as { errors: { message: string }[] }).errors;
    for (const text of [(answer.body as { title: string }).title, error!.message]) {
      expect(/[가-힣]/.test(text)).toBe(language === 'ko');
    }
  });

  it('carry the request id that was given, or one of ours', async () => {
    const given = await send(test, 'GET', '/nowhere', undefined, { 'x-request-id': 'phone-0123_ABC' });
    expect([given.headers.get('x-request-id'), given.body.requestId]).toEqual([
      'phone-0123_ABC',
      'phone-0123_ABC',
    ]);
    for (const bad of [
      'short',
      'with space in it',
      `${'a'.repeat(65)}`,
      '<script>alert(1)</script>',
      "'; drop table",
    ]) {
      const answer = await send(test, 'GET', '/nowhere', undefined, { 'x-request-id': bad });
      expect(answer.body.requestId).toMatch(UUID);
      expect(answer.headers.get('x-request-id')).toBe(answer.body.requestId);
    }
    expect((await send(test, 'GET', '/health/live')).headers.get('x-request-id')).toMatch(UUID);
  });

  it('name each field, once, and at most twenty of them', async () => {
    const answer = await bori.send('POST', '/pets', {
      name: '',
      sex: 'x',
      weightKg: -1,
      temperament: ['calm', 'angry'],
      more: 1,
    });
    expectProblem(answer, 422, 'validation-failed');
    const paths = answer.body.errors.map((error: { path: string }) => error.path);
    expect(paths.sort()).toEqual(['more', 'name', 'sex', 'temperament.1', 'weightKg']);
    const many = await bori.send(
      'POST',
      '/pets',
      Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, 1])),
    );
    expect(many.body.errors).toHaveLength(20);
    expectFieldFault(await bori.send('GET', '/pets/7'), 'id');
    expectFieldFault(await bori.send('GET', '/pets?limit=0'), 'limit');
    expectFieldFault(await bori.send('GET', '/pets?limit=5&limit=6'), 'limit');
  });
});

describe('a fault of ours', () => {
  it('tells nothing of the database', async () => {
    await test.db.prisma.$executeRaw`alter table pets rename to pets_gone`;
    try {
      const answer = await bori.send('GET', '/pets');
      expectProblem(answer, 500, 'internal-error');
      expect(Object.keys(answer.body).sort()).toEqual(['code', 'requestId', 'status', 'title', 'type']);
      expect(answer.text).not.toMatch(/pets|relation|prisma|sql|42P01/i);
      await test.db.prisma.$executeRaw`alter table sessions rename to sessions_gone`;
      const inGuard = await bori.send('GET', '/users/me');
      await test.db.prisma.$executeRaw`alter table sessions_gone rename to sessions`;
      expectProblem(inGuard, 500, 'internal-error'); // a 401 would log everybody out
    } finally {
      await test.db.prisma.$executeRaw`alter table pets_gone rename to pets`;
    }
  });
});

describe('request bodies', () => {
  const bad = JSON.stringify({ name: 7, weightKg: CANARY });

  it.each([
    'text/plain',
    'text/plain; application/json',
    'application/jsonx',
    'application/json,text/plain',
    'application\t/json',
    'multipart/form-data; boundary=x',
    'application/octet-stream',
    '',
    'json',
    ' ',
    '*/*',
  ])('of type %p are not taken', async (type) => {
    expectProblem(
      await post(`Content-Type: ${type}`, JSON.stringify({ name: '보리' })),
      415,
      'unsupported-media-type',
    );
    expect(await petCount()).toBe(0);
  });

  it.each([
    'Content-Type: application/json',
    'Content-Type: application/json; charset=utf-8',
    'Content-Type: application/json; charset=euc-kr',
    'Content-Type: application/json\t; charset=utf-8',
    'Content-Type: application/json ;x',
    'Content-Type: \tapplication/json',
    'Content-Type:  application/json\t',
    'Content-Type: APPLICATION/JSON',
    'Content-Type: application/json;',
    'Content-Type: application/json garbage',
    'Content-Type: application/json; a=b; a=c',
    'Content-Type: application/json\r\nContent-Type: text/plain',
    'Content-Type: text/plain\r\nContent-Type: application/json',
    'Content-Type: application/x-www-form-urlencoded',
    'Content-Type: application/gpx+xml',
    'Content-Type: application/secevent+jwt',
  ])('with %p are never read without being checked', async (header) => {
    const answer = await post(header, bad);
    expect([400, 415, 422]).toContain(answer.status);
    expect(answer.headers.get('content-type')).toMatch(/problem\+json/);
    expect(await petCount()).toBe(0);
  });

  it('without a type, or none at all, are not taken either', async () => {
    expectProblem(await post('X: y', JSON.stringify({ name: '보리' })), 415, 'unsupported-media-type');
    expectProblem(await bori.send('POST', '/pets'), 422, 'validation-failed');
    expectProblem(
      await bori.send('POST', '/pets', '', { 'content-type': 'application/json' }),
      400,
      'bad-request',
    );
    expectProblem(
      await bori.send('POST', '/pets', 'null', { 'content-type': 'application/json' }),
      422,
      'validation-failed',
    );
  });

  it('have a limit, whatever their type', async () => {
    const atLimit = JSON.stringify({ name: 'a'.repeat(DEFAULT_BODY_LIMIT_BYTES - '{"name":""}'.length) });
    const json = { 'content-type': 'application/json' };
    expectProblem(await bori.send('POST', '/pets', atLimit, json), 422, 'validation-failed');
    expectProblem(await bori.send('POST', '/pets', `${atLimit} `, json), 413, 'payload-too-large');
    for (const type of [
      'application/xml',
      'text/xml',
      'application/gpx+xml',
      'application/secevent+jwt',
      'application/x-www-form-urlencoded',
    ]) {
      const answer = await send(test, 'POST', '/auth/naver', 'a'.repeat(DEFAULT_BODY_LIMIT_BYTES + 1), {
        'content-type': type,
      });
      expectProblem(answer, 413, 'payload-too-large');
    }
  });

  it.each<[string, string, number[]]>([
    ['10,000 levels of lists', `{"name":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, [422]],
    ['10,000 levels of objects', `{"name":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`, [422]],
    [
      '100,000 keys',
      JSON.stringify(Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, 1]))),
      [413],
    ],
    [
      '20,000 keys',
      JSON.stringify(Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, 1]))),
      [422],
    ],
    ['__proto__', `{"name":"보리","__proto__":{"polluted":true}}`, [400, 422]],
    ['a deep __proto__', `{"name":"보리","breed":{"__proto__":{"polluted":true}}}`, [400, 422]],
    ['an escaped __proto__', `{"name":"보리","\\u005f_proto__":{"polluted":true}}`, [400, 422]],
    ['constructor.prototype', `{"name":"보리","constructor":{"prototype":{"polluted":true}}}`, [400, 422]],
    ['a byte order mark', `\ufeff{"name":"보리"}`, [201, 400]],
  ])('with %s do no harm', async (_, body, statuses) => {
    const before = performance.now();
    const answer = await bori.send('POST', '/pets', body, { 'content-type': 'application/json' });
    expect(statuses).toContain(answer.status);
    expect(performance.now() - before).toBeLessThan(1_500);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('may be compressed, but not beyond the limit', async () => {
    const packed = (body: Buffer, encoding = 'gzip') =>
      fetch(`${test.url}/pets`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'content-encoding': encoding,
        },
        body: new Uint8Array(body),
      });
    const statusOf = async (response: Response) => [
      response.status,
      response.headers.get('content-type')?.split(';')[0],
    ];
    const problem = 'application/problem+json';
    expect(await statusOf(await packed(gzipSync(JSON.stringify({ name: '보리' }))))).toEqual([
      201,
      'application/json',
    ]);
    const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024, ' '));
    expect(bomb.length).toBeLessThan(DEFAULT_BODY_LIMIT_BYTES);
    expect(await statusOf(await packed(bomb))).toEqual([413, problem]);
    expect(await statusOf(await packed(Buffer.from('no gzip at all')))).toEqual([400, problem]);
    expect(await statusOf(await packed(gzipSync('{"name":"보리"}').subarray(0, 15)))).toEqual([400, problem]);
    expect(await statusOf(await packed(Buffer.from('{"name":"보리"}'), 'zstd-or-so'))).toEqual([
      415,
      problem,
    ]);
    expect(await petCount()).toBe(1);
  });
});

describe('methods', () => {
  it('HEAD is GET without a body', async () => {
    const found = await fetch(`${test.url}/health/live`, { method: 'HEAD' });
    expect([found.status, await found.text()]).toEqual([200, '']);
    const closed = await fetch(`${test.url}/pets`, { method: 'HEAD' });
    expect([closed.status, await closed.text()]).toEqual([401, '']);
  });

  it.each(['OPTIONS', 'TRACE', 'PROPFIND', 'PUT', 'DELETE'])(
    '%s is not known where it is not declared',
    async (method) => {
      const answer = await raw(
        `${method} /pets HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
      );
      expect([404, 405]).toContain(answer.status);
      expect(answer.headers.get('content-type')).toMatch(/problem\+json/);
    },
  );

  it('cannot be overridden', async () => {
    const { data: pet } = await bori.api.POST('/pets', { body: { name: '보리' } });
    for (const name of ['x-http-method-override', 'x-method-override', 'x-http-method']) {
      expect(
        (await bori.send('GET', `/pets/${pet!.id}?_method=DELETE`, undefined, { [name]: 'DELETE' })).status,
      ).toBe(200);
    }
    expect(await petCount()).toBe(1);
  });
});

describe('headers of every answer', () => {
  it('are safe ones', async () => {
    for (const path of ['/health/live', '/nowhere', '/docs']) {
      const headers = await headersOf(path);
      expect(headers.get('content-security-policy')).toContain("default-src 'self'");
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('strict-transport-security')).toMatch(/max-age=\d{7,}/);
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('server')).toBeNull();
      expect(headers.get('cache-control')).toContain('no-store');
    }
    const headers = await headersOf('/users/%zz');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-request-id')).toMatch(UUID);
  });

  it('let no other origin in', async () => {
    const headers = await headersOf('/health/live', { origin: 'https://evil.example' });
    expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });

  it('say that long answers are compressed, when the client can read that', async () => {
    const packed = await raw(
      `GET /openapi.json HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n`,
    );
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(
      (await headersOf('/openapi.json', { 'accept-encoding': 'identity' })).get('content-encoding'),
    ).toBeNull();
    expect(
      (await headersOf('/health/live', { 'accept-encoding': 'gzip' })).get('content-encoding'),
    ).toBeNull();
  });
});

describe('Idempotency-Key', () => {
  const withKey = (key: string) => ({ 'idempotency-key': key });

  it('answers again what it answered, and does nothing', async () => {
    const first = await addPet(withKey('k-replay'));
    const second = await addPet(withKey('k-replay'));
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.text).toBe(first.text);
    expect(await petCount()).toBe(1);
  });

  it('refuses another body, and another route', async () => {
    await addPet(withKey('k-other'));
    expectProblem(await addPet(withKey('k-other'), '초코'), 422, 'idempotency-key-reused');
    const consent = { kind: 'terms', version: '1', granted: true };
    expectProblem(
      await bori.send('POST', '/users/me/consents', consent, withKey('k-other')),
      422,
      'idempotency-key-reused',
    );
    expect(await petCount()).toBe(1);
  });

  it('has one effect when two come at once', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => addPet(withKey('k-race'))));
    expect(await petCount()).toBe(1);
    const statuses = new Set(answers.map(({ status }) => status));
    expect([...statuses].every((status) => status === 201 || status === 409)).toBe(true);
    expect(statuses).toContain(201);
    expect(new Set(answers.filter(({ status }) => status === 201).map(({ text }) => text)).size).toBe(1);
    for (const answer of answers.filter(({ status }) => status === 409)) {
      expectProblem(answer, 409, 'request-in-flight');
      expect(answer.headers.get('retry-after')).toBe('1');
    }
  });

  it('keeps nothing of a failure', async () => {
    const stored = () => test.db.prisma.idempotencyKey.count({ where: { key: { startsWith: 'k-fail' } } });
    expectProblem(
      await bori.send('POST', '/pets', { name: '' }, withKey('k-fail')),
      422,
      'validation-failed',
    );
    await test.db.prisma.$executeRaw`alter table pets rename to pets_gone`;
    const failed = await addPet(withKey('k-fail'));
    await test.db.prisma.$executeRaw`alter table pets_gone rename to pets`;
    expectProblem(failed, 500, 'internal-error');
    expect(await stored()).toBe(0);
    expect((await addPet(withKey('k-fail'), '초코')).status).toBe(201);
    expect(await stored()).toBe(1);
  });

  it('is written with the effect or not at all', async () => {
    await test.db.prisma
      .$executeRaw`alter table idempotency_keys add constraint full_disk check (key <> 'k-crash')`;
    expect((await addPet(withKey('k-crash'))).status).toBeGreaterThanOrEqual(500);
    expect(await petCount()).toBe(0);
    await test.db.prisma.$executeRaw`alter table idempotency_keys drop constraint full_disk`;
    expect((await addPet(withKey('k-crash'))).status).toBe(201);
  });

  it('is good for 24 hours, and then forgotten', async () => {
    const startedAt = test.clock.nowMs();
    const first = await addPet(withKey('k-old'));
    test.clock.advance({ hours: 23, minutes: 59 });
    expect((await addPet(withKey('k-old'))).text).toBe(first.text);
    await test.db.transaction((tx) =>
      test.queue.enqueue(tx, purgeIdempotencyKeys, { slotAt: test.clock.now().toISOString() }),
    );
    await test.queue.drain();
    expect(await test.db.prisma.idempotencyKey.count({ where: { key: 'k-old' } })).toBe(1);
    test.clock.set(startedAt + 24 * 3_600_000);
    const second = await addPet(withKey('k-old'), '초코');
    expect(second.status).toBe(201);
    expect(await petCount()).toBe(2);
    test.clock.advance({ hours: 25 });
    await test.db.transaction((tx) =>
      test.queue.enqueue(tx, purgeIdempotencyKeys, { slotAt: test.clock.now().toISOString() }),
    );
    await test.queue.drain();
    expect(await test.db.prisma.idempotencyKey.count({ where: { key: 'k-old' } })).toBe(0);
  });

  it('is the key of one user', async () => {
    const choco = await signIn(test);
    const mine = await addPet(withKey('k-shared'));
    const theirs = await choco.send('POST', '/pets', { name: '초코' }, withKey('k-shared'));
    expect([mine.status, theirs.status]).toEqual([201, 201]);
    expect(theirs.body.name).toBe('초코');
    expect(theirs.body.id).not.toBe(mine.body.id);
  });

  it.each(['', ' ', 'with space', 'é', 'a'.repeat(256)])('%p is no key', async (key) => {
    expectFieldFault(await addPet(withKey(key)), 'Idempotency-Key');
    expect(await petCount()).toBe(0);
  });
});

describe('pages', () => {
  const names = async (path: string) => {
    const { body } = await bori.send('GET', path);
    return {
      names: body.items.map((pet: { name: string }) => pet.name),
      next: body.nextCursor as string | null,
    };
  };
  const at = new Date('2026-11-01T00:00:00.000Z');
  const row = (i: number, name = `p${i}`) => ({
    id: `00000000-0000-7000-8000-${String(i).padStart(12, '0')}`,
    userId: bori.id,
    name,
    createdAt: new Date(at.getTime() + Math.floor(i / 3) * 1_000), // three of each instant
  });

  it('O02 show each row once while rows are added and removed', async () => {
    await test.db.prisma.pet.createMany({ data: Array.from({ length: 10 }, (_, i) => row(i)) });
    const first = await names('/pets?limit=4');
    expect(first.names).toEqual(['p9', 'p8', 'p7', 'p6']);
    await test.db.prisma.pet.create({ data: row(11, 'new') });
    await test.db.prisma.pet.delete({ where: { id: row(6).id } }); // the row that the cursor names
    const second = await names(`/pets?limit=4&cursor=${first.next}`);
    expect(second.names).toEqual(['p5', 'p4', 'p3', 'p2']);
    const third = await names(`/pets?limit=4&cursor=${second.next}`);
    expect(third).toEqual({ names: ['p1', 'p0'], next: null });
  });

  it('refuse a cursor that is cut or altered, and take no harm from a foreign one', async () => {
    await test.db.prisma.pet.createMany({ data: Array.from({ length: 3 }, (_, i) => row(i)) });
    const cursor = (await names('/pets?limit=1')).next!;
    const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const bent = [
      '',
      cursor.slice(0, -3),
      cursor.slice(3),
      'null',
      encoded(null),
      encoded([]),
      encoded(['2026-11-01T00:00:00.000Z']),
      encoded(['2026-11-01T00:00:00.000Z', 'x']),
      encoded(['2026-02-30T00:00:00.000Z', row(1).id]),
      encoded(['+294277-01-01T00:00:00.000Z', row(1).id]),
      encoded(["2026-11-01T00:00:00.000Z' or 1=1 --", row(1).id]),
      encoded([7, row(1).id]),
      encoded({ 0: '2026-11-01T00:00:00.000Z', 1: row(1).id, length: 2 }),
      encoded(['2026-11-01T00:00:00.000Z', row(1).id, 1]),
      'a'.repeat(501),
      '%00',
    ];
    for (const value of bent) {
      for (const path of ['/pets', '/walks', '/users/me/consents', '/auth/sessions']) {
        expectFieldFault(await bori.send('GET', `${path}?cursor=${value}`), 'cursor');
      }
    }
    const far = ['0000-01-01T00:00:00.000Z', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z'];
    for (const instantText of far) {
      for (const path of ['/pets', '/walks', '/users/me/consents', '/auth/sessions']) {
        const answer = await bori.send('GET', `${path}?cursor=${encoded([instantText, row(1).id])}`);
        if (answer.status !== 200) expectFieldFault(answer, 'cursor');
      }
    }
    const stranger = await signIn(test);
    const theirs = await stranger.send(
      'GET',
      `/pets?cursor=${writeCursor({ at: new Date(at.getTime() + 60_000), id: row(1).id })}`,
    );
    expect(theirs.body).toEqual({ items: [], nextCursor: null });
  });
});

const labView = z.object({
  kept: z.string(),
  at: instant,
  nothing: z.string().nullable(),
  missing: z.string().optional(),
  nested: z.object({ kept: z.int() }).nullable(),
  list: z.array(z.object({ kept: z.boolean() })),
  either: z.union([
    z.object({ kind: z.literal('a'), a: z.string() }),
    z.object({ kind: z.literal('b'), b: z.string() }),
  ]),
});
let thrown: unknown;

@Controller('lab')
class Lab {
  @Get('view')
  @Answers(200, labView, { summary: 'more than was promised' })
  view() {
    const secret = CANARY;
    return {
      kept: 'yes',
      at: new Date('2026-11-20T03:00:00.123Z'),
      nothing: null,
      nested: { kept: 1, secret },
      list: [{ kept: true, secret }],
      either: { kind: 'b' as const, b: 'b', secret },
      secret,
    };
  }

  @Get('fault')
  @Answers(200, z.object({ never: z.string().optional() }), { summary: 'throws' })
  fault(): { never?: string } {
    throw thrown;
  }

  @Post('echo')
  @Answers(200, z.object({ name: z.string() }), { summary: 'checked' })
  echo(
    @Body({ schema: z.strictObject({ name: safeLine(1, 10) }) }) body: { name: string },
    @Query({ schema: z.strictObject({}) }) _: object,
  ) {
    return body;
  }
}

describe('a route of its own', () => {
  let lab: NestFastifyApplication;
  let lines: string;
  beforeAll(async () => {
    const config = loadConfig({
      NODE_ENV: 'test',
      LOG_LEVEL: 'info',
      CORS_ORIGINS: 'https://app.withbowwow.kr',
      TRUST_PROXY: '10.0.0.0/8',
    });
    const into = new PassThrough();
    into.on('data', (chunk: Buffer) => (lines += chunk.toString()));
    const module = {
      module: class {},
      controllers: [Lab],
      providers: [
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_PIPE, useClass: SchemaPipe },
      ],
    };
    Logger.overrideLogger(false);
    lab = await NestFactory.create<NestFastifyApplication>(
      module,
      createAdapter(config, createLogger(config, into)),
      { logger: false },
    );
    await registerPlugins(lab.getHttpAdapter().getInstance(), config);
    await lab.init();
    await lab.getHttpAdapter().getInstance().ready();
  });
  afterAll(() => lab.close());
  beforeEach(() => (lines = ''));

  const inject = (
    method: 'GET' | 'POST' | 'OPTIONS',
    url: string,
    headers: Record<string, string> = {},
    payload?: object,
  ) => lab.getHttpAdapter().getInstance().inject({ method, url, headers, payload });
  const logged = () =>
    lines
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it('answers only the fields that its schema names, at every depth', async () => {
    const answer = await inject('GET', '/lab/view');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      kept: 'yes',
      at: '2026-11-20T03:00:00.123Z',
      nothing: null,
      nested: { kept: 1 },
      list: [{ kept: true }],
      either: { kind: 'b', b: 'b' },
    });
  });

  it.each<[string, () => unknown]>([
    [
      'an Error',
      () => Object.assign(new Error(`at db.internal: ${CANARY}`), { code: 'EWHATEVER', sql: CANARY }),
    ],
    ['an Error that claims to be a success', () => Object.assign(new Error(CANARY), { statusCode: 200 })],
    ['a text', () => CANARY],
    ['nothing', () => undefined],
    ['null', () => null],
    ['an object', () => ({ secret: CANARY })],
  ])('that throws %s answers 500, tells nothing, and is logged once', async (_, error) => {
    thrown = error();
    const answer = await inject('GET', '/lab/fault', { 'x-request-id': 'request-500' });
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toEqual({
      type: 'urn:withbowwow:problem:internal-error',
      title: expect.any(String),
      status: 500,
      code: 'internal-error',
      requestId: 'request-500',
    });
    const errors = logged().filter(({ level }) => level === 'error');
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ msg: 'request failed', code: 'internal-error', reqId: 'request-500' });
  });

  it('that refuses is no error in the log, and keeps the words of Nest to itself', async () => {
    thrown = new BadRequestException(CANARY);
    const answer = await inject('GET', '/lab/fault');
    expect(answer.statusCode).toBe(400);
    expect(answer.body).not.toContain(CANARY);
    expect(logged().filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('is logged by its pattern: no address, no body, no query', async () => {
    await inject(
      'POST',
      `/lab/echo?${CANARY}=1`,
      { cookie: CANARY, authorization: CANARY },
      { name: CANARY, [CANARY]: CANARY },
    );
    await inject('GET', `/lab/${CANARY}`);
    expect(lines).not.toContain(CANARY);
    expect(logged()).toContainEqual(
      expect.objectContaining({ msg: 'request answered', method: 'POST', route: '/lab/echo', status: 422 }),
    );
  });

  it('lets in the origins that are named, and only those', async () => {
    const preflight = (origin: string) =>
      inject('OPTIONS', '/lab/echo', { origin, 'access-control-request-method': 'POST' });
    const allowed = await preflight('https://app.withbowwow.kr');
    expect(allowed.statusCode).toBe(204);
    expect(allowed.headers['access-control-allow-origin']).toBe('https://app.withbowwow.kr');
    expect(allowed.headers.vary).toMatch(/origin/i);
    for (const origin of [
      'https://evil.example',
      'https://app.withbowwow.kr.evil.example',
      'null',
      'http://app.withbowwow.kr',
    ]) {
      expect((await preflight(origin)).headers['access-control-allow-origin']).toBeUndefined();
      expect(
        (await inject('GET', '/lab/view', { origin })).headers['access-control-allow-origin'],
      ).toBeUndefined();
    }
    expect(allowed.headers['access-control-allow-credentials']).toBeUndefined();
  });
});

describe('stopping', () => {
  it('finishes what was begun, says 503 to who asks whether it is ready, and exits', async () => {
    const database = await ownDatabase();
    const child = await startProcess(database.env);
    try {
      const busy = await open(child.port);
      const half = '{"name":';
      const body = `${half}"보리"}`;
      busy.write(
        `POST /auth/refresh HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${half}`,
      );
      const probe = await open(child.port);
      probe.write('GET /health/ready HTTP/1.1\r\nHost: x\r\n');
      const answers = [reply(busy), reply(probe)];
      await fetch(`http://127.0.0.1:${child.port}/health/live`); // by now the halves above have arrived
      child.process.kill('SIGTERM');
      await refused(child.port);
      probe.write('\r\n');
      busy.write(body.slice(half.length));
      const [finished, ready] = await Promise.all(answers);
      expectProblem(finished!, 422, 'validation-failed');
      expectProblem(ready!, 503, 'service-unavailable');
      expect(await child.exit).toBe(0);
    } finally {
      child.process.kill('SIGKILL');
      await database.remove();
    }
  });
});

interface Child {
  process: ChildProcess;
  port: number;
  exit: Promise<number | string | null>;
}

/** The service as a process of its own. */
async function startProcess(env: Record<string, string>): Promise<Child> {
  const child = spawn(process.execPath, [...NODE_FLAGS, 'dist/src/main.js'], {
    env: { ...PROCESS_ENV, NODE_ENV: 'test', PORT: '0', LOG_LEVEL: 'error', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = new Promise<number | string | null>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal)),
  );
  const port = await new Promise<number>((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const found = /http:\/\/[^:]+:(\d+)/.exec(said)?.[1];
      if (found) resolve(Number(found));
    });
    child.once('exit', () => reject(new Error(`The service did not start: ${said}`)));
  });
  return { process: child, port, exit };
}

/** Reads the body as well, so that the connection is free again. */
async function headersOf(path: string, headers: Record<string, string> = {}): Promise<Headers> {
  const response = await fetch(test.url + path, { headers });
  await response.arrayBuffer();
  return response.headers;
}

function open(port = Number(new URL(test.url).port)): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => resolve(socket)).once(
      'error',
      reject,
    );
  });
}

/** Resolves when the port takes no more connections. */
async function refused(port: number): Promise<void> {
  for (;;) {
    const socket = await open(port).catch(() => null);
    if (!socket) return;
    socket.destroy();
  }
}

/** What is not HTTP as `fetch` would speak it. */
async function raw(text: string): Promise<Answer> {
  const socket = await open();
  const answer = reply(socket);
  socket.write(text);
  return answer;
}

const post = (contentType: string, body: string) =>
  raw(
    `POST /pets HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\n${contentType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );

async function reply(socket: Socket): Promise<Answer> {
  const parts: Buffer[] = [];
  await new Promise<void>((resolve) => {
    socket.on('data', (part: Buffer) => parts.push(part));
    socket
      .once('end', resolve)
      .once('close', resolve)
      .once('error', () => resolve());
  });
  socket.destroy();
  const all = Buffer.concat(parts);
  const end = all.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = all.subarray(0, end).toString().split('\r\n');
  const headers = new Headers(
    lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const body = all.subarray(end + 4);
  const isPacked =
    headers.get('content-encoding') === 'gzip' && headers.get('transfer-encoding') !== 'chunked';
  const text = (isPacked ? gunzipSync(body) : body).toString();
  const isProblem = headers.get('content-type')?.includes('problem+json') ?? false;
  return {
    status: Number(statusLine.split(' ')[1]),
    headers,
    text,
    body: isProblem ? (JSON.parse(text) as unknown) : text,
  };
}
