import { z } from 'zod';
import { InvitationState } from '../../generated/prisma/enums.js';
import { pageQuery } from '../../platform/http/pagination.js';
import { id, instant, instantIn, safeText } from '../../platform/http/schemas.js';
import { person } from '../users/index.js';

export const invitationIn = z
  .strictObject({
    userId: id,
    message: safeText(1, 200).optional(),
    proposedAt: instantIn
      .optional()
      .meta({ description: '산책할 때 (7일 안); 없으면 지금. 그때까지(없으면 2시간 안에) 답할 수 있다' }),
  })
  .meta({ id: 'InvitationIn' });
export type InvitationIn = z.output<typeof invitationIn>;

export const invitationAnswer = z
  .strictObject({
    action: z
      .enum(['accept', 'decline', 'cancel'])
      .meta({ description: '받은 사람은 accept와 decline, 보낸 사람은 cancel' }),
  })
  .meta({ id: 'InvitationAnswer' });
export type InvitationAnswer = z.output<typeof invitationAnswer>;

export const invitationsQuery = pageQuery.extend({ box: z.enum(['received', 'sent']).default('received') });
export type InvitationsQuery = z.output<typeof invitationsQuery>;

export const invitation = z
  .object({
    id,
    inviter: person,
    invitee: person,
    state: z.enum(InvitationState),
    message: z.string().nullable(),
    proposedAt: instant.nullable(),
    expiresAt: instant,
    createdAt: instant,
    settledAt: instant.nullable().meta({ description: '답하거나, 거두거나, 시간이 지난 때' }),
    roomId: id.nullable().meta({ description: '수락한 뒤 함께 산책하는 방; 닫혔으면 null' }),
  })
  .meta({ id: 'Invitation' });
export type InvitationView = z.output<typeof invitation>;
