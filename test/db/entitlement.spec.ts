import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import type { Store } from '../../src/generated/prisma/enums.js';
import { dueSubscriptions, premiumUntilOf } from '../../src/modules/entitlement/entitlement.queries.js';
import {
  type Fact,
  lockSubscription,
  passTime,
  type SaleKey,
  Subscriptions,
} from '../../src/modules/entitlement/index.js';
import { statement } from '../../src/platform/database/database.js';
import { DAY_MS, day, paid, refunded, renewal, trial } from '../builders/facts.js';
import { seededRandom } from '../builders/tracks.js';
import { type Person, signIn } from '../support/api.js';
import { given } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { plansOf } from '../support/plans.js';

let test: TestApp;
let bori: Person;
let subscriptions: Subscriptions;
beforeAll(async () => {
  test = await startTestApp({ env: { STORE_SANDBOX: 'false' } });
  subscriptions = test.app.get(Subscriptions);
});
afterAll(() => test.close());
beforeEach(async () => {
  test.clock.set(day(0));
  bori = await signIn(test);
});

const saleOf = (person: Person | null, changes: Partial<SaleKey> = {}): SaleKey => ({
  ...{ store: 'apple', storeKey: uuidv7(), environment: 'production', userId: person?.id },
  ...changes,
});
const learn = (sale: SaleKey, facts: readonly Fact[]) =>
  test.db.transaction((tx) => subscriptions.learn(tx, sale, facts));
const premiumOf = (person: Person) => premiumUntilOf(test.db, person.id, test.clock.now());

/** All that is kept of a subscription and does not tell how it came about. */
async function stored({ store, storeKey }: SaleKey) {
  const { id, ...row } = await test.db.prisma.subscription.findUniqueOrThrow({
    where: { store_storeKey: { store, storeKey } },
    omit: { storeKey: true, createdAt: true },
  });
  const facts = await test.db.prisma.subscriptionFact.findMany({
    where: { subscriptionId: id },
    orderBy: { key: 'asc' },
    omit: { subscriptionId: true },
  });
  const ledger = await test.db.prisma.ledgerEntry.groupBy({
    by: ['periodId', 'currency', 'environment'],
    where: { subscriptionId: id },
    _sum: { amountMilli: true },
    orderBy: { periodId: 'asc' },
  });
  return { row, facts, ledger };
}

const month = (id: string, from: number) => paid(id, { startsAtMs: day(from) });
/** Trial, two renewals, grace, hold, recovery, an upgrade, a refund that was reversed and one that was not. */
const LIFE: Fact[] = [
  trial('t'),
  renewal({ asOf: 1 }),
  month('a', 7),
  month('b', 37),
  refunded(month('a', 7), day(40)),
  renewal({ asOf: 2, graceUntilMs: day(83), retriesUntilMs: day(127) }),
  renewal({ asOf: 3, retriesUntilMs: day(127) }),
  month('c', 90),
  renewal({ asOf: 4 }),
  paid('c', { asOf: 2, startsAtMs: day(90), endedAtMs: day(95) }),
  paid('y', { startsAtMs: day(95), endsAtMs: day(460), plan: 'yearly', paidMilli: 39_000_000 }),
  { ...refunded(month('b', 37), day(96)), asOf: 2 },
  { ...month('b', 37), asOf: 3 },
  renewal({ asOf: 5, renews: false }),
];

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const rest = [...items];
  return items.map(() => rest.splice(Math.floor(random() * rest.length), 1)[0]!);
}

describe('S01 what a store says', () => {
  it('comes to the same rows and ledger in any order, split and repetition', async () => {
    test.clock.set(day(100));
    const inOrder = saleOf(bori);
    for (const fact of LIFE) await learn(inOrder, [fact]);
    const expected = await stored(inOrder);
    expect(expected.row).toMatchObject({
      state: 'cancelled',
      plan: 'yearly',
      accessUntil: new Date(day(460)),
    });
    expect(expected.ledger.map(({ periodId, _sum }) => [periodId, _sum.amountMilli])).toEqual([
      ['a', 0],
      ['b', 4_900_000],
      ['c', 4_900_000],
      ['y', 39_000_000],
    ]);
    for (let seed = 1; seed <= 10; seed++) {
      const random = seededRandom(seed);
      const sale = saleOf(bori);
      const deliveries = shuffled([...LIFE, ...LIFE], random);
      while (deliveries.length > 0) await learn(sale, deliveries.splice(0, 1 + Math.floor(random() * 4)));
      expect({ seed, ...(await stored(sale)) }).toEqual({ seed, ...expected });
    }
  });

  it('S02 B2 nothing older takes back what is known', async () => {
    test.clock.set(day(100));
    const sale = saleOf(bori);
    await learn(sale, LIFE);
    const before = await stored(sale);
    for (const fact of LIFE) await learn(sale, [fact]);
    expect(await stored(sale)).toEqual(before);
    const { id } = await learn(sale, []);
    expect(await test.db.prisma.subscriptionChange.count({ where: { subscriptionId: id } })).toBe(1);
  });

  it('is heard by two at once as by one', async () => {
    test.clock.set(day(100));
    const alone = saleOf(bori);
    await learn(alone, LIFE);
    const expected = await stored(alone);
    for (let round = 0; round < 5; round++) {
      const sale = saleOf(bori);
      const heard = shuffled(LIFE, seededRandom(round + 100));
      await Promise.all([
        learn(sale, LIFE),
        learn(sale, heard),
        ...heard.slice(0, 4).map((fact) => learn(sale, [fact])),
      ]);
      expect(await stored(sale)).toEqual(expected);
    }
  });

  it('is never taken for the other environment under the same key', async () => {
    const sale = saleOf(bori);
    await learn(sale, [month('a', 0), renewal()]);
    const before = await stored(sale);
    await expect(learn({ ...sale, environment: 'sandbox' }, [month('b', 30)])).rejects.toThrow('sandbox');
    expect(await stored(sale)).toEqual(before);
    const free = saleOf(bori, { environment: 'sandbox' });
    await learn(free, [month('a', 0)]);
    await expect(learn({ ...free, environment: 'production' }, [month('a', 0)])).rejects.toThrow(
      'production',
    );
    expect((await stored(free)).row).toMatchObject({ accessUntil: null, state: 'cancelled' });
  });
});

describe('the ledger', () => {
  const period = (id: string) =>
    fc
      .array(
        fc.record({ asOf: fc.nat(9), paidMilli: fc.nat(50_000_000), refundedMilli: fc.nat(50_000_000) }),
        { minLength: 1, maxLength: 6 },
      )
      .map((said) => said.map((figures) => paid(id, figures)));

  it('sums are what the newest facts say was paid and given back, in any order', async () => {
    const histories = fc
      .tuple(period('a'), period('b'))
      .chain(([a, b]) => fc.shuffledSubarray([...a, ...b], { minLength: a.length + b.length }));
    await fc.assert(
      fc.asyncProperty(histories, async (said) => {
        const sale = saleOf(bori);
        const { id } = await learn(sale, []);
        for (const fact of said) await learn(sale, [fact]);
        const known = await test.db.transaction((tx) => subscriptions.factsOf(tx, id));
        const entries = await test.db.prisma.ledgerEntry.findMany({ where: { subscriptionId: id } });
        for (const fact of known) {
          if (fact.key === 'renewal') throw new Error('No renewal was said');
          const newest = Math.max(...said.filter(({ key }) => key === fact.key).map(({ asOf }) => asOf));
          expect(fact.asOf).toBe(newest);
          const own = entries.filter(({ periodId }) => fact.key === `period:${periodId}`);
          const sum = (isCharge: boolean) =>
            own
              .filter(({ kind }) => (kind === 'charge') === isCharge)
              .reduce((total, { amountMilli }) => total + amountMilli, 0);
          expect([sum(true), sum(false) || 0]).toEqual([fact.paidMilli, -fact.refundedMilli || 0]);
          expect(own.every(({ amountMilli }) => amountMilli !== 0)).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  it.each(['ledger_entries', 'subscription_changes'])('%s only grows', async (table) => {
    await learn(saleOf(bori), LIFE);
    const column = table === 'ledger_entries' ? 'amount_milli = 0' : `to_state = 'active'`;
    const tries = [`update ${table} set ${column}`, `delete from ${table}`, `truncate ${table}`];
    for (const text of tries)
      await expect(test.db.transaction((tx) => tx.rows(statement('', text), []))).rejects.toThrow(
        'is not changed',
      );
  });

  it('test purchases are told apart', async () => {
    const sale = saleOf(bori, { environment: 'sandbox' });
    await learn(sale, [month('a', 0)]);
    expect((await stored(sale)).ledger).toMatchObject([{ environment: 'sandbox' }]);
  });
});

describe('S06 two stores', () => {
  it('premium is the best of both, and ending one keeps the other', async () => {
    const apple = saleOf(bori);
    const toss = saleOf(bori, { store: 'toss' });
    await learn(apple, [month('a', 0), renewal()]);
    await learn(toss, [month('t', 5), renewal()]);
    expect(await premiumOf(bori)).toEqual(new Date(day(35)));
    await learn(toss, [refunded(month('t', 5), day(0))]);
    expect(await premiumOf(bori)).toEqual(new Date(day(30)));
    await learn(apple, [renewal({ asOf: 2, renews: false })]);
    expect(await premiumOf(bori)).toEqual(new Date(day(30)));
    await learn(apple, [refunded(month('a', 0), day(0))]);
    expect(await premiumOf(bori)).toBeNull();
  });

  it('B3 random lives at three stores: premium in the database is the best of what each says', async () => {
    const stores: Store[] = ['apple', 'google', 'toss'];
    const said = fc.record({
      store: fc.constantFrom(...stores),
      fact: fc.constantFrom(...LIFE),
      passesDays: fc.constantFrom(0, 0, 1, 13, 40),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(said, { maxLength: 10 }), async (steps) => {
        test.clock.set(day(0));
        const person = await signIn(test);
        const sales = new Map(stores.map((store) => [store, saleOf(person, { store })]));
        const until = new Map<Store, Date | null>();
        for (const { store, fact, passesDays } of steps) {
          test.clock.advance({ days: passesDays });
          until.set(store, (await learn(sales.get(store)!, [fact])).accessUntil);
          const alive = [...until.values()].filter((end) => end && end > test.clock.now());
          const best = alive.length > 0 ? new Date(Math.max(...alive.map((end) => end!.getTime()))) : null;
          expect(await premiumOf(person)).toEqual(best);
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('S08 a store’s test purchases', () => {
  const bought = [month('a', 0), renewal()];

  it('give nothing', async () => {
    const sale = saleOf(bori, { environment: 'sandbox' });
    expect(await learn(sale, bought)).toMatchObject({ state: 'active', accessUntil: null });
    expect(await premiumOf(bori)).toBeNull();
  });

  it('give access where the configuration says so', async () => {
    const trying = await startTestApp({ env: { STORE_SANDBOX: 'true' }, clock: test.clock });
    try {
      const { id: userId } = await signIn(trying);
      const sale = saleOf(null, { environment: 'sandbox', userId });
      await trying.db.transaction((tx) => trying.app.get(Subscriptions).learn(tx, sale, bought));
      expect(await premiumUntilOf(trying.db, userId, test.clock.now())).toEqual(new Date(day(30)));
    } finally {
      await trying.close();
    }
  });
});

describe('S14 time', () => {
  const due = () => dueSubscriptions(test.db, test.clock.now(), null, 1_000);
  const runPassTime = async () => {
    await test.db.transaction((tx) =>
      test.queue.enqueue(tx, passTime, { slotAt: test.clock.now().toISOString() }),
    );
    await test.queue.drain();
  };
  /** What other tests left to be written down is not looked at. */
  const forgetOthers = () => test.db.prisma.subscription.updateMany({ data: { changesAt: null } });

  it('premium ends at the instant itself, before any job has run', async () => {
    await learn(saleOf(bori), [month('a', 0), renewal()]);
    test.clock.set(day(30) - 1);
    expect(await premiumOf(bori)).toEqual(new Date(day(30)));
    test.clock.set(day(30));
    expect(await premiumOf(bori)).toBeNull();
  });

  it('the job writes down each step and names the next one', async () => {
    await forgetOthers();
    const sale = saleOf(bori);
    const grace = renewal({ graceUntilMs: day(53), retriesUntilMs: day(97) });
    const { id } = await learn(sale, [trial('t'), month('a', 7), grace]);
    const steps: unknown[] = [];
    for (const at of [7, 20, 37, 53, 97, 98]) {
      test.clock.set(day(at));
      await runPassTime();
      const { row } = await stored(sale);
      steps.push([at, row.state, row.changesAt && (row.changesAt.getTime() - day(0)) / DAY_MS]);
    }
    expect(steps).toEqual([
      [7, 'active', 37],
      [20, 'active', 37],
      [37, 'grace', 53],
      [53, 'on_hold', 97],
      [97, 'expired', null],
      [98, 'expired', null],
    ]);
    const changes = await test.db.prisma.subscriptionChange.findMany({
      where: { subscriptionId: id },
      orderBy: { at: 'asc' },
    });
    expect(changes.map(({ fromState, toState }) => [fromState, toState])).toEqual([
      [null, 'trial'],
      ['trial', 'active'],
      ['active', 'grace'],
      ['grace', 'on_hold'],
      ['on_hold', 'expired'],
    ]);
  });

  it('the job goes from page to page, and what is due but cannot be written does not hold up the others', async () => {
    await forgetOthers();
    const now = test.clock.now();
    const rows = Array.from({ length: 103 }, (_, i) => ({
      id: uuidv7(),
      ...{ store: 'google' as const, storeKey: `page ${i}`, environment: 'production' as const },
      ...{ state: 'active' as const, renews: false, createdAt: now, accessUntil: new Date(day(1)) },
      // What cannot be read as a standing makes the first ones fail.
      standing: i < 3 ? { paidUntilMs: 1e300 } : { ...EXPIRING },
      changesAt: new Date(day(1) + (i % 7)),
    }));
    await test.db.prisma.subscription.createMany({ data: rows });
    test.clock.set(day(2));
    expect(await due()).toHaveLength(103);
    await runPassTime();
    const left = await due();
    expect(left.map(({ id }) => id).sort()).toEqual(
      rows
        .slice(0, 3)
        .map(({ id }) => id)
        .sort(),
    );
    await test.db.prisma.subscription.updateMany({
      where: { id: { in: left.map(({ id }) => id) } },
      data: { changesAt: null },
    });
  });

  const EXPIRING = {
    ...{ paidUntilMs: day(1), trialUntilMs: null, isRevoked: false, renews: false, graceUntilMs: null },
    ...{ retriesUntilMs: null, pausedUntilMs: null, endedAtMs: null, plan: 'monthly', productId: null },
  };
});

describe('S07 whose it is', () => {
  const claim = async (sale: SaleKey, person: Person, transfer = false) =>
    test.db.transaction(async (tx) => {
      const row = await subscriptions.learn(tx, { ...sale, userId: person.id }, []);
      return subscriptions.claim(tx, row, person.id, { transfer });
    });
  const billingIdOf = async (person: Person) =>
    (await test.db.prisma.user.findUniqueOrThrow({ where: { id: person.id } })).billingId;
  const notesOf = async (person: Person) =>
    (await test.db.prisma.notification.findMany({ where: { userId: person.id } })).map(({ title }) => title);
  const FACTS = [month('a', 0), renewal()];
  let choco: Person;
  beforeEach(async () => {
    choco = await signIn(test);
  });

  it('nobody’s becomes the first one’s who reports it, and stays so', async () => {
    const sale = saleOf(null);
    await learn(sale, FACTS);
    expect(await premiumOf(bori)).toBeNull();
    expect((await claim(sale, bori)).userId).toBe(bori.id);
    expect((await claim(sale, bori, true)).userId).toBe(bori.id);
    expect(await premiumOf(bori)).toEqual(new Date(day(30)));
    expect(await notesOf(bori)).toEqual([]);
  });

  it('the buyer whom the store names goes before the one who reports it', async () => {
    const sale = saleOf(choco, { billingId: await billingIdOf(bori) });
    expect((await learn(sale, FACTS)).userId).toBe(bori.id);
    await expect(claim(sale, choco)).rejects.toMatchObject({ kind: { code: 'purchase-of-another-account' } });
    expect((await learn(saleOf(choco, { billingId: 'no id of ours' }), FACTS)).userId).toBe(choco.id);
  });

  it('another’s is refused unless it is to be moved; then only one has it, and both are told', async () => {
    const sale = saleOf(null, { billingId: await billingIdOf(bori) });
    await learn(sale, FACTS);
    await expect(claim(sale, choco)).rejects.toMatchObject({ kind: { code: 'purchase-of-another-account' } });
    expect(await premiumOf(bori)).not.toBeNull();
    await claim(sale, choco, true);
    expect(await premiumOf(bori)).toBeNull();
    expect(await premiumOf(choco)).toEqual(new Date(day(30)));
    expect(await notesOf(bori)).toEqual(['구독이 다른 계정으로 옮겨졌어요']);
    expect(await notesOf(choco)).toEqual(['구독을 이 계정으로 옮겼어요']);
    // What the store says later still names the first buyer.
    await learn(sale, [month('b', 30), renewal({ asOf: 2 })]);
    expect(await premiumOf(bori)).toBeNull();
    expect(await premiumOf(choco)).toEqual(new Date(day(60)));
  });

  it('moves once in 30 days', async () => {
    const sale = saleOf(bori);
    await learn(sale, FACTS);
    await claim(sale, choco, true);
    test.clock.set(day(30) - 1);
    await expect(claim(sale, bori, true)).rejects.toMatchObject({ kind: { code: 'transferred-recently' } });
    expect((await claim(sale, choco)).userId).toBe(choco.id);
    test.clock.set(day(30));
    expect((await claim(sale, bori, true)).userId).toBe(bori.id);
  });

  it('of two who claim it at once one gets it', async () => {
    for (const transfer of [false, true]) {
      const sale = saleOf(null);
      await learn(sale, FACTS);
      const outcomes = await Promise.allSettled(
        [bori, choco, bori, choco].map((person) => claim(sale, person, transfer)),
      );
      const { row } = await stored(sale);
      expect([bori.id, choco.id]).toContain(row.userId);
      const won = outcomes.filter(({ status }) => status === 'fulfilled');
      expect(won.length).toBeGreaterThanOrEqual(2);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected')
          expect(['purchase-of-another-account', 'transferred-recently']).toContain(
            (outcome.reason as { kind: { code: string } }).kind.code,
          );
      }
    }
  });

  it('one whose owner was erased belongs to nobody, and can be claimed', async () => {
    const sale = saleOf(bori);
    const { id } = await learn(sale, FACTS);
    await test.db.prisma.session.deleteMany({ where: { userId: bori.id } });
    await test.db.prisma.user.delete({ where: { id: bori.id } });
    expect(await test.db.transaction((tx) => lockSubscription(tx, id))).toMatchObject({ userId: null });
    expect((await claim(sale, choco)).userId).toBe(choco.id);
  });
});

it('whether somebody has premium is answered by the index', async () => {
  const crowd = statement<never>(
    'spec_crowd',
    `insert into subscriptions (id, user_id, store, store_key, environment, state, access_until, renews, standing, changes_at, created_at)
     select gen_random_uuid(), (select id from users order by id limit 1), 'google', 'crowd ' || number, 'production',
            'expired', now() - number * interval '1 hour', false, '{}', null, now()
     from generate_series(1, 20000) number`,
  );
  await test.db.transaction((tx) => tx.rows(crowd, []));
  await test.db.transaction((tx) => tx.rows(statement('', 'analyze subscriptions'), []));
  for (const { scans } of await plansOf(test.db, (db) => premiumUntilOf(db, bori.id, test.clock.now())))
    expect(scans.join()).toMatch(/^Index (Only )?Scan subscriptions subscriptions_user_id_access_until_idx$/);
  const dueNow = (db: Parameters<typeof dueSubscriptions>[0]) =>
    dueSubscriptions(db, test.clock.now(), null, 200);
  for (const { scans } of await plansOf(test.db, dueNow))
    expect(scans.join()).toContain('subscriptions_changes_at_idx');
});

it('the tests’ own way to give premium is that of a store', async () => {
  await given.premium(bori);
  expect(await premiumOf(bori)).toEqual(new Date(day(30)));
});
