import { setTimeout as wait } from 'node:timers/promises';

const PATIENCE_MS = 30_000;

/** What follows a walk is done by jobs, a second or two later. @throws Error when it does not come */
export async function until<T>(ask: () => Promise<T>, isThere: (answer: T) => boolean): Promise<T> {
  const giveUpMs = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (isThere(answer)) return answer;
    if (Date.now() > giveUpMs) throw new Error(`Waited in vain: ${JSON.stringify(answer).slice(0, 500)}`);
    await wait(200);
  }
}
