/** `npm run db:diff`: prints the SQL from the migrations so far to what schema.prisma says, to be reviewed and saved as a migration. */
import { Database } from '../src/platform/database/database.js';
import { openEmbedded } from '../src/platform/database/embedded.js';
import { migrate, schemaDrift } from '../src/platform/database/migrations.js';

const db = Database.embedded(await openEmbedded());
await migrate(db);
process.stdout.write(await schemaDrift(db));
await db.close();
