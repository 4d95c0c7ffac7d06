import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, type Viewer } from '../../platform/auth/viewer.js';
import { Answers, AnswersNothing } from '../../platform/http/answers.js';
import { type Once, OnceOnly } from '../../platform/http/idempotency.js';
import { pageOf, pageQuery, type PageQuery } from '../../platform/http/pagination.js';
import { id } from '../../platform/http/schemas.js';
import * as errors from './meetups.errors.js';
import * as shapes from './meetups.schemas.js';
import { Meetups } from './meetups.service.js';
import { Participations } from './participations.service.js';

@ApiTags('meetups')
@ApiBearerAuth()
@Controller('meetups')
export class MeetupsController {
  constructor(
    private readonly meetups: Meetups,
    private readonly participations: Participations,
  ) {}

  @Get()
  @Answers(200, pageOf(shapes.meetup), { summary: '다가오는 우리 구 모임, 또는 내 모임 (가까운 때부터)' })
  listMeetups(@AskedBy() viewer: Viewer, @Query({ schema: shapes.meetupsQuery }) query: shapes.MeetupsQuery) {
    return this.meetups.list(viewer.userId, query);
  }

  @Post()
  @Answers(201, shapes.meetup, {
    summary: '모임을 연다',
    problems: [errors.tooManyMeetups, errors.petDoesNotFit],
  })
  holdMeetup(
    @AskedBy() viewer: Viewer,
    @Body({ schema: shapes.meetupIn }) body: shapes.MeetupIn,
    @OnceOnly() once: Once | null,
  ) {
    return this.meetups.hold(viewer.userId, body, once);
  }

  @Get(':id')
  @Answers(200, shapes.meetup, { summary: '모임 하나', problems: [errors.meetupNotFound] })
  getMeetup(@AskedBy() viewer: Viewer, @Param('id', { schema: id }) meetupId: string) {
    return this.meetups.get(viewer.userId, meetupId);
  }

  @Patch(':id')
  @Answers(200, shapes.meetup, {
    summary: '내가 연 모임을 바꾼다 (참가자에게 알린다)',
    problems: [errors.meetupNotFound, errors.meetupClosed, errors.capacityTaken],
  })
  updateMeetup(
    @AskedBy() viewer: Viewer,
    @Param('id', { schema: id }) meetupId: string,
    @Body({ schema: shapes.meetupPatch }) patch: shapes.MeetupPatch,
  ) {
    return this.meetups.update(viewer.userId, meetupId, patch);
  }

  @Delete(':id')
  @AnswersNothing({
    summary: '내가 연 모임을 취소한다 (참가자에게 알린다)',
    problems: [errors.meetupNotFound, errors.meetupClosed],
  })
  cancelMeetup(@AskedBy() viewer: Viewer, @Param('id', { schema: id }) meetupId: string) {
    return this.meetups.cancel(viewer.userId, meetupId);
  }

  @Post(':id/participation')
  @Answers(201, shapes.meetup, {
    summary: '모임에 참가한다',
    problems: [
      errors.meetupNotFound,
      errors.meetupClosed,
      errors.meetupFull,
      errors.alreadyJoined,
      errors.petDoesNotFit,
    ],
  })
  joinMeetup(
    @AskedBy() viewer: Viewer,
    @Param('id', { schema: id }) meetupId: string,
    @Body({ schema: shapes.participationIn }) body: shapes.ParticipationIn,
    @OnceOnly() once: Once | null,
  ) {
    return this.participations.join(viewer.userId, meetupId, body, once);
  }

  @Delete(':id/participation')
  @AnswersNothing({
    summary: '모임에서 빠진다',
    problems: [
      errors.meetupNotFound,
      errors.participationNotFound,
      errors.meetupClosed,
      errors.hostCannotLeave,
    ],
  })
  leaveMeetup(@AskedBy() viewer: Viewer, @Param('id', { schema: id }) meetupId: string) {
    return this.participations.leave(viewer.userId, meetupId);
  }

  @Get(':id/participants')
  @Answers(200, pageOf(shapes.participant), {
    summary: '참가자 (주최자부터, 참가한 순서)',
    problems: [errors.meetupNotFound],
  })
  listMeetupParticipants(
    @AskedBy() viewer: Viewer,
    @Param('id', { schema: id }) meetupId: string,
    @Query({ schema: pageQuery }) query: PageQuery,
  ) {
    return this.participations.list(viewer.userId, meetupId, query);
  }
}
