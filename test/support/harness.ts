import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../src/app.js';
import { loadConfig } from '../../src/config/config.js';
import { Database } from '../../src/platform/database/database.js';
import { Queue } from '../../src/platform/queue/queue.js';
import { ownDatabase } from './lane.js';
import { TestClock } from './test-clock.js';

export interface TestApp {
  app: NestFastifyApplication;
  /** Base URL of the listening server. */
  url: string;
  db: Database;
  queue: Queue;
  clock: TestClock;
  close(): Promise<void>;
}

/**
 * The real app on a database of its own, listening on a random port. No worker runs: tests call
 * `queue.drain()`, and `close()` fails when a job is still due.
 */
export async function startTestApp({
  env = {},
  clock = new TestClock(),
}: { env?: Record<string, string>; clock?: TestClock } = {}): Promise<TestApp> {
  const database = await ownDatabase();
  const app = await createApp(
    loadConfig({ NODE_ENV: 'test', LOG_LEVEL: 'silent', ROLE: 'web', PORT: '0', ...database.env, ...env }),
    clock,
  );
  await app.listen(0, '127.0.0.1');
  const queue = app.get(Queue);
  return {
    app,
    url: await app.getUrl(),
    db: app.get(Database),
    queue,
    clock,
    close: async () => {
      await queue.drain();
      await app.close();
      await database.remove();
    },
  };
}
