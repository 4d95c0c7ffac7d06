import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, type Viewer } from '../../platform/auth/viewer.js';
import { Answers, AnswersNothing } from '../../platform/http/answers.js';
import { type Once, OnceOnly } from '../../platform/http/idempotency.js';
import { pageOf, pageQuery, type PageQuery } from '../../platform/http/pagination.js';
import { id } from '../../platform/http/schemas.js';
import { walkNotFound } from '../walks/index.js';
import { Comments } from './comments.service.js';
import { Feed } from './feed.service.js';
import { Likes } from './likes.service.js';
import { commentNotFound, notYourOwnWalk } from './social.errors.js';
import * as shapes from './social.schemas.js';

@ApiTags('social')
@ApiBearerAuth()
@Controller()
export class SocialController {
  constructor(
    private readonly likes: Likes,
    private readonly comments: Comments,
    private readonly feed: Feed,
  ) {}

  @Get('feed')
  @Answers(200, pageOf(shapes.feedItem), {
    summary: '피드: 팔로우하는 사람의 산책과 우리 동네의 공개 산책 (내 산책은 빼고)',
  })
  getFeed(@AskedBy() viewer: Viewer, @Query({ schema: pageQuery }) query: PageQuery) {
    return this.feed.list(viewer.userId, query);
  }

  @Get('likes/:walkId')
  @Answers(200, shapes.likesView, { summary: '산책을 좋아하는 사람 (최근부터)', problems: [walkNotFound] })
  listLikes(
    @AskedBy() viewer: Viewer,
    @Param('walkId', { schema: id }) walkId: string,
    @Query({ schema: pageQuery }) query: PageQuery,
  ) {
    return this.likes.list(viewer.userId, walkId, query);
  }

  @Post('likes/:walkId')
  @Answers(200, shapes.likeState, {
    summary: '산책에 좋아요를 누른다 (두 번 눌러도 하나)',
    problems: [walkNotFound, notYourOwnWalk],
  })
  likeWalk(@AskedBy() viewer: Viewer, @Param('walkId', { schema: id }) walkId: string) {
    return this.likes.like(viewer.userId, walkId);
  }

  @Delete('likes/:walkId')
  @Answers(200, shapes.likeState, { summary: '좋아요를 거둔다', problems: [walkNotFound] })
  unlikeWalk(@AskedBy() viewer: Viewer, @Param('walkId', { schema: id }) walkId: string) {
    return this.likes.unlike(viewer.userId, walkId);
  }

  @Get('comments')
  @Answers(200, shapes.commentsView, { summary: '산책의 댓글 (최근부터)', problems: [walkNotFound] })
  listComments(
    @AskedBy() viewer: Viewer,
    @Query({ schema: shapes.commentsQuery }) query: shapes.CommentsQuery,
  ) {
    return this.comments.list(viewer.userId, query);
  }

  @Post('comments')
  @Answers(201, shapes.commentView, { summary: '댓글을 쓴다', problems: [walkNotFound] })
  addComment(
    @AskedBy() viewer: Viewer,
    @Body({ schema: shapes.commentIn }) body: shapes.CommentIn,
    @OnceOnly() once: Once | null,
  ) {
    return this.comments.add(viewer.userId, body, once);
  }

  @Patch('comments/:id')
  @Answers(200, shapes.commentView, { summary: '내 댓글을 고친다', problems: [commentNotFound] })
  editComment(
    @AskedBy() viewer: Viewer,
    @Param('id', { schema: id }) commentId: string,
    @Body({ schema: shapes.commentPatch }) body: shapes.CommentPatch,
  ) {
    return this.comments.edit(viewer.userId, commentId, body);
  }

  @Delete('comments/:id')
  @AnswersNothing({ summary: '내 댓글이나 내 산책의 댓글을 지운다', problems: [commentNotFound] })
  removeComment(@AskedBy() viewer: Viewer, @Param('id', { schema: id }) commentId: string) {
    return this.comments.remove(viewer.userId, commentId);
  }
}
