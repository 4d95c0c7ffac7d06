import { z } from 'zod';
import { pageOf } from '../../platform/http/pagination.js';
import { id, instant, instantIn, lat, lng } from '../../platform/http/schemas.js';

/** What the app sends over the socket. */
export const joinMessage = z.strictObject({ roomId: id, consent: z.literal(true) });
export const leaveMessage = z.strictObject({ roomId: id });

const fix = {
  lat,
  lng,
  accuracyM: z.number().min(0).max(10_000).optional(),
  headingDeg: z.number().min(0).max(360).optional(),
  speedMps: z.number().min(0).max(100).optional(),
  /** When the phone took it. */
  t: instantIn.optional(),
};
export const positionMessage = z.strictObject(fix);

/** What it gets. */
export const livePosition = z.object({ userId: id, ...fix, serverAt: z.iso.datetime() });

const memberStatus = z.enum(['joined', 'live', 'stale', 'left', 'removed']);
export const memberEvent = z.object({
  roomId: id,
  userId: id,
  status: memberStatus,
  nickname: z.string().optional(),
});

export const joinedEvent = z.object({
  roomId: id,
  closesAt: z.iso.datetime(),
  members: z.array(
    z.object({
      userId: id,
      nickname: z.string(),
      status: z.enum(['live', 'stale']),
      position: livePosition.nullable(),
    }),
  ),
});

/** `ended`: the room is over; `expired`: after 4 h; the others are about the reader alone. */
const endReason = z.enum(['ended', 'expired', 'left', 'removed', 'silent']);
export const endedEvent = z.object({ roomId: id, reason: endReason });

export const errorEvent = z.object({
  code: z.string(),
  message: z.string(),
  event: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })).optional(),
  opensAt: z.iso.datetime().optional(),
});

export type JoinMessage = z.output<typeof joinMessage>;
export type LeaveMessage = z.output<typeof leaveMessage>;
export type PositionMessage = z.output<typeof positionMessage>;
export type LivePosition = z.output<typeof livePosition>;
export type MemberEvent = z.output<typeof memberEvent>;
export type JoinedEvent = z.output<typeof joinedEvent>;
export type EndReason = z.output<typeof endReason>;

/** Each event by its name. */
export const eventsToClient = {
  joined: joinedEvent,
  position: livePosition,
  member: memberEvent,
  ended: endedEvent,
  error: errorEvent,
};

/** Over HTTP: what there is to join. */
export const roomView = z
  .object({
    id,
    invitationId: id.nullable(),
    meetupId: id.nullable(),
    opensAt: instant,
    closesAt: instant,
    isSharing: z.boolean().meta({ description: '내 위치를 나누는 중인지' }),
    members: z
      .array(z.object({ id, nickname: z.string(), isSharing: z.boolean() }))
      .meta({ description: '나를 뺀 구성원' }),
  })
  .meta({ id: 'Room' });

export const roomPage = pageOf(roomView).meta({ id: 'RoomPage' });
