import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, type Viewer } from '../../platform/auth/viewer.js';
import { Answers } from '../../platform/http/answers.js';
import { type Once, OnceOnly } from '../../platform/http/idempotency.js';
import { pageOf } from '../../platform/http/pagination.js';
import { id } from '../../platform/http/schemas.js';
import { notWithYourself } from '../people/index.js';
import { userNotFound } from '../users/index.js';
import * as errors from './invitations.errors.js';
import * as shapes from './invitations.schemas.js';
import { Invitations } from './invitations.service.js';

@ApiTags('invitations')
@ApiBearerAuth()
@Controller('invitations')
export class InvitationsController {
  constructor(private readonly invitations: Invitations) {}

  @Get()
  @Answers(200, pageOf(shapes.invitation), { summary: '받은 초대 또는 보낸 초대 (최신순)' })
  listInvitations(
    @AskedBy() viewer: Viewer,
    @Query({ schema: shapes.invitationsQuery }) query: shapes.InvitationsQuery,
  ) {
    return this.invitations.list(viewer.userId, query);
  }

  @Post()
  @Answers(201, shapes.invitation, {
    summary: '함께 산책하자고 초대한다',
    problems: [
      userNotFound,
      notWithYourself,
      errors.invitationNotAllowed,
      errors.invitationPending,
      errors.tooManyInvitations,
      errors.invitedTooOften,
    ],
  })
  invite(
    @AskedBy() viewer: Viewer,
    @Body({ schema: shapes.invitationIn }) body: shapes.InvitationIn,
    @OnceOnly() once: Once | null,
  ) {
    return this.invitations.invite(viewer.userId, body, once);
  }

  @Patch(':id')
  @Answers(200, shapes.invitation, {
    summary: '초대에 답하거나, 보낸 초대를 거둔다 (수락하면 함께 산책하는 방이 생긴다)',
    problems: [errors.invitationNotFound, errors.invitationExpired, errors.invitationSettled],
  })
  answerInvitation(
    @AskedBy() viewer: Viewer,
    @Param('id', { schema: id }) invitationId: string,
    @Body({ schema: shapes.invitationAnswer }) body: shapes.InvitationAnswer,
  ) {
    return this.invitations.answer(viewer.userId, invitationId, body);
  }
}
