import { MemoryCache } from '../../platform/cache/memory-cache.js';
import { SystemClock } from '../../platform/clock/clock.js';
import { Positions } from './positions.js';

/** Answers when it is told to, as one behind a bad network. */
class SlowCache extends MemoryCache {
  readonly asked: string[] = [];
  answer!: () => void;
  private readonly answered = new Promise<void>((resolve) => (this.answer = resolve));

  override async delete(key: string): Promise<void> {
    this.asked.push(key);
    await this.answered;
  }
}

it('erases without waiting for one key after another, and says when all is done', async () => {
  const cache = new SlowCache(new SystemClock());
  const positions = new Positions(cache);
  for (const userId of ['a', 'b', 'c']) positions.erase('r', userId);
  expect(cache.asked).toHaveLength(3);
  let isSettled = false;
  const settled = positions.settled().then(() => (isSettled = true));
  await new Promise(setImmediate);
  expect(isSettled).toBe(false);
  cache.answer();
  await settled;
});
