import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../src/app.js';
import { loadConfig } from '../../src/config/config.js';
import { Database } from '../../src/platform/database/database.js';
import { Queue } from '../../src/platform/queue/queue.js';
import { borrowedDatabase, type OwnDatabase } from './lane.js';
import { LeakWatch } from './leaks.js';
import { TestClock } from './test-clock.js';

export interface TestApp {
  app: NestFastifyApplication;
  /** Base URL of the listening server. */
  url: string;
  db: Database;
  queue: Queue;
  clock: TestClock;
  /** What the app logs, all levels but trace. */
  log: LeakWatch;
  close(): Promise<void>;
}

/**
 * The real app on a database of its own, listening on a random port. No worker runs: tests call
 * `queue.drain()`, and `close()` fails when a job fails or a secret was logged.
 */
export async function startTestApp({
  env = {},
  clock = new TestClock(),
  database: given,
}: { env?: Record<string, string>; clock?: TestClock; database?: OwnDatabase } = {}): Promise<TestApp> {
  const database = given ?? (await borrowedDatabase());
  const log = new LeakWatch();
  const app = await createApp(
    loadConfig({
      ...{ NODE_ENV: 'test', LOG_LEVEL: 'debug', ROLE: 'web', PORT: '0', RATE_LIMIT_FACTOR: '1e6' },
      ...database.env,
      ...env,
    }),
    clock,
    log,
  );
  await app.listen(0, '127.0.0.1');
  const queue = app.get(Queue);
  return {
    app,
    url: await app.getUrl(),
    db: app.get(Database),
    queue,
    clock,
    log,
    close: async () => {
      await queue.drain();
      await app.close();
      if (!given) await database.remove();
      log.check();
    },
  };
}
