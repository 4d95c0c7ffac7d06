/**
 * A database as a first start leaves it (DATABASE_URL, or embedded in DATA_DIR), for all test suites to start from a copy
 * of: migrated, with the queues of all jobs, of which there are 90.
 */
import { createApp } from '../src/app.js';
import { loadConfig } from '../src/config/config.js';
import { Database } from '../src/platform/database/database.js';
import { migrate } from '../src/platform/database/migrations.js';

const config = loadConfig({ ...process.env, NODE_ENV: 'test', LOG_LEVEL: 'warn', ROLE: 'web' });
if (config.database.url) {
  const db = Database.server(config.database.url, 2, () => {});
  await migrate(db);
  await db.close();
}
const app = await createApp(config);
// Each suite introduces them by its own clock.
await app.get(Database).prisma.badgeDefinition.deleteMany();
await app.close();
