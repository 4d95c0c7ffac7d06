import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock/clock.js';
import { Database, type Statement, statement } from '../../../platform/database/database.js';
import { asFamily } from '../../../platform/database/fair-pool.js';
import { FileLinks } from '../../../platform/storage/file-links.js';
import { Problem } from '../../../platform/http/problem.js';
import { Turns } from '../../../platform/turns.js';
import { Walks } from '../../walks/index.js';
import { exportRunning } from '../accounts.errors.js';
import { readmeOf } from './readme.js';
import { EXPORTED, type ExportTable } from './tables.js';
import { type ArchiveFile, zipOf } from './zip.js';

const AT_ONCE = 2;
const MOST_WAITING = 10;
const PAGE_SIZE = 500;
/** A phone that reads so slowly keeps others from their turn. */
const LONGEST_MS = 30 * 60_000;
/** And so does one that reads nothing. */
const IDLE_MS = 30_000;

interface Line {
  key: string;
  row: Record<string, unknown>;
}
type Page = (userId: string, after: string) => Promise<Line[]>;

const pageStatement = ({
  table,
  file = table,
  where = 't.user_id = $1::uuid',
  key = 't.id::text',
  omit = [],
  pageSize = PAGE_SIZE,
}: ExportTable) =>
  statement<Line>(
    `accounts_export_${file}`,
    `select key, (to_jsonb(line)${['key', ...omit].map((column) => ` - '${column}'`).join('')})::json as row from (
       select t.*, (${key}) collate "C" as key from ${table} t where ${where}
     ) line
     where key > $2::text order by key limit ${pageSize}`,
  );
const tables = EXPORTED.map((table) => ({
  name: `${table.file ?? table.table}.jsonl`,
  pageSize: table.pageSize ?? PAGE_SIZE,
  page: pageStatement(table),
}));

const photos = pageStatement({ table: 'photos', omit: ['user_id', 'storage_key'] });
const tracks = statement<{ key: string }>(
  'accounts_export_tracks',
  `select id::text as key from walks
   where user_id = $1::uuid and state <> 'deleted' and id::text collate "C" > $2::text
     and exists (select from walk_tracks where walk_id = walks.id)
   order by id::text collate "C" limit ${PAGE_SIZE}`,
);

/** All of somebody's data as one ZIP, read page by page as fast as it is taken. */
@Injectable()
export class Exports {
  private readonly turns = new Turns(AT_ONCE, MOST_WAITING);
  /** Whose export runs or waits in this process. */
  private readonly running = new Set<string>();
  idleMs = IDLE_MS;

  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly walks: Walks,
    private readonly links: FileLinks,
  ) {}

  /** @throws export-running; service-unavailable when too many wait */
  async open(userId: string): Promise<Readable> {
    if (this.running.has(userId)) throw exportRunning({ headers: { 'retry-after': '60' } });
    this.running.add(userId);
    const { promise, resolve, reject } = Promise.withResolvers<Readable>();
    this.turns
      .take(async () => {
        const chunks = zipOf(this.filesOf(userId), this.clock.now());
        const archive = endingIdle(chunks, this.idleMs, AbortSignal.timeout(LONGEST_MS));
        resolve(archive);
        await finished(archive).catch(() => {}); // whoever went away has no use for the rest; faults are logged by the answer
      })
      .catch(reject)
      .finally(() => this.running.delete(userId));
    return promise;
  }

  get count(): number {
    return this.running.size;
  }

  private async *filesOf(userId: string): AsyncGenerator<ArchiveFile> {
    yield { name: 'README.txt', parts: [readmeOf(this.clock.now())] };
    for (const { name, page, pageSize } of tables)
      yield {
        name,
        parts: this.linesOf((user, after) => this.rows(page, [user, after]), userId, pageSize),
      };
    const pageOfPhotos: Page = async (user, after) => {
      const lines = await this.rows(photos, [user, after]);
      return lines.map(({ key, row }) => ({ key, row: { ...row, ...this.links.urlsOf(key, user) } }));
    };
    yield { name: 'photos.jsonl', parts: this.linesOf(pageOfPhotos, userId, PAGE_SIZE) };
    for (let after = ''; ;) {
      const page = await this.rows(tracks, [userId, after]);
      for (const { key } of page) yield { name: `walks/${key}.gpx`, parts: this.trackOf(userId, key) };
      if (page.length < PAGE_SIZE) return;
      after = page.at(-1)!.key;
    }
  }

  /** Not within the few seconds of waiting that a request has in all: an export takes minutes. */
  private rows<Row>(query: Statement<Row>, values: readonly unknown[]): Promise<Row[]> {
    return asFamily('exports', () => this.db.rows(query, values));
  }

  private async *linesOf(pageOf: Page, userId: string, pageSize: number): AsyncGenerator<string> {
    for (let after = ''; ;) {
      const page = await pageOf(userId, after);
      for (const { row } of page) yield `${JSON.stringify(camelCased(row))}\n`;
      if (page.length < pageSize) return;
      after = page.at(-1)!.key;
    }
  }

  private async *trackOf(userId: string, walkId: string): AsyncGenerator<string> {
    try {
      yield await asFamily('exports', () => this.walks.gpx(userId, walkId));
    } catch (error) {
      if (!(error instanceof Problem)) throw error; // deleted since its name was read: an empty file
    }
  }
}

/** Between two chunks, and for what is left at the end; while a chunk is being made its reader is not late. */
function endingIdle(chunks: AsyncIterable<Uint8Array>, idleMs: number, signal: AbortSignal): Readable {
  let timer: NodeJS.Timeout | undefined;
  const wait = () =>
    (timer = setTimeout(() => archive.destroy(new Error('Nobody reads the export')), idleMs));
  async function* watched() {
    for await (const chunk of chunks) {
      wait();
      yield chunk;
      clearTimeout(timer);
    }
    wait();
  }
  const archive = Readable.from(watched(), { objectMode: false, signal });
  return archive.once('close', () => clearTimeout(timer));
}

const camelCased = (row: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
