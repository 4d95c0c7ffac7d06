import type { GooglePlaySimulator, Push } from '../simulators/google-play.js';

const DAY_MS = 86_400_000;

export interface Life {
  /** The purchases so far: the second one after the upgrade. */
  tokens: string[];
}

/** What happens next, and whether the app tells of it. */
export interface Step {
  pushes: Push[];
  /** A token that the app reports: it has to, or nobody would acknowledge the purchase. */
  bought?: string;
  isTransfer?: boolean;
}

type Act = (store: GooglePlaySimulator['store'], life: Life) => Step;

const current = ({ tokens }: Life): string => tokens.at(-1)!;
const happens = (act: (store: GooglePlaySimulator['store'], token: string) => Push | Push[]): Act => {
  return (store, life) => ({ pushes: [act(store, current(life))].flat() });
};

/** A subscriber's life: days since the step before, and what happens. Renewals are a month after what came before. */
const SCRIPT: readonly [days: number, act: Act][] = [
  [0, buy],
  [7, happens((store, token) => store.renew(token))], // ..0
  [31, happens((store, token) => store.renew(token))], // ..1
  [31, happens((store, token) => store.graceStarts(token))],
  [7, happens((store, token) => store.holdStarts(token))],
  [5, happens((store, token) => store.recover(token))], // ..2
  [10, happens((store, token) => store.pauseScheduled(token))],
  [21, happens((store, token) => store.pause(token))],
  [30, happens((store, token) => store.resume(token))], // ..3
  [2, happens((store, token) => store.refund(token, { orderId: `${store.get(token).orderBase}..1` }))],
  [3, () => ({ pushes: [], isTransfer: true })],
  [3, happens((store, token) => store.cancel(token))],
  [2, happens((store, token) => store.restart(token))],
  [21, happens((store, token) => store.renew(token))], // ..4
  [4, happens((store, token) => store.refund(token))],
  [27, happens((store, token) => store.renew(token))], // ..5
  [10, upgrade],
  [100, happens((store, token) => store.cancel(token))],
  [10, happens((store, token) => store.restart(token))],
  [30, happens((store, token) => store.refund(token, { revoke: true }))],
];

export const STEPS = SCRIPT.length;
/** Days from the step before to this one. */
export const msUntil = (step: number): number => SCRIPT[step]![0] * DAY_MS;

export const play = (step: number, store: GooglePlaySimulator['store'], life: Life): Step =>
  SCRIPT[step]![1](store, life);

function buy(store: GooglePlaySimulator['store'], life: Life): Step {
  const { purchaseToken, push } = store.buy({ trialDays: 7 });
  life.tokens.push(purchaseToken);
  return { pushes: [push], bought: purchaseToken };
}

function upgrade(store: GooglePlaySimulator['store'], life: Life): Step {
  const { purchaseToken, pushes } = store.upgrade(current(life));
  life.tokens.push(purchaseToken);
  return { pushes, bought: purchaseToken };
}
