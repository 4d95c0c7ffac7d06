import { readFile } from 'node:fs/promises';
import { PGlite } from '@electric-sql/pglite';
import { smallPostgis } from '../../src/platform/database/postgis-bundle.js';

/** In the template only these tables and that of the queues are not empty; no suite changes them. */
const UNTOUCHED = ['public.spatial_ref_sys', 'public._prisma_migrations', 'pgboss.version'];
const QUEUES = 'pgboss.queue';
/** PGlite's name for what a statement is given, or gives, beside its rows. */
const BLOB = '/dev/blob';

const TABLES = `
  select string_agg(t.name, ', ') as names
  from (select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'pgboss')) t
  where t.name <> all ($1)`;

/** Everything that statements other than those about rows change. */
const SHAPE = `
  select md5(string_agg(part, e'\\n' order by part)) as shape
  from (
    select concat_ws(' ', oid, relname, relkind, relowner, reloptions) as part from pg_class where relkind <> 't'
    union all select concat_ws(' ', attrelid, attname, atttypid, attnotnull, attisdropped) from pg_attribute
      join pg_class on pg_class.oid = attrelid where relkind <> 't'
    union all select concat_ws(' ', oid, tgname, tgenabled) from pg_trigger
    union all select concat_ws(' ', oid, conname, convalidated) from pg_constraint
    union all select concat_ws(' ', indexrelid, indisvalid) from pg_index
    union all select concat_ws(' ', oid, proname, md5(prosrc), proconfig) from pg_proc
    union all select concat_ws(' ', oid, nspname) from pg_namespace
    union all select concat_ws(' ', oid, rolname) from pg_roles
    union all select concat_ws(' ', setdatabase, setrole, setconfig) from pg_db_role_setting
  ) as parts`;

/** Statistics are kept for ten seconds before they are written, by a timer that would keep the process for as long. */
const NO_TIMER = `begin; set local statement_timeout = '50ms'; select pg_stat_force_next_flush(); commit`;

/**
 * A worker's embedded database, in memory, which its suites borrow one after the other and leave empty: opening one for
 * each of them was a third of all that the tests did.
 */
class KeptDatabase {
  private constructor(
    private readonly lite: PGlite,
    private readonly tables: string,
    private readonly shape: string,
    private readonly queues: Blob,
  ) {}

  static async open(template: string): Promise<KeptDatabase> {
    const loadDataDir = new Blob([await readFile(template)]);
    const lite = await PGlite.create({ loadDataDir, extensions: { postgis: smallPostgis } });
    const { names } = (await lite.query<{ names: string }>(TABLES, [UNTOUCHED])).rows[0]!;
    const { blob } = await lite.query(`copy ${QUEUES} to '${BLOB}'`);
    return new KeptDatabase(lite, names, await shapeOf(lite), blob!);
  }

  /** As who opened it sees it: closing it is for `KeptDatabase`. */
  lend(): PGlite {
    return Object.assign(this.lite, { close: async () => {} });
  }

  /** @returns whether it is again as the template is */
  async empty(): Promise<boolean> {
    const { lite } = this;
    for (const end of ['rollback', 'discard all']) await lite.exec(end);
    if ((await shapeOf(lite)) !== this.shape) {
      await PGlite.prototype.close.call(lite);
      return false;
    }
    await lite.transaction(async (tx) => {
      await tx.exec(`set local session_replication_role = replica`); // past the triggers that guard the audit log
      await tx.exec(`truncate ${this.tables} restart identity`);
      await tx.query(`copy ${QUEUES} from '${BLOB}'`, [], { blob: this.queues });
      await tx.exec('delete from pg_statistic where starelid >= 16384');
    });
    await lite.exec('vacuum pg_class, pg_statistic');
    await lite.exec('checkpoint'); // or the log grows to a gigabyte
    await lite.exec(NO_TIMER);
    return true;
  }
}

async function shapeOf(lite: PGlite): Promise<string> {
  return (await lite.query<{ shape: string }>(SHAPE)).rows[0]!.shape;
}

let kept: Promise<KeptDatabase> | null = null;
let lentTo: string | null = null;

/** The program opens its database by the name of a folder. */
const create = PGlite.create.bind(PGlite) as (options: { dataDir?: string }) => Promise<PGlite>;
PGlite.create = (async (options: { dataDir?: string }) =>
  lentTo !== null && options.dataDir === lentTo
    ? (await kept!).lend()
    : create(options)) as typeof PGlite.create;

/**
 * @param template a tar file of the folder of a database
 * @param dataDir  opened, it is the kept database
 * @returns what takes the database back, or null when another suite has it
 */
export async function lendDatabase(template: string, dataDir: string): Promise<(() => Promise<void>) | null> {
  if (lentTo !== null) return null;
  lentTo = dataDir;
  kept ??= KeptDatabase.open(template);
  const database = await kept;
  return async () => {
    if (!(await database.empty())) kept = null;
    lentTo = null;
  };
}
