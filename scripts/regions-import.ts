/**
 * `npm run regions:import -- FILE [--aliases FILE] [--retire-many]`: dong boundaries (GeoJSON or TopoJSON with
 * `adm_cd2` and `adm_nm`, in EPSG:4326) into DATABASE_URL or the embedded database; `-` for no boundaries.
 * An alias file has lines of `old code, new code, YYYY-MM-DD`. Progress on stderr, the summary on stdout.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '../src/config/config.js';
import { importAliases, importRegions, RegionFileError } from '../src/modules/regions/index.js';
import { Database } from '../src/platform/database/database.js';
import { openEmbedded } from '../src/platform/database/embedded.js';
import { migrate, pendingMigrations } from '../src/platform/database/migrations.js';

const USAGE =
  'Usage: npm run regions:import -- FILE [--aliases FILE] [--retire-many]  (FILE: GeoJSON or TopoJSON, or - for none)\n';
const REJECTIONS_SHOWN = 20;

const say = (text: string) => process.stdout.write(`${text}\n`);
const { path, aliasesPath, retireMany } = asked();
let db: Database | undefined;
try {
  const boundaries = path === '-' ? null : parsed(path, await readFile(path, 'utf8'));
  const aliases = aliasesPath === undefined ? null : await readFile(aliasesPath, 'utf8');
  db = await open();
  const now = new Date();
  if (boundaries !== null) {
    const { rejected, ...counts } = await importRegions(db, boundaries, { now, retireMany, onProgress });
    say(
      `Imported ${counts.imported} regions: ${counts.added} new, ${counts.changed} changed, ${counts.retired} retired, ${counts.repaired} repaired, ${rejected.length} rejected.`,
    );
    for (const { at, code, reason } of rejected.slice(0, REJECTIONS_SHOWN))
      say(`  rejected${at < 0 ? '' : ` feature ${at}`} ${code ?? '(no code)'}: ${reason}`);
    if (rejected.length > REJECTIONS_SHOWN) say(`  … and ${rejected.length - REJECTIONS_SHOWN} more`);
  }
  if (aliases !== null) {
    const { rejected, ...counts } = await importAliases(db, aliases, { now });
    say(
      `Imported ${counts.aliases} aliases: ${counts.users} home regions and ${counts.walks} walks have a new code, ${rejected.length} lines rejected.`,
    );
    for (const { line, reason } of rejected.slice(0, REJECTIONS_SHOWN))
      say(`  rejected line ${line}: ${reason}`);
  }
} catch (error) {
  const isOfFile = error instanceof RegionFileError || (error as NodeJS.ErrnoException).syscall === 'open';
  if (!isOfFile) throw error;
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
} finally {
  await db?.close();
}

function asked() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { aliases: { type: 'string' }, 'retire-many': { type: 'boolean', default: false } },
    });
    const [file] = positionals;
    if (file !== undefined && positionals.length === 1)
      return { path: file, aliasesPath: values.aliases, retireMany: values['retire-many'] };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
  }
  process.stderr.write(USAGE);
  process.exit(2);
}

/** The embedded database is migrated on the way, as at each start of the service; a server's is not. */
async function open(): Promise<Database> {
  const { database, dataDir } = loadConfig(process.env);
  if (!database.url) {
    const embedded = Database.embedded(await openEmbedded(join(dataDir, 'postgres')));
    await migrate(embedded);
    return embedded;
  }
  const server = Database.server(database.url, 2, (error) => process.stderr.write(`${error.message}\n`));
  if ((await pendingMigrations(server)).length === 0) return server;
  await server.close();
  throw new RegionFileError('The database lacks migrations: run npm run db:migrate first.');
}

function parsed(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RegionFileError(`${name} is not JSON.`, { cause: error });
  }
}

function onProgress(done: number, total: number): void {
  process.stderr.write(
    process.stderr.isTTY ? `\r${done} of ${total} regions` : `${done} of ${total} regions\n`,
  );
  if (done === total && process.stderr.isTTY) process.stderr.write('\n');
}
