import { type Connection, statement } from '../../platform/database/database.js';
import { isThere } from '../users/index.js';

/** A usual hour needs so many walks in the days before today. */
const USUAL_MIN_WALKS = 3;
const USUAL_DAYS = 28;

export interface Waiting {
  userId: string;
  petName: string;
}

/** Exported for its plan to be looked at. */
export const waitingForWalk = statement<Waiting>(
  'reminders_waiting',
  `select walker.id as "userId", pet.name as "petName"
   from (
     select user_id from walks
     where state = 'completed' and counts
       and walk_date between $1::date - ${USUAL_DAYS} and $1::date - 1
     group by user_id
     having count(*) >= ${USUAL_MIN_WALKS}
       and mode() within group (order by extract(hour from started_at at time zone 'Asia/Seoul')::int) = $2::int
   ) usual
   join users walker on walker.id = usual.user_id
   cross join lateral (
     select name from pets where user_id = walker.id and removed_at is null order by created_at, id limit 1
   ) pet
   where ${isThere('walker')}
     and exists (
       select from push_tokens device
       join sessions on sessions.id = device.session_id
       where device.user_id = walker.id and sessions.revoked_at is null and sessions.expires_at > $3::timestamptz
     )
     and not exists (
       select from walks
       where user_id = walker.id and (state = 'recording' or (state = 'completed' and walk_date = $1::date))
     )
   order by walker.id`,
);

/** Those who usually start in this KST hour, have not walked on this date, and can be told. */
export const findWaiting = (db: Connection, today: string, hour: number, now: Date): Promise<Waiting[]> =>
  db.rows(waitingForWalk, [today, hour, now.toISOString()]);
