import { join } from 'node:path';
import { Global, Logger, Module } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { Database } from './database.js';
import { openEmbedded } from './embedded.js';
import { migrate, pendingMigrations } from './migrations.js';

/** A server is migrated by `npm run db:migrate`, before the new version starts; the embedded database by its one user, here. */
export async function openDatabase({ database, dataDir }: Config): Promise<Database> {
  if (!database.url) {
    const db = Database.embedded(await openEmbedded(join(dataDir, 'postgres')));
    await migrate(db);
    return db;
  }
  const log = new Logger('PostgreSQL');
  const db = Database.server(database.url, database.poolSize, (error) =>
    log.warn({ err: error }, 'idle connection lost'),
  );
  const pending = await pendingMigrations(db);
  if (pending.length > 0)
    throw new Error(`The database lacks ${pending.join(', ')}. Run: npm run db:migrate`);
  return db;
}

@Global()
@Module({
  providers: [{ provide: Database, inject: [CONFIG], useFactory: openDatabase }],
  exports: [Database],
})
export class DatabaseModule {}
