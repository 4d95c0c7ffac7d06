import { Injectable, Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SchedulerRegistry } from '@nestjs/schedule';
import { CONFIG, type Config, loadConfig } from '../../src/config/config.js';
import { ClockModule } from '../../src/platform/clock/clock.module.js';
import { Database } from '../../src/platform/database/database.js';
import { openDatabase } from '../../src/platform/database/database.module.js';
import { defineFact, defineJob, definedJobs, Handles, Reacts } from '../../src/platform/queue/job.js';
import { Queue } from '../../src/platform/queue/queue.js';
import { QueueModule } from '../../src/platform/queue/queue.module.js';
import { Schedule, type ScheduleEntry, type Slot } from '../../src/platform/queue/schedule.js';
import { borrowedDatabase, type OwnDatabase, SERVER_URL } from '../support/lane.js';
import { TestClock } from '../support/test-clock.js';

interface Named {
  name: string;
}
/** Those of the program: other suites may have loaded it, and nobody handles them here. */
const ofTheProgram = new Map(definedJobs);
definedJobs.clear();

const greet = defineJob<Named>('spec.greet');
const wait = defineJob<Named>('spec.wait');
const play = defineJob<Named>('spec.play');
const queueUp = defineJob<Named>('spec.queue-up', { concurrency: 1 });
const hang = defineJob<Named>('spec.hang', { concurrency: 1, expireInS: 1 });
const nightly = defineJob<Slot>('spec.nightly');
const walked = defineFact<Named>('spec.walked');
const barked = defineFact<Named>('spec.barked');

@Injectable()
class Handlers {
  readonly ran: string[] = [];
  failing = new Set<string>();
  began = signal();
  mayEnd = signal();
  /** Those whose name begins so wait for `mayEnd`. */
  static readonly LONG = '오래';
  private next = () => {};

  @Handles(greet)
  greet({ name }: Named): Promise<void> {
    return this.run('greet', name);
  }

  @Handles(wait)
  async wait({ name }: Named): Promise<void> {
    this.began.give();
    await this.mayEnd.given;
    await this.run('wait', name);
  }

  @Handles(play)
  play({ name }: Named): Promise<void> {
    return this.runLong('play', name);
  }

  @Handles(queueUp)
  queueUp({ name }: Named): Promise<void> {
    return this.runLong('queue-up', name);
  }

  @Handles(hang)
  async hang({ name }: Named): Promise<void> {
    await this.run('hang', name);
    if (name === '끝없이') await new Promise(() => {});
  }

  @Handles(nightly)
  nightly({ slotAt }: Slot): Promise<void> {
    return this.run('nightly', slotAt);
  }

  @Reacts('badges', walked)
  awardBadges({ name }: Named): Promise<void> {
    return this.run('badges', name);
  }

  @Reacts('feed', walked, barked)
  fillFeed({ name }: Named): Promise<void> {
    return this.run('feed', name);
  }

  async untilRan(count: number): Promise<void> {
    while (this.ran.length < count) await new Promise<void>((resolve) => (this.next = resolve));
  }

  private async runLong(what: string, name: string): Promise<void> {
    await this.run(what, name);
    if (!name.startsWith(Handlers.LONG)) return;
    this.began.give();
    await this.mayEnd.given;
  }

  private run(what: string, name: string): Promise<void> {
    this.ran.push(`${what} ${name}`);
    this.next();
    return this.failing.has(what) ? Promise.reject(new Error(`${what} failed`)) : Promise.resolve();
  }
}

@Injectable()
class SecondGreeter {
  @Handles(greet)
  greetAgain(): Promise<void> {
    return Promise.resolve();
  }
}

const TICKS = SERVER_URL ? 1_000 : 100;
const clock = new TestClock();
let own: OwnDatabase;
let config: Config;
let db: Database;
let queue: Queue;
let handlers: Handlers;
let close: () => Promise<void>;

beforeAll(async () => {
  Logger.overrideLogger(false);
  own = await borrowedDatabase();
  config = loadConfig({ NODE_ENV: 'test', ROLE: 'web', ...own.env });
  db = await openDatabase(config);
  ({ queue, handlers, close } = await boot());
});
afterAll(async () => {
  definedJobs.clear();
  for (const [name, job] of ofTheProgram) definedJobs.set(name, job);
  await close();
  await db.close();
  await own.remove();
});
beforeEach(async () => {
  await db.prisma.$executeRaw`delete from pgboss.job`;
  await db.prisma.scheduleRun.deleteMany();
  handlers.ran.length = 0;
  handlers.failing.clear();
});

/** A process of the service: its own queue over the database that all share. */
async function boot({ role = 'web', more = [] as (new () => object)[] } = {}) {
  const module = {
    module: class {},
    global: true,
    imports: [ClockModule.with(clock), QueueModule],
    providers: [
      { provide: CONFIG, useValue: { ...config, role } },
      { provide: Database, useValue: db },
      Handlers,
      ...more,
    ],
    exports: [CONFIG, Database],
  };
  const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  const booted = app.get(Queue);
  return { queue: booted, handlers: app.get(Handlers), close: () => booted.stop().then(() => app.close()) };
}

const jobs = () =>
  db.prisma.$queryRaw<
    { name: string; state: string }[]
  >`select name, state::text as state from pgboss.job order by name, created_on`;
const states = async () => (await jobs()).map(({ name, state }) => `${name} ${state}`);
const makeDue = () => db.prisma.$executeRaw`update pgboss.job set start_after = now() where state = 'retry'`;

describe('a job', () => {
  it('commits with the transaction that enqueued it', async () => {
    await db.transaction(async (tx) => {
      await queue.enqueue(tx, greet, { name: '보리' });
      await tx.prisma.scheduleRun.create({ data: { name: 'with it', slotAt: clock.now() } });
    });
    expect(await states()).toEqual(['spec.greet created']);
    expect(await queue.drain()).toBe(1);
    expect(handlers.ran).toEqual(['greet 보리']);
    expect(await states()).toEqual(['spec.greet completed']);
    expect(await queue.drain()).toBe(0);
  });

  it('is gone with a transaction that rolled back', async () => {
    const failed = db.transaction(async (tx) => {
      await queue.enqueue(tx, greet, { name: '보리' });
      await queue.record(tx, walked, { name: '보리' });
      throw new Error('rolled back');
    });
    await expect(failed).rejects.toThrow('rolled back');
    expect(await states()).toEqual([]);
  });

  it('waits until it is due', async () => {
    await db.transaction((tx) =>
      queue.enqueue(tx, greet, { name: '내일' }, { runAt: new Date(Date.now() + 60_000) }),
    );
    expect(await queue.drain()).toBe(0);
    expect(await states()).toEqual(['spec.greet created']);
  });

  it('that fails is tried again later, and lets the others of its kind run', async () => {
    handlers.failing.add('greet');
    await db.transaction(async (tx) => {
      for (const name of ['보리', '초코', '콩이']) await queue.enqueue(tx, greet, { name });
    });
    await expect(queue.drain()).rejects.toThrow('greet failed');
    expect(handlers.ran.sort()).toEqual(['greet 보리', 'greet 초코', 'greet 콩이'].sort());
    expect(await states()).toEqual(Array(3).fill('spec.greet retry'));
    expect(await queue.drain()).toBe(0); // not at once

    handlers.failing.clear();
    await makeDue();
    expect(await queue.drain()).toBe(3);
    expect(await states()).toEqual(Array(3).fill('spec.greet completed'));
  });
});

describe('many jobs at once', () => {
  const names = Array.from({ length: 250 }, (_, i) => ({ name: `${i}` }));

  it('are all done, once', async () => {
    await db.transaction((tx) => queue.enqueueAll(tx, greet, names));
    expect(await queue.drain()).toBe(250);
    expect(new Set(handlers.ran).size).toBe(250);
    await db.transaction((tx) => queue.enqueueAll(tx, greet, []));
    expect(await queue.drain()).toBe(0);
  });

  it('are gone with a transaction that rolled back', async () => {
    const failed = db.transaction(async (tx) => {
      await queue.enqueueAll(tx, greet, names);
      throw new Error('rolled back');
    });
    await expect(failed).rejects.toThrow('rolled back');
    expect(await states()).toEqual([]);
  });
});

describe('what a subscriber has still to do', () => {
  const createdOn = async (name: string) =>
    (
      await db.prisma.$queryRaw<
        { at: Date }[]
      >`select min(created_on) as at from pgboss.job where name = ${name}`
    )[0]!.at;
  const isWaiting = (subscriber: string, name: string) => queue.isWaiting(db, subscriber, { name });
  const record = (fact: typeof walked, name: string) =>
    db.transaction((tx) => queue.record(tx, fact, { name }));

  it('is told by subscriber and data, until it is done or failed for good', async () => {
    await record(barked, '보리');
    expect(await isWaiting('feed', '보리')).toBe(true);
    expect(await isWaiting('feed', '초코')).toBe(false);
    expect(await isWaiting('badges', '보리')).toBe(false); // it does not listen to barking
    for (const other of ['fee_', '%', 'eed', '']) expect(await isWaiting(other, '보리')).toBe(false);
    handlers.failing.add('feed');
    await expect(queue.drain()).rejects.toThrow('feed failed');
    expect(await isWaiting('feed', '보리')).toBe(true); // in a later attempt
    await db.prisma.$executeRaw`update pgboss.job set state = 'failed'`;
    expect(await isWaiting('feed', '보리')).toBe(false);
  });

  it('and since when: the oldest of all its facts', async () => {
    expect(await queue.oldestWaiting(db, 'feed')).toBeNull();
    await record(walked, '보리');
    await record(barked, '초코');
    await db.prisma.$executeRaw`
      update pgboss.job set created_on = created_on - interval '1 hour' where name = 'spec.barked.feed'`;
    const [first, second] = [await createdOn('spec.barked.feed'), await createdOn('spec.walked.feed')];
    expect(await queue.oldestWaiting(db, 'feed')).toEqual(first);
    expect(await queue.oldestWaiting(db, 'badges')).toEqual(await createdOn('spec.walked.badges'));
    for (const state of ['retry', 'active', 'completed', 'failed', 'cancelled']) {
      await db.prisma.$executeRaw`
        update pgboss.job set state = ${state}::text::pgboss.job_state where name = 'spec.barked.feed'`;
      const isOver = !['retry', 'active'].includes(state);
      expect(await queue.oldestWaiting(db, 'feed')).toEqual(isOver ? second : first);
    }
    await queue.drain();
    expect(await queue.oldestWaiting(db, 'feed')).toBeNull();
    expect(await db.transaction((tx) => queue.oldestWaiting(tx, 'feed'))).toBeNull();
  });
});

describe('a fact', () => {
  it('reaches each subscriber once', async () => {
    await db.transaction(async (tx) => {
      await queue.record(tx, walked, { name: '보리' });
      await queue.record(tx, barked, { name: '초코' });
    });
    await queue.drain();
    expect(handlers.ran.sort()).toEqual(['badges 보리', 'feed 보리', 'feed 초코']);
  });

  it('is not told again to those who took it, when one of them fails', async () => {
    handlers.failing.add('feed');
    await db.transaction((tx) => queue.record(tx, walked, { name: '보리' }));
    await expect(queue.drain()).rejects.toThrow('feed failed');
    expect(await states()).toEqual(['spec.walked.badges completed', 'spec.walked.feed retry']);
    handlers.failing.clear();
    await makeDue();
    await queue.drain();
    expect(handlers.ran.sort()).toEqual(['badges 보리', 'feed 보리', 'feed 보리']);
  });

  it('without a subscriber is no job', async () => {
    await db.transaction((tx) => queue.record(tx, defineFact<Named>('spec.nobody-cares'), { name: '보리' }));
    expect(await states()).toEqual([]);
  });
});

describe('the process does not start', () => {
  it('with a job that nobody handles', async () => {
    const orphan = defineJob('spec.orphan');
    try {
      await expect(boot()).rejects.toThrow('Jobs without a handler: spec.orphan');
    } finally {
      definedJobs.delete(orphan.name);
    }
  });

  it('with a job that two handle', async () => {
    await expect(boot({ more: [SecondGreeter] })).rejects.toThrow('Job spec.greet has two handlers');
  });

  it('with a job that is defined twice', () => {
    expect(() => defineJob('spec.greet')).toThrow('defined twice');
  });
});

describe('a working process', () => {
  it('does what a web process enqueued, and lets a running job finish when it is stopped', async () => {
    const worker = await boot({ role: 'worker' });
    await db.transaction(async (tx) => {
      await queue.enqueue(tx, wait, { name: '보리' });
      await queue.enqueue(tx, greet, { name: '초코' });
    });
    await worker.handlers.began.given;
    let stopped = false;
    const stopping = worker.close().then(() => (stopped = true));
    await db.transaction((tx) => queue.enqueue(tx, greet, { name: '늦은' }));
    expect(stopped).toBe(false);
    expect(worker.handlers.ran).not.toContain('wait 보리');
    worker.handlers.mayEnd.give();
    await stopping;
    expect(worker.handlers.ran).toContain('wait 보리');
    expect((await states()).find((state) => state.startsWith('spec.wait'))).toBe('spec.wait completed');
    expect(handlers.ran).toEqual([]); // the web process does no job by itself
  });
});

describe('a worker', () => {
  const workers: Awaited<ReturnType<typeof boot>>[] = [];
  const work = async () => {
    const worker = await boot({ role: 'worker' });
    workers.push(worker);
    return worker;
  };
  afterEach(async () => {
    for (const worker of workers) worker.handlers.mayEnd.give();
    await Promise.all(workers.splice(0).map((worker) => worker.close()));
  });
  const enqueue = (job: typeof play, ...names: string[]) =>
    db.transaction((tx) =>
      queue.enqueueAll(
        tx,
        job,
        names.map((name) => ({ name })),
      ),
    );
  const numbers = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);
  const statesOf = async (job: typeof play) =>
    (await jobs()).filter(({ name }) => name === job.name).map(({ state }) => state);

  it('takes the next job at once, without waiting for a poll', async () => {
    await enqueue(queueUp, ...numbers(30));
    const startedMs = performance.now();
    const worker = await work();
    await worker.handlers.untilRan(30);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });

  it('runs no job that another one has', async () => {
    await enqueue(play, ...numbers(40));
    const both = await Promise.all([work(), work()]);
    const ran = () => both.flatMap(({ handlers }) => handlers.ran);
    while (ran().length < 40)
      await Promise.race(both.map((one) => one.handlers.untilRan(one.handlers.ran.length + 1)));
    await Promise.all(both.map(({ close }) => close()));
    expect(new Set(ran()).size).toBe(40);
    expect(ran()).toHaveLength(40);
    expect(new Set(await statesOf(play))).toEqual(new Set(['completed']));
  });

  it('lets one long job not delay the others of its kind', async () => {
    await enqueue(play, '오래');
    const { handlers, close } = await work();
    await handlers.began.given;
    await enqueue(play, ...numbers(5));
    await handlers.untilRan(6);
    handlers.mayEnd.give();
    await close();
    expect(await statesOf(play)).toEqual(Array(6).fill('completed'));
    expect(handlers.ran).toHaveLength(6);
  });

  it('takes no job before it has time for it: none expires behind another', async () => {
    await enqueue(play, ...numbers(5).map((name) => `${Handlers.LONG} ${name}`));
    const { handlers } = await work();
    await handlers.untilRan(2);
    await enqueue(queueUp, '다른 일');
    await handlers.untilRan(3); // a poll later
    expect((await statesOf(play)).sort()).toEqual(['active', 'active', 'created', 'created', 'created']);
    handlers.mayEnd.give();
    await handlers.untilRan(6);
    expect(new Set(handlers.ran).size).toBe(6);
  });

  it('begins no other job after it was told to stop', async () => {
    await enqueue(queueUp, '오래');
    const { handlers, close } = await work();
    await handlers.began.given;
    await enqueue(queueUp, ...numbers(3));
    const closing = close();
    handlers.mayEnd.give();
    await closing;
    expect(handlers.ran).toEqual(['queue-up 오래']);
    expect((await statesOf(queueUp)).sort()).toEqual(['completed', 'created', 'created', 'created']);
  });

  it('takes the urgent first', async () => {
    await enqueue(queueUp, '하나', '둘');
    await db.transaction((tx) => queue.enqueue(tx, queueUp, { name: '급함' }, { priority: 1 }));
    const { handlers } = await work();
    await handlers.untilRan(3);
    expect(handlers.ran[0]).toBe('queue-up 급함');
  });

  it('gives up a job that never ends, for a later attempt, and goes on', async () => {
    await enqueue(hang, '끝없이');
    const { handlers, close } = await work();
    await handlers.untilRan(1);
    await enqueue(hang, '다음');
    await handlers.untilRan(2);
    await close();
    expect(handlers.ran).toEqual(['hang 끝없이', 'hang 다음']);
    expect((await statesOf(hang)).sort()).toEqual(['completed', 'retry']);
  });

  it('survives a job that fails, and says so once', async () => {
    const { handlers, close } = await work();
    const told: unknown[] = [];
    Logger.overrideLogger({ log: () => {}, warn: () => {}, error: (line: unknown) => told.push(line) });
    try {
      handlers.failing.add('play');
      await enqueue(play, '보리');
      await handlers.untilRan(1);
      handlers.failing.clear();
      await enqueue(play, '초코');
      await handlers.untilRan(2);
      await close();
    } finally {
      Logger.overrideLogger(false);
    }
    expect((await statesOf(play)).sort()).toEqual(['completed', 'retry']);
    expect(told).toEqual([{ err: new Error('play failed'), job: 'spec.play', data: { name: '보리' } }]);
  });

  it('survives a database that is away', async () => {
    const { handlers } = await work();
    const failed = signal();
    Logger.overrideLogger({
      log: () => {},
      warn: () => {},
      error: (_line: object, message: string) => message === 'jobs not looked for' && failed.give(),
    });
    try {
      await db.prisma.$executeRaw`alter schema pgboss rename to pgboss_away`;
      await failed.given;
    } finally {
      await db.prisma.$executeRaw`alter schema pgboss_away rename to pgboss`;
      Logger.overrideLogger(false);
    }
    await enqueue(play, '다시');
    await handlers.untilRan(1);
    expect(handlers.ran).toEqual(['play 다시']);
  });
});

describe('the schedule', () => {
  const entry: ScheduleEntry = { job: nightly, cron: '0 4 * * *' };
  const process = (role: Config['role'] = 'worker') =>
    new Schedule([entry], { ...config, role }, new SchedulerRegistry(), db, queue, clock);
  const slots = async () => {
    await queue.drain();
    return handlers.ran.splice(0);
  };

  it('enqueues a slot once, however many processes tick', async () => {
    clock.set('2026-11-20T19:00:00.000Z'); // 04:00 in Korea
    const [a, b] = [process(), process()];
    const firsts = await Promise.all([
      a.enqueueDueSlot(entry),
      b.enqueueDueSlot(entry),
      a.enqueueDueSlot(entry),
      b.enqueueDueSlot(entry),
    ]);
    expect(firsts.filter(Boolean)).toHaveLength(1);
    expect(await slots()).toEqual(['nightly 2026-11-20T19:00:00.000Z']);
    clock.set('2026-11-21T18:59:59.999Z');
    expect(await process().enqueueDueSlot(entry)).toBe(false);
    clock.set('2026-11-21T19:00:00.000Z');
    expect(await a.enqueueDueSlot(entry)).toBe(true);
    expect(await slots()).toEqual(['nightly 2026-11-21T19:00:00.000Z']);
  });

  it('makes up the latest slot that was missed, once', async () => {
    clock.set('2026-11-20T19:00:00.000Z');
    const before = process();
    await before.onApplicationBootstrap();
    before.onApplicationShutdown();
    expect(await slots()).toEqual(['nightly 2026-11-20T19:00:00.000Z']);

    clock.set('2026-11-25T01:30:00.000Z'); // down for four nights
    const [after, another] = [process(), process()];
    await Promise.all([after.onApplicationBootstrap(), another.onApplicationBootstrap()]);
    after.onApplicationShutdown();
    another.onApplicationShutdown();
    expect(await slots()).toEqual(['nightly 2026-11-24T19:00:00.000Z']);
  });

  it('survives a database that fails, and makes the slot up with the next tick', async () => {
    clock.set('2026-12-01T19:00:00.000Z');
    const registry = new SchedulerRegistry();
    const schedule = new Schedule([entry], { ...config, role: 'worker' }, registry, db, queue, clock);
    await db.prisma.$executeRaw`alter table schedule_runs rename to schedule_runs_away`;
    await schedule.onApplicationBootstrap();
    await db.prisma.$executeRaw`alter table schedule_runs_away rename to schedule_runs`;
    expect(await slots()).toEqual([]);
    for (const tick of registry.getCronJobs().values()) await tick.fireOnTick();
    while ((await db.prisma.scheduleRun.count()) === 0);
    schedule.onApplicationShutdown();
    expect(await slots()).toEqual(['nightly 2026-12-01T19:00:00.000Z']);
  });

  it('A10 each slot of a moved clock is run once by three processes, whichever of them dies after it', async () => {
    const hourly: ScheduleEntry = { job: nightly, cron: '0 * * * *' };
    const startMs = Date.parse('2027-01-31T15:00:00.000Z');
    const seen: string[] = [];
    let leaders = [process(), process(), process()];
    for (let tick = 0; tick < TICKS; tick++) {
      clock.set(startMs + tick * 3_600_000);
      await Promise.all(leaders.map((one) => one.enqueueDueSlot(hourly)));
      // Another one comes in its place, and knows nothing of what it did.
      leaders = [...leaders.slice(1), process()];
      // Its worker died in the middle of a job: begun again by another one.
      if (tick % 7 === 0)
        await db.prisma.$executeRaw`update pgboss.job set state = 'retry' where state = 'created'`;
      seen.push(...(await slots()));
    }
    const expected = Array.from(
      { length: TICKS },
      (_, tick) => `nightly ${new Date(startMs + tick * 3_600_000).toISOString()}`,
    );
    expect(seen).toEqual(expected);
    clock.set(startMs + (TICKS - 3) * 3_600_000); // two hours back
    await Promise.all(leaders.map((one) => one.enqueueDueSlot(hourly)));
    expect(await slots()).toEqual([]);
  });

  it('is not kept by a web process', async () => {
    clock.set('2026-12-10T19:00:00.000Z');
    await process('web').onApplicationBootstrap();
    expect(await slots()).toEqual([]);
  });
});

function signal(): { given: Promise<void>; give: () => void } {
  let give = (): void => {};
  const given = new Promise<void>((resolve) => (give = resolve));
  return { given, give };
}
