/** `npm run role -- <user id> <user|moderator|admin>`: gives somebody a role, in DATABASE_URL or the embedded database. */
import { join } from 'node:path';
import { z } from 'zod';
import { loadConfig } from '../src/config/config.js';
import { grantRole } from '../src/modules/moderation/index.js';
import { Database } from '../src/platform/database/database.js';
import { openEmbedded } from '../src/platform/database/embedded.js';

const asked = z.tuple([z.uuid(), z.enum(['user', 'moderator', 'admin'])]).safeParse(process.argv.slice(2));
if (!asked.success) {
  process.stderr.write('Usage: npm run role -- <user id> <user|moderator|admin>\n');
  process.exit(2);
}
const [userId, role] = asked.data;
const { database, dataDir } = loadConfig(process.env);
const db = database.url
  ? Database.server(database.url, 1, (error) => process.stderr.write(`${error.message}\n`))
  : Database.embedded(await openEmbedded(join(dataDir, 'postgres')));
const isGranted = await db.transaction((tx) => grantRole(tx, { userId, role, now: new Date() }));
await db.close();
if (isGranted) process.stdout.write(`${userId} is ${role} now.\n`);
else {
  process.stderr.write('Nothing changed: nobody has this id, or the role is theirs already.\n');
  process.exitCode = 1;
}
