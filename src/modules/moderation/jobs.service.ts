import { Injectable } from '@nestjs/common';
import type { Viewer } from '../../platform/auth/viewer.js';
import { Clock } from '../../platform/clock/clock.js';
import { Idempotency, type Once } from '../../platform/http/idempotency.js';
import { Schedule } from '../../platform/queue/schedule.js';
import { writeDown } from './audit.js';
import { jobNotFound } from './moderation.errors.js';
import type { JobRun } from './moderation.schemas.js';

/** The operator's hand on the schedule. */
@Injectable()
export class ScheduledJobs {
  constructor(
    private readonly schedule: Schedule,
    private readonly idempotency: Idempotency,
    private readonly clock: Clock,
  ) {}

  async list() {
    return { items: await this.schedule.overview() };
  }

  /** @throws job-not-found for what the schedule does not name */
  async run({ userId }: Viewer, name: string, once: Once | null): Promise<JobRun> {
    return this.idempotency.run(once, async (tx) => {
      const run = await this.schedule.runNow(tx, name);
      if (!run) throw jobNotFound();
      const target = { targetKind: 'job', targetId: run.jobId } as const;
      await writeDown(tx, {
        ...{ actorId: userId, action: 'run_job', ...target, reason: name, at: this.clock.now() },
      });
      return { name, ...run };
    });
  }
}
