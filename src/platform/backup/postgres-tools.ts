import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

const STDERR_KEPT = 10_000;

const SETTINGS = '-c statement_timeout=0 -c lock_timeout=0 -c idle_in_transaction_session_timeout=0';
/** What the service's own client takes beside these is unknown to libpq, which refuses an address for it. */
const LIBPQ_PARAMETERS = [
  ...['application_name', 'channel_binding', 'connect_timeout', 'gssencmode', 'host', 'hostaddr'],
  ...['keepalives', 'keepalives_count', 'keepalives_idle', 'keepalives_interval', 'passfile', 'port'],
  ...['sslcert', 'sslkey', 'sslmode', 'sslnegotiation', 'sslrootcert', 'target_session_attrs', 'user'],
];

/**
 * Of a connection string: the password goes by the environment, so that no list of processes shows it. `ssl` and
 * `sslmode=no-verify`, which only node-postgres knows, become `sslmode=require` (libpq encrypts, and checks the
 * certificate where `sslrootcert` is given).
 */
export function connectionOf(url: string): { dbname: string; env: Record<string, string> } {
  const parsed = new URL(url);
  const { searchParams: asked } = parsed;
  const { PATH = '', HOME = '', PGPASSFILE, PGSSLROOTCERT, PGPASSWORD } = process.env;
  const password = asked.get('password') || decodeURIComponent(parsed.password) || PGPASSWORD;
  const options = asked.get('options');
  const isEncrypted = asked.get('ssl');
  const known = [...asked].filter(([name]) => LIBPQ_PARAMETERS.includes(name));
  parsed.password = '';
  parsed.search = '';
  for (const [name, value] of known)
    parsed.searchParams.set(name, name === 'sslmode' && value === 'no-verify' ? 'require' : value);
  if (isEncrypted !== null && !parsed.searchParams.has('sslmode'))
    parsed.searchParams.set('sslmode', isEncrypted === '0' ? 'disable' : 'require');
  // libpq reads a plus as a plus.
  parsed.search = parsed.search.replaceAll('+', '%20');
  return {
    dbname: parsed.toString(),
    env: {
      ...{ PATH, HOME, LC_ALL: 'C' },
      ...(PGPASSFILE && { PGPASSFILE }),
      ...(PGSSLROOTCERT && { PGSSLROOTCERT }),
      ...(password && { PGPASSWORD: password }),
      PGOPTIONS: options ? `${options} ${SETTINGS}` : SETTINGS,
    },
  };
}

/** @throws Error that says what to install, when the tool is missing or older than that */
export async function requireTool(tool: 'pg_dump' | 'pg_restore', major: number): Promise<void> {
  const wanted = `${tool} ${major} or newer is needed (Debian: apt-get install postgresql-client-${major})`;
  const found = await promisify(execFile)(tool, ['--version']).catch((error: NodeJS.ErrnoException) => {
    throw new Error(error.code === 'ENOENT' ? `${wanted}; there is none.` : `${wanted}; it does not run.`);
  });
  const version = Number(/ (\d+)/.exec(found.stdout)?.[1]);
  if (!(version >= major)) throw new Error(`${wanted}; this is ${found.stdout.trim()}.`);
}

/** An archive in the custom format, compressed, of the state that an exported snapshot shows. */
export async function* pgDump(url: string, snapshot: string): AsyncGenerator<Uint8Array> {
  const { dbname, env } = connectionOf(url);
  const child = spawn('pg_dump', ['--format=custom', `--snapshot=${snapshot}`, `--dbname=${dbname}`], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = ended(child, 'pg_dump');
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>;
    await end;
  } finally {
    child.kill();
  }
}

/** The tables whose rows an archive holds, as `schema.table`. */
export async function pgRestoreList(archive: AsyncIterable<Uint8Array>): Promise<Set<string>> {
  const { PATH = '' } = process.env;
  const child = spawn('pg_restore', ['--list'], { env: { PATH, LC_ALL: 'C' }, stdio: 'pipe' });
  const end = ended(child, 'pg_restore --list');
  // It reads only the beginning, and closes.
  const feeding = pipeline(Readable.from(archive), child.stdin).then(
    () => null,
    (error: Error) => {
      if (!isClosedPipe(error)) child.kill('SIGKILL');
      return error;
    },
  );
  let list = '';
  for await (const part of child.stdout as AsyncIterable<Buffer>) list += part.toString('utf8');
  const [fed, ending] = await Promise.all([feeding, Promise.allSettled([end])]);
  if (fed && !isClosedPipe(fed)) throw fed;
  if (ending[0].status === 'rejected') throw ending[0].reason;
  return new Set(
    [...list.matchAll(/ TABLE DATA (\S+) (\S+) /g)].map(([, schema, table]) => `${schema}.${table}`),
  );
}

/** In one transaction: all of it or nothing. @throws what the archive throws while it is read */
export async function pgRestore(url: string, archive: AsyncIterable<Uint8Array>): Promise<void> {
  const { dbname, env } = connectionOf(url);
  const options = [
    '--single-transaction',
    '--exit-on-error',
    '--no-owner',
    '--no-privileges',
    '--no-comments',
  ];
  const child = spawn('pg_restore', [...options, `--dbname=${dbname}`], {
    env,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const end = ended(child, 'pg_restore');
  const feeding = pipeline(Readable.from(killing(child, archive)), child.stdin);
  const [ending, fed] = await Promise.allSettled([end, feeding]);
  if (fed.status === 'rejected' && !isClosedPipe(fed.reason)) throw fed.reason;
  if (ending.status === 'rejected') throw ending.reason;
}

/** Whoever reads the end of a broken stream might take it for the whole: dead, it cannot. */
async function* killing(child: ChildProcess, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

const isClosedPipe = (error: unknown): boolean =>
  ['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE'].includes((error as NodeJS.ErrnoException).code ?? '');

/** Rejects with what the tool complains about, without the rows that it quotes; to be awaited at any time, or not at all. */
function ended(child: ChildProcess, name: string): Promise<void> {
  const ending = endOf(child, name);
  ending.catch(() => {}); // whoever stops reading kills the tool, and does not ask how it ended
  return ending;
}

async function endOf(child: ChildProcess, name: string): Promise<void> {
  let stderr = '';
  child.stderr!.on('data', (part: Buffer) => (stderr = (stderr + part.toString('utf8')).slice(-STDERR_KEPT)));
  const ending = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const [code, signal] = await ending;
  if (code === 0) return;
  const said = stderr
    .split('\n')
    .filter((line) => /^pg_\w+: (error|fatal)/.test(line) && !/CONTEXT|DETAIL/.test(line));
  throw new Error(`${name} ended with ${code ?? signal}: ${said.join('; ') || 'no reason given'}`);
}
