import { z } from 'zod';
import { RankingMetric, RankingScope } from '../../generated/prisma/enums.js';
import { pageOf, pageQuery } from '../../platform/http/pagination.js';
import { calendarDate, id, instant } from '../../platform/http/schemas.js';

const period = z.enum(['week', 'month', 'all']);
const historyPeriod = z.enum(['week', 'month']);
const hallPeriod = z.enum(['month', 'quarter']);
const scope = z.enum(RankingScope);
const metric = z.enum(RankingMetric);
const date = calendarDate.optional().meta({ description: 'Any day of the period; today by default' });
const value = z
  .int()
  .min(0)
  .meta({ description: 'Metres, walks or seconds, by the metric; of others in full 100 m and minutes' });
const rank = z.int().min(1);
/** The week of the last day of 2099 ends in 2100. */
const periodDate = z.iso.date().meta({ format: 'date' });

const board = { scope: scope.default('nation'), metric: metric.default('distance') };
const ofPeriod = { period: period.default('week'), metric: board.metric, date };

export const boardQuery = pageQuery.extend({ ...ofPeriod, ...board });
export type BoardQuery = z.output<typeof boardQuery>;

const someone = z.object({ id, nickname: z.string() }).meta({ id: 'RankedUser' });
const someoneOrErased = someone
  .nullable()
  .meta({ description: 'Null: a private profile, or an account that was erased since' });
const regionCode = z
  .string()
  .nullable()
  .meta({ description: 'Code of my home dong or gu, whose board it is; null for the nation' });
const regionName = z
  .string()
  .nullable()
  .meta({ description: 'What the region is called; null for the nation, and while it is not known' });

export const boardView = z
  .object({
    period,
    scope,
    metric,
    regionCode,
    regionName,
    startsOn: periodDate,
    endsOn: periodDate.nullable(),
    takenAt: instant.nullable().meta({ description: 'As of when the items are; `me` is live until the end' }),
    isFinal: z.boolean(),
    members: z.int().nullable(),
    shown: z.boolean().meta({ description: 'False for a dong with too few members: no items, no ranks' }),
    me: z
      .object({ rank: rank.nullable(), formerRank: rank.nullable(), value, optedOut: z.boolean() })
      .meta({ id: 'MyRank' }),
    ...pageOf(
      z
        .object({
          rank,
          formerRank: rank.nullable().meta({ description: 'In the taking before this one' }),
          value,
          user: someoneOrErased,
          isMe: z.boolean(),
        })
        .meta({ id: 'BoardItem' }),
    ).shape,
  })
  .meta({ id: 'Board' });
export type BoardView = z.input<typeof boardView>;

export const whyQuery = pageQuery.extend(ofPeriod);
export type WhyQuery = z.output<typeof whyQuery>;

export const whyView = z
  .object({
    period,
    metric,
    startsOn: periodDate,
    endsOn: periodDate.nullable(),
    total: value.meta({ description: 'Sum of all included walks of the period' }),
    ...pageOf(
      z
        .object({
          walkId: id,
          walkDate: calendarDate,
          startedAt: instant,
          value,
          included: z.boolean(),
          reasons: z.array(z.string()).meta({
            description: "Why it is not included: the walk's own reasons, `private`, `completed_after_close`",
          }),
        })
        .meta({ id: 'RankedWalk' }),
    ).shape,
  })
  .meta({ id: 'RankingWhy' });

export const historyQuery = pageQuery.extend({ period: historyPeriod.default('week'), ...board });
export type HistoryQuery = z.output<typeof historyQuery>;

export const historyView = z
  .object({
    period: historyPeriod,
    scope,
    metric,
    ...pageOf(
      z
        .object({
          startsOn: periodDate,
          endsOn: periodDate,
          regionCode: regionCode.meta({ description: 'Where I lived then; null for the nation' }),
          rank: rank.nullable().meta({ description: 'Null where the board shows no ranks' }),
          value,
        })
        .meta({ id: 'PastRank' }),
    ).shape,
  })
  .meta({ id: 'RankingHistory' });

export const hallQuery = pageQuery.extend({ period: hallPeriod.default('month'), ...board });
export type HallQuery = z.output<typeof hallQuery>;

export const hallView = z
  .object({
    period: hallPeriod,
    scope,
    metric,
    regionCode,
    regionName,
    ...pageOf(
      z.object({ startsOn: periodDate, rank, value, user: someoneOrErased }).meta({ id: 'HallOfFameEntry' }),
    ).shape,
  })
  .meta({ id: 'HallOfFame' });
export type HallView = z.input<typeof hallView>;
