/**
 * A3: many processes are one service. Two of them (one on the embedded database) answer by what is true now, whoever
 * changed it; what a host ends ends in order, and a balancer that asks for readiness loses nothing over it.
 */
import { once } from 'node:events';
import { Agent, createServer, request as askHttp, type Server } from 'node:http';
import { setTimeout as passed } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { loadConfig } from '../../src/config/config.js';
import { createUser } from '../../src/modules/users/index.js';
import { AccessTokens } from '../../src/platform/auth/access-tokens.js';
import { SystemClock } from '../../src/platform/clock/clock.js';
import { withLocalSecrets } from '../../src/platform/crypto/local-secrets.js';
import { openDatabase } from '../../src/platform/database/database.module.js';
import { consentRows } from '../builders/consents.js';
import { streetWalk } from '../builders/tracks.js';
import { wirePoints } from '../builders/wire.js';
import { type OwnDatabase, ownDatabase, SERVER_URL } from '../support/lane.js';
import { Backend } from './backend.js';
import type { Answer } from './fleet.js';

const HOUR_MS = 3_600_000;
const POLL_MS = 50;
/** Of each process in turn. */
const ROUNDS = 4;
const REQUEST_EVERY_MS = 15;
const PROBE_EVERY_MS = 300;
const MAX_END_MS = 25_000;
const SERVICE_RESTART = 1012;

/** What a production server wants to have; only then is there time for balancers to notice. */
const PRODUCTION = {
  NODE_ENV: 'production',
  JWT_SECRET_KEY: 'rolling-restart-signing-key-of-32-characters',
  ENCRYPTION_KEY: 'rolling-restart-sealing-key-of-32-characters',
  PUBLIC_URL: 'https://api.withbowwow.example',
};

let database: OwnDatabase;
let env: Record<string, string>;
/** The same one on the embedded database. */
let a: Backend;
let b: Backend;
let people: Somebody[];

beforeAll(async () => {
  database = await ownDatabase();
  env = { ...database.env, ...(SERVER_URL && PRODUCTION) };
  people = await settle(['보리누나', '초코아빠', '콩이엄마']);
  a = new Backend({ ...env, ROLE: SERVER_URL ? 'web' : 'all' });
  b = SERVER_URL ? new Backend(env) : a;
  await Promise.all([...new Set([a, b])].map((one) => one.start()));
}, 60_000);
afterAll(async () => {
  await a?.kill();
  await b?.kill();
  await database?.remove();
});

interface Somebody {
  id: string;
  sessionId: string;
  token: string;
}

async function settle(nicknames: readonly string[]): Promise<Somebody[]> {
  const config = await withLocalSecrets(loadConfig({ ...env, NODE_ENV: 'test' }));
  const tokens = new AccessTokens(config, new SystemClock());
  const db = await openDatabase(config);
  const now = new Date();
  try {
    const made: Somebody[] = [];
    for (const nickname of nicknames) {
      const sessionId = uuidv7();
      const { id } = await db.transaction(async (tx) => {
        const user = await createUser(tx, { nickname, now });
        const expiresAt = new Date(now.getTime() + 24 * HOUR_MS);
        await tx.prisma.session.create({
          data: { id: sessionId, userId: user.id, createdAt: now, lastUsedAt: now, expiresAt },
        });
        await tx.prisma.consent.createMany({ data: consentRows(user.id, now) });
        if (made.length === 0)
          await tx.prisma.user.update({ where: { id: user.id }, data: { role: 'admin' } });
        return user;
      });
      made.push({ id, sessionId, token: tokens.issue(id, sessionId).token });
    }
    return made;
  } finally {
    await db.close();
  }
}

async function ask(at: Backend, who: Somebody, method: string, path: string, body?: unknown) {
  const response = await fetch(at.url + path, {
    method,
    headers: {
      authorization: `Bearer ${who.token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  const answer: Answer = { status: response.status, body: isJson && text ? JSON.parse(text) : text };
  return answer;
}

describe('what one process changes, the next request to another one sees', () => {
  const points = wirePoints(streetWalk({ startMs: Date.now() - 3 * HOUR_MS, km: 6, noiseM: 4, seed: 7 }));
  let walkId: string;

  beforeAll(async () => {
    const [, choco] = people as [Somebody, Somebody, Somebody];
    const { body: pet } = await ask(a, choco, 'POST', '/pets', { name: '초코' });
    walkId = uuidv7();
    const walk = { petIds: [pet.id], points, visibility: 'public' };
    expect((await ask(a, choco, 'PUT', `/walks/${walkId}`, walk)).status).toBeLessThan(300);
  });

  it('a privacy zone: its walk is told anew, the route and the card', async () => {
    const [bori, choco] = people as [Somebody, Somebody, Somebody];
    const before = await ask(b, bori, 'GET', `/walks/${walkId}/route`);
    const cardBefore = await ask(b, choco, 'GET', `/walks/${walkId}/share-card`);
    expect([before.status, cardBefore.status]).toEqual([200, 200]);
    const { lat, lng } = points[Math.floor(points.length / 2)]!;
    const zone = { name: '집', lat, lng, radiusM: 300 };
    expect((await ask(a, choco, 'POST', '/users/me/privacy-zones', zone)).status).toBe(201);
    const after = await ask(b, bori, 'GET', `/walks/${walkId}/route`);
    expect(after.status).toBe(200);
    expect(after.body).not.toEqual(before.body);
    const cardAfter = await ask(b, choco, 'GET', `/walks/${walkId}/share-card`);
    expect(cardAfter.status).toBe(200);
    expect(cardAfter.body).not.toBe(cardBefore.body);
  });

  it('a block', async () => {
    const [bori, choco] = people as [Somebody, Somebody, Somebody];
    expect((await ask(b, bori, 'GET', `/users/${choco.id}`)).status).toBe(200);
    expect((await ask(a, choco, 'POST', `/blocks/${bori.id}`)).status).toBeLessThan(300);
    expect((await ask(b, bori, 'GET', `/users/${choco.id}`)).status).toBe(404);
    expect((await ask(b, bori, 'GET', `/walks/${walkId}`)).status).toBe(404);
    expect((await ask(a, choco, 'DELETE', `/blocks/${bori.id}`)).status).toBeLessThan(300);
    expect((await ask(b, bori, 'GET', `/users/${choco.id}`)).status).toBe(200);
  });

  it('a suspension', async () => {
    const [bori, , kong] = people as [Somebody, Somebody, Somebody];
    const suspend = (suspended: boolean) =>
      ask(a, bori, 'POST', `/admin/users/${kong.id}/suspension`, { suspended, reason: '신고 누적' });
    expect((await ask(b, kong, 'GET', '/feed')).status).toBe(200);
    expect((await suspend(true)).status).toBe(200);
    expect((await ask(b, kong, 'GET', '/feed')).status).toBe(403);
    expect((await suspend(false)).status).toBe(200);
    expect((await ask(b, kong, 'GET', '/feed')).status).toBe(200);
  });

  it('a session that is ended', async () => {
    const [, , kong] = people as [Somebody, Somebody, Somebody];
    expect((await ask(a, kong, 'DELETE', `/auth/sessions/${kong.sessionId}`)).status).toBeLessThan(300);
    expect((await ask(b, kong, 'GET', '/users/me')).status).toBe(401);
  });
});

it('a worker is there for whoever watches it, and for nobody else', async () => {
  if (SERVER_URL) {
    const worker = new Backend({ ...env, ROLE: 'worker' });
    try {
      await worker.start();
      const [bori] = people as [Somebody];
      for (const path of ['/users/me', '/feed', '/docs', '/openapi.json', '/health-of-nobody'])
        expect([path, (await ask(worker, bori, 'GET', path)).status]).toEqual([path, 404]);
      expect((await ask(worker, bori, 'GET', '/health/live')).status).toBe(200);
      expect(await closingCodeOf(worker, bori)).not.toBe(SERVICE_RESTART);
    } finally {
      await worker.kill();
    }
  } else {
    // One process only is let in: here it is the answers of one that does everything.
    const [bori] = people as [Somebody];
    expect((await ask(a, bori, 'GET', '/users/me')).status).toBe(200);
    expect((await ask(a, bori, 'GET', '/health/live')).status).toBe(200);
  }
}, 60_000);

/** With what somebody's socket is closed. */
async function closingCodeOf(
  backend: Backend,
  { token }: Somebody,
  onOpen: () => void = () => {},
): Promise<number> {
  const socket = new WebSocket(`${backend.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  return new Promise((resolve) => {
    socket.addEventListener('close', ({ code }) => resolve(code));
    socket.addEventListener('message', ({ data }) => {
      const said = String(data);
      if (said.startsWith('0')) socket.send(`40/walk-together,${JSON.stringify({ token })}`);
      if (said.startsWith('40/walk-together')) onOpen();
      if (said === '2') socket.send('3'); // or it would be taken for dead
    });
  });
}

interface Seen {
  failed: string[];
  answered: number;
}

/** A balancer: asks each process whether it is ready, and sends requests to those that are. */
class Balancer {
  readonly seen: Seen = { failed: [], answered: 0 };
  private readonly agent = new Agent({ keepAlive: true });
  private readonly ready = new Set<Backend>();
  private readonly probing: NodeJS.Timeout;
  private turn = 0;

  private constructor(
    private readonly backends: readonly Backend[],
    private readonly server: Server,
  ) {
    this.probing = setInterval(() => void this.probe(), PROBE_EVERY_MS);
  }

  static async over(backends: readonly Backend[]): Promise<Balancer> {
    const server = createServer();
    const balancer = new Balancer(backends, server);
    server.on('request', (request, response) => {
      const to = [...balancer.ready][balancer.turn++ % balancer.ready.size];
      if (!to) return response.writeHead(502).end();
      const { hostname, port } = new URL(to.url);
      const { method, headers, url: path } = request;
      const onward = askHttp({ hostname, port, method, headers, path, agent: balancer.agent }, (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      });
      onward.on('error', () => response.writeHead(502).end());
      request.pipe(onward);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    await balancer.probe();
    return balancer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as { port: number }).port}`;
  }

  isSending(backend: Backend): boolean {
    return this.ready.has(backend);
  }

  async probe(): Promise<void> {
    await Promise.all(
      this.backends.map(async (backend) => {
        const isReady = await fetch(`${backend.url}/health/ready`).then(
          ({ ok }) => ok,
          () => false,
        );
        if (isReady) this.ready.add(backend);
        else this.ready.delete(backend);
      }),
    );
  }

  close(): void {
    clearInterval(this.probing);
    this.agent.destroy();
    this.server.close();
    this.server.closeAllConnections();
  }
}

it(`A3 ends in order when told to${SERVER_URL ? `: ${ROUNDS} × SIGTERM behind a balancer lose no request` : ''}`, async () => {
  const [bori] = people as [Somebody];
  if (!SERVER_URL) {
    let isOpen = (): void => {};
    const opened = new Promise<void>((resolve) => (isOpen = resolve));
    const code = closingCodeOf(a, bori, () => isOpen());
    await opened;
    expect(await a.end()).toBe(0);
    expect(await code).toBe(SERVICE_RESTART);
    return;
  }
  const balancer = await Balancer.over([a, b]);
  const { seen } = balancer;
  const asking = new Set<Promise<void>>();
  const load = setInterval(() => {
    const one = ask({ url: balancer.url } as Backend, bori, 'GET', '/users/me')
      .then(({ status }) => {
        if (status === 200) seen.answered++;
        else seen.failed.push(String(status));
      })
      .catch((error: unknown) => void seen.failed.push(String(error)))
      .finally(() => asking.delete(one));
    asking.add(one);
  }, REQUEST_EVERY_MS);
  const endsMs: number[] = [];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const backend = [a, b][round % 2]!;
      let isOpen = (): void => {};
      const opened = new Promise<void>((resolve) => (isOpen = resolve));
      const code = closingCodeOf(backend, bori, () => isOpen());
      await opened;
      const startedMs = performance.now();
      const end = backend.end();
      // Not ready, and still open: what comes in by then is answered.
      while ((await fetch(`${backend.url}/health/ready`)).status !== 503) await passed(POLL_MS);
      expect((await ask(backend, bori, 'GET', '/users/me')).status).toBe(200);
      expect(await end).toBe(0);
      endsMs.push(Math.round(performance.now() - startedMs));
      expect(await code).toBe(SERVICE_RESTART);
      await backend.start();
      while (!balancer.isSending(backend)) await passed(POLL_MS);
    }
  } finally {
    clearInterval(load);
    await Promise.all(asking);
    balancer.close();
  }
  process.stdout.write(
    `A3: ${seen.answered} requests answered, ${seen.failed.length} lost; ended after ${endsMs.join(', ')} ms\n`,
  );
  expect(seen.failed).toEqual([]);
  for (const ms of endsMs) expect(ms).toBeLessThan(MAX_END_MS);
}, 240_000);
