import { setTimeout as sleep } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { ProviderError, type ProviderFault } from '../../platform/outbound/provider-error.js';
import { isDue, type Part, PARTS } from './base-time-rules.js';
import type { Cell } from './grid-rules.js';
import { Kma } from './kma.js';
import { REST_S } from './weather.errors.js';
import { type CellRow, findCell, leaseCell, releaseCell, storePart, touchCell } from './weather.queries.js';

/** Longer than the three slots of a part may take; whoever crashed is followed by somebody else then. */
const LEASE_MS = 20_000;
const TOUCHED_EVERY_MS = 10 * 60_000;
/** Cells that somebody asked for within this time are kept fresh. */
export const ACTIVE_MS = 3 * 3_600_000;
/** What KMA has nothing of it has nothing of for a while. */
const NOTHING_REST_MS = 10 * 60_000;
const POLL_MS = 100;
const POLLS = 25;

export const EMPTY_CELL = {
  ...{ nowcast: null, soon: null, days: null },
  ...{ nowcastFetchedAt: null, soonFetchedAt: null, daysFetchedAt: null },
  ...{ leasedUntil: null, failedAt: null, failure: null },
};

/** What of a cell there may be something newer of. */
export const duePartsOf = (row: CellRow, now: Date): Part[] =>
  PARTS.filter((part) => {
    const baseAt = row[part]?.baseAt;
    return isDue(part, baseAt ? new Date(baseAt) : null, row[`${part}FetchedAt`], now);
  });

export const isActive = ({ askedAt }: CellRow, now: Date): boolean =>
  now.getTime() - askedAt.getTime() < ACTIVE_MS;

/** The cells of KMA's grid, as far as somebody asked for them. */
@Injectable()
export class Cells implements BeforeApplicationShutdown {
  /** When KMA did not answer last; long ago when it has answered since. */
  failedAtMs = -Infinity;
  private readonly running = new Map<string, Promise<ProviderFault | null>>();

  constructor(
    private readonly db: Database,
    private readonly kma: Kma,
    private readonly clock: Clock,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    await this.settled();
  }

  /** What is being fetched behind the answers has come, or failed. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.running.values());
  }

  find(cell: Cell): Promise<CellRow | undefined> {
    return findCell(this.db, cell);
  }

  /** Keeps a cell among those that are refreshed; written down now and then. @returns whether it was now */
  async touch(cell: Cell, lastAskedAt: Date | undefined): Promise<boolean> {
    const now = this.clock.now();
    const before = new Date(now.getTime() - TOUCHED_EVERY_MS);
    return (!lastAskedAt || lastAskedAt <= before) && touchCell(this.db, cell, { now, before });
  }

  /**
   * Fetches what is due, once at a time in all processes; who comes second waits for the first.
   * @param limit how many calls of the day there may have been
   * @returns what went wrong, null when nothing did
   */
  refresh(cell: Cell, limit: number): Promise<ProviderFault | null> {
    const key = `${cell.nx} ${cell.ny}`;
    let refreshing = this.running.get(key);
    if (!refreshing) {
      refreshing = this.refreshOnce(cell, limit).finally(() => this.running.delete(key));
      this.running.set(key, refreshing);
    }
    return refreshing;
  }

  private async refreshOnce(cell: Cell, limit: number): Promise<ProviderFault | null> {
    const now = this.clock.now();
    const row = await leaseCell(this.db, cell, {
      now,
      until: new Date(now.getTime() + LEASE_MS),
      failedBefore: this.before(REST_S * 1_000),
      nothingBefore: this.before(NOTHING_REST_MS),
    });
    if (!row) return this.followOther(cell);
    const faults = await Promise.all(duePartsOf(row, now).map((part) => this.fetch(part, cell, limit)));
    const fault = faults.find((one) => one !== null) ?? null;
    await releaseCell(this.db, cell, fault && now, fault);
    return fault;
  }

  private async fetch(part: Part, cell: Cell, limit: number): Promise<ProviderFault | null> {
    try {
      const read = await this.kma.latest(part, cell, limit);
      this.failedAtMs = -Infinity;
      await storePart(this.db, cell, part, read, this.clock.now());
      return null;
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      if (error.fault === 'unavailable') this.failedAtMs = this.clock.nowMs();
      return error.fault;
    }
  }

  /** Another process is at it, or has just failed. */
  private async followOther(cell: Cell): Promise<ProviderFault | null> {
    for (let i = 0; i < POLLS; i++) {
      const row = await this.find(cell);
      const isLeased = row?.leasedUntil && row.leasedUntil > this.clock.now();
      if (!isLeased) return row?.failedAt ? (row.failure as ProviderFault) : null;
      await sleep(POLL_MS);
    }
    return 'unavailable';
  }

  private before(ms: number): Date {
    return new Date(this.clock.nowMs() - ms);
  }
}
