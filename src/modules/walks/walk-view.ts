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

interface WalkRow extends Omit<WalkView, 'mine' | 'crop' | 'trimProposal'> {
  cropFrom: Date | null;
  cropTo: Date | null;
  trimFrom: Date | null;
  trimTo: Date | null;
  weatherAt: Date | null;
}

const ownWalk = statement<WalkRow>(
  'walks_own_view',
  `select walk.id, state::text as state, source::text as source, visibility::text as visibility, title, memo,
          walk_date::text as "walkDate", started_at as "startedAt", ended_at as "endedAt", completed_at as "completedAt",
          awaiting_points as "awaitingPoints", stored_points as "storedPoints", revision, crop_from as "cropFrom",
          crop_to as "cropTo", distance_m as "distanceM", estimated_m as "estimatedM", elapsed_s as "elapsedS",
          moving_s as "movingS", avg_speed_mps as "avgSpeedMps", top_speed_mps as "topSpeedMps", counts,
          coalesce(to_json(reasons), '[]') as reasons, left_out::json as "leftOut", dropped_points::json as "droppedPoints",
          trim_from as "trimFrom", trim_to as "trimTo", duplicate_of_id as "duplicateOfId",
          start_region_code as "startRegionCode", coalesce(to_json(preview), '[]') as preview, weather.observed_at as "weatherAt",
          json_build_object(
            'temperatureC', temperature_c, 'humidityPct', humidity_pct, 'windMps', wind_mps,
            'precipitation', precipitation, 'pm10', pm10, 'pm25', pm25
          ) as weather,
          (select coalesce(json_agg(
             json_build_object('id', pet_id, 'name', name, 'caloriesKcal', calories_kcal) order by pet_id
           ), '[]')
           from walk_pets join pets on pets.id = pet_id where walk_id = walk.id) as pets
   from walks walk left join walk_weather weather on weather.walk_id = walk.id
   where walk.id = $2::uuid and user_id = $1::uuid and state <> 'deleted'`,
);

/** A walk as its owner sees it. @throws walk-not-found */
export async function getOwnWalk(db: Connection, userId: string, walkId: string): Promise<WalkView> {
  const [walk] = await db.rows(ownWalk, [userId, walkId]);
  if (!walk) throw walkNotFound();
  const { cropFrom, cropTo, trimFrom, trimTo, weatherAt, weather, ...seen } = walk;
  return {
    ...seen,
    mine: true,
    crop: cropFrom && cropTo && { from: cropFrom, to: cropTo },
    trimProposal: trimFrom && trimTo && { from: trimFrom, to: trimTo },
    weather: weatherAt && { ...weather!, observedAt: weatherAt },
  };
}
