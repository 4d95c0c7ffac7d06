/**
 * The one visibility policy, as pieces of SQL: whoever shows one user something of another asks these. Each takes the
 * alias of a row and an expression for the viewer's id (`$1::uuid`).
 *
 * - Somebody who is suspended, leaving, or blocked either way does not exist for the viewer.
 * - A private profile opens to its followers only, and everybody's to themselves.
 * - A walk is seen by others when it is completed, counts, was not hidden by a moderator, and its walker lets them:
 *   `public` with an open profile, `followers` by following. A hidden preview is another matter: `track/viewer-safe.ts`.
 */

/** Whether the user exists for anybody but moderators. */
export const isThere = (user: string): string =>
  `(${user}.suspended_at is null and ${user}.deletion_requested_at is null)`;

/** Whether the user exists for the viewer. */
export const isThereFor = (user: string, viewer: string): string => `(
  ${isThere(user)} and not ${isBlockedPair(`${user}.id`, viewer)}
)`;

/** Whether one of the two blocked the other. */
export const isBlockedPair = (one: string, other: string): string => `(
  exists (select from blocks where blocker_id = ${one} and blocked_id = ${other})
  or exists (select from blocks where blocker_id = ${other} and blocked_id = ${one})
)`;

/** The same the other way round: the ids of all whom the viewer does not exist for. A few rows, by two indexes. */
export const blockedWith = (viewer: string): string => `(
  select blocked_id as id from blocks where blocker_id = ${viewer}
  union select blocker_id from blocks where blocked_id = ${viewer}
)`;

export const isFollowedBy = (user: string, viewer: string): string =>
  `exists (select from follows where follower_id = ${viewer} and followee_id = ${user}.id)`;

/** Whether the viewer may see more of the user than the name. Goes with `isThereFor`. */
export const isOpenTo = (user: string, viewer: string): string =>
  `(${user}.id = ${viewer} or ${user}.profile_visibility = 'public' or ${isFollowedBy(user, viewer)})`;

/** Whether the viewer, who is not its walker, may see the walk. */
export const isWalkShownTo = (walk: string, walker: string, viewer: string): string => `(
  ${isShown(walk)} and ${isThereFor(walker, viewer)}
  and case ${walk}.visibility
    when 'public' then ${isOpenTo(walker, viewer)}
    else ${isFollowedBy(walker, viewer)}
  end
)`;

/** The part of it that does not depend on the viewer: the condition of the indexes `walks_shown` and `walks_shown_by_user`. */
export const isShown = (walk: string): string =>
  `(${walk}.state = 'completed' and ${walk}.counts and ${walk}.visibility <> 'private' and ${walk}.hidden_at is null)`;

/** The same for anybody who may be the walker as well. */
export const isWalkVisibleTo = (walk: string, walker: string, viewer: string): string =>
  `((${walk}.user_id = ${viewer} and ${walk}.state <> 'deleted') or ${isWalkShownTo(walk, walker, viewer)})`;
