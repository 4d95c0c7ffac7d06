import { z } from 'zod';
import { MeetupState } from '../../generated/prisma/enums.js';
import { pageQuery } from '../../platform/http/pagination.js';
import { id, instant, instantIn, lat, lng, safeLine, safeText } from '../../platform/http/schemas.js';
import { temperament } from '../pets/index.js';
import { person } from '../users/index.js';

const MIN_CAPACITY = 2;
const MAX_CAPACITY = 10;

const fields = {
  title: safeLine(1, 60),
  description: safeText(1, 1_000).nullable(),
  placeName: safeLine(1, 60).meta({ description: '누구나 아는 만나는 곳' }),
  lat,
  lng,
  startsAt: instantIn,
  capacity: z.int().min(MIN_CAPACITY).max(MAX_CAPACITY).meta({ description: '주최자를 포함한 자리' }),
  maxWeightKg: z.number().min(0.1).max(150).multipleOf(0.01).nullable(),
  temperaments: z
    .array(temperament)
    .max(temperament.options.length)
    .refine((tags) => new Set(tags).size === tags.length, { params: { code: 'duplicate' } })
    .meta({ description: '이 성격만 있는 반려동물이 올 수 있다; 비면 누구나' }),
};

const petId = id.meta({ description: '함께 가는 내 반려동물; 참가 조건이 있으면 꼭 있어야 한다' });

export const meetupIn = z
  .strictObject({
    ...fields,
    description: fields.description.optional(),
    maxWeightKg: fields.maxWeightKg.optional(),
    temperaments: fields.temperaments.optional(),
    petId: petId.optional(),
  })
  .meta({ id: 'MeetupIn' });
export type MeetupIn = z.output<typeof meetupIn>;

export const meetupPatch = z.strictObject(fields).partial().meta({ id: 'MeetupPatch' });
export type MeetupPatch = z.output<typeof meetupPatch>;

export const participationIn = z
  .strictObject({ petId: petId.optional() })
  .meta({ id: 'ParticipationIn' })
  .optional();
export type ParticipationIn = z.output<typeof participationIn>;

export const meetupsQuery = pageQuery.extend({
  mine: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .meta({ description: '내가 열거나 참가한 모임 (시작한 지 4시간까지)' }),
  gu: z
    .string()
    .regex(/^[0-9]{5}$/)
    .optional()
    .meta({ description: '시군구 코드; 없으면 내 동네의 시군구, 동네가 없으면 전국' }),
});
export type MeetupsQuery = z.output<typeof meetupsQuery>;

export const meetup = z
  .object({
    id,
    ...fields,
    host: person,
    state: z.enum(MeetupState).meta({ description: 'full은 자리가 다 찬 모임, closed는 이미 시작한 모임' }),
    title: z.string(),
    description: z.string().nullable(),
    placeName: z.string(),
    startsAt: instant,
    capacity: z.int().min(1).meta({ description: '주최자를 포함한 자리; 다 찼으면 내게 보이는 자리만' }),
    maxWeightKg: z.number().nullable(),
    participants: z.int().min(0).meta({ description: '내게 보이는 참가자 수 (주최자 포함)' }),
    isJoined: z.boolean().meta({ description: '내가 참가하는지 (주최자도 참가자)' }),
    roomId: id.nullable().meta({ description: '참가자가 서로의 위치를 보는 방; 참가자가 아니면 null' }),
    createdAt: instant,
  })
  .meta({ id: 'Meetup' });
export type MeetupView = z.output<typeof meetup>;

export const participant = z
  .object({
    person,
    isHost: z.boolean(),
    pet: z
      .object({ name: z.string(), breed: z.string().nullable() })
      .nullable()
      .meta({ description: '함께 오는 반려동물; 비공개 프로필이면 null' }),
    joinedAt: instant,
  })
  .meta({ id: 'MeetupParticipant' });
export type ParticipantView = z.output<typeof participant>;
