import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { InboxHandlers } from '../../src/modules/payments/inbox/inbox.handlers.js';
import { StoreEvents } from '../../src/modules/payments/inbox/store-events.service.js';
import { TossApi } from '../../src/modules/payments/toss/toss-api.js';
import { reseal } from '../../src/platform/crypto/resealing.js';
import { keyedHash, seal, unseal } from '../../src/platform/crypto/secrets.js';
import { statement } from '../../src/platform/database/database.js';
import { sealCursor, unsealCursor } from '../../src/platform/http/pagination.js';
import { FileLinks } from '../../src/platform/storage/file-links.js';
import { sealed } from '../../src/sealed.js';
import { startToss, type TossSimulator } from '../simulators/toss.js';
import { expectProblem, type Person, personAt, send, signIn } from '../support/api.js';
import { BillingWorld, DAY_MS } from '../support/billing.js';
import { given } from '../support/given.js';
import { borrowedDatabase, type OwnDatabase } from '../support/lane.js';
import { type LeakWatch, secret } from '../support/leaks.js';
import { TestClock } from '../support/test-clock.js';

const [A, B] = ['the-former-encryption-key-of-this-spec', 'the-present-encryption-key-of-this-spec'];
const JPEG = { 'content-type': 'image/jpeg' };
const CARD = { issuerCode: '61', number: '54287900****881*' };

const clock = new TestClock(Date.parse('2026-11-20T03:00:00Z'));
let toss: TossSimulator;
let database: OwnDatabase;
let world: BillingWorld;
/** Where nestjs-pino, which has one root in a process, writes for all apps. */
let firstLog: LeakWatch;
/** On trial since before the rotation. */
let bori: Person;
/** The same, of whom Toss has a charge that we do not know of: as after a restore. */
let restored: Person;
let shareRequest: () => ReturnType<typeof send>;
let sharePath: string;
let eventId: string;
let links: { file: string; cursor: string; upload: string };

beforeAll(async () => {
  toss = await startToss({ now: () => clock.nowMs() });
  database = await borrowedDatabase();
  await start({ ENCRYPTION_KEY: A });
  firstLog = world.test.log;
  await fill();
});
afterAll(async () => {
  await world.test.close();
  await toss.close();
  await database.remove();
});

async function start(env: Record<string, string>): Promise<void> {
  world = await BillingWorld.beside(toss, { clock, database, env });
  if (bori) [bori, restored] = [personAt(world.test, bori), personAt(world.test, restored)];
}
async function restart(env: Record<string, string>): Promise<void> {
  await world.test.close();
  await start(env);
}

const link = (person: Person, providerUserId: string) =>
  world.test.db.prisma.identity.create({
    data: {
      ...{ id: uuidv7(), userId: person.id, provider: 'naver', providerUserId, linkedAt: clock.now() },
      refreshTokenSealed: seal(`refresh-${providerUserId}`, A),
    },
  });
const withTrial = async (providerUserId: string, card?: typeof CARD) => {
  const person = await signIn(world.test);
  await link(person, providerUserId);
  expect((await world.subscribe(person, 'monthly', { card })).body).toMatchObject({ state: 'trial' });
  return person;
};

async function fill(): Promise<void> {
  bori = await withTrial('bori', CARD);
  restored = await withTrial('restored');
  // Erased since: nothing is left but the hash.
  const left = await withTrial('left');
  await world.test.db.prisma.identity.deleteMany({ where: { userId: left.id } });
  const walk = await given.walk(bori);
  const key = { 'idempotency-key': 'one-share' };
  shareRequest = () =>
    bori.send('POST', `/walks/${walk.id}/shares`, { theme: 'milk', expiresInDays: 30 }, key);
  const share = await shareRequest();
  expect(share.status).toBe(201);
  sharePath = pathOf(share.body.url as string);
  const body = JSON.stringify({
    eventType: 'PAYMENT_STATUS_CHANGED',
    data: { orderId: 'none', paymentKey: 'none' },
  });
  await world.test.app.get(StoreEvents).receive({
    ...{ store: 'toss', eventKey: 'before-the-rotation', kind: 'PAYMENT_STATUS_CHANGED' },
    ...{ environment: 'production', body },
  });
  const { db } = world.test;
  ({ id: eventId } = await db.prisma.storeEvent.findFirstOrThrow());
  await db.prisma.subscription.create({
    data: {
      ...{ id: uuidv7(), store: 'google', storeKey: 'a-token', tokenSealed: seal('a purchase token', A) },
      ...{ environment: 'production', state: 'expired', renews: false, standing: {}, createdAt: clock.now() },
    },
  });
  await world.test.queue.drain();
  const announced = await bori.send('POST', '/upload/presign', {
    ...{ kind: 'walk_photo', walkId: walk.id, mediaType: 'image/jpeg', sizeBytes: 10 },
  });
  links = {
    file: world.test.app.get(FileLinks).urlOf({ fileId: uuidv7(), viewerId: bori.id, sizePx: 320 }),
    cursor: sealCursor([clock.now(), clock.now(), uuidv7()], A),
    upload: (announced.body as { url: string }).url,
  };
}

const runJob = async () => {
  const { db, queue } = world.test;
  await db.transaction((tx) => queue.enqueue(tx, reseal, { slotAt: clock.now().toISOString() }));
  await queue.drain();
};
const pathOf = (url: string) => (url.startsWith('http') ? new URL(url).pathname : url);
const rowsUnder = async (key: string) => {
  const { db } = world.test;
  const opens = (bytes: Uint8Array | null) => {
    try {
      return unseal(bytes!, key) !== '';
    } catch {
      return false;
    }
  };
  const [identities, subscriptions, cards, events] = [
    await db.prisma.identity.findMany(),
    await db.prisma.subscription.findMany({ where: { tokenSealed: { not: null } } }),
    await db.prisma.billingMethod.findMany(),
    await db.prisma.storeEvent.findMany(),
  ];
  return {
    identities: identities.filter((row) => opens(row.refreshTokenSealed)).length,
    subscriptions: subscriptions.filter((row) => opens(row.tokenSealed)).length,
    cards: cards.filter((row) => opens(row.billingKeySealed)).length,
    events: events.filter((row) => opens(row.bodySealed)).length,
  };
};

it('every sealed column of the schema is in the list', async () => {
  const columns = await world.test.db.rows(
    statement<{ name: string }>(
      'rotation_sealed_columns',
      `select table_name || '.' || column_name as name from information_schema.columns
       where table_schema = 'public' and column_name like '%sealed%' and data_type = 'bytea'`,
    ),
    [],
  );
  // A successor is sealed with the token before it.
  const named = columns.map(({ name }) => name).filter((name) => name !== 'refresh_tokens.successor_sealed');
  expect(sealed.sealed.map(({ name }) => name).sort()).toEqual([...named, 'idempotency_keys.answer'].sort());
});

describe('with the new key, and the former one beside it', () => {
  beforeAll(() => restart({ ENCRYPTION_KEY: B, ENCRYPTION_PREVIOUS_KEY: A }));

  it('a trial is not given twice: neither the person, nor who left, nor the card', async () => {
    for (const name of ['bori-again', 'left']) {
      const again = await signIn(world.test);
      if (name === 'left') await link(again, 'left');
      const card = name === 'left' ? undefined : CARD;
      expect((await world.subscribe(again, 'monthly', { card })).body).toMatchObject({ state: 'active' });
    }
  });

  it('links, cursors, kept answers and what stores sent are read', async () => {
    const { app, db } = world.test;
    expect(app.get(FileLinks).read(links.file.split('/').at(-1)!)).toMatchObject({ viewerId: bori.id });
    expect((await bori.send('GET', `/feed?cursor=${links.cursor}`)).status).toBe(200);
    const upload = await send(world.test, 'PUT', pathOf(links.upload), new Uint8Array(10), JPEG);
    expect(upload.status).toBe(204);
    expect(pathOf((await shareRequest()).body.url as string)).toBe(sharePath);
    await db.prisma.storeEvent.update({ where: { id: eventId }, data: { processedAt: null } });
    await app.get(InboxHandlers).processStoreEvent({ eventId });
    expect(await db.prisma.storeEvent.findUniqueOrThrow({ where: { id: eventId } })).toMatchObject({
      processedAt: clock.now(),
    });
  });

  it('a charge that was made under the former key, and forgotten by a restore, is not made again', async () => {
    const contract = (await world.one(restored)).tossContract!;
    const method = await world.test.db.prisma.billingMethod.findUniqueOrThrow({
      where: { id: contract.billingMethodId! },
    });
    const formerId = Buffer.from(keyedHash(`toss-order:${contract.subscriptionId}:0:0`, A)).toString(
      'base64url',
    );
    clock.advance({ days: 7 });
    await world.test.app.get(TossApi).charge({
      billingKey: unseal(method.billingKeySealed, A),
      customerKey: await world.customerKeyOf(restored),
      ...{ orderId: formerId, orderName: '멍이랑 프리미엄', amountKrw: 4_900, idempotencyKey: 'before' },
    });
    expect(await world.slot()).toBeNull();
    expect(await world.chargesOf(restored)).toHaveLength(1);
    expect(await world.one(restored)).toMatchObject({
      state: 'active',
      tossOrders: [{ orderId: formerId, state: 'paid' }],
    });
    // And the card of before pays.
    expect(await world.chargesOf(bori)).toHaveLength(1);
    expect(await world.one(bori)).toMatchObject({ state: 'active' });
  });

  it('the job seals all anew, and tells of a row that neither key opens', async () => {
    const { db } = world.test;
    const stray = await signIn(world.test);
    await link(stray, 'stray');
    const refreshTokenSealed = seal('a token', 'a key from before both of them, long gone');
    const { id } = await db.prisma.identity.update({
      where: { provider_providerUserId: { provider: 'naver', providerUserId: 'stray' } },
      data: { refreshTokenSealed },
    });
    const before = await rowsUnder(A);
    expect(Object.values(before).every((count) => count > 0)).toBe(true);
    await runJob();
    expect(await rowsUnder(A)).toEqual({ identities: 0, subscriptions: 0, cards: 0, events: 0 });
    const after = await rowsUnder(B);
    for (const [place, count] of Object.entries(before))
      expect(after[place as keyof typeof after]).toBeGreaterThanOrEqual(count);
    expect(await db.prisma.identity.findUniqueOrThrow({ where: { id } })).toMatchObject({
      refreshTokenSealed,
    });
    expect(firstLog.errors.filter(({ alarm }) => alarm === 'sealed-unreadable')).toMatchObject([
      { place: 'identities.refresh_token_sealed', rows: 1, ids: [id] },
    ]);
    await db.prisma.identity.delete({ where: { id } });
  });

  it('run again it finds nothing to do', async () => {
    const before = await world.test.db.prisma.billingMethod.findMany({ orderBy: { id: 'asc' } });
    await runJob();
    expect(await world.test.db.prisma.billingMethod.findMany({ orderBy: { id: 'asc' } })).toEqual(before);
  });
});

describe('with the new key alone', () => {
  beforeAll(() => restart({ ENCRYPTION_KEY: B }));

  it('the next month is charged by the card of before, once', async () => {
    clock.advance({ ms: 31 * DAY_MS });
    expect(await world.slot()).toBeNull();
    expect(await world.chargesOf(bori)).toHaveLength(2);
    expect(await world.chargesOf(restored)).toHaveLength(2);
  });

  it('the trial of a person is found', async () => {
    const { identity } = world.test.db.prisma;
    const again = await signIn(world.test);
    await identity.updateMany({ where: { userId: bori.id }, data: { userId: again.id } });
    expect((await world.subscribe(again)).body).toMatchObject({ state: 'active', trial: false });
    await identity.updateMany({ where: { userId: again.id }, data: { userId: bori.id } });
  });

  it('a card that Toss says was removed is found', async () => {
    const { db } = world.test;
    const id = (await world.one(bori)).tossContract!.billingMethodId!;
    const card = await db.prisma.billingMethod.findUniqueOrThrow({ where: { id } });
    const billingKey = secret(unseal(card.billingKeySealed, B));
    const { headers, body } = toss.webhook('BILLING_DELETED', { billingKey, reason: null });
    expect((await send(world.test, 'POST', '/payments/webhook/toss', body, headers)).status).toBe(200);
    await world.test.queue.drain();
    expect((await db.prisma.billingMethod.findUniqueOrThrow({ where: { id } })).removedAt).toEqual(
      clock.now(),
    );
  });

  it('what the former key signed is refused clearly', async () => {
    expectProblem(await bori.send('GET', `/feed?cursor=${links.cursor}`), 422, 'validation-failed');
    expect((await send(world.test, 'GET', pathOf(links.file))).status).toBe(404);
    expect(() => unsealCursor(z.tuple([]), links.cursor, [B])).toThrow();
    expect((await send(world.test, 'PUT', pathOf(links.upload), new Uint8Array(10), JPEG)).status).toBe(404);
  });
});
