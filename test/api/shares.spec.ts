import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { v7 as uuidv7 } from 'uuid';
import { Cards } from '../../src/modules/shares/cards.service.js';
import { cardPng } from '../../src/modules/shares/card/draw.js';
import { drawnRoute } from '../../src/modules/shares/card/route-rules.js';
import { THEME_NAMES } from '../../src/modules/shares/card/themes.js';
import { ShareJobs } from '../../src/modules/shares/shares.jobs.js';
import { Walks } from '../../src/modules/walks/index.js';
import { OutboundError } from '../../src/platform/outbound/http-client.js';
import { Storage } from '../../src/platform/storage/storage.js';
import { Turns } from '../../src/platform/turns.js';
import { streetWalk } from '../builders/tracks.js';
import {
  type Answer,
  contractOf,
  expectFieldFault,
  expectProblem,
  type Person,
  send,
  signIn,
} from '../support/api.js';
import { given } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { secret } from '../support/leaks.js';
import { get, patch, post, remove } from '../support/rest.js';

const DAY_MS = 86_400_000;
let test: TestApp;
let storage: Storage;
let bori: Person;
let stranger: Person;
beforeAll(async () => {
  test = await startTestApp();
  storage = test.app.get(Storage);
});
afterAll(() => test.close());
beforeEach(async () => {
  test.clock.set('2026-11-20T03:00:00Z');
  [bori, stranger] = [await signIn(test, { nickname: '보리네<script>' }), await signIn(test)];
});

const startMs = Date.parse('2026-11-20T01:00:00Z');
const walkOf = (person: Person, more: Parameters<typeof given.walk>[1] = {}) =>
  given.walk(person, { km: 3, visibility: 'public', startMs, ...more });

interface Picture {
  status: number;
  headers: Headers;
  type: string;
  bytes: Buffer;
}

/** Like `send`, for what is not text. */
async function pictureOf(path: string, as?: Person, headers: Record<string, string> = {}): Promise<Picture> {
  const authorization = as && (await tokenOf(as));
  const response = await fetch(test.url + path, {
    headers: { ...(authorization && { authorization }), ...headers },
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const type = response.headers.get('content-type') ?? '';
  const body: unknown = type.includes('json')
    ? JSON.parse(bytes.toString())
    : response.status === 200
      ? 'bytes'
      : '';
  contractOf(test).check('GET', path.split('?')[0]!, response.status, type, body);
  return { status: response.status, headers: response.headers, type, bytes };
}

const tokenOf = async (person: Person): Promise<string> => {
  const { AccessTokens } = await import('../../src/platform/auth/access-tokens.js');
  return `Bearer ${test.app.get(AccessTokens).issue(person.id, person.sessionId).token}`;
};

const cardOf = (walkId: string, as?: Person, { theme = 'milk', headers = {} } = {}) =>
  pictureOf(`/walks/${walkId}/share-card?theme=${theme}`, as, headers);

async function keptCards(walkId: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of storage.list(`cards/${walkId}/`)) keys.push(key);
  return keys;
}

/** While the work runs, the storage does something else. */
async function withStorage(changed: Partial<Storage>, work: () => Promise<void>): Promise<void> {
  Object.assign(storage, changed);
  try {
    await work();
  } finally {
    for (const name of Object.keys(changed)) delete (storage as unknown as Record<string, unknown>)[name];
  }
}

/** Counts the calls of a method until it is put back. */
function counting<Name extends string>(
  owner: Record<Name, (...args: never[]) => unknown>,
  name: Name,
  before: () => Promise<unknown> = () => Promise.resolve(),
) {
  const was = owner[name];
  const counter = { calls: 0, putBack: () => (owner[name] = was) };
  owner[name] = async function (this: unknown, ...args: never[]) {
    counter.calls++;
    await before();
    return was.apply(this, args);
  };
  return counter;
}

/** Counts what is put; a card is put each time it is drawn. */
const counted = () => {
  const puts: string[] = [];
  const put = storage.put.bind(storage);
  const counting = (...[key, bytes, type]: Parameters<Storage['put']>) => {
    puts.push(key);
    return put(key, bytes, type);
  };
  return { puts, put: counting };
};

describe('the share card', () => {
  it('is a PNG of 1080×1350 that is kept, and not drawn again', async () => {
    const walk = await walkOf(bori);
    const { puts, put } = counted();
    await withStorage({ put }, async () => {
      const cards = await Promise.all([1, 2, 3, 4].map(() => cardOf(walk.id, bori)));
      for (const { status, type, headers, bytes } of cards) {
        expect([status, type]).toEqual([200, 'image/png']);
        expect(headers.get('cache-control')).toBe('private, no-cache');
        expect(headers.get('etag')).toMatch(/^"[\da-f]{64}"$/);
        expect(bytes.equals(cards[0]!.bytes)).toBe(true);
      }
      expect(await sharp(cards[0]!.bytes).metadata()).toMatchObject({
        format: 'png',
        width: 1080,
        height: 1350,
      });
      await cardOf(walk.id, bori);
      expect(puts).toEqual([`cards/${walk.id}/${cards[0]!.headers.get('etag')!.slice(1, -1)}.png`]);
    });
    const [key] = await keptCards(walk.id);
    await storage.put(key!, Buffer.from('kept'), 'image/png');
    expect((await cardOf(walk.id, bori)).bytes.toString()).toBe('kept');
  });

  it('is not sent to whoever has it', async () => {
    const walk = await walkOf(bori);
    const etag = (await cardOf(walk.id, bori)).headers.get('etag')!;
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const again = await cardOf(walk.id, bori, { headers: { 'if-none-match': tag } });
      expect([again.status, again.bytes.length, again.headers.get('etag')]).toEqual([304, 0, etag]);
    }
    expect((await cardOf(walk.id, bori, { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
  });

  it('O03 is for the owner of a completed walk', async () => {
    const walk = await walkOf(bori);
    const recording = (await post('/walks', bori, { petIds: [(await given.pet(bori)).id] })).body;
    for (const id of [walk.id, recording.id, uuidv7()])
      expectProblem(await get(`/walks/${id}/share-card`, stranger), 404, 'walk-not-found');
    await post(`/blocks/${stranger.id}`, bori, undefined);
    expectProblem(await get(`/walks/${walk.id}/share-card`, stranger), 404, 'walk-not-found');
    expectProblem(await send(test, 'GET', `/walks/${walk.id}/share-card`), 401, 'unauthorized');
    expectProblem(await get(`/walks/${recording.id}/share-card`, bori), 409, 'walk-not-completed');
    expectFieldFault(await get(`/walks/${walk.id}/share-card?theme=constructor`, bori), 'theme');
    await remove(`/walks/${walk.id}`, bori);
    expectProblem(await get(`/walks/${walk.id}/share-card`, bori), 404, 'walk-not-found');
  });

  it('is drawn for its owner of a private walk and of one that does not count', async () => {
    for (const more of [{ visibility: 'private' as const }, { km: 0.4 }])
      expect((await cardOf((await walkOf(bori, more)).id, bori)).status).toBe(200);
  });

  it('has two looks for everybody, and more with premium', async () => {
    const walk = await walkOf(bori);
    const answers = async () =>
      Object.fromEntries(
        await Promise.all(
          THEME_NAMES.map(async (theme) => [theme, (await cardOf(walk.id, bori, { theme })).status]),
        ),
      );
    const [free, locked] = [{ milk: 200, night: 200 }, ['forest', 'sunset', 'blossom', 'mono']];
    expect(await answers()).toEqual({ ...free, ...Object.fromEntries(locked.map((theme) => [theme, 403])) });
    const refused = await get(`/walks/${walk.id}/share-card?theme=forest`, bori);
    expectProblem(refused, 403, 'premium-required');
    expect(refused.body.unlocks).toEqual(['share-card-themes']);
    await given.premium(bori);
    expect(await answers()).toEqual({ ...free, ...Object.fromEntries(locked.map((theme) => [theme, 200])) });
  });

  it('is drawn also when the storage does not answer', async () => {
    const walk = await walkOf(bori);
    const down = () => Promise.reject(new OutboundError('storage', 'timeout'));
    await withStorage({ get: down, put: down, list: throwing }, async () => {
      for (let i = 0; i < 2; i++) expect((await cardOf(walk.id, bori)).status).toBe(200);
    });
    expect(await keptCards(walk.id)).toEqual([]);
  });

  it('says so when the fault is its own, and not the storage’s', async () => {
    const walk = await walkOf(bori);
    const broken = () => Promise.reject(new TypeError('a mistake in the code'));
    await withStorage({ get: broken }, async () => {
      expectProblem(await get(`/walks/${walk.id}/share-card`, bori), 500, 'internal-error');
    });
    const noSpace = () => Promise.reject(Object.assign(new Error('ENOSPC'), { syscall: 'write' }));
    await withStorage({ put: noSpace }, async () => {
      expect((await cardOf(walk.id, bori)).status).toBe(200);
    });
  });

  it('R01 follows the walk, and what is stale goes', async () => {
    const pet = await given.pet(bori);
    const walk = await walkOf(bori, { petId: pet.id });
    await test.queue.drain();
    const seen = new Set<string>();
    const isAnother = async () => {
      const { status, headers } = await cardOf(walk.id, bori);
      expect(status).toBe(200);
      return seen.size < seen.add(headers.get('etag')!).size;
    };
    expect(await isAnother()).toBe(true);
    expect(await isAnother()).toBe(false);
    await patch(`/pets/${pet.id}`, bori, { name: '망고' });
    expect(await isAnother()).toBe(true);
    const crop = { from: new Date(startMs + 300_000), to: new Date(startMs + 2_000_000) };
    expect((await patch(`/walks/${walk.id}`, bori, { crop })).status).toBe(200);
    expect(await keptCards(walk.id)).toHaveLength(2);
    await test.queue.drain();
    expect(await keptCards(walk.id)).toEqual([]);
    expect(await isAnother()).toBe(true);
    await remove(`/walks/${walk.id}`, bori);
    await test.queue.drain();
    expect(await keptCards(walk.id)).toEqual([]);
  });

  it('is not kept of a walk that is deleted while it is drawn', async () => {
    const walk = await walkOf(bori);
    const put = storage.put.bind(storage);
    const late: Storage['put'] = async (...card) => {
      await remove(`/walks/${walk.id}`, bori);
      await test.queue.drain();
      await put(...card);
    };
    await withStorage({ put: late }, async () => {
      expect((await cardOf(walk.id, bori)).status).toBe(200);
    });
    expect(await keptCards(walk.id)).toEqual([]);
  });

  it('is not hoarded', async () => {
    const walk = await walkOf(bori);
    for (let i = 0; i < 20; i++)
      await storage.put(`cards/${walk.id}/${i}.png`, Buffer.from('old'), 'image/png');
    const { headers } = await cardOf(walk.id, bori);
    expect(await keptCards(walk.id)).toEqual([`cards/${walk.id}/${headers.get('etag')!.slice(1, -1)}.png`]);
  });

  it('shows the badges that were reached with the walk', async () => {
    const walk = await walkOf(bori);
    const badges = async () => (await test.app.get(Cards).of(walk.id, 'milk'))!.content.badges;
    expect(await badges()).toEqual([]);
    await test.queue.drain();
    expect(await badges()).toContain('첫 발자국');
    const { headers } = await cardOf(walk.id, bori);
    const later = await walkOf(bori, { startMs: startMs - DAY_MS });
    await test.queue.drain();
    expect((await cardOf(walk.id, bori)).headers.get('etag')).toBe(headers.get('etag'));
    expect((await test.app.get(Cards).of(later.id, 'milk'))!.content.badges).not.toContain('첫 발자국');
  });
});

// eslint-disable-next-line require-yield
async function* throwing(): AsyncGenerator<never> {
  throw new OutboundError('storage', 'timeout');
}

describe('P01 P04 what the card shows of the way', () => {
  let seed = 77;
  let track: ReturnType<typeof streetWalk>;
  let zoneAt: (typeof track)[number];
  beforeEach(async () => {
    const data = { privacySeed: new Uint8Array(32).fill(7) }; // what is hidden is the same each time
    await test.db.prisma.user.update({ where: { id: bori.id }, data });
    track = streetWalk({ startMs: startMs - 7_200_000, km: 9, noiseM: 3, seed: seed++ });
    zoneAt = track[Math.floor(track.length * 0.5)]!;
  });
  const seenLines = async (walkId: string) =>
    (await get(`/walks/${walkId}/route`, stranger)).body.geometry.coordinates.map((line: number[][]) =>
      line.map(([lng, lat]) => ({ lat: lat!, lng: lng! })),
    ) as { lat: number; lng: number }[][];
  const contentOf = async (walkId: string) => (await test.app.get(Cards).of(walkId, 'mono'))!.content;

  it('is what everybody may see, also after a zone was added', async () => {
    const walk = await walkOf(bori, { points: track });
    const before = await contentOf(walk.id);
    expect(before.route).toEqual(drawnRoute(await seenLines(walk.id), before.box));
    await cardOf(walk.id, bori);
    const zone = { name: '친구 집', lat: zoneAt.lat, lng: zoneAt.lng, radiusM: 200 };
    expect((await post('/users/me/privacy-zones', bori, zone)).status).toBe(201);
    const after = await contentOf(walk.id); // before any job has run
    expect(after.route).not.toEqual(before.route);
    expect(after.route).toEqual(drawnRoute(await seenLines(walk.id), after.box));
    expect(await keptCards(walk.id)).toHaveLength(1);
    await test.queue.drain();
    expect(await keptCards(walk.id)).toEqual([]);
  });

  it('no pixel of the line lies where something hidden would be', async () => {
    const zone = { name: '친구 집', lat: zoneAt.lat, lng: zoneAt.lng, radiusM: 150 };
    await post('/users/me/privacy-zones', bori, zone);
    const walk = await walkOf(bori, { points: track });
    const content = await contentOf(walk.id);
    const lines = await seenLines(walk.id);
    expect(lines.length).toBeGreaterThan(1);
    const pixels = async (route: string[]) =>
      sharp(await cardPng({ ...content, route }))
        .removeAlpha()
        .raw()
        .toBuffer();
    const [drawn, without] = [await pixels(content.route), await pixels(['M-90 -90L-91 -91'])];
    const isLine = ({ x, y }: { x: number; y: number }) => {
      const at = (Math.round(y) * 1080 + Math.round(x)) * 3;
      return [0, 1, 2].some((channel) => Math.abs(drawn[at + channel]! - without[at + channel]!) > 2);
    };
    // The same projection, made by hand from what is seen.
    const seen = lines.flat();
    const [lats, lngs] = [seen.map(({ lat }) => lat), seen.map(({ lng }) => lng)];
    const [south, north, west, east] = [
      Math.min(...lats),
      Math.max(...lats),
      Math.min(...lngs),
      Math.max(...lngs),
    ];
    const { box } = content;
    const lngM = 111_320 * Math.cos((((south + north) / 2) * Math.PI) / 180);
    const scale = Math.min(box.width / ((east - west) * lngM), box.height / ((north - south) * 111_320));
    const toXY = ({ lat, lng }: { lat: number; lng: number }) => ({
      x: box.x + box.width / 2 + (lng - (west + east) / 2) * lngM * scale,
      y: box.y + box.height / 2 - (lat - (south + north) / 2) * 111_320 * scale,
    });
    const visible = seen.map(toXY);
    expect(visible.filter(isLine).length / visible.length).toBeGreaterThan(0.99);
    const inPicture = ({ x, y }: { x: number; y: number }) => x >= 0 && y >= 0 && x < 1079 && y < 1349;
    const hidden = track
      .map(toXY)
      .filter(inPicture)
      .filter((p) => visible.every((v) => Math.hypot(v.x - p.x, v.y - p.y) > 20));
    expect(hidden.length).toBeGreaterThan(50);
    expect(hidden.filter(isLine)).toEqual([]);
  });

  it('P03 tells the figures that others are told, and none of the owner’s own', async () => {
    const walk = await walkOf(bori, { points: track });
    const { body: shown } = await get(`/walks/${walk.id}`, stranger);
    const { figures } = await contentOf(walk.id);
    expect(figures[0]!.parts).toEqual([(shown.distanceM / 1_000).toFixed(1), 'km']);
    const [hours, , minutes = 0] = figures[1]!.parts;
    expect(Number(hours) * 60 + Number(minutes)).toBe(shown.movingS / 60);
    expect(JSON.stringify(figures)).not.toContain(String(walk.distanceM));
  });

  it('P01 of a walk all of which is hidden, nothing', async () => {
    const walk = await walkOf(bori, { km: 0.55 });
    expect((await contentOf(walk.id)).route).toEqual([]);
    expect((await cardOf(walk.id, bori)).status).toBe(200);
  });
});

interface Link {
  id: string;
  url: string;
  token: string;
  path: string;
}

async function share(walkId: string, body: object = {}, headers = {}): Promise<Link> {
  const answer = await post(`/walks/${walkId}/shares`, bori, body, headers);
  expect([answer.status, answer.text.slice(0, 300)]).toEqual([201, expect.any(String)]);
  const { id, url } = answer.body as { id: string; url: string };
  const { pathname } = new URL(url);
  return { id, url, path: pathname, token: secret(pathname.slice('/s/'.length)) };
}

const open = (path: string, headers = {}): Promise<Answer> => send(test, 'GET', path, undefined, headers);

async function expectGone(path: string): Promise<void> {
  const [page, unknown] = [await open(path), await open(`/s/${'A'.repeat(43)}`)];
  expect([page.status, page.text]).toEqual([404, unknown.text]);
  expect(page.text).toContain('볼 수 없는 산책이에요');
  const headersOf = ({ headers }: Answer) =>
    [...headers].filter(([name]) => !['date', 'x-request-id', 'ratelimit'].includes(name));
  expect(headersOf(page)).toEqual(headersOf(unknown));
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  const picture = await pictureOf(`${path}/card.png`);
  expect([picture.status, picture.type]).toEqual([404, 'text/html; charset=utf-8']);
  expect(picture.bytes.toString()).toBe(unknown.text);
}

describe('a share link', () => {
  it('opens a page with its card for anybody, and nothing else', async () => {
    const walk = await walkOf(bori);
    await patch(`/walks/${walk.id}`, bori, { title: '우리집 앞 산책', memo: '현관 1234' });
    const link = await share(walk.id);
    const page = await open(link.path);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('cache-control')).toBe('private, no-store');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(page.headers.get('x-robots-tag')).toContain('noindex');
    const meta = Object.fromEntries(
      [...page.text.matchAll(/<meta (?:property|name)="([^"]+)" content="([^"]*)"/g)].map(
        ([, name, content]) => [name, content],
      ),
    );
    expect(meta).toMatchObject({
      'og:type': 'website',
      'og:title': '보리의 산책',
      'og:description': expect.stringMatching(/^2026년 11월 20일 금요일 · [\d.]+km · \d+분$/),
      'og:image': `${link.url}/card.png`,
      'og:image:width': '1080',
      'og:image:height': '1350',
      'og:url': link.url,
      'twitter:card': 'summary_large_image',
      robots: 'noindex, nofollow',
    });
    expect(page.text).toContain(`href="withbowwow://s/${link.token}"`);
    for (const told of [walk.id, bori.id, link.id, '보리네', '우리집', '현관', '37.54', '127.03', 'T01:'])
      expect(page.text).not.toContain(told);
    expect(page.text).not.toMatch(/<script|<link|https?:\/\/(?!127\.0\.0\.1)|\son\w+=/);
    const picture = await pictureOf(`${link.path}/card.png`);
    expect([picture.status, picture.type, picture.headers.get('cache-control')]).toEqual([
      200,
      'image/png',
      'private, no-cache',
    ]);
    expect(picture.bytes.equals((await cardOf(walk.id, bori)).bytes)).toBe(true);
    const known = { 'if-none-match': picture.headers.get('etag')! };
    expect((await pictureOf(`${link.path}/card.png`, undefined, known)).status).toBe(304);
  });

  it('has a content security policy that its own style satisfies', async () => {
    const link = await share((await walkOf(bori)).id);
    for (const path of [link.path, '/s/nothing']) {
      const { text, headers } = await open(path);
      const [style, ...more] = [...text.matchAll(/<style>([^]*?)<\/style>/g)].map(([, css]) => css!);
      expect(more).toEqual([]);
      const hash = createHash('sha256').update(style!).digest('base64');
      expect(headers.get('content-security-policy')).toBe(
        `default-src 'none'; img-src 'self'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      );
      expect(text).not.toMatch(/ style="/);
    }
  });

  it.each(['<script>alert(1)</script>', '"><img src=x>', "' onload='x", '&lt;b&gt;', '`${7*7}`'])(
    'escapes a dog’s name %s',
    async (name) => {
      const pet = await given.pet(bori, { name: name.slice(0, 20) });
      const link = await share((await walkOf(bori, { petId: pet.id })).id);
      const { text } = await open(link.path);
      expect(text).not.toContain(name.slice(0, 20));
      expect(text.match(/<(?!\/)(\w+)/g)!.filter((tag) => ['<script', '<b'].includes(tag))).toEqual([]);
      expect(text.match(/<img/g)).toHaveLength(1);
      expect(text).toContain(name.slice(0, 20).replace(/[&<>"'`=]/g, (c) => `&#${c.charCodeAt(0)};`));
    },
  );

  it('A6 reads the track once for however many look', async () => {
    const walk = await walkOf(bori);
    await test.queue.drain();
    const link = await share(walk.id);
    const shown = counting(test.app.get(Walks), 'shown');
    const views = await Promise.all([1, 2, 3, 4, 5].map(() => open(link.path)));
    const etag = (await pictureOf(`${link.path}/card.png`)).headers.get('etag')!;
    expect(shown.calls).toBe(1);
    // Whoever reads it from here on has another route.
    await test.db.prisma.walkTrack.update({ where: { walkId: walk.id }, data: { segments: [] } });
    const picture = () => pictureOf(`${link.path}/card.png`, undefined, { 'if-none-match': etag });
    for (let view = 0; view < 3; view++) {
      expect((await open(link.path)).text).toBe(views[0]!.text);
      expect((await picture()).status).toBe(304);
    }
    expect(shown.calls).toBe(1);
    await patch(`/walks/${walk.id}`, bori, { title: '다시' });
    expect((await picture()).status).toBe(200);
    expect(shown.calls).toBe(2);
    shown.putBack();
    await test.queue.drain();
  });

  it('A6 does not keep what changed while it was read', async () => {
    const pet = await given.pet(bori, { name: '보리' });
    const link = await share((await walkOf(bori, { petId: pet.id })).id);
    const rename = (name: string) => patch(`/pets/${pet.id}`, bori, { name });
    const shown = counting(test.app.get(Walks), 'shown', () => rename('망고'));
    expect((await open(link.path)).text).toContain('망고의 산책');
    shown.putBack();
    await rename('보리');
    expect((await open(link.path)).text).toContain('보리의 산책');
  });

  it('is drawn once for all who look while the storage is down', async () => {
    const walk = await walkOf(bori);
    const link = await share(walk.id);
    await test.queue.drain();
    const drawn = counting(Turns.prototype, 'take');
    const views = async () => {
      for (let view = 0; view < 3; view++)
        expect((await pictureOf(`${link.path}/card.png`)).status).toBe(200);
    };
    const down = () => Promise.reject(new OutboundError('storage', 'timeout'));
    await withStorage({ get: down, put: down, list: throwing }, views);
    expect(drawn.calls).toBe(1);
    test.clock.advance({ ms: 60_000 });
    await views();
    expect(drawn.calls).toBe(2);
    expect(await keptCards(walk.id)).toHaveLength(1);
    drawn.putBack();
  });

  it('repeats no made-up host', async () => {
    const link = await share((await walkOf(bori)).id);
    const { pathname } = new URL(link.url);
    const page = await test.app.inject({ url: pathname, headers: { host: '"><script>x</script>' } });
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain(`content="http://localhost${pathname}/card.png"`);
    const named = await test.app.inject({ url: pathname, headers: { host: 'dogs.example:8080' } });
    expect(named.body).toContain(`content="http://dogs.example:8080${pathname}/card.png"`);
  });

  it('closes at once, in the same words, whatever the reason', async () => {
    const walk = await walkOf(bori);
    const link = await share(walk.id);
    const isOpen = async () => (await open(link.path)).status === 200;
    expect(await isOpen()).toBe(true);
    const users = { id: bori.id };
    const at = test.clock.now();
    const reasons: [data: () => Promise<unknown>, undo: () => Promise<unknown>][] = [
      [
        () => patch(`/walks/${walk.id}`, bori, { visibility: 'private' }),
        () => patch(`/walks/${walk.id}`, bori, { visibility: 'followers' }),
      ],
      [
        () => test.db.prisma.walk.update({ where: { id: walk.id }, data: { hiddenAt: at } }),
        () => test.db.prisma.walk.update({ where: { id: walk.id }, data: { hiddenAt: null } }),
      ],
      [
        () => test.db.prisma.walk.update({ where: { id: walk.id }, data: { counts: false } }),
        () => test.db.prisma.walk.update({ where: { id: walk.id }, data: { counts: true } }),
      ],
      [
        () => test.db.prisma.user.update({ where: users, data: { suspendedAt: at } }),
        () => test.db.prisma.user.update({ where: users, data: { suspendedAt: null } }),
      ],
      [
        () => test.db.prisma.user.update({ where: users, data: { deletionRequestedAt: at } }),
        () => test.db.prisma.user.update({ where: users, data: { deletionRequestedAt: null } }),
      ],
    ];
    for (const [close, undo] of reasons) {
      await close();
      await expectGone(link.path);
      await undo();
      expect(await isOpen()).toBe(true);
    }
    await remove(`/walks/${walk.id}`, bori);
    await expectGone(link.path);
  });

  it('L01 closes when it expires and when it is revoked', async () => {
    const walk = await walkOf(bori);
    const [short, usual, revoked] = [
      await share(walk.id, { expiresInDays: 1 }),
      await share(walk.id),
      await share(walk.id),
    ];
    expect((await remove(`/walks/${walk.id}/shares/${revoked.id}`, bori)).status).toBe(204);
    await expectGone(revoked.path);
    test.clock.advance({ ms: DAY_MS - 1 });
    expect((await open(short.path)).status).toBe(200);
    test.clock.advance({ ms: 1 });
    await expectGone(short.path);
    expect((await open(usual.path)).status).toBe(200);
    test.clock.advance({ ms: 29 * DAY_MS });
    await expectGone(usual.path);
  });

  it('a token that is none opens nothing, in the same words', async () => {
    for (const token of [
      'x',
      '%00',
      '%F0%9F%90%B6',
      "'%20or%201=1--",
      'A'.repeat(500),
      '..%2f..%2fetc',
      '<b>',
    ])
      await expectGone(`/s/${token}`);
  });

  it('keeps the look that was paid for', async () => {
    const walk = await walkOf(bori);
    expectProblem(await post(`/walks/${walk.id}/shares`, bori, { theme: 'sunset' }), 403, 'premium-required');
    await given.premium(bori);
    const link = await share(walk.id, { theme: 'sunset', expiresInDays: 31 });
    await test.queue.drain();
    const before = await pictureOf(`${link.path}/card.png`);
    test.clock.advance({ ms: 30 * DAY_MS - 1 });
    expect((await cardOf(walk.id, bori, { theme: 'sunset' })).status).toBe(200);
    test.clock.advance({ ms: 1 });
    expectProblem(await get(`/walks/${walk.id}/share-card?theme=sunset`, bori), 403, 'premium-required');
    const after = await pictureOf(`${link.path}/card.png`);
    expect([after.status, after.headers.get('etag')]).toEqual([200, before.headers.get('etag')]);
    expect((await open(link.path)).text).toContain('<body class="sunset">');
  });

  it('O03 is made, listed and revoked by the owner only', async () => {
    const walk = await walkOf(bori);
    const link = await share(walk.id);
    expectProblem(await post(`/walks/${walk.id}/shares`, stranger, {}), 404, 'walk-not-found');
    expectProblem(await get(`/walks/${walk.id}/shares`, stranger), 404, 'walk-not-found');
    const path = `/walks/${walk.id}/shares/${link.id}`;
    expectProblem(await remove(path, stranger), 404, 'share-not-found');
    const other = await walkOf(bori, { startMs: startMs - DAY_MS });
    expectProblem(await remove(`/walks/${other.id}/shares/${link.id}`, bori), 404, 'share-not-found');
    expect((await open(link.path)).status).toBe(200);
    const { body } = await get(`/walks/${walk.id}/shares`, bori);
    expect(body).toEqual({
      items: [
        {
          ...{ id: link.id, theme: 'milk', revokedAt: null },
          createdAt: '2026-11-20T03:00:00.000Z',
          expiresAt: '2026-12-20T03:00:00.000Z',
        },
      ],
      nextCursor: null,
    });
    for (let i = 0; i < 2; i++) expect((await remove(path, bori)).status).toBe(204);
    expect((await get(`/walks/${walk.id}/shares`, bori)).body.items[0].revokedAt).toBe(
      '2026-11-20T03:00:00.000Z',
    );
    for (const field of ['theme', 'expiresInDays'])
      expectFieldFault(await post(`/walks/${walk.id}/shares`, bori, { [field]: 91 }), field);
  });

  it('is told to the owner in the record of what their location was used for', async () => {
    await share((await walkOf(bori)).id);
    const { items } = (await get('/users/me/location-log', bori)).body;
    expect(items.filter(({ purpose }: { purpose: string }) => purpose === 'walk_share')).toEqual([
      expect.objectContaining({ providedTo: null, at: '2026-11-20T03:00:00.000Z' }),
    ]);
  });

  it('is not made of a walk that others do not see', async () => {
    const petId = (await given.pet(bori)).id;
    const hidden = await walkOf(bori, { petId });
    const hiddenAt = test.clock.now();
    await test.db.prisma.walk.update({ where: { id: hidden.id }, data: { hiddenAt } });
    const recording = (await post('/walks', bori, { petIds: [petId] })).body;
    const walks = [
      hidden,
      recording,
      await walkOf(bori, { petId, visibility: 'private', startMs: startMs - DAY_MS }),
      await walkOf(bori, { petId, km: 0.4, startMs: startMs - 2 * DAY_MS }),
    ];
    for (const { id } of walks)
      expectProblem(await post(`/walks/${id}/shares`, bori, {}), 409, 'walk-not-shareable');
    await remove(`/walks/${hidden.id}`, bori);
    expectProblem(await post(`/walks/${hidden.id}/shares`, bori, {}), 404, 'walk-not-found');
  });

  it('there are five at most of a walk, also when many are made at once', async () => {
    const walk = await walkOf(bori);
    const made = await Promise.all(
      Array.from({ length: 8 }, () => post(`/walks/${walk.id}/shares`, bori, {})),
    );
    for (const { body, status } of made) if (status === 201) secret(new URL(body.url).pathname.slice(3));
    expect(made.map(({ status }) => status).sort()).toEqual([201, 201, 201, 201, 201, 409, 409, 409]);
    const refused = await post(`/walks/${walk.id}/shares`, bori, {});
    expectProblem(refused, 409, 'too-many-shares');
    expect(refused.body.limit).toBe(5);
    const { items } = (await get(`/walks/${walk.id}/shares?limit=3`, bori)).body;
    await remove(`/walks/${walk.id}/shares/${items[0].id}`, bori);
    await share(walk.id);
    test.clock.advance({ ms: 31 * DAY_MS });
    await share(walk.id);
  });

  it('is made once for a key, and what opens it is kept nowhere', async () => {
    const walk = await walkOf(bori);
    const key = { 'idempotency-key': 'link' };
    const [first, again] = [await share(walk.id, {}, key), await share(walk.id, {}, key)];
    expect(again).toEqual(first);
    expect((await open(again.path)).status).toBe(200);
    const rows = [
      await test.db.prisma.idempotencyKey.findMany({ where: { userId: bori.id } }),
      await test.db.prisma.walkShare.findMany({ where: { userId: bori.id } }),
    ];
    expect(rows.map(({ length }) => length)).toEqual([1, 1]);
    expect(JSON.stringify(rows)).not.toContain(first.token);
    expect(first.token).toMatch(/^[\w-]{43}$/);
  });

  it('is forgotten 30 days after its end', async () => {
    const walk = await walkOf(bori);
    await share(walk.id, { expiresInDays: 1 });
    const revoked = await share(walk.id, { expiresInDays: 90 });
    await share(walk.id, { expiresInDays: 90 });
    test.clock.advance({ ms: DAY_MS });
    await remove(`/walks/${walk.id}/shares/${revoked.id}`, bori);
    const left = async () => {
      await test.app.get(ShareJobs).purge();
      return test.db.prisma.walkShare.count({ where: { userId: bori.id } });
    };
    test.clock.advance({ ms: 30 * DAY_MS });
    expect(await left()).toBe(3);
    test.clock.advance({ ms: 1 });
    expect(await left()).toBe(1);
  });
});

it('the address of the service is what it was told, when it was told', async () => {
  const told = await startTestApp({ env: { PUBLIC_URL: 'https://api.withbowwow.example/' } });
  const person = await signIn(told);
  told.clock.set('2026-11-20T03:00:00Z');
  const walk = await given.walk(person, { visibility: 'public', startMs });
  const { body } = await person.send('POST', `/walks/${walk.id}/shares`, {});
  expect(body.url).toMatch(/^https:\/\/api\.withbowwow\.example\/s\/[\w-]{43}$/);
  const token = secret(new URL(body.url).pathname.slice('/s/'.length));
  expect((await send(told, 'GET', `/s/${token}`)).text).toContain(`content="${body.url}/card.png"`);
  await told.close();
});
