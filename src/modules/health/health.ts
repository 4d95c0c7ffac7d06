import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Cache } from '../../platform/cache/cache.js';
import { Database } from '../../platform/database/database.js';
import { Ending } from '../../platform/ending.js';
import { serviceUnavailable } from '../../platform/http/problem.js';
import { Storage } from '../../platform/storage/storage.js';
import { within } from '../../platform/within.js';

const part = z.enum(['ok', 'down']);
export const readiness = z
  .object({ status: z.enum(['ok', 'degraded']), database: z.literal('ok'), cache: part, storage: part })
  .meta({ id: 'Readiness' });

/** Load balancers wait a few seconds for the answer, and ask often. */
const PATIENCE_MS = 2_000;
const STORAGE_REMEMBERED_MS = 5_000;

@Injectable()
export class Health {
  private storageSeen: { atMs: number; state: Promise<z.output<typeof part>> } | null = null;

  constructor(
    private readonly db: Database,
    private readonly cache: Cache,
    private readonly storage: Storage,
    private readonly ending: Ending,
  ) {}

  /** The queue is in the database. @throws service-unavailable when that is away or the process is stopping */
  async check(): Promise<z.input<typeof readiness>> {
    if (this.ending.hasBegun) throw serviceUnavailable();
    const [database, cache, storage] = await Promise.all([
      stateOf(this.db.ping()),
      stateOf(this.cache.ping()),
      this.storageState(),
    ]);
    if (database === 'down') throw serviceUnavailable({ headers: { 'retry-after': '2' } });
    const status = cache === 'ok' && storage === 'ok' ? 'ok' : 'degraded';
    return { status, database, cache, storage };
  }

  /** A bucket is paid for by the question. */
  private storageState(): Promise<z.output<typeof part>> {
    const nowMs = performance.now();
    if (!this.storageSeen || nowMs - this.storageSeen.atMs >= STORAGE_REMEMBERED_MS)
      this.storageSeen = { atMs: nowMs, state: stateOf(this.storage.ping()) };
    return this.storageSeen.state;
  }
}

async function stateOf(asked: Promise<unknown>): Promise<z.output<typeof part>> {
  return within(asked, PATIENCE_MS).then(
    () => 'ok',
    () => 'down',
  );
}
