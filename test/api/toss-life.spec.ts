/**
 * A life of a subscription of our own billing, with every webhook and job of it given several times and in any order,
 * as 50 people live it beside one who gets each once and in order.
 */
import { Charges } from '../../src/modules/payments/toss/billing/charges.service.js';
import { seededRandom } from '../builders/tracks.js';
import type { WebhookRequest } from '../simulators/toss.js';
import { type Answer, type Person, send, signIn } from '../support/api.js';
import { agreeing, BillingWorld, DAY_MS } from '../support/billing.js';
import { SERVER_URL } from '../support/lane.js';

/** All of them on a server; the embedded database does one thing at a time. */
const SEEDS = SERVER_URL ? 50 : 10;
const START = Date.parse('2027-01-24T03:00:00.000Z');
/** How often a delivery comes at most when it happens; and how often an old one comes with it. */
const REPEATED = 2;
const OLD_AGAIN = 0.5;
const AT_ONCE = 8;

type Delivery = { webhook: WebhookRequest } | { charge: string };

/** Somebody who lives it, and how what happens to them is told. */
interface Life {
  person: Person;
  customerKey: string;
  delivered: Delivery[];
  /** Null: each once, in order. */
  random: (() => number) | null;
}

let world: BillingWorld;
let deliveries = 0;
beforeAll(async () => {
  world = await BillingWorld.start();
});
afterAll(() => world.close());

async function deliver(delivery: Delivery): Promise<void> {
  deliveries++;
  const { test } = world;
  if ('webhook' in delivery) {
    const { body, headers } = delivery.webhook;
    const answer = await send(test, 'POST', '/payments/webhook/toss', body, headers);
    if (answer.status !== 200) throw new Error(answer.text);
    return;
  }
  await test.app.get(Charges).charge(delivery.charge);
}

/** In which order what happened is told: to the one once, to the others in a bad order, with what was told before. */
function order({ delivered, random }: Life, happened: Delivery[]): Delivery[] {
  const all = random
    ? shuffled(
        [
          ...happened.flatMap((delivery) => repeated(delivery, 1 + Math.floor(random() * REPEATED), random)),
          ...(random() < OLD_AGAIN ? [delivered[Math.floor(random() * delivered.length)] ?? []] : []),
        ].flat(),
        random,
      )
    : happened;
  delivered.push(...happened);
  return all;
}

/** All get theirs at the same time; now and then what came is worked off. */
async function tellAll(told: Delivery[][]): Promise<void> {
  const rounds = Math.max(...told.map(({ length }) => length));
  for (let round = 0; round < rounds; round++) {
    await inParallel(told, async (deliveries) => {
      const delivery = deliveries[round];
      if (delivery) await deliver(delivery);
    });
    if (round === 0 || round === rounds - 1) await world.test.queue.drain();
  }
}

async function inParallel<T>(items: readonly T[], work: (item: T, index: number) => Promise<void>) {
  const entries = items.entries();
  const worker = async () => {
    for (const [index, item] of entries) await work(item, index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Some of the repetitions are Toss's own, others come under another id. */
const repeated = (delivery: Delivery, times: number, random: () => number): Delivery[] =>
  Array.from({ length: times }, (_, i) => {
    if ('charge' in delivery || i === 0 || random() < 0.5) return delivery;
    const headers = { ...delivery.webhook.headers };
    headers['tosspayments-webhook-transmission-id'] += `-${i}`;
    return { webhook: { ...delivery.webhook, headers } };
  });

function shuffled<T>(items: T[], random: () => number): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
  return items;
}

const latest = async ({ person }: Life) => (await world.mine(person)).at(-1)!;
const due = async (life: Life): Promise<Delivery[]> => [{ charge: (await latest(life)).id }];
const ask = ({ person }: Life, path: string, body?: object) => ok(person.send('POST', path, body));
const paidOrder = async (life: Life) =>
  (await latest(life)).tossOrders.filter(({ state }) => state === 'paid').at(-1)!;
const changed = (orderId: string): Delivery => ({
  webhook: world.toss.webhook('PAYMENT_STATUS_CHANGED', world.toss.payment(orderId)),
});
const at = (days: number, hours = 0) => START + days * DAY_MS + hours * 3_600_000;

/** What happens when, in the order of time. */
const LIFE: [atMs: number, step: (life: Life) => Promise<Delivery[]>][] = [
  [at(0), async (life) => (await ok(world.subscribe(life.person)), due(life))],
  [at(7), due], // 31 January: the trial becomes a first month
  [at(35), async (life) => (world.toss.declineNext('REJECT_CARD_PAYMENT'), due(life))],
  [at(36), due], // 1 March: recovered, for the month from 28 February
  [
    at(40),
    async (life) => {
      const { orderId } = await paidOrder(life);
      world.toss.cancelInConsole(orderId, 900);
      await ask(life, '/subscriptions/cancel');
      return [changed(orderId), ...(await due(life))];
    },
  ],
  [
    at(50),
    async (life) => {
      await ask(life, '/subscriptions/resume');
      await ask(life, '/subscriptions/plan', { plan: 'yearly', consent: agreeing(39_000) });
      return [];
    },
  ],
  [at(66), due], // 31 March: a year
  [at(97), async (life) => [{ webhook: world.toss.removeCard(life.customerKey) }]],
  [
    at(98),
    async (life) => {
      await ok(world.register(life.person, {}));
      const { orderId } = (await latest(life)).tossOrders[0]!;
      world.toss.cancelInConsole(orderId); // of the first month, which is long over
      await ask(life, '/subscriptions/cancel');
      return [changed(orderId), ...(await due(life))];
    },
  ],
  [at(66 + 366), due],
];

async function ok(answering: Promise<Answer>): Promise<void> {
  const { status, text } = await answering;
  if (status !== 200) throw new Error(text);
}

/** All that is kept of somebody's subscriptions, but for ids. */
async function outcomeOf({ person }: Life) {
  const { db } = world.test;
  const subscriptions = await world.mine(person);
  return Promise.all(
    subscriptions.map(async ({ id: subscriptionId, tossOrders, tossContract, ...row }) => {
      const { state, accessUntil, renews, plan, standing, changesAt } = row;
      const { nextPeriod, nextAttemptAt, firstFailedAt, anchorAt, priceKrw, revision } = tossContract!;
      const ledger = await db.prisma.ledgerEntry.findMany({
        where: { subscriptionId },
        orderBy: { id: 'asc' },
      });
      const changes = await db.prisma.subscriptionChange.findMany({
        where: { subscriptionId },
        orderBy: { id: 'asc' },
      });
      return {
        ...{ state, accessUntil, renews, plan, standing, changesAt },
        contract: { nextPeriod, nextAttemptAt, firstFailedAt, anchorAt, priceKrw, revision },
        orders: tossOrders.map((order) => [
          order.period,
          order.attempt,
          order.state,
          order.amountKrw,
          order.refundedKrw,
        ]),
        ledger: ledger.map(({ kind, amountMilli }) => [kind, amountMilli]),
        states: changes.map(({ toState, at: changedAt }) => `${changedAt.toISOString()} ${toState}`).sort(),
      };
    }),
  );
}

it(`S01 S02 ${SEEDS} people live it with everything repeated and out of order: all as the one who does not`, async () => {
  const lives: Life[] = [];
  for (let seed = 0; seed <= SEEDS; seed++) {
    const person = await signIn(world.test);
    const customerKey = await world.customerKeyOf(person);
    lives.push({ person, customerKey, delivered: [], random: seed === 0 ? null : seededRandom(seed) });
  }
  for (const [atMs, step] of LIFE) {
    world.test.clock.set(atMs);
    const told: Delivery[][] = [];
    await inParallel(lives, async (life, i) => void (told[i] = order(life, await step(life))));
    await tellAll(told);
  }
  await world.passTime();
  const [inOrder, ...others] = lives;
  const expected = await outcomeOf(inOrder!);
  expect(expected).toMatchObject([
    {
      ...{ state: 'expired', renews: false, plan: 'yearly', standing: { isRevoked: false } },
      orders: [
        [0, 0, 'paid', 4_900, 4_900],
        [1, 0, 'declined', 4_900, 0],
        [1, 1, 'paid', 4_900, 900],
        [2, 0, 'paid', 39_000, 0],
      ],
    },
  ]);
  for (const [i, life] of others.entries())
    expect({ seed: i + 1, outcome: await outcomeOf(life) }).toEqual({ seed: i + 1, outcome: expected });
  expect(deliveries).toBeGreaterThanOrEqual(SERVER_URL ? 1_000 : 10 * SEEDS);
  process.stdout.write(`S01: ${deliveries} deliveries of a life, by seeds 1–${SEEDS}\n`);
}, 900_000);
