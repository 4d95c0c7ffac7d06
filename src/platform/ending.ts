import { setTimeout as passed } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Queue } from './queue/queue.js';

/** How long a load balancer that asks every few seconds may take to hear that this process is not ready. */
export const PAUSE_IN_PRODUCTION_MS = 5_000;
/** Hosts kill after 30 s. */
const LATEST_MS = 25_000;

/** The process is told to end, and says so while it still answers. */
@Injectable()
export class Ending {
  private isBegun = false;

  constructor(private readonly queue: Queue) {}

  get hasBegun(): boolean {
    return this.isBegun;
  }

  /** From now on others take the jobs, and readiness is 503. */
  begin(): void {
    this.isBegun = true;
    this.queue.rest();
  }
}

/**
 * Not ready first, with the port open for as long as balancers need to notice; then what is under way is finished, and
 * the process exits with 0, or with 1 when it could not end in time.
 */
export function endOnSignal(app: NestFastifyApplication, pauseMs: number): void {
  const log = new Logger('Ending');
  const end = async (): Promise<void> => {
    const ending = app.get(Ending);
    if (ending.hasBegun) return;
    ending.begin();
    setTimeout(() => process.exit(1), LATEST_MS);
    try {
      await passed(pauseMs);
      await app.close();
      process.exit(0);
    } catch (error) {
      log.error({ err: error }, 'not ended in order');
      process.exit(1);
    }
  };
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => void end());
}
