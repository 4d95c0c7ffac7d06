import { type Connection, statement, type Transaction } from '../../platform/database/database.js';
import type { Position } from '../../platform/http/pagination.js';
import { isOpenTo, isThereFor } from '../users/index.js';
import type { InvitationsQuery, InvitationView } from './invitations.schemas.js';

const guest = statement<{ mayBeInvited: boolean }>(
  'invitations_guest',
  `select ${isOpenTo('u', '$1::uuid')}
          or exists (select from follows where follower_id = u.id and followee_id = $1::uuid) as "mayBeInvited"
   from users u where u.id = $2::uuid and ${isThereFor('u', '$1::uuid')}`,
);

/** Whether the user takes invitations of the viewer; null when there is no such user for the viewer. */
export async function guestOf(tx: Transaction, viewerId: string, userId: string) {
  const [row] = await tx.rows(guest, [viewerId, userId]);
  return row ?? null;
}

const waiting = statement<{ id: string; inviteeId: string }>(
  'invitations_waiting',
  `select i.id, i.invitee_id as "inviteeId"
   from invitations i join users invitee on invitee.id = i.invitee_id
   where i.inviter_id = $1::uuid and i.state = 'pending' and ${isThereFor('invitee', '$1::uuid')}`,
);

/** What the inviter waits for, of people who exist for them: the rest they could not even take back. */
export const waitingOf = (tx: Transaction, inviterId: string) => tx.rows(waiting, [inviterId]);

const lockRow = statement<{ id: string }>(
  'invitations_lock',
  `select id from invitations where id = $1::uuid for no key update`,
);

/** Its state stands still until the transaction ends. */
export async function lockInvitation(tx: Transaction, invitationId: string): Promise<void> {
  await tx.rows(lockRow, [invitationId]);
}

const due = statement<{ id: string }>(
  'invitations_due',
  `select id from invitations
   where state = 'pending' and expires_at <= $1::timestamptz
   order by expires_at
   limit $2::int
   for no key update skip locked`,
);

/** Some whose time is over; one that is being answered is left to the next time. */
export async function lockDue(tx: Transaction, now: Date, limit: number): Promise<string[]> {
  return (await tx.rows(due, [now.toISOString(), limit])).map(({ id }) => id);
}

const personOf = (user: string) => `json_build_object('id', ${user}.id, 'nickname', ${user}.nickname)`;

/** $1 viewer, $2 now: one whose time is over has expired, whether or not the job has come round. */
const invitations = (isAsked: string) => `
  select i.id, ${personOf('inviter')} as inviter, ${personOf('invitee')} as invitee,
         shown.state, i.message, i.proposed_at as "proposedAt", i.expires_at as "expiresAt", i.created_at as "createdAt",
         case shown.state when 'expired' then i.expires_at else i.settled_at end as "settledAt",
         room.id as "roomId"
  from invitations i
  join users inviter on inviter.id = i.inviter_id
  join users invitee on invitee.id = i.invitee_id
  cross join lateral (
    select case when i.state = 'pending' and i.expires_at <= $2::timestamptz then 'expired' else i.state::text end as state
  ) shown
  left join rooms room on room.invitation_id = i.id and room.ended_at is null and room.closes_at > $2::timestamptz
  where ${isAsked}`;

const mySide = { received: 'invitee', sent: 'inviter' } as const;
const otherSide = { received: 'inviter', sent: 'invitee' } as const;

const one = statement<InvitationView>(
  'invitations_one',
  invitations(`i.id = $3::uuid and (
    (i.inviter_id = $1::uuid and ${isThereFor('invitee', '$1::uuid')})
    or (i.invitee_id = $1::uuid and ${isThereFor('inviter', '$1::uuid')})
  )`),
);

/** One that the viewer made or got; null when there is none, or the other one does not exist for the viewer. */
export async function invitationOf(
  db: Connection,
  viewerId: string,
  invitationId: string,
  now: Date,
): Promise<InvitationView | null> {
  const [row] = await db.rows(one, [viewerId, now.toISOString(), invitationId]);
  return row ?? null;
}

type Box = InvitationsQuery['box'];

const boxStatement = (box: Box) =>
  statement<InvitationView>(
    `invitations_${box}`,
    `${invitations(`i.${mySide[box]}_id = $1::uuid and ${isThereFor(otherSide[box], '$1::uuid')}
       and ($3::timestamptz is null or (i.created_at, i.id) < ($3::timestamptz, $4::uuid))`)}
     order by i.created_at desc, i.id desc
     limit $5::int`,
  );
const boxes = { received: boxStatement('received'), sent: boxStatement('sent') };

/** A page of what the viewer got or sent, the newest first. */
export const invitationsIn = (
  db: Connection,
  viewerId: string,
  { box, after, count, now }: { box: Box; after: Position | null; count: number; now: Date },
): Promise<InvitationView[]> =>
  db.rows(boxes[box], [
    viewerId,
    now.toISOString(),
    after?.at.toISOString() ?? null,
    after?.id ?? null,
    count,
  ]);
