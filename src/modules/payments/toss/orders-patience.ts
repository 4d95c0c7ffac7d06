import { setTimeout as sleep } from 'node:timers/promises';
import type { TossOutcome } from './outcome.js';

/** 6 s in all: as long as a card usually takes. */
const WAITS_MS = [100, 200, 400, 800, 1_500, 3_000];

/** While the same request is still at work at Toss, its answer is waited for under the same key; PROVIDERS.md §6.4. */
export async function patiently(ask: () => Promise<TossOutcome>): Promise<TossOutcome> {
  for (const waitMs of WAITS_MS) {
    const outcome = await ask();
    if (outcome.kind !== 'unknown' || outcome.code !== 'IDEMPOTENT_REQUEST_PROCESSING') return outcome;
    await sleep(waitMs);
  }
  return ask();
}
