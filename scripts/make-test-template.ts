/**
 * Migrates a database once, for all test suites to start from a copy of it.
 * Usage: make-test-template FOLDER (embedded) | make-test-template --server (DATABASE_URL)
 */
import { PgBoss } from 'pg-boss';
import { loadConfig } from '../src/config/config.js';
import { Database } from '../src/platform/database/database.js';
import { openEmbedded } from '../src/platform/database/embedded.js';
import { migrate } from '../src/platform/database/migrations.js';

const [, , target] = process.argv;
if (!target) throw new Error('Which folder?');
const { database } = loadConfig(process.env);
const db =
  target === '--server' && database.url
    ? Database.server(database.url, 2, () => {})
    : Database.embedded(await openEmbedded(target));
await migrate(db);
const boss = new PgBoss({
  db: { executeSql: (text, values) => db.pool.query(text, values) },
  schedule: false,
  supervise: false,
});
await boss.start();
await boss.stop({ graceful: false });
await db.close();
