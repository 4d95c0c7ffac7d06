import { premiumUntilOf } from '../../src/modules/entitlement/index.js';
import { type AppStoreSimulator, type AppStoreSubscription, startAppStore } from '../simulators/app-store.js';
import type { Purchase } from '../simulators/app-store-life.js';
import { type Person, signIn } from './api.js';
import { startTestApp, type TestApp } from './harness.js';
import { TestClock } from './test-clock.js';

export interface AppleTest {
  test: TestApp;
  store: AppStoreSimulator;
  clock: TestClock;
  close(): Promise<void>;
}

export interface Buyer extends Person {
  /** What the app hands to StoreKit. */
  billingId: string;
}

/** The app with the App Store beside it, on one clock. */
export async function startAppleTest(env: Record<string, string> = {}): Promise<AppleTest> {
  const clock = new TestClock();
  const store = await startAppStore({ now: () => clock.nowMs() });
  const test = await startTestApp({ clock, env: { ...store.env, ...env } });
  const close = async () => {
    await test.close();
    await store.close();
  };
  return { test, store, clock, close };
}

export async function signInBuyer(test: TestApp): Promise<Buyer> {
  const person = await signIn(test);
  const { billingId } = await test.db.prisma.user.findUniqueOrThrow({
    where: { id: person.id },
    select: { billingId: true },
  });
  return { ...person, billingId };
}

/** Somebody who has just bought; Apple has not told yet. */
export async function buyer({ test, store }: AppleTest, purchase: Partial<Purchase> = {}) {
  const person = await signInBuyer(test);
  const sold = store.buy({ productId: 'premium_monthly', appAccountToken: person.billingId, ...purchase });
  return { person, sold };
}

export const rowOf = (test: TestApp, { originalTransactionId }: AppStoreSubscription) =>
  test.db.prisma.subscription.findUniqueOrThrow({
    where: { store_storeKey: { store: 'apple', storeKey: originalTransactionId } },
  });

/** Thousandths of KRW for each period, in order: charged, and given back. */
export async function moneyOf(test: TestApp, sold: AppStoreSubscription): Promise<[number, number][]> {
  const { id } = await rowOf(test, sold);
  const entries = await test.db.prisma.ledgerEntry.findMany({ where: { subscriptionId: id } });
  const sum = (periodId: string, isCharge: boolean) =>
    entries
      .filter((entry) => entry.periodId === periodId && (entry.kind === 'charge') === isCharge)
      .reduce((total, { amountMilli }) => total + amountMilli, 0);
  return sold.transactionIds.map((id) => [sum(id, true), sum(id, false)]);
}

export const premiumUntil = ({ db, clock }: TestApp, { id }: Person) => premiumUntilOf(db, id, clock.now());

/** Jobs that failed are due again at once. */
export const makeDue = ({ db }: TestApp) =>
  db.prisma.$executeRaw`update pgboss.job set start_after = now() where state = 'retry'`;

/** All that could be changed by a purchase or a notification. */
export const storedCounts = async ({ db: { prisma } }: TestApp) => ({
  subscriptions: await prisma.subscription.count(),
  facts: await prisma.subscriptionFact.count(),
  changes: await prisma.subscriptionChange.count(),
  ledger: await prisma.ledgerEntry.count(),
  events: await prisma.storeEvent.count(),
});
