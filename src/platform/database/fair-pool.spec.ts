import { EventEmitter } from 'node:events';
import type pg from 'pg';
import { asFamily, asRequest, FairPool } from './fair-pool.js';

class Connected extends EventEmitter {
  readonly _queryable = true;

  connect(done: () => void): void {
    done();
  }
}

const TIMEOUT_MS = 3_000;
/** Longer than what is only busy. */
const WAIT_MS = 2_500;
let pool: FairPool;
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick'] });
  pool = new FairPool({ max: 2, connectionTimeoutMillis: TIMEOUT_MS, Client: Connected as never });
});
afterEach(() => jest.useRealTimers());

/** Two waits in a row, each for the one connection that a family may have of two. */
async function waitTwice(): Promise<pg.PoolClient> {
  let held = await pool.connect();
  for (let i = 0; i < 2; i++) {
    const next = pool.connect();
    next.catch(() => {}); // said below
    expect(pool.queuedCount).toBe(1);
    await jest.advanceTimersByTimeAsync(WAIT_MS);
    held.release();
    held = await next;
  }
  return held;
}

it('gives each wait of a job its own time', async () => {
  await expect(asFamily('jobs', waitTwice)).resolves.toBeDefined();
  expect(pool.queuedCount).toBe(0);
});

it('gives all waits of a request the time of one', async () => {
  await expect(asRequest('walks', waitTwice)).rejects.toThrow('timeout exceeded');
  expect(pool.queuedCount).toBe(0);
});

it('waits on behind what is busy and not stuck, up to 15 s', async () => {
  const BUSY_MS = 1_500;
  let held = await asRequest('walks', () => pool.connect());
  const waits = Array.from({ length: 12 }, () => asRequest('walks', () => pool.connect()));
  const settled = Promise.allSettled(waits);
  for (const wait of waits) {
    await jest.advanceTimersByTimeAsync(BUSY_MS);
    held.release();
    const next = await wait.catch(() => null);
    if (!next) break;
    held = next;
  }
  await jest.advanceTimersByTimeAsync(TIMEOUT_MS);
  const outcomes = (await settled).map(({ status }) => status);
  expect(outcomes.filter((status) => status === 'fulfilled')).toHaveLength(9); // the tenth would have waited for 15 s
  expect(pool.queuedCount).toBe(0);
});
