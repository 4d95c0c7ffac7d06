import { Body, Controller, Delete, Get, Param, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import { AskedBy, OpenToSuspended, type Viewer } from '../../platform/auth/viewer.js';
import { Answers, AnswersNothing, AnswersText } from '../../platform/http/answers.js';
import { LimitedAs } from '../../platform/limits/limits.js';
import { type Once, OnceOnly } from '../../platform/http/idempotency.js';
import { type PageQuery, pageQuery } from '../../platform/http/pagination.js';
import { id } from '../../platform/http/schemas.js';
import { Recording } from './recording.service.js';
import * as errors from './walks.errors.js';
import * as shapes from './walks.schemas.js';
import { Walks } from './walks.service.js';

@ApiTags('walks')
@ApiBearerAuth()
@Controller('walks')
export class WalksController {
  constructor(
    private readonly recording: Recording,
    private readonly walks: Walks,
  ) {}

  @Post()
  @Answers(201, shapes.walkView, {
    summary: '산책을 시작한다',
    problems: [errors.locationConsentNeeded, errors.walkAlreadyOpen, errors.walkIdTaken, errors.walkDeleted],
  })
  startWalk(
    @AskedBy() viewer: Viewer,
    @Body({ schema: shapes.startWalk }) body: shapes.StartWalk,
    @OnceOnly() once: Once | null,
  ) {
    return this.recording.start(viewer.userId, body, once);
  }

  @Post('import')
  @ApiConsumes('application/gpx+xml')
  @ApiBody({ schema: { type: 'string' }, description: 'GPX 1.0 or 1.1 with times' })
  @Answers(201, shapes.walkView, {
    summary: 'GPX 파일을 산책으로 가져온다',
    problems: [errors.gpxRejected],
    bodyLimitBytes: shapes.WHOLE_WALK_BODY_LIMIT_BYTES,
  })
  importWalk(
    @AskedBy() viewer: Viewer,
    @Query({ schema: shapes.importQuery }) query: shapes.ImportQuery,
    @Body({ schema: shapes.gpxBody }) gpx: string,
    @OnceOnly() once: Once | null,
  ) {
    return this.recording.importGpx(viewer.userId, gpx, query, once);
  }

  @Post(':id/points')
  @LimitedAs('points')
  @Answers(200, shapes.chunkReceipt, {
    summary: '위치를 보낸다 (한 번에 1,000개까지, 순서와 중복은 상관없음)',
    problems: [errors.walkNotFound, errors.walkClosed, errors.walkDeleted, errors.tooManyPoints],
  })
  addPoints(
    @AskedBy() viewer: Viewer,
    @Param('id', { schema: id }) walkId: string,
    @Body({ schema: shapes.chunkIn }) body: shapes.Chunk,
  ) {
    return this.recording.addPoints(viewer.userId, walkId, body);
  }

  @Post(':id/complete')
  @Answers(200, shapes.walkView, {
    summary: '산책을 마치고 판정을 받는다',
    problems: [errors.walkNotFound, errors.walkClosed, errors.walkDeleted],
  })
  completeWalk(
    @AskedBy() viewer: Viewer,
    @Param('id', { schema: id }) walkId: string,
    @Body({ schema: shapes.completeWalk }) body: shapes.CompleteWalk,
  ) {
    return this.recording.complete(viewer.userId, walkId, body);
  }

  @Put(':id')
  @Answers(200, shapes.walkView, {
    summary: '오프라인에서 기록한 산책 전체를 올린다 (두 번 보내도 하나)',
    problems: [errors.walkNotFound, errors.walkDeleted, errors.walkClosed, errors.tooManyPoints],
    bodyLimitBytes: shapes.WHOLE_WALK_BODY_LIMIT_BYTES,
  })
  uploadWalk(
    @AskedBy() viewer: Viewer,
    @Param('id', { schema: shapes.wholeWalkId }) walkId: string,
    @Body({ schema: shapes.wholeWalkIn }) body: shapes.WholeWalk,
  ) {
    return this.recording.upload(viewer.userId, walkId, body);
  }

  @OpenToSuspended()
  @Get()
  @Answers(200, shapes.walkPage, { summary: '내 산책 목록 (최근 것부터)' })
  listWalks(@AskedBy() viewer: Viewer, @Query({ schema: pageQuery }) query: PageQuery) {
    return this.walks.list(viewer.userId, query);
  }

  @Get(':id')
  @Answers(200, shapes.walkAnswer, {
    summary: '산책 하나 (남의 산책은 공개된 만큼)',
    problems: [errors.walkNotFound],
  })
  getWalk(@AskedBy() viewer: Viewer, @Param('id', { schema: id }) walkId: string) {
    return this.walks.get(viewer.userId, walkId);
  }

  @Get(':id/route')
  @Answers(200, shapes.routeView, {
    summary: '산책 경로 (남에게는 사생활 구역과 양 끝을 가린 경로)',
    problems: [errors.walkNotFound],
  })
  getRoute(@AskedBy() viewer: Viewer, @Param('id', { schema: id }) walkId: string) {
    return this.walks.route(viewer.userId, walkId);
  }

  @OpenToSuspended()
  @Get(':id/gpx')
  @AnswersText('application/gpx+xml', {
    summary: '내 산책을 GPX로 내려받는다',
    problems: [errors.walkNotFound],
  })
  exportWalk(@AskedBy() viewer: Viewer, @Param('id', { schema: id }) walkId: string) {
    return this.walks.gpx(viewer.userId, walkId);
  }

  @Patch(':id')
  @Answers(200, shapes.walkView, {
    summary: '공개 범위, 제목, 메모를 바꾸거나 잘라낸다',
    problems: [errors.walkNotFound, errors.walkNotCompleted, errors.rawPointsGone],
  })
  editWalk(
    @AskedBy() viewer: Viewer,
    @Param('id', { schema: id }) walkId: string,
    @Body({ schema: shapes.editWalk }) body: shapes.EditWalk,
  ) {
    return this.walks.edit(viewer.userId, walkId, body);
  }

  @OpenToSuspended()
  @Delete(':id')
  @AnswersNothing({ summary: '산책을 지운다', problems: [errors.walkNotFound] })
  deleteWalk(@AskedBy() viewer: Viewer, @Param('id', { schema: id }) walkId: string) {
    return this.walks.delete(viewer.userId, walkId);
  }
}
