import { randomUUID } from 'node:crypto';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import pg from 'pg';
import { loadConfig } from '../../src/config/config.js';
import { Database, statement, type Transaction } from '../../src/platform/database/database.js';
import { openDatabase } from '../../src/platform/database/database.module.js';
import { isRetryable, sqlStateOf } from '../../src/platform/database/errors.js';
import { migrate, pendingMigrations } from '../../src/platform/database/migrations.js';
import { problemOf } from '../../src/platform/http/problem-of.js';
import {
  databaseUrl,
  onAdminConnection,
  type OwnDatabase,
  ownDatabase,
  SERVER_URL,
} from '../support/lane.js';

/** What one connection cannot show. */
const onServer = (name: string, test: () => Promise<void>): void => {
  if (SERVER_URL) it(name, test);
};

let own: OwnDatabase;
let db: Database;
beforeAll(async () => {
  own = await ownDatabase();
  db = await openDatabase(loadConfig({ NODE_ENV: 'test', ...own.env }));
});
afterAll(async () => {
  await db.close();
  await own.remove();
});
beforeEach(() => db.prisma.user.deleteMany());

const now = new Date('2026-11-20T03:00:00.123Z');
const newUser = (id: string = randomUUID()) => ({
  id,
  nickname: '보리',
  privacySeed: new Uint8Array(16),
  createdAt: now,
});
const addUser = (tx: Pick<Transaction, 'prisma'>, id?: string) =>
  tx.prisma.user.create({ data: newUser(id) });
const userCount = statement<{ count: number }>('spec_user_count', 'select count(*)::int as count from users');
const users = async (from: Database | Transaction = db) => (await from.rows(userCount, []))[0]!.count;
const backend = statement<{ pid: number }>('spec_backend', 'select pg_backend_pid()::int as pid');
/** Tables and indexes, with their columns in order. */
const relations = (from: Database) =>
  from.rows(
    statement(
      'spec_relations',
      `select c.relname::text as name, string_agg(a.attname::text, ' ' order by a.attnum) as columns
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
       where c.relnamespace = 'public'::regnamespace group by 1 order by 1`,
    ),
    [],
  );
const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a transaction', () => {
  it('commits as a whole, seen before only inside', async () => {
    const inside = await db.transaction(async (tx) => {
      await addUser(tx);
      await addUser(tx);
      return users(tx);
    });
    expect([inside, await users()]).toEqual([2, 2]);
  });

  it('rolls back as a whole, and hands on the error itself', async () => {
    const reason = new Error('changed my mind');
    const error = await errorOf(
      db.transaction(async (tx) => {
        await addUser(tx);
        throw reason;
      }),
    );
    expect(error).toBe(reason);
    expect(await users()).toBe(0);
  });

  it('rolls back what a failing statement leaves behind', async () => {
    const id = randomUUID();
    const error = await errorOf(
      db.transaction(async (tx) => void (await addUser(tx, id), await addUser(tx, id))),
    );
    expect(sqlStateOf(error)).toBe('23505');
    expect(await users()).toBe(0);
  });

  it('is run again when it loses, up to five times', async () => {
    let runs = 0;
    const lose = (tx: Transaction) =>
      tx.prisma.$executeRaw`do $$ begin raise exception 'lost' using errcode = '40001'; end $$`;
    const won = await db.transaction(async (tx) => {
      await addUser(tx);
      if (++runs < 3) await lose(tx);
      return 'won';
    });
    expect([won, runs, await users()]).toEqual(['won', 3, 1]);

    runs = 0;
    const error = await errorOf(db.transaction(async (tx) => void (runs++, await lose(tx))));
    expect(isRetryable(error)).toBe(true);
    expect(runs).toBe(5);
  });

  it('is not run again for any other error', async () => {
    let runs = 0;
    await errorOf(db.transaction(() => Promise.reject(new Error(`${++runs}`))));
    expect(runs).toBe(1);
  });

  it('that fails at its commit is not reported as done', async () => {
    const deferred = `alter table pets add constraint spec_deferred foreign key (user_id) references users deferrable initially deferred`;
    await db.prisma.$executeRaw`alter table pets drop constraint pets_user_id_fkey`;
    await db.rows(statement('spec_deferred', deferred), []);
    const pet = { id: randomUUID(), userId: randomUUID(), name: '보리', createdAt: now };
    const error = await errorOf(
      db.transaction(async (tx) => void (await tx.prisma.pet.create({ data: pet }))),
    );
    expect(sqlStateOf(error)).toBe('23503');
    expect(await db.prisma.pet.count()).toBe(0);
    await db.prisma.$executeRaw`alter table pets drop constraint spec_deferred`;
    await db.prisma
      .$executeRaw`alter table pets add constraint pets_user_id_fkey foreign key (user_id) references users on delete cascade on update cascade`;
  });

  it('has the isolation it asked for', async () => {
    const level = statement<{ level: string }>(
      'spec_isolation',
      `select current_setting('transaction_isolation') as level`,
    );
    const asked = await db.transaction((tx) => tx.rows(level, []), { isolation: 'Serializable' });
    const usual = await db.transaction((tx) => tx.rows(level, []));
    expect([asked[0]!.level, usual[0]!.level]).toEqual(['serializable', 'read committed']);
  });

  onServer('of two conflicting serializable ones, the loser runs again', async () => {
    const [a, b] = [await addUser(db), await addUser(db)];
    const bothRead = barrier(2);
    let runs = 0;
    const copy = (from: string, to: string) =>
      db.transaction(
        async (tx) => {
          runs++;
          const { bio } = await tx.prisma.user.findUniqueOrThrow({ where: { id: from } });
          await bothRead();
          await tx.prisma.user.update({ where: { id: to }, data: { bio: `${bio ?? ''}+` } });
        },
        { isolation: 'Serializable' },
      );
    await Promise.all([copy(a.id, b.id), copy(b.id, a.id)]);
    const bios = (await db.prisma.user.findMany()).map(({ bio }) => bio).sort();
    expect(runs).toBe(3);
    expect(bios).toEqual(['+', '++']); // one after the other; both at once would give + and +
  });

  onServer('of two in a deadlock, the loser runs again', async () => {
    const [a, b] = [await addUser(db), await addUser(db)];
    const bothHold = barrier(2);
    const touch = (first: string, second: string) =>
      db.transaction(async (tx) => {
        await tx.prisma.user.update({ where: { id: first }, data: { privacyRevision: { increment: 1 } } });
        await bothHold();
        await tx.prisma.user.update({ where: { id: second }, data: { privacyRevision: { increment: 1 } } });
      });
    await Promise.all([touch(a.id, b.id), touch(b.id, a.id)]);
    expect((await db.prisma.user.findMany()).map((user) => user.privacyRevision)).toEqual([2, 2]);
  });

  onServer('does not wait for a lock for ever: the client is told to come back', async () => {
    const { id } = await addUser(db);
    const holds = signal();
    const mayEnd = signal();
    const lock = (tx: Transaction) =>
      tx.prisma.$queryRaw`select 1 from users where id = ${id}::uuid for update`;
    const holder = db.transaction(async (tx) => {
      await lock(tx);
      holds.give();
      await mayEnd.given;
    });
    await holds.given;
    const error = await errorOf(db.transaction(lock));
    mayEnd.give();
    await holder;
    expect(sqlStateOf(error)).toBe('55P03');
    expect(problemOf(error).kind.status).toBe(503);
  });
});

describe('a transaction of statements only', () => {
  const insert = statement<never>(
    'spec_insert_user',
    `insert into users (id, nickname, privacy_seed, created_at) values ($1::uuid, '보리', '\\x00', now())`,
  );
  const lose = statement<never>(
    'spec_lose',
    `do $$ begin raise exception 'lost' using errcode = '40001'; end $$`,
  );
  const add = (tx: Transaction, id: string = randomUUID()) => tx.rows(insert, [id]);
  const only = <T>(work: (tx: Transaction) => Promise<T>) => db.transaction(work, { statementsOnly: true });

  it('commits as a whole, seen before only inside', async () => {
    const inside = await only(async (tx) => {
      await add(tx);
      await add(tx);
      return users(tx);
    });
    expect([inside, await users()]).toEqual([2, 2]);
  });

  it('rolls back as a whole, and hands on the error itself', async () => {
    const reason = new Error('changed my mind');
    const work = async (tx: Transaction) => {
      await add(tx);
      throw reason;
    };
    expect(await errorOf(only(work))).toBe(reason);
    const id = randomUUID();
    expect(sqlStateOf(await errorOf(only(async (tx) => void (await add(tx, id), await add(tx, id)))))).toBe(
      '23505',
    );
    expect(await users()).toBe(0);
  });

  it('is not reported as done when an error in it was not thrown on', async () => {
    const id = randomUUID();
    const swallowed = only(async (tx) => {
      await add(tx, id);
      await add(tx, id).catch(() => {});
    });
    expect(await errorOf(swallowed)).toBeInstanceOf(Error);
    expect(await users()).toBe(0);
  });

  it('is run again when it loses, and counts what happened once it is committed', async () => {
    const tallied: string[] = [];
    db.onTally = (event) => void tallied.push(event);
    let runs = 0;
    await only(async (tx) => {
      await add(tx);
      tx.tally('spec-added');
      if (++runs < 3) await tx.rows(lose, []);
    });
    db.onTally = () => {};
    expect([runs, await users(), tallied]).toEqual([3, 1, ['spec-added']]);
  });

  it('is rolled back when it takes too long, and leaves its connection to others', async () => {
    let late: Transaction | undefined;
    const endless = db.transaction(
      async (tx) => {
        await add((late = tx));
        await new Promise(() => {});
      },
      { statementsOnly: true, timeoutMs: 50 },
    );
    expect(await errorOf(endless)).toMatchObject({ message: 'Took longer than 0.05 s' });
    expect(await users()).toBe(0);
    await expect(add(late!)).rejects.toThrow('The transaction is over');
  });

  it('has no Prisma, is over when it is over, and lets nobody use the outer connection', async () => {
    let late: Transaction | undefined;
    await only(async (tx) => {
      late = tx;
      expect(() => tx.prisma).toThrow('hand-written statements only');
      expect(await errorOf(users())).toBeInstanceOf(Error);
      await add(tx);
    });
    await expect(add(late!)).rejects.toThrow('The transaction is over');
    expect(await users()).toBe(1);
  });
});

describe('other callers while a transaction is open', () => {
  it('see nothing uncommitted, and are not rolled back with it', async () => {
    const opened = signal();
    const mayEnd = signal();
    const failing = errorOf(
      db.transaction(async (tx) => {
        await addUser(tx);
        opened.give();
        await mayEnd.given;
        await addUser(tx);
        throw new Error('rolled back');
      }),
    );
    await opened.given;
    const outsideCount = users();
    const outsideWrite = addUser(db, randomUUID());
    const outsidePrisma = db.prisma.user.count();
    const outsideTransaction = db.transaction(async (tx) => {
      await addUser(tx);
      return users(tx);
    });
    mayEnd.give();
    await failing;
    expect(await outsideCount).toBeLessThanOrEqual(2);
    await outsideWrite;
    await outsideTransaction;
    await outsidePrisma;
    expect(await users()).toBe(2);
  });

  it('wait for it on the embedded database, or read beside it on a server', async () => {
    const opened = signal();
    const mayEnd = signal();
    const order: string[] = [];
    const transaction = db.transaction(async (tx) => {
      await addUser(tx);
      opened.give();
      await mayEnd.given;
      order.push('transaction');
      return users(tx);
    });
    await opened.given;
    const reading = users().then((count) => (order.push('reader'), count));
    if (SERVER_URL) expect(await reading).toBe(0);
    mayEnd.give();
    expect(await transaction).toBe(1);
    expect(await reading).toBe(SERVER_URL ? 0 : 1);
    expect(order).toEqual(SERVER_URL ? ['reader', 'transaction'] : ['transaction', 'reader']);
  });
});

describe('the outer connection inside a transaction', () => {
  const refused = /used inside a transaction/;

  it.each<[string, () => Promise<unknown>]>([
    ['a statement', () => users()],
    ['a model', () => db.prisma.user.findMany()],
    ['a batched find', () => db.prisma.user.findUnique({ where: { id: randomUUID() } })],
    ['a raw query', () => db.prisma.$queryRaw`select 1`],
    ['a raw command', () => db.prisma.$executeRaw`delete from users`],
    ['a batch', () => db.prisma.$transaction([db.prisma.user.deleteMany()])],
    ['a transaction of Prisma', () => db.prisma.$transaction(() => Promise.resolve(1))],
    ['a transaction of ours', () => db.transaction(() => Promise.resolve(1))],
  ])('%s fails at once, and with it the transaction', async (_, use) => {
    const before = performance.now();
    const error = await errorOf(
      db.transaction(async (tx) => {
        await addUser(tx);
        await use();
      }),
    );
    expect((error as Error).message).toMatch(refused);
    expect(performance.now() - before).toBeLessThan(1_000);
    expect(await users()).toBe(0);
  });

  it('is free again afterwards, and for those who came from elsewhere', async () => {
    await db.transaction((tx) => addUser(tx));
    expect(await db.prisma.user.count()).toBe(1);
    expect(await users()).toBe(1);
  });
});

describe('a hand-written statement', () => {
  const everyType = statement<Record<string, unknown>>(
    'spec_every_type',
    `select $1::text as "text", $2::uuid as "uuid", $3::bool as "bool", $4::int as "int4", $5::float8 as "float8",
            $6::json as "json", $7::timestamptz as "timestamptz", $8::text as "nothing",
            $9::int = 7 as "same", '{"a":[1,null,"x"]}'::json as "made", array['a','b']::text[] as "texts"`,
  );
  const id = randomUUID();
  const values = [
    '보리 \'"; --',
    id,
    true,
    -2_147_483_648,
    0.1 + 0.2,
    JSON.stringify({ 이름: '보리', n: [1, null] }),
    now,
    null,
    7,
  ];
  const expected = {
    text: '보리 \'"; --',
    uuid: id,
    bool: true,
    int4: -2_147_483_648,
    float8: 0.1 + 0.2,
    json: { 이름: '보리', n: [1, null] },
    timestamptz: now,
    nothing: null,
    same: true,
    made: { a: [1, null, 'x'] },
    texts: ['a', 'b'],
  };

  it('reads and takes all types alike outside and inside a transaction', async () => {
    const [outside] = await db.rows(everyType, values);
    const [inside] = await db.transaction((tx) => tx.rows(everyType, values));
    expect(outside).toEqual(expected);
    expect(inside).toEqual(expected);
    expect(outside!.timestamptz).toBeInstanceOf(Date);
    expect(inside!.timestamptz).toBeInstanceOf(Date);
  });

  it('takes whole numbers for float8 and fractions alike, and null for each type', async () => {
    const half = statement<{ x: number }>('spec_half', 'select $1::float8 / 2 as x');
    for (const x of [3, 0.5, -7, 2 ** 53, 1e-300]) {
      const [outside] = await db.rows(half, [x]);
      const [inside] = await db.transaction((tx) => tx.rows(half, [x]));
      expect([outside!.x, inside!.x]).toEqual([x / 2, x / 2]);
    }
    const nulls = [null, null, null, null, null, null, null, null, null];
    const [outside] = await db.rows(everyType, nulls);
    const [inside] = await db.transaction((tx) => tx.rows(everyType, nulls));
    expect(inside).toEqual(outside);
  });

  it('reads instants before 1970, of this century and with microseconds alike', async () => {
    const at = statement<{ at: Date }>('spec_at', 'select $1::text::timestamptz as at');
    for (const text of [
      '1969-12-31T23:59:59.999Z',
      '2026-11-20T03:00:00.123456Z',
      '2026-11-20T12:00:00+09:00',
    ]) {
      const [outside] = await db.rows(at, [text]);
      const [inside] = await db.transaction((tx) => tx.rows(at, [text]));
      expect(inside).toEqual(outside);
      expect(inside!.at.getTime()).toBe(Date.parse(text.replace('123456', '123')));
    }
  });

  it('is prepared once under its name, on the connection that Prisma uses as well', async () => {
    const one = SERVER_URL ? Database.server(own.env.DATABASE_URL!, 1, () => {}) : db;
    try {
      const [{ pid }] = (await one.rows(backend, [])) as [{ pid: number }];
      await one.rows(backend, []);
      expect(await one.prisma.$queryRaw`select pg_backend_pid()::int as pid`).toEqual([{ pid }]);
      const [inside] = await one.transaction((tx) => tx.rows(backend, []));
      expect(inside).toEqual({ pid });
      const prepared = statement<{ name: string; from_sql: boolean; times: number }>(
        'spec_prepared',
        `select name, from_sql, (generic_plans + custom_plans)::int as times from pg_prepared_statements where name <> 'spec_prepared'`,
      );
      const found = await one.rows(prepared, []);
      expect(found).toContainEqual({ name: 'spec_backend', from_sql: false, times: 3 });
      expect(found.filter(({ name }) => /^p[0-9a-f]{32}$/.test(name)).length).toBeGreaterThan(0); // Prisma's
      expect(one.pool.totalCount).toBe(1);
    } finally {
      if (one !== db) await one.close();
    }
  });

  it('brings and takes many megabytes', async () => {
    const echo = statement<{ text: string; letters: number }>(
      'spec_echo',
      `select repeat($1::text, 3) as text, length($1::text) as letters`,
    );
    const letters = 2_000_000;
    const [row] = await db.rows(echo, ['멍'.repeat(letters)]);
    expect([row!.text === '멍'.repeat(3 * letters), row!.letters]).toEqual([true, letters]);
  });

  onServer('gives up after a while when no connection is free: the client is told to come back', async () => {
    const one = Database.server(own.env.DATABASE_URL!, 1, () => {});
    const held = await one.pool.connect();
    try {
      const errors = await Promise.all([
        errorOf(one.rows(backend, [])),
        errorOf(one.prisma.user.count()),
        errorOf(one.transaction((tx) => users(tx))),
      ]);
      for (const error of errors) expect(problemOf(error).kind.status).toBe(503);
    } finally {
      held.release();
      await one.close();
    }
  });
});

describe('a connection that is given up', () => {
  const settings = statement<{ timezone: string; prepared: number }>(
    'spec_settings',
    `select current_setting('timezone') as timezone,
            (select count(*)::int from pg_prepared_statements where name = 'spec_left') as prepared`,
  );

  it.each([
    ['between two statements', async (client: pg.PoolClient) => void (await client.query('select 1'))],
    ['after one that failed', (client: pg.PoolClient) => errorOf(client.query('select 1 / 0'))],
    ['while one runs', (client: pg.PoolClient) => void client.query('select 1').catch(() => {})],
  ])('%s leaves nothing to whoever comes next', async (_, last) => {
    const [before] = await db.rows(settings, []);
    const client = await db.pool.connect();
    await client.query({ name: 'spec_left', text: 'select 1' });
    await client.query(`set timezone = 'Pacific/Apia'; begin`);
    await client.query(`insert into users (id, nickname, privacy_seed, created_at)
      values (gen_random_uuid(), '보리', '\\x00', now())`);
    await last(client);
    client.release(true);
    expect(await db.rows(settings, [])).toEqual([{ ...before, prepared: 0 }]);
    expect(await users()).toBe(0);
    await addUser(db);
    expect(await users()).toBe(1);
  });
});

describe('the SQLSTATE of an error', () => {
  const unknownUser = { id: randomUUID(), userId: randomUUID(), name: '보리', createdAt: now };

  it.each<[string, string, (from: Database | Transaction) => Promise<unknown>]>([
    [
      '23505',
      'a duplicate by Prisma',
      async (from) => (await addUser(from, unknownUser.id), addUser(from, unknownUser.id)),
    ],
    ['23503', 'a foreign key by Prisma', (from) => from.prisma.pet.create({ data: unknownUser })],
    [
      'P2025',
      'an update of nothing',
      (from) => from.prisma.user.update({ where: { id: randomUUID() }, data: { bio: 'x' } }),
    ],
    [
      '22003',
      'a number that the column cannot hold',
      (from) => from.prisma.pet.create({ data: { ...unknownUser, weightKg: 1e6 } }),
    ],
    [
      '22003',
      'a number out of range in a statement',
      (from) => from.rows(statement('spec_int', 'select $1::text::int as x'), ['2147483648']),
    ],
    [
      '22P02',
      'a bad uuid',
      (from) => from.rows(statement('spec_uuid', 'select $1::text::uuid as x'), ['no uuid']),
    ],
    [
      '22008',
      'a date beyond the calendar',
      (from) => from.rows(statement('spec_date', 'select $1::text::timestamptz as x'), ['294277-01-01']),
    ],
    [
      '22021',
      'a NUL in a text',
      (from) => from.rows(statement('spec_nul', 'select $1::text as x'), ['a\u0000b']),
    ],
    [
      '22021',
      'a NUL in a text by Prisma',
      (from) => from.prisma.user.create({ data: { ...newUser(), nickname: 'a\u0000b' } }),
    ],
    [
      '42P01',
      'a table that is not there',
      (from) => from.rows(statement('spec_no_table', 'select 1 as x from no_such_table'), []),
    ],
  ])('%s: %s', async (state, _, cause) => {
    expect(sqlStateOf(await errorOf(cause(db)))).toBe(state);
    await db.prisma.user.deleteMany();
    expect(sqlStateOf(await errorOf(db.transaction((tx) => cause(tx))))).toBe(state);
  });
});

describe('migrations', () => {
  it('are all applied in the template', async () => {
    expect(await pendingMigrations(db)).toEqual([]);
  });

  it('that were edited after they were applied are refused, by name', async () => {
    const turnChecksums = () =>
      db.prisma.$executeRaw`update _prisma_migrations set checksum = reverse(checksum)`;
    await turnChecksums();
    await expect(pendingMigrations(db)).rejects.toThrow(/edited afterwards: \d+_\w+/);
    await turnChecksums();
    expect(await pendingMigrations(db)).toEqual([]);
  });

  it('A14 of a newer version do not keep an old one from starting', async () => {
    const newer = '29991231000000_newer';
    await db.prisma
      .$executeRaw`insert into _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
        values (${randomUUID()}, 'x', ${newer}, now(), 1)`;
    expect(await pendingMigrations(db)).toEqual([]);
    expect(await migrate(db)).toEqual([]);
    if (SERVER_URL) await (await openDatabase(loadConfig({ NODE_ENV: 'test', ...own.env }))).close();
    await db.prisma.$executeRaw`delete from _prisma_migrations where migration_name = ${newer}`;
  });

  it('A14 that fail leave nothing, and are begun again', async () => {
    const name = '20261122150000_places_on_plane'; // creates what is there already
    const forget = async () => {
      // As it is when a process died between the note that it begins and the script.
      await db.prisma.$executeRaw`update _prisma_migrations set finished_at = null, applied_steps_count = 0
        where migration_name = ${name}`;
    };
    await forget();
    // The script meets what is there: it fails as a whole, however often.
    for (let i = 0; i < 2; i++) await expect(migrate(db)).rejects.toThrow(name);
    await db.prisma.$executeRaw`delete from _prisma_migrations where migration_name = ${name}
      and finished_at is null and rolled_back_at is null`;
    await db.prisma.$executeRaw`update _prisma_migrations set finished_at = now(), rolled_back_at = null
      where id = (select id from _prisma_migrations where migration_name = ${name} order by started_at limit 1)`;
    expect(await pendingMigrations(db)).toEqual([]);
  });

  onServer('A14 are finished by the next run when a process is killed in the middle of them', async () => {
    const name = `withbowwow_test_${randomUUID().replaceAll('-', '')}`;
    const url = databaseUrl(SERVER_URL!, name);
    await onAdminConnection(SERVER_URL!, `create database ${name} template template0`);
    const options = { env: { PATH: process.env.PATH, DATABASE_URL: url } };
    const begin = () => execFile(process.execPath, ['--no-warnings', 'dist/scripts/migrate.js'], options);
    const watch = new pg.Client({ connectionString: url });
    await watch.connect();
    /** Of migrations that were begun. */
    const begun = async () => {
      const { rows } = await watch.query<{ found: boolean }>(
        `select to_regclass('public._prisma_migrations') is not null as found`,
      );
      if (!rows[0]!.found) return 0;
      const { rowCount } = await watch.query('select from _prisma_migrations');
      return rowCount ?? 0;
    };
    try {
      let kills = 0;
      for (let target = 1; target <= 5; target++) {
        const child = begin();
        const gone = once(child, 'exit');
        while (child.exitCode === null && (await begun()) < target);
        if (child.exitCode === null) kills++;
        child.kill('SIGKILL');
        await gone;
      }
      expect(kills).toBeGreaterThan(1);
      await Promise.all([begin(), begin()].map((child) => once(child, 'exit')));
      const migrated = await openDatabase(loadConfig({ DATABASE_URL: url }));
      expect(await relations(migrated)).toEqual(await relations(db));
      await migrated.close();
      const { rows } = await watch.query<{ times: number }>(
        `select count(*)::int as times from _prisma_migrations where rolled_back_at is null group by migration_name`,
      );
      expect(rows.every(({ times }) => times === 1)).toBe(true);
    } finally {
      await watch.end();
      await onAdminConnection(SERVER_URL!, `drop database if exists ${name} with (force)`);
    }
  });

  onServer('are applied once by three processes at once, and the app refuses to start before', async () => {
    const name = `withbowwow_test_${randomUUID().replaceAll('-', '')}`;
    const url = databaseUrl(SERVER_URL!, name);
    await onAdminConnection(SERVER_URL!, `create database ${name} template template0`);
    try {
      await expect(openDatabase(loadConfig({ DATABASE_URL: url }))).rejects.toThrow(
        /The database lacks \d+_\w+.*db:migrate/,
      );
      const migrateInProcess = () =>
        promisify(execFile)(process.execPath, ['--no-warnings', 'dist/scripts/make-test-template.js'], {
          env: { PATH: process.env.PATH, DATABASE_URL: url, DATA_DIR: own.env.DATA_DIR },
        });
      await Promise.all([migrateInProcess(), migrateInProcess(), migrateInProcess()]);
      const migrated = await openDatabase(loadConfig({ DATABASE_URL: url }));
      const applied = await migrated.prisma.$queryRaw<{ name: string; times: number }[]>`
        select migration_name as name, count(*)::int as times from _prisma_migrations group by 1`;
      await migrated.close();
      expect(applied.length).toBeGreaterThan(0);
      expect(applied.every(({ times }) => times === 1)).toBe(true);
    } finally {
      await onAdminConnection(SERVER_URL!, `drop database if exists ${name} with (force)`);
    }
  });
});

/** Resolves for all when the given number have come; later ones pass. */
function barrier(parties: number): () => Promise<void> {
  const all = signal();
  let here = 0;
  return () => {
    if (++here >= parties) all.give();
    return all.given;
  };
}

function signal(): { given: Promise<void>; give: () => void } {
  let give = (): void => {};
  const given = new Promise<void>((resolve) => (give = resolve));
  return { given, give };
}
