/** What an attacker sends, to all of the service at once. `docs/security.md` has the map of what is tested where. */
import { once } from 'node:events';
import { Agent, get as httpGet, type IncomingMessage, METHODS, request } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { v7 as uuidv7 } from 'uuid';
import { createApp } from '../../src/app.js';
import { loadConfig } from '../../src/config/config.js';
import { Erasures } from '../../src/modules/accounts/erasures.service.js';
import { Exports } from '../../src/modules/accounts/export/exports.service.js';
import { AccessTokens } from '../../src/platform/auth/access-tokens.js';
import { Alerts } from '../../src/platform/observability/alerts.js';
import { streetWalk } from '../builders/tracks.js';
import { wirePoints } from '../builders/wire.js';
import { type KakaoLocalSimulator, startKakaoLocal } from '../simulators/kakao-local.js';
import { type LoginProviders, startLoginProviders } from '../simulators/login-providers.js';
import { type Slack, startSlack } from '../simulators/slack.js';
import { contractOf, expectProblem, type Person, send, signIn } from '../support/api.js';
import { given } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { borrowedDatabase, type OwnDatabase, ownDatabase, SERVER_URL } from '../support/lane.js';
import { LeakWatch } from '../support/leaks.js';
import { type JsonSchema, type Operation, operationsOf } from '../support/operations.js';
import { startStores, type Stores } from '../support/sales.js';
import { TestClock } from '../support/test-clock.js';

const METRICS_TOKEN = 'metrics-token-for-tests-0123456789abcdef';
/** In each text that is sent, and so in nothing that is written about them. */
const CANARY = 'zq7';

const clock = new TestClock();
let database: OwnDatabase;
let providers: LoginProviders;
let stores: Stores;
let kakaoLocal: KakaoLocalSimulator;
let slack: Slack;
let test: TestApp;
let operations: Operation[];
let bori: Person;
let friend: Person;
let admin: Person;
const lines: string[] = [];

beforeAll(async () => {
  [database, providers, stores, kakaoLocal, slack] = await Promise.all([
    ...([borrowedDatabase(), startLoginProviders({ now: () => clock.nowMs() })] as const),
    ...([startStores(clock), startKakaoLocal(), startSlack()] as const),
  ]);
  const env = { ...providers.env, ...stores.env, ...kakaoLocal.env };
  test = await startTestApp({
    ...{ clock, database },
    env: { ...env, METRICS_TOKEN, SLACK_WEBHOOK_URL: slack.webhook },
  });
  const write = test.log.write.bind(test.log);
  test.log.write = (line) => {
    lines.push(line);
    write(line);
  };
  operations = operationsOf(contractOf(test).document);
  [bori, friend, admin] = [await signIn(test), await signIn(test), await signIn(test)];
  await test.db.prisma.user.update({ where: { id: admin.id }, data: { role: 'admin' } });
});
afterAll(async () => {
  await test.close();
  await database.remove();
  await Promise.all([providers.close(), stores.close(), kakaoLocal.close(), slack.close()]);
});

const bearer = (person: Person) =>
  `Bearer ${test.app.get(AccessTokens).issue(person.id, person.sessionId).token}`;
const problemType = 'application/problem+json; charset=utf-8';

/** What some reader on the way may take for more than text: 20 characters at most, so that it fits a name. */
const INJECTIONS = {
  sql: `${CANARY}'; drop table--`,
  'sql comment': `${CANARY}'/**/or/**/1=1#`,
  'sql wildcards': `%_${CANARY}%_`,
  'sql parameter': `$1 :id ?${CANARY}`,
  json: `${CANARY}","role":"a"}`,
  nosql: `{"$ne":"${CANARY}"}`,
  template: `${CANARY}{{7*7}}\${7*7}`,
  'server template': `<%=7*7%>#{7}${CANARY}`,
  shell: `${CANARY}\`id\`$(id)|id`,
  'shell separators': `;id&&id||id ${CANARY}`,
  script: `<script>${CANARY}()//`,
  attribute: `"><img src=${CANARY}>`,
  handler: `' onload='${CANARY}()`,
  entity: `&lt;${CANARY}&#39;&amp;`,
  xml: `]]><!ENTITY ${CANARY}>`,
  path: `../../${CANARY}/passwd`,
  'windows path': `..\\..\\${CANARY}`,
  'encoded path': `%2e%2e%2f${CANARY}%00`,
  format: `%s%n%x%d${CANARY}%p`,
  prototype: '__proto__',
  constructor: 'constructor',
  'method of objects': 'toString',
  formula: `=HYPERLINK(${CANARY})`,
  slack: `<!channel> ${CANARY}`,
  markdown: `[${CANARY}](a:b)`,
  label: `${CANARY}"} 1 # HELP`,
  'escaped line break': `${CANARY}\\r\\nX: y`,
  ldap: `*)(uid=${CANARY})`,
  url: `a://${CANARY}@b`,
  'joined emoji': `👩‍👩‍👧 ${CANARY}`,
  'Hangul in pieces': `보리 ${CANARY}`.normalize('NFD'),
  'an invisible character': `보\u200b리 ${CANARY}`,
  'marks over marks': `a\u0301\u0302\u0303\u0304\u0305${CANARY}`,
} as const;
/** Of these no text may have one. */
const REFUSED = {
  nul: `${CANARY}\u0000b`,
  escape: `\u001b[31m${CANARY}`,
  backspace: `${CANARY}\b\b`,
  delete: `${CANARY}\u007f`,
  'right to left': `\u202e${CANARY}gnp.exe`,
  isolate: `\u2066${CANARY}\u2069`,
  'line separator': `${CANARY}\u2028x`,
  'byte order mark': `${CANARY}\ufeffx`,
  'half a character': `${CANARY}\ud83d`,
  'nothing to see': '\u200b\u3164',
} as const;
/** Refused on a line, kept in a text of several. */
const BREAKS = { crlf: `${CANARY}\r\nX-Evil: 1`, 'line feed': `${CANARY}\n{"level":1}` } as const;
const ALL = [...Object.values(INJECTIONS), ...Object.values(REFUSED), ...Object.values(BREAKS)];

/** The embedded lane takes every third; which, differs from field to field. */
const some = <T>(all: readonly T[], shift: number, every = SERVER_URL ? 1 : 3): T[] =>
  all.filter((_, i) => (i + shift) % every === 0);

/** What was logged since, none of which tells of what was sent. */
function expectQuietLines(from: number): void {
  const heard = lines.slice(from);
  expect(heard.length).toBeGreaterThan(0);
  expect(heard.filter((line) => line.includes(CANARY))).toEqual([]);
  for (const line of heard) {
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), msg: expect.any(String) });
  }
}

/** Sends a JSON body that has the text in that field. */
type Write = (text: string) => Promise<{ status: number; text: string; body: Record<string, unknown> }>;

describe('injection', () => {
  let pet: string;
  let record: string;
  let walk: string;
  let friendsWalk: string;
  let comment: string;
  let meetup: string;
  let report: string;
  let kakaoToken: string;
  const MEETUP = {
    ...{ title: '모임', placeName: '정문', lat: 37.54, lng: 127.04, capacity: 4 },
    startsAt: '2026-11-22T01:00:00.000Z',
  };

  beforeAll(async () => {
    const made = async (as: Person, path: string, body: object): Promise<string> => {
      const { status, text, body: answer } = await as.send('POST', path, body);
      if (status >= 300) throw new Error(`POST ${path} → ${text}`);
      return answer.id as string;
    };
    pet = (await given.pet(bori)).id;
    record = await made(bori, `/pets/${pet}/health`, { kind: 'vet_visit', date: '2026-11-01' });
    walk = (await given.walk(bori, { petId: pet, km: 0.6, visibility: 'public' })).id;
    friendsWalk = (await given.walk(friend, { km: 0.6, visibility: 'public' })).id;
    comment = await made(bori, '/comments', { walkId: friendsWalk, body: '좋아요' });
    meetup = await made(bori, '/meetups', MEETUP);
    report = await made(friend, '/reports', { targetKind: 'walk', targetId: walk, reason: 'spam' });
    const { id } = providers.kakao.addUser({ id: '7300000001' });
    kakaoToken = providers.kakao.accessToken(id);
    await test.queue.drain();
  });

  type Undo = (answer: { id: string }) => Promise<unknown>;
  /** @param undo takes away again what there may be few of */
  const write =
    (
      method: string,
      path: () => string,
      body: (text: string) => object,
      undo?: Undo,
      as = () => bori,
    ): Write =>
    async (text) => {
      const answer = await as().send(method, path(), body(text));
      if (answer.status < 300) await undo?.(answer.body as { id: string });
      return answer;
    };
  const undoing =
    (table: 'pet' | 'privacyZone' | 'walk' | 'invitation' | 'meetup' | 'report' | 'healthRecord'): Undo =>
    ({ id }) =>
      (test.db.prisma[table] as { delete(args: object): Promise<unknown> }).delete({ where: { id } });
  const settings = (field: string) =>
    write(
      'PATCH',
      () => '/users/me',
      (text) => ({ [field]: text }),
    );
  const health = (field: string) => ({
    [`POST /pets/{id}/health ${field}`]: write(
      'POST',
      () => `/pets/${pet}/health`,
      (text) => ({ kind: 'vet_visit', date: '2026-11-02', [field]: text }),
      undoing('healthRecord'),
    ),
    [`PATCH /pets/{id}/health/{recordId} ${field}`]: write(
      'PATCH',
      () => `/pets/${pet}/health/${record}`,
      (text) => ({ [field]: text }),
    ),
  });
  const ofPet = (field: string) => ({
    [`POST /pets ${field}`]: write(
      'POST',
      () => '/pets',
      (text) => ({ name: '보리', [field]: text }),
      undoing('pet'),
    ),
    [`PATCH /pets/{id} ${field}`]: write(
      'PATCH',
      () => `/pets/${pet}`,
      (text) => ({ [field]: text }),
    ),
  });
  const ofMeetup = (field: string) => ({
    [`POST /meetups ${field}`]: write(
      'POST',
      () => '/meetups',
      (text) => ({ ...MEETUP, [field]: text }),
      undoing('meetup'),
    ),
    [`PATCH /meetups/{id} ${field}`]: write(
      'PATCH',
      () => `/meetups/${meetup}`,
      (text) => ({ [field]: text }),
    ),
  });
  const ofWalk = (field: string) =>
    write(
      'PATCH',
      () => `/walks/${walk}`,
      (text) => ({ [field]: text }),
    );
  const points = wirePoints(streetWalk({ startMs: Date.parse('2026-11-18T01:00:00Z'), km: 0.1, seed: 3 }));

  /** Each free text of a JSON body. */
  const WRITES: Record<string, Write> = {
    'PATCH /users/me nickname': settings('nickname'),
    'PATCH /users/me bio': settings('bio'),
    'POST /users/me/privacy-zones name': write(
      'POST',
      () => '/users/me/privacy-zones',
      (name) => ({ name, lat: 37.5, lng: 127.1, radiusM: 200 }),
      undoing('privacyZone'),
    ),
    ...{ ...ofPet('name'), ...ofPet('breed'), ...health('title'), ...health('note') },
    'POST /walks title': write(
      'POST',
      () => '/walks',
      (title) => ({ petIds: [pet], title }),
      undoing('walk'),
    ),
    'PUT /walks/{id} title': write(
      'PUT',
      () => `/walks/${uuidv7()}`,
      (title) => ({ petIds: [pet], title, points }),
      undoing('walk'),
    ),
    'PATCH /walks/{id} title': ofWalk('title'),
    'PATCH /walks/{id} memo': ofWalk('memo'),
    'POST /comments body': write(
      'POST',
      () => '/comments',
      (body) => ({ walkId: friendsWalk, body }),
    ),
    'PATCH /comments/{id} body': write(
      'PATCH',
      () => `/comments/${comment}`,
      (body) => ({ body }),
    ),
    'POST /invitations message': write(
      'POST',
      () => '/invitations',
      (message) => ({ userId: friend.id, message }),
      undoing('invitation'),
    ),
    ...{ ...ofMeetup('title'), ...ofMeetup('description'), ...ofMeetup('placeName') },
    'POST /reports note': write(
      'POST',
      () => '/reports',
      (note) => ({ targetKind: 'user', targetId: friend.id, reason: 'other', note }),
      undoing('report'),
    ),
    'POST /admin/reports/{id}/actions reason': write(
      'POST',
      () => `/admin/reports/${report}/actions`,
      (reason) => ({ action: 'dismiss', reason }),
      () => test.db.prisma.report.update({ where: { id: report }, data: { state: 'open', settledAt: null } }),
      () => admin,
    ),
    'POST /admin/users/{id}/suspension reason': write(
      'POST',
      () => `/admin/users/${friend.id}/suspension`,
      (reason) => ({ suspended: true, reason }),
      () => test.db.prisma.user.update({ where: { id: friend.id }, data: { suspendedAt: null } }),
      () => admin,
    ),
    'POST /auth/kakao deviceName': async (deviceName) => {
      const answer = await send(test, 'POST', '/auth/kakao', { accessToken: kakaoToken, deviceName });
      if (answer.status >= 300) return answer;
      const kept = deviceName.trim().normalize('NFC');
      const session = await test.db.prisma.session.findFirst({ where: { deviceName: kept } });
      return { ...answer, body: { deviceName: session?.deviceName ?? null } };
    },
  };
  /** Of logins and links that a code opens once, or that somebody else signs: that they break nothing is tested below. */
  const NOT_WRITTEN = [
    ...['naver', 'apple', 'link/kakao', 'link/naver', 'link/apple'].map(
      (path) => `POST /auth/${path} deviceName`,
    ),
    ...['apple', 'link/apple'].map((path) => `POST /auth/${path} name`),
    ...['POST /auth/callbacks/apple payload', 'POST /push-tokens token'],
  ];

  it('knows every free text of every body', () => {
    const found = operations.flatMap(({ key, body }) =>
      body?.mediaType === 'application/json'
        ? textsOf(body.schema)
            .filter(({ schema }) => schema.pattern === undefined)
            .map(({ path }) => `${key} ${path.join('.')}`)
        : [],
    );
    expect([...new Set(found)].sort()).toEqual([...Object.keys(WRITES), ...NOT_WRITTEN].sort());
  });

  it.each(Object.keys(WRITES))('%s is kept as it is, or refused by its name', async (key) => {
    const field = key.split(' ').at(-1)!;
    const shift = Object.keys(WRITES).indexOf(key);
    const from = lines.length;
    for (const text of some(Object.values(INJECTIONS), shift)) {
      const answer = await WRITES[key]!(text);
      expect([text, Math.floor(answer.status / 100), answer.text]).toEqual([text, 2, answer.text]);
      const kept = text.trim().normalize('NFC');
      if (key.includes('/admin'))
        expect([
          text,
          await test.db.prisma.auditEntry.findFirst({
            where: { reason: kept, targetKind: key.includes('users') ? 'user' : 'walk' },
          }),
        ]).toMatchObject([...[text, { actorId: admin.id }]]);
      else expect([text, answer.body[field]]).toEqual([text, kept]);
    }
    for (const text of some(Object.values(REFUSED), shift)) {
      const answer = await WRITES[key]!(text);
      expect([text, answer.status, answer.text]).toEqual([text, 422, expect.stringContaining(`"${field}"`)]);
    }
    for (const text of Object.values(BREAKS))
      expect([200, 201, 422]).toContain((await WRITES[key]!(text)).status);
    expectQuietLines(from);
    await test.queue.drain();
  });

  it('breaks nothing in any other text: queries, paths, forms, tokens', async () => {
    const from = lines.length;
    const every = SERVER_URL ? 2 : 8;
    let sent = 0;
    for (const [at, operation] of operations.entries())
      for (const [place, ask] of placesOf(operation))
        for (const text of some(ALL, at, every)) {
          await expectHarmless(operation, place, ask(text.toWellFormed()));
          sent++;
        }
    expect(sent).toBeGreaterThan(4_000 / every);
    expectQuietLines(from);
  });

  it('breaks nothing in a header, and is not logged from there', async () => {
    const from = lines.length;
    const names = [
      ...['user-agent', 'referer', 'x-request-id', 'traceparent', 'tracestate', 'accept-language', 'accept'],
      ...['idempotency-key', 'authorization', 'cookie', 'origin', 'x-forwarded-for', 'x-forwarded-host'],
      ...['forwarded', 'if-none-match', 'range', 'content-encoding', 'accept-encoding', 'via'],
    ];
    for (const name of names)
      for (const text of Object.values(INJECTIONS)) {
        const value = Buffer.from(text).toString('latin1');
        const answer = await inject({
          ...{ method: 'POST', url: '/pets', payload: '{"name":7}' },
          headers: { authorization: bearer(bori), 'content-type': 'application/json', [name]: value },
        });
        expect([name, text, [400, 401, 415, 422].includes(answer.statusCode)]).toEqual([name, text, true]);
        expect(answer.headers['content-type']).toBe(problemType);
        expect(JSON.stringify(answer.headers) + answer.body).not.toContain(CANARY);
      }
    expectQuietLines(from);
  });

  it('changes no page that shows it: the shared card, /docs', async () => {
    const link = await bori.send('POST', `/walks/${walk}/shares`, {});
    const path = new URL(link.body.url as string, test.url).pathname;
    const tagsOf = async () => {
      const page = await send(test, 'GET', path);
      expect(page.status).toBe(200);
      return page.text.match(/<[^\s>]*|\s(?:on\w+|src|style)=/g);
    };
    await bori.send('PATCH', `/pets/${pet}`, { name: '보리' });
    const tags = await tagsOf();
    for (const text of some(Object.values(INJECTIONS), 0)) {
      for (const [target, body] of [
        [`/pets/${pet}`, { name: text }],
        [`/walks/${walk}`, { title: text, memo: text }],
        ['/users/me', { nickname: text, bio: text }],
      ] as const)
        expect((await bori.send('PATCH', target, body)).status).toBe(200);
      expect([text, await tagsOf()]).toEqual([text, tags]);
    }
    const card = await fetch(`${test.url}${path}/card.png`);
    expect([card.status, card.headers.get('content-type')]).toEqual([200, 'image/png']);
    await card.arrayBuffer();
    const docs = await (await fetch(`${test.url}/docs`)).text();
    const asked = new URLSearchParams({
      url: '//evil.example',
      configUrl: '//evil.example',
      x: INJECTIONS.script,
    });
    expect(await (await fetch(`${test.url}/docs?${asked.toString()}`)).text()).toBe(docs);
  });

  it('breaks neither the metrics nor an alarm, and speaks to nobody through them', async () => {
    const answer = await fetch(`${test.url}/metrics`, {
      headers: { authorization: `Bearer ${METRICS_TOKEN}` },
    });
    const metrics = await answer.text();
    expect(metrics).not.toContain(CANARY);
    const sample =
      /^(?:# (?:HELP|TYPE) [\w:]+ .*|[\w:]+(?:\{(?:\w+="(?:[^"\\]|\\["\\n])*",?)*\})? (?:[-+\d.e]+|NaN|[+-]Inf))$/;
    expect(metrics.split('\n').filter((line) => line !== '' && !sample.test(line))).toEqual([]);
    const alerts = test.app.get(Alerts);
    const before = slack.messages.length;
    for (const [name, text] of Object.entries(INJECTIONS))
      alerts.raise(`spec ${name}`, { sentence: 'something failed', fields: { reason: text } });
    await alerts.settled();
    const messages = slack.messages.slice(before);
    expect(messages).toHaveLength(Object.keys(INJECTIONS).length);
    expect(messages.filter((message) => /<|&(?!amp;|lt;|gt;)/.test(message))).toEqual([]);
  });

  it('D8 no text makes the service ask anybody but its providers', async () => {
    let visitors = 0;
    const trap = createServer((socket) => {
      visitors++;
      socket.destroy();
    });
    await new Promise<void>((listening) => trap.listen(0, '127.0.0.1', listening));
    const { port } = trap.address() as AddressInfo;
    const urls = [
      ...[`http://127.0.0.1:${port}/${CANARY}`, `//localhost:${port}/${CANARY}`, `2130706433:${port}`],
      ...[
        `http://0177.0.0.1:${port}/`,
        `http://[::ffff:127.0.0.1]:${port}/`,
        `gopher://127.0.0.1:${port}/_x`,
      ],
    ];
    for (const [at, operation] of operations.entries())
      for (const [place, ask] of placesOf(operation))
        for (const url of some(urls, at, SERVER_URL ? 2 : 6))
          await expectHarmless(operation, place, ask(url));
    await test.queue.drain();
    await new Promise((closed) => trap.close(closed));
    expect(visitors).toBe(0);
  });

  it('D10 no pattern of the document is slow on 100,000 characters', () => {
    const patterns = new Set(
      [...JSON.stringify(contractOf(test).document).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(
        ([, text]) => JSON.parse(text!) as string,
      ),
    );
    expect(patterns.size).toBeGreaterThan(5);
    for (const pattern of patterns)
      for (const unit of ['a', '0', '-', ' ', '\t', '0-', '20', '2026-01-01T', 'a.', '가', '%', ':', '+0'])
        for (const end of ['', '!', '\n', '\u0000']) {
          const before = performance.now();
          new RegExp(pattern).test(unit.repeat(100_000 / unit.length) + end);
          const ms = performance.now() - before;
          expect([pattern, unit, ms < 1_000]).toEqual([pattern, unit, true]);
        }
  });

  it('leaves the database as it was', async () => {
    expect((await bori.send('GET', '/users/me')).body.id).toBe(bori.id);
    expect((await test.db.prisma.user.findUniqueOrThrow({ where: { id: bori.id } })).role).toBe('user');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(await test.db.prisma.user.count({ where: { suspendedAt: { not: null } } })).toBe(0);
  });
});

/** The places of an operation where a text may stand, and the request that has it there. */
function placesOf(operation: Operation): [string, (text: string) => Input][] {
  const { body, raw } = operation;
  const path = operation.path.replaceAll(/\{\w+\}/g, uuidv7());
  const input = { method: operation.method, url: path, headers: {}, payload: undefined };
  const places: [string, (text: string) => Input][] = operation.pathParams.map((name) => [
    name,
    (text) => ({
      ...input,
      url: operation.path.replace(`{${name}}`, encodeURIComponent(text)).replaceAll(/\{\w+\}/g, uuidv7()),
    }),
  ]);
  const required = operation.query.filter((one) => one.required).map(({ name }) => `${name}=1`);
  for (const { name } of operation.query)
    places.push([
      `?${name}`,
      (text) => ({
        ...input,
        url: `${path}?${[...required.filter((one) => !one.startsWith(`${name}=`)), `${name}=${encodeURIComponent(text)}`].join('&')}`,
      }),
    ]);
  if (!body || body.mediaType === 'multipart/form-data') return places;
  const headers = { 'content-type': body.mediaType };
  const example = Object.values(raw.requestBody!.content)[0]!.example;
  if (typeof example === 'string')
    return [...places, ['body', (text) => ({ ...input, headers, payload: text })]];
  const isForm = body.mediaType.includes('form');
  for (const { path: where } of textsOf(body.schema).filter((text) => text.path.length > 0))
    places.push([
      where.join('.'),
      (text) => {
        const value = withText(example, where, text);
        const payload = isForm
          ? new URLSearchParams(value as Record<string, string>).toString()
          : JSON.stringify(value);
        return { ...input, headers, payload };
      },
    ]);
  return places;
}

function withText(value: unknown, [name, ...rest]: string[], text: string): unknown {
  if (name === undefined) return text;
  if (Array.isArray(value) || name === '0') return [withText((value as unknown[] | null)?.[0], rest, text)];
  const members = (value ?? {}) as Record<string, unknown>;
  return { ...members, [name]: withText(members[name], rest, text) };
}

interface Input {
  method: string;
  url: string;
  headers: Record<string, string>;
  payload?: string;
}

const inject = (input: Input) =>
  test.app
    .getHttpAdapter()
    .getInstance()
    .inject({ ...input, method: input.method as 'GET' });

/** No 5xx, what the document says, and no page but of the routes that are pages. */
async function expectHarmless(operation: Operation, place: string, input: Input): Promise<void> {
  const person = operation.path.startsWith('/admin') ? admin : bori;
  const headers = { ...(operation.wantsToken && { authorization: bearer(person) }), ...input.headers };
  const answer = await inject({ ...input, headers });
  const told = `${operation.key} ${place}: ${input.url} ${input.payload ?? ''} → ${answer.statusCode} ${answer.body.slice(0, 200)}`;
  if (answer.statusCode >= 500) throw new Error(told);
  const type = answer.headers['content-type']?.toString() ?? null;
  const isJson = type?.includes('json') && answer.body;
  contractOf(test).check(
    operation.method,
    operation.path.replaceAll(/\{\w+\}/g, bori.id),
    answer.statusCode,
    type,
    isJson ? answer.json() : answer.body,
  );
  if (type?.startsWith('text/html') && answer.body.includes(CANARY)) throw new Error(`Echoed: ${told}`);
}

describe('D3 a request that two readers may read differently', () => {
  const token = () => `Authorization: ${bearer(bori)}`;
  const post = (head: string, body = '{"name":"보리"}') =>
    `POST /pets HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${token()}\r\n${head}\r\n\r\n${body}`;
  const length = Buffer.byteLength('{"name":"보리"}');
  const hidden = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';

  it.each<[string, () => string]>([
    ['two lengths that differ', () => post(`Content-Length: ${length}\r\nContent-Length: 0`)],
    ['a list of lengths', () => post(`Content-Length: ${length}, 0`)],
    ['a signed length', () => post(`Content-Length: +${length}`)],
    ['a hexadecimal length', () => post('Content-Length: 0xf')],
    ['a negative length', () => post('Content-Length: -1')],
    ['no length at all but a word', () => post('Content-Length: many')],
    [
      'a length with chunks',
      () => post(`Content-Length: 4\r\nTransfer-Encoding: chunked`, `0\r\n\r\n${hidden}`),
    ],
    [
      'chunks with a length',
      () => post(`Transfer-Encoding: chunked\r\nContent-Length: 4`, `0\r\n\r\n${hidden}`),
    ],
    [
      'chunks that are not the last coding',
      () => post('Transfer-Encoding: chunked, identity', `0\r\n\r\n${hidden}`),
    ],
    ['an unknown coding', () => post('Transfer-Encoding: xchunked', `0\r\n\r\n${hidden}`)],
    [
      'a coding behind a control character',
      () => post('Transfer-Encoding: \u000bchunked', `0\r\n\r\n${hidden}`),
    ],
    ['a space before the colon', () => post('Transfer-Encoding : chunked', `0\r\n\r\n${hidden}`)],
    [
      'a chunk’s size that is none',
      () => post('Transfer-Encoding: chunked', `0x2\r\n{}\r\n0\r\n\r\n${hidden}`),
    ],
    [
      'a chunk longer than it says',
      () => post('Transfer-Encoding: chunked', `1\r\n{}\r\n0\r\n\r\n${hidden}`),
    ],
    ['a folded header', () => post(`X-A: b\r\n Content-Length: 0\r\nContent-Length: ${length}`)],
    ['a header without a colon', () => post(`X-A\r\nContent-Length: ${length}`)],
    ['a NUL in a header', () => post(`X-A: a\u0000b\r\nContent-Length: ${length}`)],
    ['lines that end with LF', () => `GET /pets HTTP/1.1\nHost: x\n${token()}\n\n`],
    ['two hosts', () => `GET /pets HTTP/1.1\r\nHost: x\r\nHost: y\r\n${token()}\r\n\r\n`],
    ['the same host twice', () => `GET /pets HTTP/1.1\r\nHost: x\r\nhOST: x\r\n${token()}\r\n\r\n`],
    ['two hosts in HTTP/1.0', () => `GET /pets HTTP/1.0\r\nHost: x\r\nHost: y\r\n${token()}\r\n\r\n`],
    ['HTTP/2 without being asked', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['HTTP/0.9', () => 'GET /pets\r\n\r\n'],
    ['a method of its own', () => `PET /pets HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['a method in small letters', () => `get /pets HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['a space in the address', () => `GET /pets /x HTTP/1.1\r\nHost: x\r\n\r\n`],
  ])('%s is refused, and nothing behind it is read', async (_, text) => {
    const before = await test.db.prisma.pet.count();
    const answers = await raw(text());
    expect(answers.map(({ status, type }) => [status, type])).toEqual([[400, problemType]]);
    expect(await test.db.prisma.pet.count()).toBe(before);
  });

  it('a whole address is one of ours, and is no way around', async () => {
    const ask = (target: string, more = '') =>
      raw(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${more}\r\n`);
    for (const target of ['http://evil.example/pets', 'https://x/pets', 'http://x:1/admin/users'])
      expect((await ask(target))[0]!.status).toBe(401);
    expect((await ask('http://x/admin/users', `${token()}\r\n`))[0]!.status).toBe(403);
    for (const target of ['*', '//pets', '/pets/..;/admin', '/%2fpets', '/pets%00', '\\pets'])
      expect([target, [400, 404].includes((await ask(target))[0]!.status)]).toEqual([target, true]);
  });

  it('HTTP/1.0 is answered, and its connection closed', async () => {
    expect(await raw('GET /health/live HTTP/1.0\r\n\r\n')).toMatchObject([{ status: 200 }]);
  });

  it('an expectation that nobody knows is a problem like others', async () => {
    expect(
      await raw('GET /health/live HTTP/1.1\r\nHost: x\r\nExpect: a miracle\r\nConnection: close\r\n\r\n'),
    ).toMatchObject([{ status: 417, type: problemType }]);
  });

  it('what a peer says about itself changes no address that is given out', async () => {
    const choco = await signIn(test);
    const walk = await given.walk(choco, { km: 0.6, visibility: 'public' });
    const { status, text } = await choco.send(
      'POST',
      `/walks/${walk.id}/shares`,
      {},
      {
        ...{ 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'javascript', 'x-forwarded-port': '1' },
        ...{
          forwarded: 'host=evil.example;proto=javascript',
          'x-original-url': '/admin',
          'x-rewrite-url': '/admin',
        },
      },
    );
    expect(status).toBe(201);
    expect(text).not.toMatch(/evil|javascript/);
  });

  it('only what is declared is answered, by any method on any path', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    const { hostname, port } = new URL(test.url);
    const ask = (method: string, path: string) =>
      new Promise<[number, string | undefined, string]>((resolve, reject) => {
        const headers = { authorization: bearer(bori), 'x-canary': CANARY, 'x-http-method-override': 'GET' };
        request({ hostname, port, agent, method, path, headers }, (answer) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (part: string) => (text += part));
          answer.on('end', () => resolve([answer.statusCode!, answer.headers['content-type'], text]));
        })
          .on('error', reject)
          .end();
      });
    const paths = Map.groupBy(operations, ({ path }) => path);
    let asked = 0;
    for (const [path, known] of paths) {
      const declared = known.map(({ method }) => method);
      const methods = METHODS.filter(
        (method) =>
          !['CONNECT', ...declared].includes(method) && !(method === 'HEAD' && declared.includes('GET')),
      );
      const answers = await Promise.all(
        methods.map(
          async (method) => [method, await ask(method, path.replaceAll(/\{\w+\}/g, uuidv7()))] as const,
        ),
      );
      for (const [method, [status, type, text]] of answers) {
        expect([method, path, [400, 404, 422].includes(status), type]).toEqual([
          ...[method, path, true],
          method === 'HEAD' ? type : problemType,
        ]);
        expect(text).not.toContain(CANARY);
        asked++;
      }
    }
    agent.destroy();
    expect(asked).toBeGreaterThan(paths.size * 20);
  });

  it('no tunnel is opened, and no other protocol is changed to', async () => {
    const upgrade = (path: string, protocol: string) =>
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`;
    for (const text of [
      'CONNECT 127.0.0.1:5432 HTTP/1.1\r\nHost: x\r\n\r\n',
      upgrade('/pets', 'websocket'),
      upgrade('/pets', 'h2c'),
      upgrade('/metrics', 'websocket'),
    ])
      for (const { status } of await raw(text)) expect([400, 401, 404, 405]).toContain(status);
  });
});

describe('D6 slow clients', () => {
  const COUNT = SERVER_URL ? 100 : 20;
  /** None that comes here is shorter. */
  const server = () => test.app.getHttpAdapter().getInstance().server;
  const slow: Socket[] = [];
  afterEach(() => {
    for (const socket of slow.splice(0)) socket.destroy();
  });
  const open = async (text: string) => {
    const socket = await opened();
    slow.push(socket);
    socket.on('error', () => {}); // it is cut off
    socket.write(text);
    return socket;
  };
  const many = (text: string) => Promise.all(Array.from({ length: COUNT }, () => open(text)));
  /** Each is over, and was told why as far as it listened. */
  const ended = (sockets: Socket[]) =>
    Promise.all(
      sockets.map(async (socket) => {
        let told = '';
        socket.on('data', (part: Buffer) => (told += part.toString()));
        if (!socket.closed) await once(socket, 'close');
        return told.slice(0, 12);
      }),
    );
  const expectHonestOneAnswered = async () => {
    expect((await bori.send('GET', '/pets')).status).toBe(200);
    expect((await bori.send('PATCH', '/users/me', { bio: '산책을 좋아해요' })).status).toBe(200);
  };

  it('have so long: 10 s for headers, 30 s for a body, 2 min without a byte', () => {
    const { headersTimeout, requestTimeout, timeout, maxConnections } = server();
    expect({ headersTimeout, requestTimeout, timeout, maxConnections }).toEqual({
      ...{ headersTimeout: 10_000, requestTimeout: 120_000, timeout: 120_000, maxConnections: 5_000 },
    });
  });

  it('that send headers letter by letter hold up nobody, and are cut off', async () => {
    const sockets = await many('GET /pets HTTP/1.1\r\nHost: x\r\nX-A: ');
    const drip = setInterval(() => {
      for (const socket of sockets) if (socket.writable) socket.write('a');
    }, 100);
    try {
      await expectHonestOneAnswered();
      server().headersTimeout = 500;
      expect(new Set(await ended(sockets))).toEqual(new Set(['HTTP/1.1 408']));
    } finally {
      clearInterval(drip);
      server().headersTimeout = 10_000;
    }
  });

  it('that send a body letter by letter hold up nobody, and are cut off', async () => {
    const timers = jest.spyOn(globalThis, 'setTimeout');
    const head = `POST /pets HTTP/1.1\r\nHost: x\r\nAuthorization: ${bearer(bori)}\r\nContent-Type: application/json`;
    const sockets = await many(`${head}\r\nContent-Length: 100000\r\n\r\n{"name":"`);
    const due = () => timers.mock.calls.filter(([, ms]) => ms === 30_000);
    while (due().length < COUNT) await new Promise((done) => setImmediate(done));
    await expectHonestOneAnswered();
    const overdue = due().map(([run]) => run);
    timers.mockRestore();
    // The time is over: what was to happen then happens now. Of the honest ones it finds nothing to cut off.
    for (const run of overdue) run();
    expect(new Set(await ended(sockets))).toEqual(new Set(['HTTP/1.1 408']));
    await expectHonestOneAnswered();
  });

  it('that ask for much and read nothing hold up nobody, and are cut off', async () => {
    server().timeout = 3_000;
    const taken = new Map<number, Promise<unknown>>();
    const take = (socket: Socket) => taken.set(socket.remotePort!, once(socket, 'close'));
    server().on('connection', take);
    try {
      const sockets = await Promise.all(
        Array.from({ length: Math.ceil(COUNT / 5) }, () => opened({ reads: false })),
      );
      slow.push(...sockets);
      // Pipelined, until more is under way than the kernel keeps for one who does not read.
      const ask = 'GET /openapi.json HTTP/1.1\r\nHost: x\r\nAccept-Encoding: identity\r\n\r\n';
      for (const socket of sockets) socket.on('error', () => {}).write(ask.repeat(20));
      await expectHonestOneAnswered();
      for (const { localPort } of sockets) {
        expect(taken).toContainEqual([localPort, expect.anything()]);
        await taken.get(localPort!);
      }
      await expectHonestOneAnswered();
    } finally {
      server().off('connection', take);
      server().timeout = 120_000;
    }
  });

  it('an export whose reader went away before its turn takes no turn', async () => {
    const people = await Promise.all(Array.from({ length: 4 }, () => signIn(test)));
    const exports = test.app.get(Exports);
    const { rows } = test.db;
    const gate = Promise.withResolvers<void>();
    test.db.rows = (async (query: { name: string }, values: unknown[]) => {
      if (query.name === 'accounts_export_users') await gate.promise;
      return rows.call(test.db, query as never, values);
    }) as never;
    try {
      const asked = people.map((person) => {
        const headers = { authorization: bearer(person) };
        const sent = httpGet(`${test.url}/users/me/export`, { headers, agent: false });
        sent.on('error', () => {}); // two of them are given up below
        return sent;
      });
      while (exports.count < 4) await new Promise((done) => setImmediate(done));
      const running = asked.map((sent) => once(sent, 'response') as Promise<[IncomingMessage]>);
      for (const lost of running) lost.catch(() => {});
      const begun = new Set(exports['turns']['waiting']).size;
      expect(begun).toBe(2);
      for (const sent of asked) sent.destroy();
      gate.resolve();
      while (exports.count > 0) await new Promise((done) => setImmediate(done));
      expect((await people[0]!.send('GET', '/users/me/export')).status).toBe(200);
    } finally {
      test.db.rows = rows;
    }
  });
});

describe('D14 what is there for whoever looks around', () => {
  const COMMON = [
    ...[
      '/.env',
      '/.env.production',
      '/.git/config',
      '/.git/HEAD',
      '/.npmrc',
      '/.DS_Store',
      '/.aws/credentials',
    ],
    ...['/.well-known/security.txt', '/admin', '/admin/', '/administrator', '/wp-admin', '/wp-login.php'],
    ...['/phpinfo.php', '/phpmyadmin', '/index.php', '/server-status', '/actuator', '/actuator/health'],
    ...['/actuator/env', '/debug', '/debug/pprof', '/debug/vars', '/console', '/graphql', '/api', '/v1'],
    ...['/swagger', '/swagger.json', '/api-docs', '/docs/../package.json', '/docs/%2e%2e/package.json'],
    ...['/docs/..%2fpackage.json', '/package.json', '/node_modules'],
    ...['/src/main.ts', '/dist/src/main.js', '/backup', '/backups', '/backups/SHA256SUMS', '/backup.sql'],
    ...['/dump.sql', '/db.sqlite', '/config.json', '/secrets.json', '/.data/secrets.json', '/files'],
    ...['/files/', '/files/..%2fsecrets.json', '/uploads', '/tmp', '/logs', '/log', '/status', '/health'],
    ...['/metrics/', '/metrics/x', '/METRICS', '/prometheus', '/trace', '/env', '/heapdump', '/cgi-bin/'],
    ...['/favicon.ico', '/robots.txt', '/login', '/etc/passwd'],
    ...['/..%2f..%2fetc%2fpasswd', '/%2e%2e/%2e%2e/etc/passwd', '/?debug=1', '/', '/*', '/%00'],
  ];

  it('common paths are not found, as any other', async () => {
    for (const path of COMMON)
      for (const headers of [{}, { authorization: bearer(admin) }]) {
        const [answer] = await raw(
          `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${Object.entries(headers)
            .map(([name, value]) => `${name}: ${value}\r\n`)
            .join('')}\r\n`,
        );
        expect([path, [400, 403, 404].includes(answer!.status), answer!.type]).toEqual([
          path,
          true,
          problemType,
        ]);
      }
  });

  it('metrics are for who has the token, and say no more to others than that', async () => {
    const ask = (authorization?: string) =>
      fetch(`${test.url}/metrics`, { headers: authorization === undefined ? {} : { authorization } });
    for (const given of [
      ...[undefined, '', 'Bearer', 'Bearer ', METRICS_TOKEN, `bearer ${METRICS_TOKEN}`, bearer(admin)],
      ...[`Bearer ${METRICS_TOKEN}x`, `Bearer ${METRICS_TOKEN.slice(1)}`, `Bearer ${METRICS_TOKEN} x`],
      ...[`Basic ${btoa(`metrics:${METRICS_TOKEN}`)}`],
    ]) {
      const answer = await ask(given);
      expect([given, answer.status]).toEqual([given, 401]);
      expect(await answer.text()).not.toContain('bowwow_');
    }
    expect((await fetch(`${test.url}/metrics?token=${METRICS_TOKEN}`)).status).toBe(401);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect((await fetch(`${test.url}/metrics`, { method })).status).toBe(404);
    expect((await ask(`Bearer ${METRICS_TOKEN}`)).status).toBe(200);
  });
});

describe('whoever comes at the very moment', () => {
  const ROUNDS = SERVER_URL ? 10 : 3;

  it('A05 of a restoration and an erasure by a process whose clock is ahead one wins', async () => {
    const erasures = test.app.get(Erasures);
    for (let round = 0; round < ROUNDS; round++) {
      const person = await signIn(test);
      expect((await person.send('DELETE', '/users/me', { confirm: true })).status).toBe(200);
      const [restored] = await Promise.all([
        person.send('POST', '/users/me/restore'),
        erasures['begin'](person.id, new Date(clock.nowMs() + 1)),
      ]);
      const user = await test.db.prisma.user.findUniqueOrThrow({
        where: { id: person.id },
        include: { erasure: true },
      });
      expect([restored.status, user.deletionRequestedAt, user.erasure]).toEqual(
        restored.status === 204 ? [204, null, null] : [409, expect.any(Date), expect.any(Object)],
      );
    }
    await test.queue.drain();
  });

  it('A05 who logs in while the account is erased gets the old one never, and a new one at most once', async () => {
    const erasures = test.app.get(Erasures);
    for (let round = 0; round < ROUNDS; round++) {
      const person = await signIn(test);
      const { id } = providers.kakao.addUser({ id: String(7_400_000_000 + round) });
      const accessToken = () => ({ accessToken: providers.kakao.accessToken(id) });
      expect((await person.send('POST', '/auth/link/kakao', accessToken())).status).toBe(200);
      expect((await person.send('DELETE', '/users/me', { confirm: true })).status).toBe(200);
      await erasures['begin'](person.id, new Date(clock.nowMs() + 1));
      const { id: erasure } = await test.db.prisma.erasure.findFirstOrThrow({ where: { userId: person.id } });
      const [logins] = await Promise.all([
        Promise.all(Array.from({ length: 5 }, () => send(test, 'POST', '/auth/kakao', accessToken()))),
        erasures.run(erasure),
      ]);
      for (const login of logins)
        if (login.status === 409) expectProblem(login, 409, 'account-being-erased');
        else if (login.status === 200) expect(login.body.user.id).not.toBe(person.id);
        else expectProblem(login, 401, 'login-rejected'); // Kakao's unlinking ends its tokens
      const found = await test.db.prisma.identity.findMany({
        where: { providerUserId: id, unlinkedAt: null },
      });
      expect(found.length).toBeLessThanOrEqual(1);
      expect(await test.db.prisma.session.count({ where: { userId: person.id } })).toBe(0);
    }
    await test.queue.drain();
  });

  it('A06 asking to leave and to come back at once ends in one of the two', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const person = await signIn(test);
      const answers = await Promise.all([
        ...[person.send('DELETE', '/users/me', { confirm: true }), person.send('POST', '/users/me/restore')],
        ...[person.send('DELETE', '/users/me', { confirm: true }), person.send('POST', '/users/me/restore')],
      ]);
      expect(answers.map(({ status }) => status)).toEqual([200, 204, 200, 204]);
      expect((await person.send('POST', '/users/me/restore')).status).toBe(204);
      expect((await person.send('GET', '/pets')).status).toBe(200);
    }
  });
});

describe('D14 a process that only works', () => {
  it('answers health and metrics, and nothing else', async () => {
    const own = SERVER_URL ? null : await ownDatabase(); // the embedded database is one process's
    const worker = await createApp(
      loadConfig({
        NODE_ENV: 'test',
        LOG_LEVEL: 'warn',
        ROLE: 'worker',
        PORT: '0',
        ...(own ?? database).env,
      }),
      clock,
      new LeakWatch(),
    );
    try {
      const fastify = worker.getHttpAdapter().getInstance();
      for (const operation of operations.filter(({ path }) => !path.startsWith('/health'))) {
        const url = operation.path.replaceAll(/\{\w+\}/g, uuidv7());
        const headers = { authorization: bearer(admin) };
        const answer = await fastify.inject({ method: operation.method as 'GET', url, headers });
        expect([operation.key, answer.statusCode, answer.headers['content-type']]).toEqual([
          ...[operation.key, 404, problemType],
        ]);
      }
      for (const url of ['/docs', '/openapi.json', '/socket.io/?EIO=4&transport=websocket', '/metrics'])
        expect([url, (await fastify.inject(url)).statusCode]).toEqual([url, 404]); // no METRICS_TOKEN here
      for (const url of ['/health/live', '/health/ready'])
        expect([url, (await fastify.inject(url)).statusCode]).toEqual([url, 200]);
    } finally {
      await worker.close();
      await own?.remove();
    }
  });
});

function opened({ reads = true } = {}): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: Number(new URL(test.url).port), host: '127.0.0.1' }, () =>
      resolve(socket),
    );
    socket.once('error', reject);
    if (!reads) socket.pause();
  });
}

interface RawAnswer {
  status: number;
  type: string | undefined;
}

/** Sends bytes as they are, and reads all answers until the connection is closed. */
async function raw(text: string): Promise<RawAnswer[]> {
  const socket = await opened();
  const parts: Buffer[] = [];
  socket.on('data', (part: Buffer) => parts.push(part)).on('error', () => {}); // reset: there is no more to read
  socket.write(Buffer.from(text));
  await once(socket, 'close');
  const heads = Buffer.concat(parts)
    .toString('latin1')
    .matchAll(/HTTP\/1\.1 (\d{3}) [^\r]*\r\n((?:[^\r]+\r\n)*)\r\n/g);
  return [...heads].map(([, status, headers]) => ({
    status: Number(status),
    type: /^content-type: (.*)\r$/im.exec(headers!)?.[1],
  }));
}

/** The texts of a schema that may be anything, by their paths. */
function textsOf(given: JsonSchema, path: string[] = []): { path: string[]; schema: JsonSchema }[] {
  const schema = resolve(given);
  const branches = ['anyOf', 'oneOf', 'allOf'].flatMap((name) => (schema[name] ?? []) as JsonSchema[]);
  const members = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>);
  const isText =
    [schema.type].flat().includes('string') &&
    schema.enum === undefined &&
    schema.const === undefined &&
    !['uuid', 'date', 'date-time', 'binary'].includes(schema.format as string);
  return [
    ...(isText ? [{ path, schema }] : []),
    ...branches.flatMap((branch) => textsOf(branch, path)),
    ...members.flatMap(([name, member]) => textsOf(member, [...path, name])),
    ...(schema.items ? textsOf(schema.items as JsonSchema, [...path, '0']) : []),
  ];
}

function resolve(schema: JsonSchema): JsonSchema {
  if (typeof schema.$ref !== 'string') return schema;
  return resolve(
    contractOf(test).document.components!.schemas![schema.$ref.split('/').at(-1)!] as JsonSchema,
  );
}
