import { Injectable } from '@nestjs/common';
import { Database, statement } from '../../platform/database/database.js';
import { FileDeletions } from '../../platform/storage/file-deletions.js';
import { Walks } from '../walks/index.js';

const WALKS_AT_ONCE = 100;

/** In the order of their ids; cards show the route. The figures stay, and no walk is judged again without its points. */
const strip = statement<{ id: string }>(
  'accounts_strip_walks',
  `with part as (
     select id from walks where user_id = $1::uuid and id > $2::uuid order by id limit ${WALKS_AT_ONCE}
   ), chunks as (
     delete from walk_chunks where walk_id in (select id from part)
   ), tracks as (
     delete from walk_tracks where walk_id in (select id from part)
   ), places as (
     delete from walk_places where walk_id in (select id from part)
   ), pictures as (
     update photos set fix_at = null where walk_id in (select id from part) and fix_at is not null
   )
   update walks set preview = '{}', safe_preview = '{}', safe_distance_m = null, start_region_code = null,
     track_fingerprint = null, awaiting_points = false, raw_purged_at = coalesce(raw_purged_at, now()),
     revision = revision + 1
   from part where walks.id = part.id
   returning walks.id`,
);

/** Where somebody was. */
@Injectable()
export class LocationData {
  constructor(
    private readonly db: Database,
    private readonly deletions: FileDeletions,
    private readonly walks: Walks,
  ) {}

  /** All of it, but the record of its use that the law wants, and what the user wrote down (privacy zones, home). */
  async erase(userId: string): Promise<void> {
    for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
      const part = await this.db.transaction(async (tx) => {
        const stripped = await tx.rows(strip, [userId, after]);
        await this.deletions.soon(
          tx,
          stripped.map(({ id }) => `cards/${id}`),
        );
        return stripped.map(({ id }) => id).sort();
      });
      if (part.length < WALKS_AT_ONCE) return;
      after = part.at(-1)!;
    }
  }

  /** A walk that is being recorded without consent is none. */
  async endRecording(userId: string): Promise<void> {
    const where = { userId, state: 'recording' } as const;
    const recording = await this.db.prisma.walk.findMany({ where, select: { id: true } });
    for (const { id } of recording) await this.walks.delete(userId, id);
  }
}
