/** `npm run db:migrate`: applies pending migrations to DATABASE_URL (or to the embedded database in DATA_DIR). */
import { join } from 'node:path';
import { loadConfig } from '../src/config/config.js';
import { Database } from '../src/platform/database/database.js';
import { openEmbedded } from '../src/platform/database/embedded.js';
import { migrate } from '../src/platform/database/migrations.js';

const { database, dataDir } = loadConfig(process.env);
const db = database.url
  ? Database.server(database.url, 2, (error) => process.stderr.write(`${error.message}\n`))
  : Database.embedded(await openEmbedded(join(dataDir, 'postgres')));
const applied = await migrate(db);
await db.close();
process.stdout.write(applied.length > 0 ? `Applied ${applied.join(', ')}\n` : 'Nothing to apply.\n');
