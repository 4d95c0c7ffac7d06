import { z } from 'zod';
import { pageOf, pageQuery } from '../../platform/http/pagination.js';
import { calendarDate, id, instant, safeText } from '../../platform/http/schemas.js';
import { person } from '../users/index.js';

const count = z.int().min(0);
const likes = count.meta({ description: '내게 보이는 사람들의 좋아요' });
const comments = count.meta({ description: '내게 보이는 댓글' });

export const likeState = z.object({ walkId: id, likes, iLike: z.boolean() }).meta({ id: 'LikeState' });
export type LikeState = z.output<typeof likeState>;

export const likesView = z
  .object({
    likes,
    iLike: z.boolean(),
    ...pageOf(z.object({ person, isFollowing: z.boolean(), likedAt: instant }).meta({ id: 'Like' })).shape,
  })
  .meta({ id: 'Likes' });

const body = safeText(1, 500);

export const commentIn = z.strictObject({ walkId: id, body });
export type CommentIn = z.output<typeof commentIn>;

export const commentPatch = z.strictObject({ body: body.optional() });
export type CommentPatch = z.output<typeof commentPatch>;

export const commentsQuery = pageQuery.extend({ walkId: id });
export type CommentsQuery = z.output<typeof commentsQuery>;

export const commentView = z
  .object({
    id,
    walkId: id,
    person,
    body: z.string(),
    createdAt: instant,
    editedAt: instant.nullable(),
    isMine: z.boolean(),
    isHidden: z.boolean().meta({ description: '운영자가 숨겨 나에게만 보인다' }),
  })
  .meta({ id: 'Comment' });
export type CommentView = z.output<typeof commentView>;

export const commentsView = z.object({ comments, ...pageOf(commentView).shape }).meta({ id: 'Comments' });

export const feedItem = z
  .object({
    id: id.meta({ description: 'Of the walk' }),
    person,
    isFollowing: z.boolean(),
    title: z.string().nullable(),
    walkDate: calendarDate,
    startedAt: instant.meta({ description: 'The full hour' }),
    distanceM: count.meta({ description: 'To the nearest 100 m' }),
    movingS: count.meta({ description: 'To the nearest minute' }),
    preview: z
      .array(z.string())
      .meta({ description: 'Encoded polylines, one for each stretch, 100 points in all' }),
    pets: z.array(z.object({ id, name: z.string(), breed: z.string().nullable() }).meta({ id: 'FeedPet' })),
    likes,
    comments,
    iLike: z.boolean(),
  })
  .meta({ id: 'FeedItem' });
