import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Logger } from '@nestjs/common';
import { fastify } from 'fastify';
import { Memberships } from '../../src/modules/together/memberships.service.js';
import { pushToUser } from '../../src/modules/notifications/notifications.jobs.js';
import { Users } from '../../src/modules/users/users.service.js';
import { Alerts, QUIET_MS } from '../../src/platform/observability/alerts.js';
import { exposeMetrics } from '../../src/platform/observability/exposition.js';
import { LogTap } from '../../src/platform/observability/log-tap.js';
import { Metrics } from '../../src/platform/observability/metrics.js';
import { Watch } from '../../src/platform/observability/watch.js';
import { HttpClient } from '../../src/platform/outbound/http-client.js';
import { CONFIG, type Config } from '../../src/config/config.js';
import { counted } from '../../src/counted.js';
import { expectProblem, type Person, send, signIn } from '../support/api.js';
import { given } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { NODE_FLAGS, ownDatabase, PROCESS_ENV } from '../support/lane.js';
import { invitationRoom, LivePhone, tokenOf } from '../support/sockets.js';
import { type Sentry, startSentry } from '../simulators/sentry.js';
import { type Slack, startSlack } from '../simulators/slack.js';

const METRICS_TOKEN = 'metrics-token-for-tests-0123456789abcdef';
const TOKEN_CANARY = 'eyJhbGciOiJIUzI1NiJ9.canarycanarycanary.sig';
const CANARIES = [TOKEN_CANARY, '보리누나', '37.566535', '126.977969', '4330-1234-5678-9012', 'a@b.kr'];

let test: TestApp;
let sentry: Sentry;
let slack: Slack;
let bori: Person;
let kong: Person;
const lines: Record<string, unknown>[] = [];

beforeAll(async () => {
  [sentry, slack] = [await startSentry(), await startSlack()];
  test = await startTestApp({
    env: { METRICS_TOKEN, SENTRY_DSN: sentry.dsn, SLACK_WEBHOOK_URL: slack.webhook },
  });
  const write = test.log.write.bind(test.log);
  test.log.write = (line) => {
    lines.push(JSON.parse(line) as Record<string, unknown>);
    write(line);
  };
  [bori, kong] = [await signIn(test), await signIn(test)];
});
afterAll(async () => {
  await test.close();
  await Promise.all([sentry.close(), slack.close()]);
});
beforeEach(() => {
  lines.length = 0;
  sentry.clearFaults();
  slack.clearFaults();
});

const line = (msg: string) => lines.find((one) => one.msg === msg);
/** Waits for what comes by itself, over the wire. */
async function until(what: string, holds: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`Never seen: ${what}`);
    await new Promise((done) => setImmediate(done));
  }
}
const scrape = async (): Promise<string> => {
  const answer = await fetch(`${test.url}/metrics`, {
    headers: { authorization: `Bearer ${METRICS_TOKEN}` },
  });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ]);
  return answer.text();
};
/** Of a series in a scrape: 0 when it is not there. */
const valueOf = (text: string, series: string): number =>
  Number(
    text
      .split('\n')
      .find((one) => one.startsWith(`${series} `))
      ?.split(' ')
      .at(-1) ?? 0,
  );

/** Lets a job do something else for a while. */
async function withHandler(
  name: string,
  handler: (data: object) => Promise<void>,
  work: () => Promise<void>,
) {
  const handlers = test.queue['handlers'];
  const own = handlers.get(name)!;
  handlers.set(name, handler);
  await work().finally(() => handlers.set(name, own));
}

/** Lets a method of a service fail for a while. */
async function failing<T extends object>(
  service: T,
  method: keyof T,
  error: Error,
  work: () => Promise<void>,
) {
  const failingOne = () => Promise.reject(error);
  Object.assign(service, { [method]: failingOne });
  await work().finally(() => Reflect.deleteProperty(service, method));
}

const dirtyError = () =>
  Object.assign(
    new Error(`could not read "${CANARIES.join(' ')}" of ${TOKEN_CANARY} at 37.566535,126.977969`),
    {
      body: CANARIES,
      headers: { authorization: TOKEN_CANARY },
    },
  );

describe('the request id', () => {
  it('goes with the jobs that a request causes, and with the jobs that these cause', async () => {
    const log = new Logger('Spec');
    const follow = await send(test, 'GET', '/health/live', undefined, { 'x-request-id': 'unrelated-0001' });
    expect(follow.status).toBe(200);
    const jobs = test.queue.names.filter((name) => name.startsWith('user-followed.'));
    expect(jobs.length).toBeGreaterThan(0);
    await withHandler(
      jobs[0]!,
      async () => {
        log.log('in the first');
        await test.db.transaction(async (tx) => {
          await test.queue.enqueueAll(tx, pushToUser, [{ userId: kong.id }]);
        });
      },
      () =>
        withHandler(
          pushToUser.name,
          (data) => {
            log.log({ keys: Object.keys(data) }, 'in the second');
            return Promise.resolve();
          },
          async () => {
            const headers = { 'x-request-id': 'req-follow-0001' };
            expect((await bori.send('POST', `/follows/${kong.id}`, undefined, headers)).status).toBeLessThan(
              300,
            );
            await test.queue.drain();
          },
        ),
    );
    expect(line('in the first')).toMatchObject({ reqId: 'req-follow-0001', job: jobs[0] });
    expect(line('in the second')).toMatchObject({
      reqId: 'req-follow-0001',
      job: pushToUser.name,
      jobId: expect.stringMatching(/^[\da-f-]{36}$/),
      keys: ['userId'],
    });
    expect(line('in the second')!.jobId).not.toBe(line('in the first')!.jobId);
  });

  it('is in what a service logs while it answers, once in a line, also behind a body', async () => {
    const raw: string[] = [];
    const { write } = test.log;
    test.log.write = (text) => {
      raw.push(text);
      write(text);
    };
    const users = test.app.get(Users);
    const { updateSettings } = users;
    users.updateSettings = (...args: Parameters<typeof updateSettings>) => {
      new Logger('Spec').log('in the service');
      return updateSettings.apply(users, args);
    };
    const trace = '0af7651916cd43dd8448eb211c80319c';
    const answer = await bori.send(
      'PATCH',
      '/users/me/settings',
      { showInRankings: true },
      { 'x-request-id': 'req-settings-1', traceparent: `00-${trace}-b7ad6b7169203331-01` },
    );
    expect(answer.status).toBe(200);
    Reflect.deleteProperty(users, 'updateSettings');
    test.log.write = write;
    for (const sentence of ['in the service', 'request answered']) {
      const [text = ''] = raw.filter((one) => one.includes(sentence));
      expect(JSON.parse(text)).toMatchObject({ reqId: 'req-settings-1', traceId: trace });
      expect(text.split('"reqId"')).toHaveLength(2);
    }
  });

  it('takes no trace id from what is no traceparent', async () => {
    for (const traceparent of [
      '00-0af7-b7ad-01',
      `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
      'x'.repeat(500),
    ]) {
      lines.length = 0;
      await send(test, 'GET', '/health/live', undefined, { traceparent });
      await until('the line', () => line('request answered') !== undefined);
      expect(line('request answered')).not.toHaveProperty('traceId');
    }
  });

  it('of its handshake, and an id of the connection, are in what a socket logs', async () => {
    const roomId = await invitationRoom(test, [bori, kong]);
    await failing(test.app.get(Memberships), 'enter', new Error('broken'), async () => {
      const headers = { 'x-request-id': 'req-socket-0001' };
      const phone = await LivePhone.connect(test.url, tokenOf(test, bori), headers);
      phone.send('join', { roomId, consent: true });
      await phone.until('error', () => phone.all('error').length > 0);
      phone.close();
      await until('its end', () => line('socket disconnected') !== undefined);
    });
    const { connectionId } = line('socket connected')!;
    expect(connectionId).toMatch(/^[\da-f-]{36}$/);
    for (const sentence of ['socket connected', 'message failed', 'socket disconnected'])
      expect(line(sentence)).toMatchObject({ reqId: 'req-socket-0001', connectionId });
  });
});

describe('D14 GET /metrics', () => {
  it('is there for who has the token', async () => {
    expectProblem(await send(test, 'GET', '/metrics'), 401, 'unauthorized');
    for (const wrong of [`${METRICS_TOKEN}x`, METRICS_TOKEN.slice(1), '', 'x'])
      expectProblem(
        await send(test, 'GET', '/metrics', undefined, { authorization: `Bearer ${wrong}` }),
        401,
        'unauthorized',
      );
    expectProblem(await bori.send('GET', '/metrics'), 401, 'unauthorized');
    expect(await scrape()).toContain('process_cpu_seconds_total');
  });

  it('is not there without a token, and is no route of the app', async () => {
    const bare = fastify();
    exposeMetrics(bare, test.app.get(Metrics), null);
    const answer = await bare.inject({ url: '/metrics', headers: { authorization: 'Bearer null' } });
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([404, 'not-found']);
    await bare.close();
    expect(await (await fetch(`${test.url}/openapi.json`)).text()).not.toContain('/metrics');
  });

  it('is neither in the log nor in its own figures', async () => {
    await scrape();
    const text = await scrape();
    await send(test, 'GET', '/health/live');
    await until('the line', () => line('request answered') !== undefined);
    expect(lines.map(({ route }) => route)).toEqual(['/health/live']);
    expect(text).not.toContain('route="/metrics"');
  });

  it('counts requests by pattern and class, whatever their address', async () => {
    const series = (method: string, route: string, status: string) =>
      `bowwow_http_request_duration_seconds_count{method="${method}",route="${route}",status="${status}"}`;
    const before = await scrape();
    const missing = '0193a1b2-0000-7000-8000-000000000000';
    await bori.send('GET', `/walks/${missing}?lat=37.566535`);
    await bori.send('GET', '/users/me');
    await bori.send('GET', `/no-such-${missing}`);
    const after = await scrape();
    for (const [method, route, status] of [
      ['GET', '/walks/:id', '4xx'],
      ['GET', '/users/me', '2xx'],
      ['GET', 'unknown', '4xx'],
    ] as const)
      expect([route, valueOf(after, series(method, route, status))]).toEqual([
        route,
        valueOf(before, series(method, route, status)) + 1,
      ]);
    expect(valueOf(after, 'bowwow_http_requests_in_flight')).toBe(0);
  });

  it('D13 has no id, address, coordinate or name in any label', async () => {
    await given.walk(bori, { km: 1 });
    await test.queue.drain();
    const labels = [...(await scrape()).matchAll(/\{(.*)\}/g)].map(([, inside]) => inside!);
    expect(labels.length).toBeGreaterThan(100);
    const bad = labels.filter(
      (inside) => /[\da-f]{8}-[\da-f]{4}-|https?:|\?|@|[가-힣]/.test(inside) || /\d+\.\d{4,}/.test(inside),
    );
    expect(bad).toEqual([]);
  });

  it('counts what happened when it is committed, and not what was rolled back', async () => {
    const series = 'bowwow_events_total{event="signed-up"}';
    const before = valueOf(await scrape(), series);
    await signIn(test);
    await test.db
      .transaction((tx) => {
        tx.tally('signed-up');
        return Promise.reject(new Error('rolled back'));
      })
      .catch(() => {});
    expect(valueOf(await scrape(), series)).toBe(before + 1);
  });

  it('counts walks and badges once', async () => {
    const names = ['walk-started', 'walk-completed', 'walk-counted', 'badge-awarded'];
    const before = await scrape();
    const walker = await signIn(test);
    await given.walk(walker, { km: 1 });
    await test.queue.drain();
    const after = await scrape();
    const grown = names.map(
      (event) =>
        valueOf(after, `bowwow_events_total{event="${event}"}`) -
        valueOf(before, `bowwow_events_total{event="${event}"}`),
    );
    expect(grown.slice(0, 3)).toEqual([1, 1, 1]);
    expect(grown[3]).toBe(await test.db.prisma.userBadge.count({ where: { userId: walker.id } }));
  });

  it('tells of jobs that wait, and of those that ran', async () => {
    await test.queue.drain();
    await test.db.transaction((tx) => test.queue.enqueue(tx, pushToUser, { userId: bori.id }));
    await test.db.transaction((tx) =>
      test.queue.enqueue(tx, pushToUser, { userId: bori.id }, { runAt: new Date(Date.now() + 3_600_000) }),
    );
    await test.db.prisma
      .$executeRaw`update pgboss.job set start_after = now() - interval '90 seconds' where state = 'created' and start_after <= now()`;
    const before = await scrape();
    expect(valueOf(before, 'bowwow_jobs_waiting{job="notifications.push"}')).toBe(1);
    const ageS = valueOf(before, 'bowwow_jobs_oldest_waiting_seconds{job="notifications.push"}');
    expect(ageS).toBeGreaterThanOrEqual(90);
    expect(ageS).toBeLessThan(3_600);
    await test.queue.drain();
    const after = await scrape();
    const ran = 'bowwow_job_duration_seconds_count{job="notifications.push",outcome="done"}';
    expect(valueOf(after, ran)).toBe(valueOf(before, ran) + 1);
    expect(valueOf(after, 'bowwow_jobs_waiting{job="notifications.push"}')).toBe(0);
    await test.db.prisma.$executeRaw`delete from pgboss.job where state = 'created'`;
  });

  it('answers while the database does not', async () => {
    const metrics = test.app.get(Metrics);
    const never = new Promise<void>(() => {});
    metrics.beforeScrape(() => never);
    metrics.beforeScrape(() => Promise.reject(new Error('away')));
    expect(await scrape()).toContain('bowwow_http_requests_in_flight');
    metrics['collectors'].splice(-2);
  });
});

describe('the dashboard and the documents', () => {
  const source = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((file) => file.isFile() && file.name.endsWith('.ts') && !file.name.endsWith('.spec.ts'))
      .map((file) => readFileSync(`${file.parentPath}/${file.name}`, 'utf8'));

  it('ask only for metrics and labels that there are', async () => {
    await test.queue.drain();
    await test.app.get(HttpClient).call('spec', () => Promise.resolve(), { timeoutMs: 1_000 });
    const labelsOf = new Map<string, Set<string>>();
    for (const [, name, inside = ''] of (await scrape()).matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) {
      const labels = labelsOf.get(name!) ?? new Set(['instance', 'job']);
      for (const [, label] of inside.matchAll(/(\w+)="/g)) labels.add(label!);
      labelsOf.set(name!, labels);
    }
    const dashboard = JSON.parse(readFileSync('docs/grafana/withbowwow.json', 'utf8')) as {
      schemaVersion: number;
      uid: string;
      panels: {
        id: number;
        type: string;
        title: string;
        datasource?: { uid: string };
        targets?: { expr: string }[];
      }[];
    };
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(39);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const titles = dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title);
    for (const title of [
      'Traffic',
      'Errors',
      'Latency',
      'Jobs',
      'Sockets',
      'Database',
      'Providers',
      'Business',
    ])
      expect(titles.join(' ')).toContain(title);
    const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    expect(expressions.length).toBeGreaterThan(30);
    const faults: string[] = [];
    for (const expression of expressions) {
      const names = [...expression.matchAll(/\b(?:bowwow|nodejs|process)_\w+/g)].map(([name]) => name);
      if (names.length === 0) faults.push(`no metric: ${expression}`);
      const known = new Set(names.flatMap((name) => [...(labelsOf.get(name) ?? [])]));
      for (const name of names) if (!labelsOf.has(name)) faults.push(`${name} is not exported`);
      const used = [
        ...[...expression.matchAll(/\{([^}]*)\}/g)].flatMap(([, inside]) =>
          [...inside!.matchAll(/(\w+)\s*[=!]/g)].map(([, label]) => label!),
        ),
        ...[...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(/,\s*/)),
      ];
      for (const label of used) if (!known.has(label)) faults.push(`${label} in ${expression}`);
      for (const [, event] of expression.matchAll(/event="([^"]+)"/g))
        if (!(event! in counted)) faults.push(`nobody counts ${event}`);
    }
    expect(faults).toEqual([]);
    for (const { type, datasource } of dashboard.panels)
      if (type !== 'row') expect(datasource?.uid).toBe('${datasource}');
  });

  it('name every metric of ours with its labels, and no other', () => {
    const document = readFileSync('docs/observability.md', 'utf8');
    const told = [...document.matchAll(/^\| `(bowwow_\w+)` \| (.*?) ?\|/gm)].map(([, name, labels]) => [
      name!,
      labels!.split(/,\s*/).filter(Boolean).sort().join(),
    ]);
    const ours = test.app
      .get(Metrics)
      .registry.getMetricsAsArray()
      .filter(({ name }) => name.startsWith('bowwow_'))
      .map((metric) => [
        metric.name,
        [...(metric as unknown as { labelNames: string[] }).labelNames].sort().join(),
      ]);
    expect(told.sort()).toEqual(ours.sort());
  });

  it('name every alarm that the code raises', () => {
    const document = readFileSync('docs/alarms.md', 'utf8');
    const known = [...document.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name!);
    const raised = source('src').flatMap((text) =>
      [...text.matchAll(/\balarm: (?:'([^']+)'|`([^`]+)`)/g)].map(([, name, made]) => name ?? made!),
    );
    expect(raised.length).toBeGreaterThan(40);
    const missing = raised.filter((name) => {
      const suffix = name.replace(/^\$\{\w+\}/, '');
      return !known.some((one) => (suffix === name ? one === name : one.endsWith(suffix)));
    });
    expect(missing).toEqual([]);
    for (const name of raised) expect(name).toMatch(/^(\$\{\w+\}-)?[a-z]+(-[a-z]+)*$/);
  });

  it('say what is counted, and all of that is counted somewhere', () => {
    const text = source('src').join('\n');
    const tallied = [...text.matchAll(/\.tally\(([^;]*?)\)/gs)].map(([, call]) => call!);
    const isTallied = (event: string) =>
      tallied.some((call) => {
        const patterns = [...call.matchAll(/'([^']+)'|`([^`]+)`/g)].map(
          ([, name, made]) => new RegExp(`^${name ?? made!.replace(/\$\{\w+\}/, '[a-z]+')}$`),
        );
        return patterns.some((pattern) => pattern.test(event));
      });
    expect(Object.keys(counted).filter((event) => !isTallied(event))).toEqual([]);
    for (const [, name] of tallied.join('\n').matchAll(/'([^']+)'/g))
      expect(Object.keys(counted)).toContain(name);
  });
});

describe('D13 reports of errors', () => {
  it('have the stack and the kind, and nothing that was sent to us', async () => {
    const before = sentry.events.length;
    await failing(test.app.get(Users), 'settings', dirtyError(), async () => {
      const headers = { 'x-request-id': 'req-broken-001', cookie: `session=${TOKEN_CANARY}` };
      const answer = await bori.send('GET', '/users/me/settings?q=37.566535', undefined, headers);
      expectProblem(answer, 500, 'internal-error');
    });
    await until('a report', () => sentry.events.length > before);
    const event = sentry.events.at(-1)!;
    expect(event).toMatchObject({
      level: 'error',
      environment: 'test',
      release: expect.stringMatching(/^withbowwow@\d/),
      tags: {
        failure: 'request',
        requestId: 'req-broken-001',
        route: '/users/me/settings',
        method: 'GET',
        status: 500,
      },
    });
    expect(event.exception.values[0]!.type).toBe('Error');
    expect(event.exception.values[0]!.value).toMatch(/^could not read …/);
    expect(event.exception.values[0]!.stacktrace.frames.length).toBeGreaterThan(0);
    for (const text of sentry.texts) {
      for (const canary of CANARIES) expect(text).not.toContain(canary);
      expect(text).not.toMatch(
        /"(request|user|breadcrumbs|extra|server_name|modules)":|127\.0\.0\.1"|cookie/,
      );
    }
  });

  it('are of jobs that failed for good too, and not of what a client did wrong', async () => {
    const before = sentry.events.length;
    expectProblem(await send(test, 'GET', '/users/me'), 401, 'unauthorized');
    expect((await bori.send('PATCH', '/users/me/settings', { nonsense: TOKEN_CANARY })).status).toBe(422);
    await withHandler(
      pushToUser.name,
      () => Promise.reject(dirtyError()),
      async () => {
        await test.db.transaction((tx) => test.queue.enqueue(tx, pushToUser, { userId: bori.id }));
        await expect(test.queue.drain()).rejects.toThrow('could not read');
        await test.db.prisma
          .$executeRaw`update pgboss.job set start_after = now(), retry_count = retry_limit - 1 where state = 'retry'`;
        await expect(test.queue.drain()).rejects.toThrow('could not read');
      },
    );
    await until('a report', () => sentry.events.length > before);
    expect(sentry.events.slice(before).map(({ tags }) => [tags.failure, tags.job])).toEqual([
      ['job', pushToUser.name],
    ]);
    for (const canary of CANARIES) expect(sentry.texts.join('\n')).not.toContain(canary);
    await test.db.prisma.$executeRaw`delete from pgboss.job where state = 'failed'`;
  });

  it.each(['timeout', { status: 503 }, 'reset'] as const)(
    'hold no request up while Sentry is away (%j)',
    async (fault) => {
      sentry.fault({ path: '/' }, fault);
      await failing(test.app.get(Users), 'settings', new Error('broken'), async () => {
        const answers = Array.from({ length: 10 }, () => bori.send('GET', '/users/me/settings'));
        for (const answer of await Promise.all(answers)) expectProblem(answer, 500, 'internal-error');
      });
      expect((await bori.send('GET', '/users/me')).status).toBe(200);
    },
  );
});

describe('alarms', () => {
  let alerts: Alerts;
  const log = new Logger('Spec');
  const raise = (alarm: string, more: object = {}) => log.error({ alarm, ...more }, 'something is wrong');
  const messages = (alarm: string) => slack.messages.filter((text) => text.includes(`*${alarm}*`));
  /** Another process of the service over the same database: what its log raises goes by its own alerts. */
  const otherProcess = () => {
    const tap = new LogTap();
    const other = new Alerts(tap, test.db, new HttpClient(), test.clock, test.app.get<Config>(CONFIG));
    return { other, raise: (alarm: string) => tap.hear([{ alarm }, 'something is wrong']) };
  };
  const tellHeld = (those = alerts) => {
    those.tellHeld();
    return those.settled();
  };
  beforeAll(() => {
    alerts = test.app.get(Alerts);
  });

  it('send one message in ten minutes, and then how many there were', async () => {
    for (let i = 0; i < 5; i++) raise('spec-repeated', { orderId: `o${i}` });
    await alerts.settled();
    expect(messages('spec-repeated')).toEqual([
      '[test] :rotating_light: *spec-repeated*: something is wrong (orderId o0) (4 more since the last message)',
    ]);
    test.clock.advance({ ms: QUIET_MS - 1 });
    raise('spec-repeated', { orderId: 'o5' });
    await tellHeld();
    expect(messages('spec-repeated')).toHaveLength(1);
    test.clock.advance({ ms: 1 });
    await tellHeld();
    expect(messages('spec-repeated')).toEqual([
      expect.anything(),
      '[test] :rotating_light: *spec-repeated*: something is wrong (orderId o5) (1 more since the last message)',
    ]);
    test.clock.advance({ ms: QUIET_MS });
    await tellHeld();
    raise('spec-other');
    await alerts.settled();
    expect(messages('spec-repeated')).toHaveLength(2);
    expect(messages('spec-other')).toHaveLength(1);
  });

  it('are told once by all processes, who hold back together', async () => {
    const others = [otherProcess(), otherProcess(), otherProcess()];
    raise('spec-shared');
    for (const { raise: raiseThere } of others) for (let i = 0; i < 4; i++) raiseThere('spec-shared');
    await Promise.all([alerts.settled(), ...others.map(({ other }) => other.settled())]);
    expect(messages('spec-shared')).toHaveLength(1);
    test.clock.advance({ ms: QUIET_MS });
    await Promise.all([tellHeld(), ...others.map(({ other }) => tellHeld(other))]);
    test.clock.advance({ ms: QUIET_MS });
    await Promise.all([tellHeld(), ...others.map(({ other }) => tellHeld(other))]);
    const told = messages('spec-shared').map((text) => Number(/\(\D*(\d+) more/.exec(text)?.[1] ?? 0));
    // The first of a message is not in its number; every raise is in exactly one of them.
    expect(told[0]! + 1 + told.slice(1).reduce((sum, count) => sum + count, 0)).toBe(13);
    expect(told.length).toBeLessThanOrEqual(3);
  });

  it('are raised inside a transaction, which may fail', async () => {
    await test.db
      .transaction(() => {
        raise('spec-inside');
        return Promise.reject(new Error('rolled back'));
      })
      .catch(() => {});
    await alerts.settled();
    expect(messages('spec-inside')).toHaveLength(1);
  });

  it('have no secret in them', async () => {
    raise('spec-clean', {
      err: dirtyError(),
      token: TOKEN_CANARY,
      nickname: '보리누나',
      lat: 37.566535,
      nested: { body: CANARIES },
      note: '<!channel>',
    });
    await alerts.settled();
    expect(line('something is wrong')).toMatchObject({
      err: { message: expect.not.stringMatching(/eyJ|37\.5|a@b/) },
    });
    expect(line('something is wrong')!.err).not.toHaveProperty('body');
    for (const canary of CANARIES) expect(slack.messages.join('\n')).not.toContain(canary);
    expect(messages('spec-clean')[0]).toContain('note &lt;!channel&gt;');
  });

  it('are sent again when Slack does not take them', async () => {
    slack.fault({ path: '/services', times: 1 }, 429);
    slack.fault({ path: '/services', times: 1 }, { status: 503 });
    raise('spec-retried');
    await alerts.settled();
    expect(messages('spec-retried')).toHaveLength(1);
    slack.fault(
      { path: '/services', times: 1 },
      { status: 404, body: 'no_service', contentType: 'text/plain' },
    );
    raise('spec-refused');
    await alerts.settled();
    expect(messages('spec-refused')).toHaveLength(0);
    expect(test.log.errors.map(({ msg }) => msg)).toContain('an alert did not get through');
    const { other, raise: raiseThere } = otherProcess();
    raiseThere('spec-refused'); // the claim was given back
    await other.settled();
    expect(messages('spec-refused')).toHaveLength(1);
  });

  it('go out, throttled, while the database does not answer', async () => {
    await failing(test.db, 'transaction', new Error('away'), async () => {
      raise('spec-alone');
      await alerts.settled();
      raise('spec-alone');
      await alerts.settled();
      expect(messages('spec-alone')).toHaveLength(1);
      test.clock.advance({ ms: QUIET_MS });
      await tellHeld();
      expect(messages('spec-alone')).toHaveLength(2);
    });
    await failing(test.db, 'transaction', new Error('slow'), async () => {
      test.db.transaction = () => new Promise<never>(() => {});
      raise('spec-hanging');
      await alerts.settled();
      expect(messages('spec-hanging')).toHaveLength(1);
    });
  });

  it('that cannot be sent do not keep the process, and are left to another one', async () => {
    const { other, raise: raiseThere } = otherProcess();
    slack.fault({ path: '/services' }, { status: 503 });
    raiseThere('spec-farewell');
    raiseThere('spec-farewell-too');
    await other.stop();
    slack.clearFaults();
    raise('spec-farewell');
    raise('spec-farewell-too');
    await alerts.settled();
    expect(slack.messages.filter((text) => text.includes('spec-farewell'))).toHaveLength(2);
  });

  it('tell of a job that failed for good', async () => {
    test.clock.advance({ ms: QUIET_MS });
    const before = messages('job-failed').length;
    const failed = 'bowwow_job_duration_seconds_count{job="notifications.push",outcome="failed"}';
    const failedBefore = valueOf(await scrape(), failed) || 0;
    const requeue = () =>
      test.db.prisma
        .$executeRaw`update pgboss.job set start_after = now(), retry_count = retry_limit where state = 'retry'`;
    await withHandler(
      pushToUser.name,
      () => Promise.reject(new Error('broken')),
      async () => {
        await test.db.transaction((tx) => test.queue.enqueue(tx, pushToUser, { userId: bori.id }));
        await expect(test.queue.drain()).rejects.toThrow('broken');
        await alerts.settled();
        expect(messages('job-failed')).toHaveLength(before);
        await requeue();
        await expect(test.queue.drain()).rejects.toThrow('broken');
      },
    );
    await alerts.settled();
    expect(messages('job-failed')).toHaveLength(before + 1);
    expect(valueOf(await scrape(), failed)).toBe(failedBefore + 1);
  });
});

describe('the watch', () => {
  let watch: Watch;
  const about = (alarm: string) => slack.messages.filter((text) => text.includes(`*${alarm}*`));
  const looks = async (count: number) => {
    for (let i = 0; i < count; i++) {
      await watch.look();
      await test.app.get(Alerts).settled();
    }
  };
  beforeAll(() => {
    watch = test.app.get(Watch);
  });

  it('waits for nobody who is to be told, and looks once at a time', async () => {
    slack.fault({ path: '/services', times: 3 }, { status: 503 });
    watch.add({ alarm: 'spec-waiting', sentence: 'it is so', look: () => ({ since: 'noon' }) });
    const look = watch.look();
    expect(watch.look()).toBe(look);
    await look;
    expect(about('spec-waiting')).toEqual([]);
    await test.app.get(Alerts).settled();
    expect(about('spec-waiting')).toHaveLength(1);
  });

  it('says that a dependency is down after two looks, and once that it is up again', async () => {
    await failing(test.db, 'rows', new Error('away'), async () => {
      await looks(1);
      expect(about('database-down')).toEqual([]);
      expect(valueOf(await scrape(), 'bowwow_dependency_up{dependency="database"}')).toBe(0);
      await looks(3);
    });
    expect(about('database-down')).toHaveLength(1);
    await looks(3);
    expect(about('database-down')[1]).toContain('is over');
    expect(about('database-down')).toHaveLength(2);
    expect(valueOf(await scrape(), 'bowwow_dependency_up{dependency="database"}')).toBe(1);
  });

  it('says it again after ten minutes, while it goes on', async () => {
    let isWrong = true;
    watch.add({
      alarm: 'spec-lasting',
      sentence: 'it lasts',
      look: () => (isWrong ? { since: 'noon' } : null),
    });
    for (let i = 0; i <= 40; i++) {
      await looks(1);
      test.clock.advance({ ms: 30_000 });
    }
    expect(about('spec-lasting').filter((text) => text.includes('since noon')).length).toBeGreaterThanOrEqual(
      3,
    );
    expect(about('spec-lasting').length).toBeLessThanOrEqual(4);
    isWrong = false;
    await looks(2);
    expect(about('spec-lasting').filter((text) => text.includes('is over'))).toHaveLength(1);
  });

  it('says that a provider is left alone', async () => {
    const http = test.app.get(HttpClient);
    const fail = () =>
      http.call('spec-provider', () => Promise.reject(new Error('down')), { timeoutMs: 1_000 });
    for (let i = 0; i < 5; i++) await fail().catch(() => {});
    await looks(2);
    expect(about('provider-down')[0]).toContain('spec-provider');
    expect(valueOf(await scrape(), 'bowwow_provider_breaker_open{provider="spec-provider"}')).toBe(1);
  });

  it('says that jobs do not come to their turn', async () => {
    await test.db.transaction((tx) => test.queue.enqueue(tx, pushToUser, { userId: bori.id }));
    await looks(1);
    expect(about('queue-behind')).toEqual([]);
    await test.db.prisma
      .$executeRaw`update pgboss.job set start_after = now() - interval '11 minutes' where state = 'created'`;
    await looks(1);
    expect(about('queue-behind')[0]).toContain('oldest notifications.push');
    await test.queue.drain();
    await looks(1);
    expect(about('queue-behind')[1]).toContain('is over');
  });

  it('says that too many requests fail or take too long', async () => {
    await looks(11);
    const answered = (status: string, seconds: number, count: number) => {
      const labels = { method: 'GET', route: '/spec', status };
      for (let i = 0; i < count; i++) test.app.get(Metrics).httpDuration.observe(labels, seconds);
    };
    answered('2xx', 0.02, 190);
    answered('5xx', 0.02, 5);
    await looks(1);
    expect([about('error-rate'), about('slow')]).toEqual([[], []]);
    answered('5xx', 3, 50);
    await looks(1);
    expect(about('error-rate')[0]).toContain('percent 22');
    expect(about('slow')).toHaveLength(1);
    await looks(11); // five minutes later
    expect(about('error-rate')[1]).toContain('is over');
    expect(about('slow')[1]).toContain('is over');
  });
});

it('an error that nobody caught is told, and ends the process in order', async () => {
  const database = await ownDatabase();
  const breaking = `data:text/javascript,${encodeURIComponent(
    `process.on('SIGUSR2', () => void Promise.reject(new Error('nobody handles it')))`,
  )}`;
  const child = spawn(process.execPath, [...NODE_FLAGS, '--import', breaking, resolve('dist/src/main.js')], {
    cwd: tmpdir(), // whatever it is
    env: {
      ...{ ...PROCESS_ENV, NODE_ENV: 'test', LOG_LEVEL: 'info', ROLE: 'web', PORT: '0' },
      ...database.env,
      ...{ SENTRY_DSN: sentry.dsn, SLACK_WEBHOOK_URL: slack.webhook },
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const told: string[] = [];
  const isOpen = new Promise<void>((resolve) =>
    createInterface(child.stdout).on('line', (text) => {
      told.push(text);
      if (text.includes('http://127.0.0.1')) resolve();
    }),
  );
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await Promise.race([isOpen, ended]);
  child.kill('SIGUSR2');
  expect(await ended).toBe(1);
  const fatal = told
    .filter((text) => text.includes('"level":"fatal"'))
    .map((text) => JSON.parse(text) as object);
  expect(fatal).toEqual([
    expect.objectContaining({
      alarm: 'crash',
      msg: 'a rejection that nobody handled',
      err: expect.objectContaining({ message: 'nobody handles it' }),
    }),
  ]);
  expect(slack.messages.at(-1)).toContain('*crash*');
  expect(sentry.events.at(-1)!.tags).toMatchObject({ failure: 'process', alarm: 'crash' });
  await database.remove();
});
