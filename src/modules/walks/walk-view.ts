import { type Connection, statement } from '../../platform/database/database.js';
import { walkNotFound } from './walks.errors.js';
import type { WalkView } from './walks.schemas.js';

const HOUR_MS = 3_600_000;
const OTHERS_DISTANCE_STEP_M = 100;
const OTHERS_DURATION_STEP_S = 60;

/**
 * What others are told of a walk's figures (P03). Rounding alone would not do: over 200 walks it averages out, and the
 * true distance less the visible part tells how far home is from each visible end. So theirs follows from what they
 * see of the route (`shownLengthM`), and the time with it.
 */
export function roundedForOthers({ startedAt, distanceM, movingS, safeDistanceM }: FiguresOfWalk) {
  const shownM = safeDistanceM ?? distanceM;
  const shownS = distanceM > 0 ? (movingS * shownM) / distanceM : movingS;
  return {
    startedAt: new Date(Math.floor(startedAt.getTime() / HOUR_MS) * HOUR_MS),
    distanceM: Math.round(shownM / OTHERS_DISTANCE_STEP_M) * OTHERS_DISTANCE_STEP_M,
    movingS: Math.round(shownS / OTHERS_DURATION_STEP_S) * OTHERS_DURATION_STEP_S,
  };
}

interface FiguresOfWalk {
  startedAt: Date;
  distanceM: number;
  movingS: number;
  safeDistanceM: number | null;
}

export interface OwnRow extends Omit<WalkView, 'mine' | 'crop' | 'trimProposal'> {
  cropFrom: Date | null;
  cropTo: Date | null;
  trimFrom: Date | null;
  trimTo: Date | null;
}

/**
 * Of the table `walk`.
 * @param walked where the dogs that were along are read, with their calories
 */
export const ownColumns = (walked: string): string =>
  `walk.id, walk.state::text as state, walk.source::text as source, walk.visibility::text as visibility, walk.title, walk.memo,
   walk.walk_date::text as "walkDate", walk.started_at as "startedAt", walk.ended_at as "endedAt",
   walk.completed_at as "completedAt", walk.awaiting_points as "awaitingPoints", walk.stored_points as "storedPoints",
   walk.revision, walk.crop_from as "cropFrom", walk.crop_to as "cropTo", walk.distance_m as "distanceM",
   walk.estimated_m as "estimatedM", walk.elapsed_s as "elapsedS", walk.moving_s as "movingS",
   walk.avg_speed_mps as "avgSpeedMps", walk.top_speed_mps as "topSpeedMps", walk.counts,
   coalesce(to_json(walk.reasons), '[]') as reasons, walk.left_out::json as "leftOut",
   walk.dropped_points::json as "droppedPoints", walk.trim_from as "trimFrom", walk.trim_to as "trimTo",
   walk.duplicate_of_id as "duplicateOfId", walk.start_region_code as "startRegionCode",
   coalesce(to_json(walk.preview), '[]') as preview,
   (select json_build_object(
             'observedAt', observed_at, 'temperatureC', temperature_c, 'humidityPct', humidity_pct, 'windMps', wind_mps,
             'precipitation', precipitation, 'pm10', pm10, 'pm25', pm25
           )
    from walk_weather where walk_id = walk.id) as weather,
   (select coalesce(json_agg(
             json_build_object('id', pet_id, 'name', name, 'caloriesKcal', calories_kcal) order by pet_id
           ), '[]')
    from ${walked} walked join pets on pets.id = pet_id where walk_id = walk.id) as pets`;

const ownWalk = statement<OwnRow>(
  'walks_own_view',
  `select ${ownColumns('walk_pets')} from walks walk
   where walk.id = $2::uuid and walk.user_id = $1::uuid and walk.state <> 'deleted'`,
);

/** A walk as its owner sees it. @throws walk-not-found */
export async function getOwnWalk(db: Connection, userId: string, walkId: string): Promise<WalkView> {
  const [walk] = await db.rows(ownWalk, [userId, walkId]);
  if (!walk) throw walkNotFound();
  return ownView(walk);
}

export function ownView({ cropFrom, cropTo, trimFrom, trimTo, weather, ...seen }: OwnRow): WalkView {
  return {
    ...seen,
    mine: true,
    crop: cropFrom && cropTo && { from: cropFrom, to: cropTo },
    trimProposal: trimFrom && trimTo && { from: trimFrom, to: trimTo },
    weather: weather && { ...weather, observedAt: new Date(weather.observedAt) },
  };
}
