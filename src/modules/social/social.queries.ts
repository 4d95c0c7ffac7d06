import { type Connection, statement, type Transaction } from '../../platform/database/database.js';
import type { Position } from '../../platform/http/pagination.js';
import { isFollowedBy, isThereFor, isWalkVisibleTo } from '../users/index.js';

/** Whether the viewer sees the comment where the walk is seen: a hidden one is its author's alone. */
const isCommentSeenBy = (comment: string, author: string, viewer: string) =>
  `(${isThereFor(author, viewer)} and (${comment}.hidden_at is null or ${comment}.user_id = ${viewer}))`;

/** Likes and comments of a walk are counted as they are listed: those of people who exist for the viewer. */
export const likesSeen = (walkId: string, viewer: string) => `(
  select count(*)::int from walk_likes liked join users liker on liker.id = liked.user_id
  where liked.walk_id = ${walkId} and ${isThereFor('liker', viewer)}
)`;

export const isLikedBy = (walkId: string, viewer: string) =>
  `exists (select from walk_likes where walk_id = ${walkId} and user_id = ${viewer})`;

export const commentsSeen = (walkId: string, viewer: string) => `(
  select count(*)::int from walk_comments comment join users author on author.id = comment.user_id
  where comment.walk_id = ${walkId} and ${isCommentSeenBy('comment', 'author', viewer)}
)`;

const likeStateOfWalk = statement<{ likes: number; iLike: boolean }>(
  'social_like_state',
  `select ${likesSeen('$2::uuid', '$1::uuid')} as likes, ${isLikedBy('$2::uuid', '$1::uuid')} as "iLike"`,
);

export async function likeStateOf(db: Connection, viewerId: string, walkId: string) {
  return (await db.rows(likeStateOfWalk, [viewerId, walkId]))[0]!;
}

const likesOfWalk = statement<LikeRow>(
  'social_likes',
  `select liker.id, liker.nickname, ${isFollowedBy('liker', '$1::uuid')} as "isFollowing", liked.created_at as at
   from walk_likes liked join users liker on liker.id = liked.user_id
   where liked.walk_id = $2::uuid and ${isThereFor('liker', '$1::uuid')}
     and ($3::timestamptz is null or (liked.created_at, liked.user_id) < ($3::timestamptz, $4::uuid))
   order by liked.created_at desc, liked.user_id desc
   limit $5::int`,
);

export interface LikeRow {
  id: string;
  nickname: string;
  isFollowing: boolean;
  at: Date;
}

export const likesOf = (
  db: Connection,
  of: { viewerId: string; walkId: string },
  after: Position | null,
  count: number,
): Promise<LikeRow[]> =>
  db.rows(likesOfWalk, [of.viewerId, of.walkId, after?.at.toISOString() ?? null, after?.id ?? null, count]);

const COMMENT = `
  comment.id, comment.walk_id as "walkId", json_build_object('id', author.id, 'nickname', author.nickname) as person,
  comment.body, comment.created_at as "createdAt", comment.edited_at as "editedAt",
  comment.user_id = $1::uuid as "isMine", comment.hidden_at is not null as "isHidden"`;

export interface CommentRow {
  id: string;
  walkId: string;
  person: { id: string; nickname: string };
  body: string;
  createdAt: Date;
  editedAt: Date | null;
  isMine: boolean;
  isHidden: boolean;
}

const commentsOfWalk = statement<CommentRow>(
  'social_comments',
  `select ${COMMENT}
   from walk_comments comment join users author on author.id = comment.user_id
   where comment.walk_id = $2::uuid and ${isCommentSeenBy('comment', 'author', '$1::uuid')}
     and ($3::timestamptz is null or (comment.created_at, comment.id) < ($3::timestamptz, $4::uuid))
   order by comment.created_at desc, comment.id desc
   limit $5::int`,
);

export const commentsOf = (
  db: Connection,
  of: { viewerId: string; walkId: string },
  after: Position | null,
  count: number,
): Promise<CommentRow[]> =>
  db.rows(commentsOfWalk, [
    of.viewerId,
    of.walkId,
    after?.at.toISOString() ?? null,
    after?.id ?? null,
    count,
  ]);

const commentCount = statement<{ comments: number }>(
  'social_comment_count',
  `select ${commentsSeen('$2::uuid', '$1::uuid')} as comments`,
);

export async function commentCountOf(db: Connection, viewerId: string, walkId: string): Promise<number> {
  return (await db.rows(commentCount, [viewerId, walkId]))[0]!.comments;
}

const visibleComment = statement<CommentRow & { walkerId: string }>(
  'social_comment',
  `select ${COMMENT}, walk.user_id as "walkerId"
   from walk_comments comment join users author on author.id = comment.user_id
   join walks walk on walk.id = comment.walk_id join users walker on walker.id = walk.user_id
   where comment.id = $2::uuid and ${isCommentSeenBy('comment', 'author', '$1::uuid')}
     and ${isWalkVisibleTo('walk', 'walker', '$1::uuid')}`,
);

/** A comment under a walk that the viewer sees, with the walker's id. */
export async function findComment(db: Connection, viewerId: string, commentId: string) {
  const [comment] = await db.rows(visibleComment, [viewerId, commentId]);
  return comment ?? null;
}

const insertLike = statement<{ walkId: string }>(
  'social_insert_like',
  `insert into walk_likes (walk_id, user_id, created_at) values ($1::uuid, $2::uuid, $3::timestamptz)
   on conflict do nothing returning walk_id as "walkId"`,
);

/** @returns false when it was there before */
export async function addLike(
  tx: Transaction,
  { walkId, userId, now }: { walkId: string; userId: string; now: Date },
): Promise<boolean> {
  return (await tx.rows(insertLike, [walkId, userId, now.toISOString()])).length > 0;
}
