import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type DynamicModule, Inject, Injectable, Logger } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { Clock } from '../clock/clock.js';
import { Database, statement } from '../database/database.js';
import { type Finding, Watch } from '../observability/watch.js';
import { HttpClient } from '../outbound/http-client.js';
import { defineJob, Handles } from '../queue/job.js';
import type { Slot } from '../queue/schedule.js';
import { DiskStorage } from '../storage/disk-storage.js';
import { S3Storage } from '../storage/s3-storage.js';
import { Backups } from './backups.js';
import { type DumpSource, embeddedDump, serverDump } from './dump.js';
import { backupIdOf, backupTimeOf } from './manifest.js';

/** Every night. One that takes longer goes on: the next try waits for it, and finds it done. */
export const takeBackup = defineJob<Slot>('backup.take', {
  expireInS: 3_600,
  concurrency: 1,
  retryLimit: 5,
  retryDelay: 60,
});

/** A piece is bigger than what the app sends otherwise. */
const TIMEOUT_MS = 60_000;

/**
 * In BACKUP_DIR; without it in the bucket, or else in the data folder. Files are backed up where they lie on a disk.
 * @param fileFolders as in `photos/`
 */
export async function openBackups(
  { backupDir, dataDir, r2 }: Config,
  fileFolders: readonly string[],
): Promise<Backups> {
  const files = r2 ? null : { storage: new DiskStorage(resolve(dataDir, 'files')), folders: fileFolders };
  // A client of its own: a backup that fails does not open the circuit breaker of the app's files.
  if (r2 && !backupDir)
    return new Backups(new S3Storage({ ...r2, timeoutMs: TIMEOUT_MS }, new HttpClient()), files);
  const folder = resolve(backupDir ?? dataDir);
  await mkdir(join(folder, 'backups'), { recursive: true, mode: 0o700 });
  return new Backups(new DiskStorage(folder), files);
}

export const dumpSourceOf = ({ database }: Config, db: Database | null): DumpSource =>
  database.url ? serverDump(database.url) : embeddedDump(db!);

/** One each night, with two hours to be taken in. */
const MAX_AGE_MS = 26 * 3_600_000;
/** Five minutes, for the one that is made up after a night without a process. */
const MISSES = 10;

/** The first backup is waited for from then on. */
const installed = statement<{ at: Date }>(
  'backup_installed',
  'select min(finished_at) as at from _prisma_migrations having min(finished_at) is not null',
);

const FILE_FOLDERS = Symbol('FILE_FOLDERS');

@Injectable()
export class NightlyBackup {
  private readonly log = new Logger(NightlyBackup.name);
  /** By what was seen last, there is a good one of less than 26 hours until then. */
  private goodUntilMs = 0;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(FILE_FOLDERS) private readonly fileFolders: readonly string[],
    private readonly db: Database,
    private readonly clock: Clock,
    watch: Watch,
  ) {
    // A process that takes none may not see where they are.
    if (config.role !== 'web')
      watch.add({
        ...{ alarm: 'backup', sentence: 'the last good backup is too old', misses: MISSES },
        look: () => this.lookAtAge(),
      });
  }

  /** @throws Error after the alarm: it is tried again */
  @Handles(takeBackup)
  async run({ slotAt }: Slot): Promise<void> {
    const startedMs = performance.now();
    try {
      const backups = await openBackups(this.config, this.fileFolders);
      const source = dumpSourceOf(this.config, this.db);
      const taken = await backups.take(backupIdOf(new Date(slotAt)), source);
      const deleted = await backups.prune(this.clock.now(), source);
      if (!taken) return;
      const { id, sizeBytes, files } = taken;
      const tookMs = Math.round(performance.now() - startedMs);
      this.log.log({ id, sizeBytes, files: files.length, tookMs, deleted: deleted.length }, 'backup taken');
    } catch (error) {
      this.log.error({ alarm: 'backup', err: error, slotAt }, 'backup failed');
      throw error;
    }
  }

  private async lookAtAge(): Promise<Finding> {
    const nowMs = this.clock.nowMs();
    if (nowMs <= this.goodUntilMs) return null;
    const newest = (await (await openBackups(this.config, this.fileFolders)).list()).at(-1);
    const since = newest ? backupTimeOf(newest) : (await this.db.rows(installed, []))[0]!.at;
    this.goodUntilMs = since.getTime() + MAX_AGE_MS;
    if (nowMs <= this.goodUntilMs) return null;
    return { newest: newest ?? 'none', ageH: Math.round((nowMs - since.getTime()) / 3_600_000) };
  }
}

export class BackupModule {
  /** @param fileFolders what of the app's storage is backed up, when it is on a disk */
  static keeping(...fileFolders: string[]): DynamicModule {
    return {
      module: BackupModule,
      providers: [NightlyBackup, { provide: FILE_FOLDERS, useValue: fileFolders }],
    };
  }
}
