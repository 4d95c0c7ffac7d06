import { Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, type Viewer } from '../../platform/auth/viewer.js';
import { Answers, AnswersNothing } from '../../platform/http/answers.js';
import { pageOf, pageQuery, type PageQuery } from '../../platform/http/pagination.js';
import { id } from '../../platform/http/schemas.js';
import { userNotFound } from '../users/index.js';
import { Blocks } from './blocks.service.js';
import { FollowRequests } from './follow-requests.service.js';
import { Follows } from './follows.service.js';
import { followLimit, followRequestNotFound, notWithYourself } from './people.errors.js';
import {
  blockedPerson,
  followedPerson,
  followRequest,
  followsQuery,
  type FollowsQuery,
  followState,
} from './people.schemas.js';

@ApiTags('people')
@ApiBearerAuth()
@Controller()
export class PeopleController {
  constructor(
    private readonly follows: Follows,
    private readonly requests: FollowRequests,
    private readonly blocks: Blocks,
  ) {}

  @Post('follows/:userId')
  @Answers(200, followState, {
    summary: '팔로우한다 (비공개 프로필에는 요청한다)',
    problems: [userNotFound, notWithYourself, followLimit],
  })
  follow(@AskedBy() viewer: Viewer, @Param('userId', { schema: id }) userId: string) {
    return this.follows.follow(viewer.userId, userId);
  }

  @Delete('follows/:userId')
  @AnswersNothing({ summary: '팔로우나 팔로우 요청을 거둔다' })
  unfollow(@AskedBy() viewer: Viewer, @Param('userId', { schema: id }) userId: string) {
    return this.follows.unfollow(viewer.userId, userId);
  }

  @Get('followers')
  @Answers(200, pageOf(followedPerson), { summary: '팔로워 (최근부터)', problems: [userNotFound] })
  listFollowers(@AskedBy() viewer: Viewer, @Query({ schema: followsQuery }) query: FollowsQuery) {
    return this.follows.list(viewer.userId, 'followers', query);
  }

  @Delete('followers/:userId')
  @AnswersNothing({ summary: '팔로워를 내보낸다' })
  removeFollower(@AskedBy() viewer: Viewer, @Param('userId', { schema: id }) userId: string) {
    return this.follows.unfollow(userId, viewer.userId);
  }

  @Get('following')
  @Answers(200, pageOf(followedPerson), { summary: '팔로우하는 사람 (최근부터)', problems: [userNotFound] })
  listFollowing(@AskedBy() viewer: Viewer, @Query({ schema: followsQuery }) query: FollowsQuery) {
    return this.follows.list(viewer.userId, 'following', query);
  }

  @Get('follow-requests')
  @Answers(200, pageOf(followRequest), { summary: '내가 받은 팔로우 요청 (최근부터)' })
  listFollowRequests(@AskedBy() viewer: Viewer, @Query({ schema: pageQuery }) query: PageQuery) {
    return this.requests.list(viewer.userId, query);
  }

  @Post('follow-requests/:id')
  @AnswersNothing({ summary: '팔로우 요청을 받아들인다', problems: [followRequestNotFound] })
  approveFollowRequest(@AskedBy() viewer: Viewer, @Param('id', { schema: id }) requestId: string) {
    return this.requests.approve(viewer.userId, requestId);
  }

  @Delete('follow-requests/:id')
  @AnswersNothing({ summary: '받은 요청을 거절하거나 보낸 요청을 거둔다', problems: [followRequestNotFound] })
  removeFollowRequest(@AskedBy() viewer: Viewer, @Param('id', { schema: id }) requestId: string) {
    return this.requests.remove(viewer.userId, requestId);
  }

  @Get('blocks')
  @Answers(200, pageOf(blockedPerson), { summary: '내가 차단한 사람 (최근부터)' })
  listBlocks(@AskedBy() viewer: Viewer, @Query({ schema: pageQuery }) query: PageQuery) {
    return this.blocks.list(viewer.userId, query);
  }

  @Post('blocks/:userId')
  @AnswersNothing({
    summary: '차단한다 (서로에게 없는 사람이 된다)',
    problems: [userNotFound, notWithYourself],
  })
  block(@AskedBy() viewer: Viewer, @Param('userId', { schema: id }) userId: string) {
    return this.blocks.block(viewer.userId, userId);
  }

  @Delete('blocks/:userId')
  @AnswersNothing({ summary: '차단을 푼다 (팔로우는 돌아오지 않는다)' })
  unblock(@AskedBy() viewer: Viewer, @Param('userId', { schema: id }) userId: string) {
    return this.blocks.unblock(viewer.userId, userId);
  }
}
