import { AsyncLocalStorage } from 'node:async_hooks';
import type { PGlite } from '@electric-sql/pglite';
import type {
  SqlDriverAdapterFactory,
  SqlMigrationAwareDriverAdapterFactory,
  Transaction as PrismaTransaction,
} from '@prisma/driver-adapter-utils';
import type pg from 'pg';
import { type Prisma, PrismaClient } from '../../generated/prisma/client.js';
import { adapterOf } from './adapter.js';
import { EmbeddedSocket } from './embedded-socket.js';
import { isRetryable } from './errors.js';
import { within } from '../within.js';
import { FairPool } from './fair-pool.js';

const TRANSACTION_ATTEMPTS = 5;
/** The pool decides: this is beyond its longest wait. */
const TRANSACTION_WAIT_MS = 20_000;
const TRANSACTION_TIMEOUT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 3_000;
const STATEMENT_TIMEOUT_MS = 10_000;
const LOCK_TIMEOUT_MS = 2_500;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 15_000;

/**
 * A hand-written statement, prepared once a connection under its name.
 * Cast every parameter (`$1::uuid`), and select only types that are read alike by it and by Prisma:
 * text, uuid, bool, int4, float8, json, timestamptz. Cast the others (`count(*)::int`, `date::text`).
 */
export interface Statement<Row> {
  readonly name: string;
  readonly text: string;
  /** Only for the type: what one row looks like. */
  readonly row?: Row;
}

export const statement = <Row>(name: string, text: string): Statement<Row> => ({ name, text });

const one = statement<{ one: number }>('database_ping', 'select 1::int as one');

/** What query functions take first: the database itself, or the caller's transaction. */
export interface Connection {
  readonly prisma: Prisma.TransactionClient;
  rows<Row>(query: Statement<Row>, values: readonly unknown[]): Promise<Row[]>;
}

/** The connection on which Prisma's adapter, or `begun`, opened a transaction; null once that is over. */
interface Opened {
  query: ((query: { name?: string; text: string; values: unknown[] }) => Promise<{ rows: unknown[] }>) | null;
}

/** A connection inside an open transaction: what facts and jobs are written with. */
export class Transaction implements Connection {
  readonly tallied: [event: string, count: number][] = [];
  /** Of a statement, after which PostgreSQL commits nothing any more, and says so to nobody. */
  failure?: Error;

  constructor(
    private readonly client: Prisma.TransactionClient | null,
    private readonly opened: Opened,
  ) {}

  /** @throws Error in a transaction of statements only */
  get prisma(): Prisma.TransactionClient {
    if (!this.client) throw new Error('This transaction is of hand-written statements only');
    return this.client;
  }

  /** Counts something that happened, of those in `counted.ts`, once it is committed. */
  tally(event: string, count = 1): void {
    this.tallied.push([event, count]);
  }

  /** Past Prisma's engine, on the connection of its transaction: prepared, and a fraction of the work. */
  async rows<Row>({ name, text }: Statement<Row>, values: readonly unknown[]): Promise<Row[]> {
    if (!this.opened.query)
      throw new Error('The transaction is over: it took too long, or was not waited for');
    try {
      return (await this.opened.query({ name, text, values: [...values] })).rows as Row[];
    } catch (error) {
      this.failure ??= error as Error;
      throw error;
    }
  }
}

/** Where the transaction that this call chain begins is to leave its connection. */
const opening = new AsyncLocalStorage<Opened>();

/** Set while a transaction's function runs; only used to notice the outer client being used inside it. */
const insideTransaction = new AsyncLocalStorage<true>();

/** On the embedded database this would wait for itself; on a server it would escape the transaction. */
function refuseInsideTransaction(): void {
  if (insideTransaction.getStore()) {
    throw new Error('The outer database connection was used inside a transaction: pass the transaction on.');
  }
}

export type TransactionOptions =
  | {
      isolation?: Prisma.TransactionIsolationLevel;
      /** For the few jobs that go over everything; 15 s by default, and 10 s for a statement. */
      timeoutMs?: number;
      statementsOnly?: false;
    }
  | {
      /** For the hottest writes: past Prisma's engine, whose books about a transaction cost as much as two statements. */
      statementsOnly: true;
      isolation?: undefined;
      timeoutMs?: number;
    };

/** Prisma and hand-written statements over one pool, which for the embedded database has one connection. */
export class Database implements Connection {
  readonly prisma: PrismaClient;
  /** For whoever counts. */
  onTally: (event: string, count: number) => void = () => {};

  private constructor(
    readonly pool: FairPool,
    /** The embedded database, to which the pool's one connection leads. */
    readonly lite: PGlite | null,
    onError: (error: Error) => void,
  ) {
    pool.on('error', onError);
    // A connection that is cut while it is lent, between two statements, tells nobody else: unheard, it ends the process.
    pool.on('connect', (client) => client.on('error', onError));
    this.prisma = new PrismaClient({ adapter: guarded(this.adapterFactory()) });
  }

  static embedded(lite: PGlite): Database {
    const pool = new FairPool({
      max: 1,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      ...{ user: 'postgres', database: 'postgres', ssl: false }, // and not what the environment says
      idleTimeoutMillis: 0, // what it prepared is worth keeping
      stream: () => new EmbeddedSocket(lite),
    });
    return new Database(pool, lite, () => {}); // when it breaks, the next statement says so
  }

  static server(url: string, poolSize: number, onError: (error: Error) => void): Database {
    const pool = new FairPool({
      connectionString: url,
      max: poolSize,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      lock_timeout: LOCK_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
      // What is read here takes milliseconds; compiling a statement that looks costly takes seconds.
      options: '-c jit=off',
      keepAlive: true,
    });
    return new Database(pool, null, onError);
  }

  /** Unguarded: also used by the migration engine. */
  adapterFactory(): SqlMigrationAwareDriverAdapterFactory {
    return adapterOf(this.pool);
  }

  async rows<Row>(query: Statement<Row>, values: readonly unknown[]): Promise<Row[]> {
    refuseInsideTransaction();
    return (await this.pool.query({ name: query.name, text: query.text, values: [...values] })).rows as Row[];
  }

  /** @throws Error when it does not answer */
  async ping(): Promise<void> {
    await this.rows(one, []);
  }

  /** For what happens outside of a transaction. */
  tally(event: string, count = 1): void {
    this.onTally(event, count);
  }

  /** Runs the function in a transaction, and again (up to 5 times) when it loses to a concurrent one. */
  async transaction<T>(work: (tx: Transaction) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    refuseInsideTransaction();
    for (let attempt = 1; ; attempt++) {
      try {
        let tallied: Transaction['tallied'] = [];
        const opened: Opened = { query: null };
        const run = (client: Prisma.TransactionClient | null) =>
          insideTransaction.run(true, async () => {
            if (options.timeoutMs)
              await client?.$executeRawUnsafe(`set local statement_timeout = ${options.timeoutMs}`);
            const transaction = new Transaction(client, opened);
            ({ tallied } = transaction);
            const result = await work(transaction);
            if (transaction.failure) throw transaction.failure;
            return result;
          });
        const timeoutMs = options.timeoutMs ?? TRANSACTION_TIMEOUT_MS;
        const result = options.statementsOnly
          ? await begun(this.pool, opened, () => within(run(null), timeoutMs))
          : await opening.run(opened, () =>
              this.prisma.$transaction(run, {
                isolationLevel: options.isolation,
                maxWait: TRANSACTION_WAIT_MS,
                timeout: timeoutMs,
              }),
            );
        for (const [event, count] of tallied) this.onTally(event, count);
        return result;
      } catch (error) {
        if (attempt === TRANSACTION_ATTEMPTS || !isRetryable(error)) throw error;
        await new Promise((done) => setTimeout(done, Math.random() * 20 * 2 ** attempt));
      }
    }
  }

  async close(): Promise<void> {
    await this.prisma.$disconnect();
    await this.pool.end();
    await this.lite?.close();
  }
}

/** Committed when the work is done, rolled back when it throws. */
async function begun<T>(pool: FairPool, opened: Opened, work: () => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let result: T;
  try {
    await client.query('begin');
    opened.query = (query) => client.query(query);
    result = await work();
    opened.query = null;
    await client.query('commit');
  } catch (error) {
    opened.query = null;
    await client.query('rollback').then(
      () => client.release(),
      () => client.release(true),
    );
    throw error;
  }
  client.release(); // outside: once it is somebody else's, nothing of this one's may be rolled back on it
  return result;
}

/**
 * The adapter factory, whose outer connection refuses to be used while a transaction is open in the same call chain,
 * and whose transactions hand out their connection.
 */
function guarded(factory: SqlDriverAdapterFactory): SqlDriverAdapterFactory {
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => {
      const adapter = await factory.connect();
      return new Proxy(adapter, {
        get(target, key) {
          const member: unknown = Reflect.get(target, key, target);
          if (typeof member !== 'function') return member;
          if (!GUARDED.has(key)) return member.bind(target) as unknown;
          return async (...args: unknown[]): Promise<unknown> => {
            refuseInsideTransaction();
            const result = await (member as (...a: unknown[]) => Promise<unknown>).apply(target, args);
            if (key === 'startTransaction') handOut(result as AdapterTransaction);
            return result;
          };
        },
      });
    },
  };
}

const GUARDED: ReadonlySet<string | symbol> = new Set(['queryRaw', 'executeRaw', 'startTransaction']);

/** What the adapter's transactions have beyond their types: the connection. */
interface AdapterTransaction extends PrismaTransaction {
  client: pg.ClientBase;
}

function handOut(tx: AdapterTransaction): void {
  const opened = opening.getStore();
  if (!opened) return;
  const { client } = tx;
  opened.query = (query) => client.query(query);
  // Prisma sends COMMIT and ROLLBACK by `executeRaw` or the adapter does it by itself; what came later would stand alone.
  const close = () => (opened.query = null);
  const executeRaw = tx.executeRaw.bind(tx);
  const commit = tx.commit.bind(tx);
  const rollback = tx.rollback.bind(tx);
  tx.executeRaw = (query) => {
    if (/^(commit|rollback)$/i.test(query.sql)) close();
    return executeRaw(query);
  };
  tx.commit = () => (close(), commit());
  tx.rollback = () => (close(), rollback());
}
