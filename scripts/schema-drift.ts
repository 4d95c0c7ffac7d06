/** Fails when `prisma/migrations` do not lead to what `prisma/schema.prisma` says, and prints the SQL that is missing. */
import { Database } from '../src/platform/database/database.js';
import { openEmbedded } from '../src/platform/database/embedded.js';
import { migrate, schemaDrift } from '../src/platform/database/migrations.js';

const db = Database.embedded(await openEmbedded());
await migrate(db);
const drift = await schemaDrift(db);
await db.close();
process.stdout.write(drift);
if (drift && process.argv.includes('--check')) process.exitCode = 1;
