import { z } from 'zod';
import { INVALID_REASONS } from './track/index.js';
import { Precipitation, WalkSource, WalkState, WalkVisibility } from '../../generated/prisma/enums.js';
import { pageOf } from '../../platform/http/pagination.js';
import {
  calendarDate,
  id,
  instant,
  instantIn,
  int4,
  lat,
  lng,
  safeLine,
  safeText,
  withCompiledArray,
} from '../../platform/http/schemas.js';

export const MAX_POINTS_PER_CHUNK = 1_000;
/** 10 hours at one fix a second are 36,000; points sent again in other chunks count again. */
export const MAX_POINTS_PER_WALK = 50_000;
const MAX_PAUSES = 200;
const MAX_PETS_PER_WALK = 5;
export const WHOLE_WALK_BODY_LIMIT_BYTES = 12 * 1024 * 1024;

const petIds = z
  .array(id)
  .min(1)
  .max(MAX_PETS_PER_WALK)
  .refine((ids) => new Set(ids).size === ids.length, { params: { code: 'duplicate' } });
const visibility = z.enum(WalkVisibility);
const MAX_TITLE_LENGTH = 60;
const title = safeLine(1, MAX_TITLE_LENGTH);
const memo = safeText(1, 1_000);

/** A file's name for its track, as far as it can be a title. */
export function titleFrom(name = ''): string | undefined {
  const line = name.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  return title.safeParse(line.slice(0, MAX_TITLE_LENGTH).replace(/[\ud800-\udbff]$/, '')).data;
}

const walkId = z.uuid({ version: 'v7' }).toLowerCase().meta({ description: 'UUIDv7, made by the phone' });

const point = z
  .strictObject({
    seq: int4.min(0).meta({ description: 'Running number of the fix on the phone' }),
    t: instantIn,
    lat,
    lng,
    accuracyM: z.number().min(-1).max(100_000).optional().meta({ description: 'Negative: unknown' }),
    altitudeM: z.number().min(-1_000).max(20_000).optional(),
    speedMps: z.number().min(-1).max(1_000).optional().meta({ description: 'Negative: unknown' }),
    mock: z.boolean().optional().meta({ description: 'The system says that the fix is simulated' }),
  })
  .meta({ id: 'TrackPoint' });
const pause = z
  .strictObject({ from: instantIn, to: instantIn.meta({ example: '2026-11-21T09:00:00.000Z' }) })
  .meta({ id: 'Pause' });
const pauses = z.array(pause).max(MAX_PAUSES).optional();

export type PointIn = z.output<typeof point>;
export type PauseIn = z.output<typeof pause>;

export const startWalk = z
  .strictObject({
    id: walkId.optional(),
    petIds,
    startedAt: instantIn.optional().meta({ description: 'Start by the clock that stamps the points' }),
    visibility: visibility.optional(),
    title: title.optional(),
  })
  .meta({ id: 'StartWalk' });
export type StartWalk = z.output<typeof startWalk>;

const chunk = z
  .strictObject({ points: z.array(point).min(1).max(MAX_POINTS_PER_CHUNK), pauses })
  .meta({ id: 'PointChunk', description: 'Any order, overlap or split of chunks gives the same walk' });
export type Chunk = z.output<typeof chunk>;
export const chunkIn = withCompiledArray(chunk, 'points');

export const completeWalk = z
  .strictObject({
    pointCount: int4.min(0).optional().meta({
      description:
        'How many fixes the phone recorded; fewer stored ones mean that some are still on their way',
    }),
  })
  .meta({ id: 'CompleteWalk' })
  .optional();
export type CompleteWalk = z.output<typeof completeWalk>;

const wholeWalk = z
  .strictObject({
    petIds,
    startedAt: instantIn.optional(),
    visibility: visibility.optional(),
    title: title.optional(),
    points: z.array(point).max(MAX_POINTS_PER_WALK),
    pauses,
  })
  .meta({ id: 'WholeWalk' });
export const wholeWalkIn = withCompiledArray(wholeWalk, 'points');
export type WholeWalk = z.output<typeof wholeWalk>;
export const wholeWalkId = walkId;

export const importQuery = z.strictObject({
  petIds: z
    .string()
    .max(300)
    .transform((text) => text.split(','))
    .pipe(petIds)
    .meta({ description: 'Comma-separated' }),
  visibility: visibility.optional(),
  title: title.optional(),
});
export type ImportQuery = z.output<typeof importQuery>;
export const gpxBody = z.string().min(1);

export const editWalk = z
  .strictObject({
    visibility: visibility.optional(),
    title: title.nullable().optional(),
    memo: memo.nullable().optional(),
    crop: z
      .strictObject({ from: instantIn, to: instantIn.meta({ example: '2026-11-21T09:00:00.000Z' }) })
      .refine(({ from, to }) => Date.parse(from) < Date.parse(to), {
        path: ['to'],
        params: { code: 'before-from' },
      })
      .nullable()
      .optional()
      .meta({ description: 'Only what lies between counts; null takes the crop back' }),
  })
  .meta({ id: 'EditWalk' });
export type EditWalk = z.output<typeof editWalk>;

const reasons = z
  .array(z.enum(INVALID_REASONS))
  .meta({ description: 'Why the walk does not count; empty when it does' });
const preview = z
  .array(z.string())
  .meta({ description: 'Encoded polylines, one for each stretch, 100 points in all' });
const distanceM = z.int().min(0);
const durationS = z.int().min(0);

export const walkSummary = z
  .object({
    id: z.uuid(),
    state: z.enum(WalkState),
    source: z.enum(WalkSource),
    visibility,
    title: z.string().nullable(),
    walkDate: calendarDate.meta({ description: 'KST date on which the walk started' }),
    startedAt: instant,
    endedAt: instant.nullable(),
    distanceM,
    movingS: durationS,
    elapsedS: durationS,
    counts: z.boolean(),
    reasons,
    preview,
    petIds: z.array(z.uuid()),
  })
  .meta({ id: 'WalkSummary' });
export const walkPage = pageOf(walkSummary).meta({ id: 'WalkPage' });

const weatherAtStart = z
  .object({
    observedAt: instant.meta({ description: 'The full hour in which the walk started' }),
    temperatureC: z.number().nullable(),
    humidityPct: z.int().nullable(),
    windMps: z.number().nullable(),
    precipitation: z.enum(Precipitation).nullable(),
    pm10: z.int().nullable().meta({ description: 'µg/m³' }),
    pm25: z.int().nullable().meta({ description: 'µg/m³' }),
  })
  .meta({ id: 'WalkWeather' });

export const walkView = z
  .object({
    id: z.uuid(),
    mine: z.literal(true),
    state: z.enum(WalkState),
    source: z.enum(WalkSource),
    visibility,
    title: z.string().nullable(),
    memo: z.string().nullable(),
    walkDate: calendarDate,
    startedAt: instant,
    endedAt: instant.nullable(),
    completedAt: instant.nullable(),
    awaitingPoints: z
      .boolean()
      .meta({ description: 'Points are still on their way; the figures are provisional' }),
    storedPoints: z.int().meta({ description: 'Received; a fix sent again in another chunk counts again' }),
    revision: z.int(),
    crop: z.object({ from: instant, to: instant }).nullable(),
    distanceM,
    estimatedM: distanceM.meta({
      description: 'Part of distanceM credited as a straight line while the phone slept',
    }),
    elapsedS: durationS,
    movingS: durationS,
    avgSpeedMps: z.number(),
    topSpeedMps: z.number().meta({ description: 'Fastest 30 s' }),
    counts: z.boolean(),
    reasons,
    leftOut: z
      .array(
        z
          .object({
            reason: z.enum(['pause', 'gap', 'jump', 'vehicle']),
            from: instant,
            to: instant,
            distanceM,
          })
          .meta({ id: 'LeftOut' }),
      )
      .meta({ description: 'Stretches that were not credited' }),
    droppedPoints: z
      .record(z.string(), z.int())
      .meta({ description: 'How many points were dropped, by reason' }),
    trimProposal: z
      .object({ from: instant, to: instant })
      .nullable()
      .meta({ description: 'A crop that would leave out a forgotten stop' }),
    duplicateOfId: z.uuid().nullable(),
    startRegionCode: z.string().nullable(),
    weather: weatherAtStart.nullable().meta({ description: 'At the start; null while it is not known' }),
    preview,
    pets: z.array(
      z
        .object({ id: z.uuid(), name: z.string(), caloriesKcal: z.int().nullable() })
        .meta({ id: 'WalkedPet' }),
    ),
  })
  .meta({ id: 'Walk' });
export type WalkView = z.input<typeof walkView>;

export const walkSeenByOthers = z
  .object({
    id: z.uuid(),
    mine: z.literal(false),
    userId: z.uuid(),
    title: z.string().nullable(),
    walkDate: calendarDate,
    startedAt: instant.meta({ description: 'The full hour' }),
    distanceM: distanceM.meta({ description: 'To the nearest 100 m' }),
    movingS: durationS.meta({ description: 'To the nearest minute' }),
    preview,
    pets: z.array(z.object({ id: z.uuid(), name: z.string() })),
  })
  .meta({ id: 'WalkSeenByOthers' });
export const walkAnswer = z.union([walkView, walkSeenByOthers]);

export const chunkReceipt = z
  .object({ walkId: z.uuid(), state: z.enum(WalkState), storedPoints: z.int() })
  .meta({ id: 'ChunkReceipt' });

export const routeView = z
  .object({
    walkId: z.uuid(),
    geometry: z
      .object({ type: z.literal('MultiLineString'), coordinates: z.array(z.array(z.array(z.number()))) })
      .meta({ description: 'GeoJSON, [lng, lat]; nothing is credited between two lines' }),
    offsetsS: z
      .array(z.array(z.number()))
      .nullable()
      .meta({ description: "Seconds since startedAt of each point; only in the owner's own view" }),
  })
  .meta({ id: 'Route' });

export const statisticsQuery = z.strictObject({
  period: z.enum(['week', 'month', 'year', 'all']).default('week'),
  date: calendarDate.optional().meta({ description: 'Any day of the period; today by default' }),
  petId: id.optional(),
});
export type StatisticsQuery = z.output<typeof statisticsQuery>;

/** The week of the last day of 2099 ends in 2100. */
const periodEnd = z.iso.date().meta({ format: 'date' }).nullable();
const totals = { walks: z.int(), distanceM: z.int(), movingS: z.int() };
export const statisticsView = z
  .object({
    period: z.enum(['week', 'month', 'year', 'all']),
    from: periodEnd,
    to: periodEnd,
    totals: z.object(totals),
    buckets: z
      .array(z.object({ date: calendarDate, ...totals }))
      .meta({ description: 'By day in a week or month, by month otherwise; only those with walks' }),
  })
  .meta({ id: 'Statistics' });
