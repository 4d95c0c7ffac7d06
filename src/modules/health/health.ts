import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Cache } from '../../platform/cache/cache.js';
import { Database, statement } from '../../platform/database/database.js';
import { Ending } from '../../platform/ending.js';
import { serviceUnavailable } from '../../platform/http/problem.js';

export const readiness = z
  .object({ status: z.enum(['ok', 'degraded']), database: z.literal('ok'), cache: z.enum(['ok', 'down']) })
  .meta({ id: 'Readiness' });

const ping = statement<{ one: number }>('health_ping', 'select 1::int as one');

@Injectable()
export class Health {
  constructor(
    private readonly db: Database,
    private readonly cache: Cache,
    private readonly ending: Ending,
  ) {}

  /** @throws service-unavailable when the database is away or the process is stopping */
  async check(): Promise<z.input<typeof readiness>> {
    if (this.ending.hasBegun) throw serviceUnavailable();
    await this.db.rows(ping, []);
    const cache = await this.cache.ping().then(
      () => 'ok' as const,
      () => 'down' as const,
    );
    return { status: cache === 'ok' ? 'ok' : 'degraded', database: 'ok', cache };
  }
}
