import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { Handles, Reacts } from '../../platform/queue/job.js';
import { FileDeletions } from '../../platform/storage/file-deletions.js';
import { isDraft, Storage } from '../../platform/storage/storage.js';
import { type PetFact, petRemoved } from '../pets/index.js';
import { walkChanged, type WalkFact } from '../walks/index.js';
import { PHOTOS, UPLOADS } from './photo-files.js';
import { deleteOrphanFiles, forgetUploads } from './photos.jobs.js';
import { foldersInUse } from './photos.queries.js';
import { Photos } from './photos.service.js';

const HOUR_MS = 3_600_000;
/** Some time for a completion that comes late. */
const INTENT_KEPT_MS = HOUR_MS;
const DRAFT_AGE_MS = 24 * HOUR_MS;
/** How old files without a row are by then: longer than it takes until the row comes, which is after them. */
const ORPHAN_AGES_MS = { [PHOTOS]: 24 * HOUR_MS, [UPLOADS]: 2 * HOUR_MS, 'cards/': 24 * HOUR_MS };
const BATCH = 100;

@Injectable()
export class PhotoJobs {
  constructor(
    private readonly db: Database,
    private readonly storage: Storage,
    private readonly deletions: FileDeletions,
    private readonly photos: Photos,
    private readonly clock: Clock,
  ) {}

  @Handles(forgetUploads)
  async forgetUploads(): Promise<void> {
    await this.db.transaction(async (tx) => {
      const { count } = await tx.prisma.uploadIntent.deleteMany({
        where: { expiresAt: { lt: this.before(INTENT_KEPT_MS) } },
      });
      if (count > 0) await this.deletions.soon(tx);
    });
  }

  @Handles(deleteOrphanFiles)
  async deleteOrphanFiles(): Promise<void> {
    for (const [place, ageMs] of Object.entries(ORPHAN_AGES_MS)) {
      let folders = new Set<string>();
      for await (const { key, modifiedAt } of this.storage.list(place)) {
        if (isDraft(key) && modifiedAt < this.before(DRAFT_AGE_MS)) await this.storage.delete(key);
        if (modifiedAt >= this.before(ageMs)) continue;
        folders.add(key.split('/', 2).join('/'));
        if (folders.size < BATCH) continue;
        await this.deleteUnused([...folders]);
        folders = new Set();
      }
      await this.deleteUnused([...folders]);
    }
  }

  @Reacts('photos', walkChanged)
  async deleteOfDeletedWalk({ walkId }: WalkFact): Promise<void> {
    await this.photos.deleteOfDeletedWalk(walkId);
  }

  @Reacts('photos', petRemoved)
  async deleteOfRemovedPet({ petId }: PetFact): Promise<void> {
    await this.photos.deleteOfRemovedPet(petId);
  }

  private async deleteUnused(folders: string[]): Promise<void> {
    const inUse = await foldersInUse(this.db, folders);
    for (const folder of folders) if (!inUse.has(folder)) await this.storage.delete(`${folder}/`);
  }

  private before(ms: number): Date {
    return new Date(this.clock.nowMs() - ms);
  }
}
