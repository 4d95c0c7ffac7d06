import { setTimeout as passed } from 'node:timers/promises';
import { type INestApplicationContext, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Cache } from './cache/cache.js';
import { Database } from './database/database.js';
import { Alerts } from './observability/alerts.js';
import { ErrorReports } from './observability/error-reports.js';
import { Queue } from './queue/queue.js';

/** How long a load balancer that asks every few seconds may take to hear that this process is not ready. */
export const PAUSE_IN_PRODUCTION_MS = 5_000;
/** Hosts kill after 30 s. */
const LATEST_MS = 25_000;

/** The process is to end: it says so while it still answers, and then closes what it stands on. */
@Injectable()
export class Ending implements OnApplicationShutdown {
  private isBegun = false;

  constructor(
    private readonly queue: Queue,
    private readonly cache: Cache,
    private readonly db: Database,
    private readonly alerts: Alerts,
    private readonly reports: ErrorReports,
  ) {}

  get hasBegun(): boolean {
    return this.isBegun;
  }

  /** From now on others take the jobs, and readiness is 503. */
  begin(): void {
    this.isBegun = true;
    this.queue.rest();
  }

  /** By now the server has answered its last request: let jobs finish first. */
  async onApplicationShutdown(): Promise<void> {
    await this.queue.stop();
    await Promise.all([this.alerts.stop(), this.reports.stop()]);
    await this.cache.close();
    await this.db.close();
  }
}

/**
 * What is under way is finished, and the process exits: with 1 when it was told so once, or could not end in time.
 * A second call only changes the code.
 */
export async function end(app: INestApplicationContext, code: 0 | 1, pauseMs = 0): Promise<void> {
  if (code === 1) process.exitCode = 1;
  const ending = app.get(Ending);
  if (ending.hasBegun) return;
  ending.begin();
  setTimeout(() => process.exit(1), LATEST_MS);
  try {
    await passed(pauseMs);
    await app.close();
    process.exit();
  } catch (error) {
    new Logger(Ending.name).error({ err: error }, 'not ended in order');
    process.exit(1);
  }
}

/** Not ready first, with the port open for as long as balancers need to notice. */
export function endOnSignal(app: INestApplicationContext, pauseMs: number): void {
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => void end(app, 0, pauseMs));
}
