import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Cache } from './cache/cache.js';
import { Database } from './database/database.js';
import { Alerts } from './observability/alerts.js';
import { ErrorReports } from './observability/error-reports.js';
import { Queue } from './queue/queue.js';

/** By now the server has answered its last request: let jobs finish, then close what they stand on. */
@Injectable()
export class Shutdown implements OnApplicationShutdown {
  constructor(
    private readonly queue: Queue,
    private readonly cache: Cache,
    private readonly db: Database,
    private readonly alerts: Alerts,
    private readonly reports: ErrorReports,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.queue.stop();
    await Promise.all([this.alerts.stop(), this.reports.stop()]);
    await this.cache.close();
    await this.db.close();
  }
}
