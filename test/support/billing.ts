import { passTime } from '../../src/modules/entitlement/index.js';
import {
  chargeDue,
  deleteLeftCards,
  tellCharges,
  tellPriceRaises,
} from '../../src/modules/payments/toss/billing/billing.jobs.js';
import { CONSENT_TEXT_VERSION } from '../../src/modules/payments/plans.js';
import type { Plan } from '../../src/generated/prisma/enums.js';
import { startToss, type TossSimulator } from '../simulators/toss.js';
import { type Answer, type Person, signIn } from './api.js';
import { startTestApp, type TestApp } from './harness.js';
import { TestClock } from './test-clock.js';

export const PRICES: Record<Plan, number> = { monthly: 4_900, yearly: 39_000 };
export const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Longer than any answer of the simulator takes. */
const TIMEOUT_S = '6';

export const agreeing = (priceKrw: number) => ({ priceKrw, textVersion: CONSENT_TEXT_VERSION });

/** The app with Toss beside it, both by one clock. */
export class BillingWorld {
  private constructor(
    readonly test: TestApp,
    readonly toss: TossSimulator,
  ) {}

  static async start(): Promise<BillingWorld> {
    const clock = new TestClock();
    const toss = await startToss({ now: () => clock.nowMs() });
    return BillingWorld.beside(toss, { clock });
  }

  /** With a Toss that was there before, and its clock. */
  static async beside(toss: TossSimulator, app: Parameters<typeof startTestApp>[0]): Promise<BillingWorld> {
    const env = { ...toss.env, TOSS_TIMEOUT_SECONDS: TIMEOUT_S, ...app?.env };
    return new BillingWorld(await startTestApp({ ...app, env }), toss);
  }

  async close(): Promise<void> {
    try {
      await this.test.close();
    } finally {
      await this.toss.close();
    }
  }

  async customerKeyOf(person: Person): Promise<string> {
    const where = { id: person.id };
    return (await this.test.db.prisma.user.findUniqueOrThrow({ where })).billingId;
  }

  /** Registers a card, new unless its authKey is told. */
  async register(person: Person, body: object, { card, authKey }: GivenCard = {}): Promise<Answer> {
    const customerKey = await this.customerKeyOf(person);
    return person.send('POST', '/payments/billing-key', {
      authKey: authKey ?? this.toss.authorizeBilling(customerKey, { card }),
      customerKey,
      ...body,
    });
  }

  /** With the trial where there is one, else paid at once. */
  subscribe(person: Person, plan: Plan = 'monthly', card: GivenCard = {}): Promise<Answer> {
    return this.register(person, { plan, consent: agreeing(PRICES[plan]), expectsTrial: false }, card);
  }

  /** Somebody in the trial. */
  async onTrial(plan: Plan = 'monthly', nickname?: string): Promise<Person> {
    const person = await signIn(this.test, { nickname });
    const { status, text } = await this.subscribe(person, plan);
    if (status !== 200) throw new Error(text);
    return person;
  }

  /** Somebody who had the trial before, and paid at once. */
  async paying(plan: Plan = 'monthly', nickname?: string): Promise<Person> {
    const person = await signIn(this.test, { nickname });
    await this.withoutTrial(person);
    const { status, text } = await this.subscribe(person, plan);
    if (status !== 200) throw new Error(text);
    return person;
  }

  /** As if another subscription of the person's had begun with a trial. */
  async withoutTrial(person: Person): Promise<void> {
    await this.test.db.prisma.subscription.create({
      data: {
        id: person.id, // any id
        ...{ userId: person.id, store: 'apple', storeKey: `earlier-${person.id}`, environment: 'production' },
        ...{ state: 'expired', renews: false, standing: {}, createdAt: this.test.clock.now() },
        facts: { create: { key: 'period:earlier', fact: { isTrial: true } } },
      },
    });
  }

  /** The hourly slot, and what follows from it. @returns the failure of a job, if any */
  async slot(): Promise<Error | null> {
    return this.run(chargeDue);
  }

  tellCharges = () => this.run(tellCharges);
  passTime = () => this.run(passTime);
  deleteLeftCards = () => this.run(deleteLeftCards);
  tellPriceRaises = () => this.run(tellPriceRaises);

  private async run(job: typeof chargeDue): Promise<Error | null> {
    const { queue, db, clock } = this.test;
    await db.transaction((tx) => queue.enqueue(tx, job, { slotAt: clock.now().toISOString() }));
    return queue.drain().then(
      () => null,
      (error: Error) => error,
    );
  }

  /** Lets time pass in whole hours, with the slot at each at which something is due. */
  async pass({ days = 0, hours = 0 }: { days?: number; hours?: number }): Promise<void> {
    const { clock, db } = this.test;
    const untilMs = clock.nowMs() + days * DAY_MS + hours * HOUR_MS;
    for (;;) {
      const next = await db.prisma.tossContract.findFirst({
        where: { nextAttemptAt: { not: null } },
        orderBy: { nextAttemptAt: 'asc' },
      });
      const nextMs = next?.nextAttemptAt?.getTime() ?? Infinity;
      if (nextMs > untilMs) break;
      clock.set(Math.max(nextMs, clock.nowMs()));
      const failure = await this.slot();
      if (failure) throw failure;
    }
    clock.set(untilMs);
  }

  async mine(person: Person) {
    const where = { userId: person.id, store: 'toss' as const };
    const found = await this.test.db.prisma.subscription.findMany({
      where,
      include: { tossContract: true, tossOrders: { orderBy: [{ period: 'asc' }, { attempt: 'asc' }] } },
      orderBy: { createdAt: 'asc' },
    });
    return found;
  }

  async one(person: Person) {
    const [subscription, ...others] = await this.mine(person);
    if (!subscription || others.length > 0) throw new Error(`${others.length + 1} subscriptions`);
    return subscription;
  }

  /** What was charged of somebody, in order. */
  async chargesOf(person: Person) {
    const customerKey = await this.customerKeyOf(person);
    return this.toss.charges.filter((charge) => charge.customerKey === customerKey);
  }

  /** What our own billing told somebody, in order. */
  async toldOf(person: Person): Promise<string[]> {
    const notes = await this.test.db.prisma.notification.findMany({
      where: { userId: person.id, dedupeKey: { startsWith: 'toss-' } },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    });
    return notes.map(({ title }) => title);
  }
}

interface GivenCard {
  card?: Parameters<TossSimulator['authorizeBilling']>[1] extends { card?: infer C } | undefined ? C : never;
  authKey?: string;
}
