import { z } from 'zod';
import { pageQuery } from '../../platform/http/pagination.js';
import { id, instant } from '../../platform/http/schemas.js';
import { person } from '../users/index.js';

export const followState = z
  .object({
    state: z.enum(['following', 'requested']).meta({ description: '비공개 프로필은 수락을 기다린다' }),
  })
  .meta({ id: 'FollowState' });
export type FollowState = z.output<typeof followState>;

export const followsQuery = pageQuery.extend({
  userId: id.optional().meta({ description: '다른 사용자의 목록; 없으면 내 것' }),
});
export type FollowsQuery = z.output<typeof followsQuery>;

export const followedPerson = z
  .object({ ...person.shape, isFollowing: z.boolean().meta({ description: '내가 팔로우하는지' }) })
  .meta({ id: 'FollowedPerson' });

export const followRequest = z.object({ id, person, createdAt: instant }).meta({ id: 'FollowRequest' });

export const blockedPerson = z.object({ ...person.shape, blockedAt: instant }).meta({ id: 'BlockedPerson' });
