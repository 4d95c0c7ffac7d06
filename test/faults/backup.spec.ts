/** A13: what a backup is worth is what comes back from it. */
import { execFile } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { settleRestored } from '../../src/after-restore.js';
import { loadConfig } from '../../src/config/config.js';
import {
  dumpSourceOf,
  NightlyBackup,
  openBackups,
  takeBackup,
} from '../../src/platform/backup/backup.module.js';
import { Backups } from '../../src/platform/backup/backups.js';
import type { DumpSource } from '../../src/platform/backup/dump.js';
import { backupIdOf, backupTimeOf } from '../../src/platform/backup/manifest.js';
import { connectionOf } from '../../src/platform/backup/postgres-tools.js';
import { tablesOf } from '../../src/platform/backup/tables.js';
import { type Database, statement } from '../../src/platform/database/database.js';
import { remindOfWalks } from '../../src/modules/reminders/index.js';
import { Watch } from '../../src/platform/observability/watch.js';
import { Schedule } from '../../src/platform/queue/schedule.js';
import { DiskStorage } from '../../src/platform/storage/disk-storage.js';
import { Storage } from '../../src/platform/storage/storage.js';
import { seededRandom } from '../builders/tracks.js';
import { startS3, type S3Simulator } from '../simulators/s3.js';
import { startToss, type TossSimulator } from '../simulators/toss.js';
import { type Person, personAt, signIn } from '../support/api.js';
import { BillingWorld } from '../support/billing.js';
import { given } from '../support/given.js';
import {
  databaseUrl,
  NODE_FLAGS,
  onAdminConnection,
  type OwnDatabase,
  ownDatabase,
  PROCESS_ENV,
  SERVER_URL,
} from '../support/lane.js';
import type { LeakWatch } from '../support/leaks.js';
import { TestClock } from '../support/test-clock.js';

const FLIPS = 100;
const TRUNCATIONS = 20;
const WALKERS = SERVER_URL ? 4 : 2;
const PHOTO = 'photos/bori/320.webp';
const DAY_MS = 86_400_000;
/** What the app itself writes into at each start, or a restore settles on purpose. */
const NOT_AS_IT_WAS = ['public.schedule_runs', 'public.notifications', 'public.push_deliveries'];

const random = seededRandom(13);
const clock = new TestClock();
let database: OwnDatabase;
let toss: TossSimulator;
let s3: S3Simulator;
let world: BillingWorld;
let folder: string;
let people: Person[];
let payer: Person;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'withbowwow-backups-'));
  database = await ownDatabase();
  toss = await startToss({ now: () => clock.nowMs() });
  s3 = await startS3();
  await open();
  people = [];
  for (let i = 0; i < WALKERS; i++) {
    const person = await signIn(world.test);
    await given.walk(person, { km: 1 + i / 4 });
    people.push(person);
  }
  payer = await world.paying();
  await world.test.queue.drain();
  await world.test.app.get(Storage).put(PHOTO, randomBytes(20_000), 'image/webp');
}, 120_000);
afterAll(async () => {
  await world?.test.close();
  await Promise.all([toss?.close(), s3?.close()]);
  await database?.remove();
  await rm(folder, { recursive: true, force: true });
});

/** Of all apps here: those of a process log into the first one's. */
const logs: LeakWatch[] = [];

async function open(): Promise<void> {
  world = await BillingWorld.beside(toss, { clock, database, env: { BACKUP_DIR: folder } });
  logs.push(world.test.log);
}

const config = (more: Record<string, string> = {}) =>
  loadConfig({ NODE_ENV: 'test', ...database.env, BACKUP_DIR: folder, ...more });
const backupsHere = () => openBackups(config(), ['photos/']);
const filesOf = (id: string) => join(folder, 'backups', id);

/** The command as an operator runs it. */
async function command(name: 'backup' | 'restore', args: string[], env: Record<string, string> = {}) {
  return promisify(execFile)(process.execPath, [...NODE_FLAGS, `dist/scripts/${name}.js`, ...args], {
    env: { ...PROCESS_ENV, NODE_ENV: 'test', ...database.env, BACKUP_DIR: folder, ...env },
  }).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, said: stderr }),
  );
}

async function takeNightly(): Promise<string> {
  const slotAt = clock.now().toISOString();
  const { queue, db } = world.test;
  await db.transaction((tx) => queue.enqueue(tx, takeBackup, { slotAt }));
  await queue.drain();
  return backupIdOf(new Date(slotAt));
}

/** Of each table, a hash of all its rows in order. */
async function figuresOf(db: Database): Promise<Record<string, string>> {
  const ask = async (sql: string) => ({ rows: await db.rows(statement<object>('', sql), []) });
  const figures: Record<string, string> = {};
  for (const name of await tablesOf(ask)) {
    const sql = `select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as hash from ${name} t`;
    figures[name] = ((await ask(sql)).rows as { hash: string }[])[0]!.hash;
  }
  return figures;
}

const without = (figures: Record<string, string>, names: string[]) =>
  Object.fromEntries(
    Object.entries(figures).filter(([name]) => !names.includes(name) && !name.startsWith('pgboss')),
  );

const QUESTIONS = [
  '/users/me',
  '/pets',
  '/walks',
  '/badges',
  '/users/me/streak',
  '/subscriptions/me',
  '/payments/history',
];
async function answers(): Promise<unknown[][]> {
  const said: unknown[][] = [];
  for (const person of [...people, payer])
    for (const question of QUESTIONS) {
      const { status, body } = await person.send('GET', question);
      said.push([question, status, body]);
    }
  return said;
}

/** A backup of nothing, for what does not depend on what is in it. */
const tiny: DumpSource = (work) =>
  work(async () => {
    const header = (name: string) => {
      const block = Buffer.alloc(512);
      block.write(name);
      block.write('00000000000', 124);
      return block;
    };
    const tar = Buffer.concat([header('/PG_VERSION'), header('/global/pg_control'), Buffer.alloc(1024)]);
    return {
      ...{
        kind: 'embedded' as const,
        takenAt: new Date(),
        postgresVersion: 18,
        schemaVersion: '1',
        tables: {},
      },
      bytes: (async function* () {
        yield gzipSync(tar);
      })(),
    };
  });

it('A13 what was destroyed comes back as it was at the snapshot, taken while others wrote', async () => {
  const writer = people[0]!;
  const pet = await given.pet(writer);
  let written = 0;
  let isTaken = false;
  let begun = (): void => {};
  const isBegun = new Promise<void>((resolve) => (begun = resolve));
  const write = async () => {
    while (!isTaken) {
      const visit = { kind: 'vet_visit', date: '2026-11-20', note: String(written + 1) };
      const { status, text } = await writer.send('POST', `/pets/${pet.id}/health`, visit);
      if (status !== 201) throw new Error(text);
      if (++written === 3) begun();
    }
  };
  const writing = write();
  await Promise.race([isBegun, writing]);
  const writtenBefore = written;
  const id = await takeNightly();
  isTaken = true;
  await writing;

  // Of the table that was written to, a prefix: nothing of later, nothing missing before.
  const figures = await figuresOf(world.test.db);
  const manifest = await (await backupsHere()).verify(id);
  expect(Object.keys(manifest.tables)).toEqual(expect.arrayContaining(['public.walks', 'pgboss.queue']));
  expect(manifest.tables['public.walks']).toBe(WALKERS);
  expect(manifest.files).toMatchObject([{ key: PHOTO, sizeBytes: 20_000 }]);
  const before = await answers();

  // After the backup: a month passes, money is taken, a note waits. All of that is lost but the money.
  const backedUpMs = clock.nowMs();
  expect(await world.chargesOf(payer)).toHaveLength(1);
  await world.pass({ days: 40 });
  const chargedMs = clock.nowMs();
  expect(await world.chargesOf(payer)).toHaveLength(2);

  await world.test.close();
  if (SERVER_URL) {
    const name = new URL(database.env.DATABASE_URL!).pathname.slice(1);
    await onAdminConnection(SERVER_URL, `drop database ${name} with (force)`);
  } else await rm(join(database.env.DATA_DIR!, 'postgres'), { recursive: true });
  await rm(join(database.env.DATA_DIR!, 'files'), { recursive: true });

  const { code, said } = await command('restore', [id]);
  expect([code, said]).toEqual([0, expect.stringContaining('Files put back: 1')]);
  clock.set(backedUpMs);
  await open();
  const { db } = world.test;

  const records = await db.prisma.healthRecord.findMany({ where: { petId: pet.id } });
  expect(records.length).toBeGreaterThanOrEqual(writtenBefore);
  const notes = records.map(({ note }) => Number(note)).sort((a, b) => a - b);
  expect(notes).toEqual(notes.map((_, i) => i + 1));
  const others = [...NOT_AS_IT_WAS, 'public.health_records'];
  expect(without(await figuresOf(db), others)).toEqual(without(figures, others));
  expect(await world.test.app.get(Storage).head(PHOTO)).toMatchObject({ sizeBytes: 20_000 });
  people = people.map((person) => personAt(world.test, person));
  payer = personAt(world.test, payer);
  expect(await answers()).toEqual(before);

  // The charge that this database knows nothing of is found at Toss, and not made again.
  clock.set(chargedMs);
  for (let i = 0; i < 3; i++) await world.slot();
  expect(await world.chargesOf(payer)).toHaveLength(2);
  const { tossOrders } = await world.one(payer);
  expect(tossOrders.map(({ state, period }) => [state, period])).toEqual([
    ['paid', 0],
    ['paid', 1],
  ]);
}, 180_000);

it('A13 a note that waits to be pushed is not pushed after a restore, nor are people reminded again', async () => {
  const { db } = world.test;
  const note = {
    ...{ id: randomUUID(), userId: payer.id, type: 'social' as const, title: '좋아요', body: '보리' },
    ...{ dedupeKey: 'spec', pushState: 'pending' as const, createdAt: clock.now() },
  };
  await db.prisma.notification.create({ data: note });
  const takenAt = clock.now();
  clock.advance({ days: 1 });
  await settleRestored(db, { takenAt, now: clock.now() });
  expect(await db.prisma.notification.findUnique({ where: { id: note.id } })).toMatchObject({
    pushState: 'dropped',
  });
  const schedule = world.test.app.get(Schedule);
  const reminding = { job: remindOfWalks, cron: '0 8-20 * * *' };
  expect(await schedule.enqueueDueSlot(reminding)).toBe(false);
  clock.advance({ days: 1 });
  expect(await schedule.enqueueDueSlot(reminding)).toBe(true);
  await world.test.queue.drain();
});

describe('a backup that is there', () => {
  let id: string;
  const copy = () => join(folder, 'damaged');
  beforeAll(async () => {
    clock.advance({ hours: 1 });
    id = await takeNightly();
  });

  it('A13 is found damaged when one byte of it was flipped or a file is cut off, whichever', async () => {
    await rm(copy(), { recursive: true, force: true });
    await cp(filesOf(id), join(copy(), 'backups', id), { recursive: true });
    await cp(join(folder, 'backup-files'), join(copy(), 'backup-files'), { recursive: true });
    const backups = new Backups(new DiskStorage(copy()), null);
    await expect(backups.verify(id)).resolves.toMatchObject({ id });
    const names = await readdir(join(copy(), 'backups', id));
    expect(names.sort()).toEqual(['00000.part', 'SHA256SUMS', 'manifest.json']);
    const undetected: string[] = [];
    const damage = async (name: string, change: (bytes: Buffer) => Buffer) => {
      const path = join(copy(), 'backups', id, name);
      const whole = await readFile(path);
      await writeFile(path, change(Buffer.from(whole)));
      const isDetected = await backups.verify(id).then(
        () => false,
        () => true,
      );
      if (!isDetected) undetected.push(name);
      await writeFile(path, whole);
    };
    for (let i = 0; i < FLIPS; i++)
      await damage(names[i % names.length]!, (bytes) => {
        bytes[Math.floor(random() * bytes.length)]! ^= 1 << Math.floor(random() * 8);
        return bytes;
      });
    for (let i = 0; i < TRUNCATIONS; i++)
      await damage(names[i % names.length]!, (bytes) =>
        bytes.subarray(0, Math.floor(random() * bytes.length)),
      );
    for (const name of names) await damage(name, (bytes) => bytes.subarray(0, -1));
    expect(undetected).toEqual([]);
    await expect(backups.verify(id)).resolves.toMatchObject({ id });
  }, 120_000);

  it('A13 and damaged, is not restored: nothing is touched', async () => {
    const path = join(copy(), 'backups', id, '00000.part');
    const bytes = await readFile(path);
    bytes[bytes.length - 100]! ^= 1;
    await writeFile(path, bytes);
    const name = `withbowwow_test_${randomUUID().replaceAll('-', '')}`;
    const into = SERVER_URL ? ['--into', databaseUrl(SERVER_URL, name)] : [];
    const dataDir = join(folder, 'new');
    const { code, said } = await command('restore', ['latest', ...into], {
      BACKUP_DIR: copy(),
      DATA_DIR: dataDir,
    });
    expect([code, said]).toEqual([1, expect.stringMatching(/is damaged: 00000\.part/)]);
    if (SERVER_URL) {
      const found = await onAdminConnection(
        SERVER_URL,
        `select 1 from pg_database where datname like '${name}%'`,
      );
      expect(found.rowCount).toBe(0);
    } else await expect(readdir(dataDir)).rejects.toThrow('ENOENT');
  });

  it('is not restored over a database that is in use, unless its name is typed', async () => {
    const { code, said } = await command('restore', ['latest']);
    expect(code).toBe(1);
    expect(said).toMatch(
      SERVER_URL ? /is not empty\. To put it aside: --replace withbowwow_test_/ : /in use by another/,
    );
    expect(await world.test.db.prisma.user.count()).toBe(WALKERS + 1);
    if (!SERVER_URL) {
      // Nor is the folder of a running process backed up from outside.
      expect(await command('backup', [])).toMatchObject({ code: 1, said: expect.stringContaining('in use') });
    }
  });

  it('takes the place of what stands there, which stays under another name', async () => {
    const own = await ownDatabase();
    try {
      const name = SERVER_URL ? new URL(own.env.DATABASE_URL!).pathname.slice(1) : 'postgres';
      const refused = await command('restore', ['latest', '--replace', 'other'], own.env);
      expect([refused.code, refused.said]).toEqual([1, expect.stringContaining('is not empty')]);
      const { code, said } = await command('restore', ['latest', '--replace', name], own.env);
      expect([code, said]).toEqual([0, expect.stringContaining('What was there is')]);
      const aside = /What was there is (\S+) now/.exec(said)![1]!;
      if (SERVER_URL) {
        const usersIn = async (database: string) =>
          (await onAdminConnection(databaseUrl(SERVER_URL!, database), 'select 1 from users')).rowCount;
        expect([await usersIn(name), await usersIn(aside)]).toEqual([WALKERS + 1, 0]);
        await onAdminConnection(SERVER_URL, `drop database ${aside}`);
      } else {
        expect(await readdir(join(own.env.DATA_DIR!, 'postgres'))).toContain('PG_VERSION');
        expect(await readdir(aside)).toContain('PG_VERSION');
      }
    } finally {
      await own.remove();
    }
  }, 120_000);

  it('is taken once, however many processes come at the hour', async () => {
    clock.advance({ days: 1 });
    const before = await (await backupsHere()).list();
    const slot = { slotAt: clock.now().toISOString() };
    const nightly = world.test.app.get(NightlyBackup);
    await Promise.all([nightly.run(slot), nightly.run(slot), nightly.run(slot)]);
    const after = await (await backupsHere()).list();
    expect(after).toEqual([...before, backupIdOf(clock.now())]);
  });
});

describe('a backup that cannot be written', () => {
  const alarms = () => logs.flatMap(({ errors }) => errors).filter(({ alarm }) => alarm === 'backup');

  it('A13 is an alarm, and the old ones stay', async () => {
    const before = await (await backupsHere()).list();
    await rename(join(folder, 'backups'), join(folder, 'away'));
    await writeFile(join(folder, 'backups'), 'no folder');
    clock.advance({ days: 1 });
    await expect(
      world.test.app.get(NightlyBackup).run({ slotAt: clock.now().toISOString() }),
    ).rejects.toThrow();
    expect(alarms()).toHaveLength(1);
    expect(alarms()[0]).toMatchObject({ level: 'error', msg: 'backup failed', alarm: 'backup' });
    await rm(join(folder, 'backups'));
    await rename(join(folder, 'away'), join(folder, 'backups'));
    expect(await (await backupsHere()).list()).toEqual(before);
  });

  it('A13 on a disk that is full leaves nothing of it behind, and no old one is deleted', async () => {
    class FullDisk extends DiskStorage {
      override async put(key: string, bytes: Uint8Array): Promise<void> {
        if (key.endsWith('manifest.json'))
          throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
        return super.put(key, bytes);
      }
    }
    const at = join(folder, 'full');
    const whole = new Backups(new DiskStorage(at), null);
    await whole.take('20200101T000000Z', tiny);
    const full = new Backups(new FullDisk(at), null);
    await expect(full.take('20260101T000000Z', tiny)).rejects.toThrow('no space left');
    expect(await readdir(join(at, 'backups'))).toEqual(['20200101T000000Z']);
    await expect(whole.verify('20200101T000000Z')).resolves.toBeDefined();
  });

  it('A13 is an alarm also when nobody tries: without a good one for 26 hours', async () => {
    const { app, db } = world.test;
    const watch = app.get(Watch);
    new NightlyBackup({ ...config(), role: 'worker' }, [], db, clock, watch);
    const look = async () => {
      for (let i = 0; i < 10; i++) await watch.look();
    };
    const before = alarms().length;
    clock.advance({ hours: 1 });
    await takeNightly();
    await look();
    clock.advance({ hours: 25, minutes: 59 });
    await look();
    expect(alarms()).toHaveLength(before);
    clock.advance({ minutes: 2 });
    await look();
    expect(alarms().slice(before)).toMatchObject([{ msg: 'the last good backup is too old', ageH: 26 }]);
    await takeNightly();
    await look();
    clock.advance({ hours: 27 });
    await look();
    expect(alarms().slice(before + 1)).toMatchObject([{ ageH: 27 }]);
  });

  it('A13 by a pg_dump that is missing, too old or fails, is one that says so', async () => {
    const bin = await mkdtemp(join(tmpdir(), 'withbowwow-bin-'));
    const own = SERVER_URL ? database.env : { DATABASE_URL: 'postgres://postgres@127.0.0.1:1/none' };
    const with_ = async (script: string | null) => {
      await rm(join(bin, 'pg_dump'), { force: true });
      if (script !== null) {
        await writeFile(join(bin, 'pg_dump'), `#!/bin/sh\n${script}\n`);
        await chmod(join(bin, 'pg_dump'), 0o755);
      }
      return command('backup', [], { ...own, PATH: bin, BACKUP_DIR: join(bin, 'to') });
    };
    try {
      const said = [
        await with_(null),
        await with_('echo "pg_dump (PostgreSQL) 9.6.1"'),
        await with_(
          '[ "$1" = --version ] && echo "pg_dump (PostgreSQL) 99.1" && exit; echo "pg_dump: error: no" >&2; exit 1',
        ),
      ];
      expect(said).toEqual(
        (SERVER_URL
          ? [
              /pg_dump \d+ or newer is needed .*there is none/,
              /needed .*this is .*9\.6\.1/,
              /ended with 1: pg_dump: error: no/,
            ]
          : [/ECONNREFUSED/, /ECONNREFUSED/, /ECONNREFUSED/]
        ).map((reason) => ({ code: 1, said: expect.stringMatching(reason) })),
      );
      await expect(readdir(join(bin, 'to', 'backups'))).resolves.toEqual([]);
    } finally {
      await rm(bin, { recursive: true });
    }
  });
});

it('A13 whoever stops reading a dump, as a disk that is full does, stops alone', async () => {
  const url = database.env.DATABASE_URL;
  if (!url) {
    const given = dumpSourceOf(
      config(),
      world.test.db,
    )(async (open) => {
      for await (const _ of (await open()).bytes) throw new Error('full');
    });
    return expect(given).rejects.toThrow('full');
  }
  const script = `import { serverDump } from './dist/src/platform/backup/dump.js';
    const full = async (open) => { for await (const _ of (await open()).bytes) throw new Error('full'); };
    await serverDump(process.argv[1])(full).catch(({ message }) => console.log(message));`;
  const args = ['--no-warnings', '--input-type=module', '-e', script, url];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout).toBe('full\n');
}, 30_000);

it('A13 is restored into a database that a PostGIS image has set up, or leaves it as it is', async () => {
  const at = join(folder, 'image');
  const name = SERVER_URL ? `withbowwow_test_${randomUUID().replaceAll('-', '')}` : 'postgres';
  const own = await ownDatabase();
  const into: Record<string, string> = SERVER_URL
    ? { ...own.env, DATABASE_URL: databaseUrl(SERVER_URL, name) }
    : { DATA_DIR: join(at, 'data') };
  const isEmpty = async () =>
    SERVER_URL
      ? (await onAdminConnection(into.DATABASE_URL!, "select 1 from pg_tables where tablename = 'users'"))
          .rowCount === 0
      : (await readdir(join(at, 'data', 'postgres'))).length === 0;
  try {
    if (SERVER_URL) {
      // What the image does with the database that it makes, before the migrations come.
      const extensions = ['postgis', 'postgis_topology', 'fuzzystrmatch', 'postgis_tiger_geocoder'];
      await onAdminConnection(SERVER_URL, `create database ${name} template template0`);
      for (const url of [own.env.DATABASE_URL!, into.DATABASE_URL!])
        for (const extension of extensions)
          await onAdminConnection(url, `create extension if not exists ${extension}`);
    } else await mkdir(join(at, 'data', 'postgres'), { recursive: true });
    expect(await command('backup', [], { ...own.env, BACKUP_DIR: at })).toMatchObject({ code: 0 });
    const [id] = await readdir(join(at, 'backups'));
    const inside = (file: string) => join(at, 'backups', id!, file);
    const original = await readFile(inside('manifest.json'), 'utf8');
    const write = async (manifest: string) => {
      const sums = await readFile(inside('SHA256SUMS'), 'utf8');
      const sum = createHash('sha256').update(manifest).digest('hex');
      await writeFile(inside('SHA256SUMS'), sums.replace(/^\w+(?= {2}manifest)/m, sum));
      await writeFile(inside('manifest.json'), manifest);
    };
    await write(original.replace('"public.users": 0', '"public.users": 1'));
    const refused = await command('restore', ['latest'], { ...into, BACKUP_DIR: at });
    expect(refused).toMatchObject({ code: 1, said: expect.stringContaining('differs from the manifest') });
    expect(await isEmpty()).toBe(true);
    await write(original);
    expect(await command('restore', ['latest'], { ...into, BACKUP_DIR: at })).toMatchObject({
      code: 0,
      said: expect.not.stringContaining('What was there'),
    });
    expect(await isEmpty()).toBe(false);
    if (SERVER_URL) {
      const like = `select datname from pg_database where datname like '${name}%'`;
      expect((await onAdminConnection(SERVER_URL, like)).rows).toEqual([{ datname: name }]);
    }
  } finally {
    await own.remove();
    if (SERVER_URL) await onAdminConnection(SERVER_URL, `drop database if exists ${name} with (force)`);
  }
}, 120_000);

it('gives the tools of PostgreSQL only what they know of an address', () => {
  const given = (query: string) =>
    connectionOf(`postgres://bori:of-the-address@db.example:5433/app?${query}`);
  const address = 'postgres://bori@db.example:5433/app';
  expect(given('connection_limit=5&schema=public&uselibpqcompat=true').dbname).toBe(address);
  for (const [query, sslmode] of [
    ['ssl=true', 'require'],
    ['ssl=1', 'require'],
    ['ssl=0', 'disable'],
    ['sslmode=no-verify', 'require'],
    ['ssl=true&sslmode=verify-full', 'verify-full'],
  ] as const)
    expect(given(query).dbname).toBe(`${address}?sslmode=${sslmode}`);
  expect(given('application_name=a+b%26c&sslrootcert=/etc/ca.pem').dbname).toBe(
    `${address}?application_name=a%20b%26c&sslrootcert=%2Fetc%2Fca.pem`,
  );
  expect(given('').env.PGPASSWORD).toBe('of-the-address');
  const { dbname, env } = given('password=of%2Bthe+query&options=-c%20search_path%3Dx');
  expect(dbname).toBe(address);
  expect(env.PGPASSWORD).toBe('of+the query');
  expect(env.PGOPTIONS).toMatch(/^-c search_path=x -c statement_timeout=0 /);
});

it('no password of the database is an argument of a process that others see', async () => {
  const bin = await mkdtemp(join(tmpdir(), 'withbowwow-bin-'));
  const password = 'correct-horse-battery';
  try {
    await writeFile(
      join(bin, 'pg_dump'),
      `#!/bin/sh\necho "$@" >> ${bin}/arguments\nenv > ${bin}/environment\nPATH=$(echo "$PATH" | cut -d: -f2-) exec pg_dump "$@"\n`,
    );
    await chmod(join(bin, 'pg_dump'), 0o755);
    const url = new URL(database.env.DATABASE_URL ?? 'postgres://postgres@127.0.0.1:1/none');
    url.searchParams.set('password', password);
    url.searchParams.set('ssl', '0');
    const { code, said } = await command('backup', [], {
      ...{ DATABASE_URL: url.toString(), BACKUP_DIR: join(bin, 'to'), ENCRYPTION_KEY: 'k'.repeat(40) },
      PATH: `${bin}${delimiter}${process.env.PATH}`,
    });
    expect(said).not.toContain(password);
    expect(code).toBe(SERVER_URL ? 0 : 1);
    if (SERVER_URL) {
      expect(await readFile(join(bin, 'arguments'), 'utf8')).not.toContain(password);
      const environment = await readFile(join(bin, 'environment'), 'utf8');
      expect(environment).toContain(`PGPASSWORD=${password}`);
      expect(environment).not.toContain('ENCRYPTION_KEY');
    }
  } finally {
    await rm(bin, { recursive: true });
  }
});

it('A13 backups are kept for 30 days, and the last three however old; unfinished ones for a day', async () => {
  const at = join(folder, 'kept');
  const backups = new Backups(new DiskStorage(at), null);
  const startMs = Date.parse('2026-01-01T17:00:00Z');
  const idOf = (day: number) => backupIdOf(new Date(startMs + day * DAY_MS));
  for (let day = 0; day < 35; day++) {
    await backups.take(idOf(day), tiny);
    await backups.prune(new Date(startMs + day * DAY_MS), tiny);
  }
  expect(await backups.list()).toEqual(Array.from({ length: 31 }, (_, i) => idOf(i + 4)));
  await mkdir(join(at, 'backups', idOf(35)));
  await writeFile(join(at, 'backups', idOf(35), '00000.part'), 'begun');
  await backups.prune(new Date(startMs + 35 * DAY_MS), tiny);
  expect(await readdir(join(at, 'backups'))).toContain(idOf(35));
  await backups.prune(new Date(startMs + 400 * DAY_MS), tiny);
  expect(await readdir(join(at, 'backups'))).toEqual([idOf(32), idOf(33), idOf(34)]);
  expect(backupTimeOf(idOf(34)).getTime()).toBe(startMs + 34 * DAY_MS);
});

it('A13 photos on the disk are kept once, as long as a backup names them', async () => {
  const app = new DiskStorage(join(folder, 'app'));
  const at = new DiskStorage(join(folder, 'with-files'));
  const backups = new Backups(at, { storage: app, folders: ['photos/'] });
  const kept = async () => {
    const keys: string[] = [];
    for await (const { key } of at.list('backup-files/')) keys.push(key);
    return keys;
  };
  await app.put('photos/a/320.webp', randomBytes(500));
  await app.put('photos/b/320.webp', randomBytes(600));
  await backups.take('20260101T170000Z', tiny);
  await app.delete('photos/b/');
  for (const id of ['20260102T170000Z', '20260103T170000Z', '20260104T170000Z']) await backups.take(id, tiny);
  await backups.prune(new Date('2026-01-05T00:00:00Z'), tiny);
  expect(await kept()).toEqual(['backup-files/photos/a/320.webp', 'backup-files/photos/b/320.webp']);
  await backups.prune(new Date('2026-02-01T00:00:00Z'), tiny);
  expect(await kept()).toEqual(['backup-files/photos/a/320.webp']);

  const manifest = await backups.verify('20260104T170000Z');
  await app.delete('photos/');
  await at.put('backup-files/photos/a/320.webp', randomBytes(500));
  const damaged = '1 file(s) are missing or damaged: photos/a/320.webp';
  await expect(backups.restoreFiles(manifest)).rejects.toThrow(damaged);
  await expect(backups.verify('20260104T170000Z')).rejects.toThrow(damaged);
  await expect(backups.verifyDump('20260104T170000Z')).resolves.toEqual(manifest);
  expect(await app.head('photos/a/320.webp')).toBeNull();
});

it('A13 nothing is deleted while another process takes a backup', async () => {
  const source = dumpSourceOf(config(), world.test.db);
  const files = { storage: new DiskStorage(join(folder, 'app')), folders: ['photos/'] };
  await files.storage.put('photos/new/320.webp', randomBytes(700));
  const old = ['20260101T170000Z', '20260102T170000Z', '20260103T170000Z', '20260104T170000Z'];
  let pruning: Promise<string[]> | undefined;
  class Meanwhile extends DiskStorage {
    /** The photos are copied by then, and no backup that counts names them. */
    override async put(key: string, bytes: Uint8Array): Promise<void> {
      if (key.endsWith('manifest.json')) {
        let ask = (): void => {};
        const asked = new Promise<void>((resolve) => (ask = resolve));
        const waiting: DumpSource = (work) => {
          ask();
          return source(work);
        };
        pruning = new Backups(new DiskStorage(at), files).prune(new Date('2026-03-01T00:00:00Z'), waiting);
        await Promise.race([asked, pruning]);
      }
      return super.put(key, bytes);
    }
  }
  const at = join(folder, 'meanwhile');
  for (const id of old) await new Backups(new DiskStorage(at), null).take(id, tiny);
  const backups = new Backups(new Meanwhile(at), files);
  await backups.take('20260228T170000Z', source);
  expect(await pruning).toEqual(old.slice(0, 2));
  await expect(backups.verify('20260228T170000Z')).resolves.toMatchObject({
    files: [{ key: 'photos/new/320.webp' }],
  });
});

it('A13 lies in the bucket where there is one, below a prefix of its own', async () => {
  const inBucket = await openBackups(config({ ...s3.env, BACKUP_DIR: '' }), ['photos/']);
  const id = '20260101T170000Z';
  s3.fault({ path: '/', method: 'PUT', times: 1 }, { status: 503 });
  const taken = await inBucket.take(id, dumpSourceOf(config(), world.test.db));
  expect(taken).toMatchObject({ id, files: [] });
  expect([...s3.objects.keys()].sort()).toEqual(
    ['00000.part', 'SHA256SUMS', 'manifest.json'].map((name) => `backups/${id}/${name}`),
  );
  expect(await inBucket.verify(id)).toEqual(taken);
  s3.objects.get(`backups/${id}/00000.part`)!.bytes[1_000]! ^= 4;
  await expect(inBucket.verify(id)).rejects.toThrow('is damaged');

  s3.fault({ path: '/', method: 'PUT' }, { status: 503 });
  await expect(inBucket.take('20260102T170000Z', tiny)).rejects.toThrow();
  s3.clearFaults();
  expect(await inBucket.list()).toEqual([id]);
});
