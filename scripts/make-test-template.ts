/** Migrates an embedded database once, for all test suites to start from. Usage: make-test-template FOLDER */
import { PgBoss, fromPglite } from 'pg-boss';
import { Database } from '../src/platform/database/database.js';
import { openEmbedded } from '../src/platform/database/embedded.js';
import { migrate } from '../src/platform/database/migrations.js';

const [, , folder] = process.argv;
if (!folder) throw new Error('Which folder?');
const db = Database.embedded(await openEmbedded(folder));
await migrate(db);
const boss = await new PgBoss({ db: fromPglite(db.lite!), backend: 'pglite', schedule: false, supervise: false }).start();
await boss.stop({ graceful: false, close: false });
await db.close();
