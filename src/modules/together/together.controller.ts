import { Controller, Delete, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, type Viewer } from '../../platform/auth/viewer.js';
import { Answers, AnswersNothing } from '../../platform/http/answers.js';
import { type PageQuery, pageQuery } from '../../platform/http/pagination.js';
import { id } from '../../platform/http/schemas.js';
import { Memberships } from './memberships.service.js';
import { roomNotFound } from './together.errors.js';
import { roomPage } from './together.schemas.js';

@ApiTags('together')
@ApiBearerAuth()
@Controller('rooms')
export class TogetherController {
  constructor(private readonly memberships: Memberships) {}

  @Get()
  @Answers(200, roomPage, { summary: '내가 들어갈 수 있는 함께 걷기 방 (최신순)' })
  listRooms(@AskedBy() viewer: Viewer, @Query({ schema: pageQuery }) query: PageQuery) {
    return this.memberships.list(viewer.userId, query);
  }

  @Delete(':id/membership')
  @AnswersNothing({ summary: '함께 걷기 그만하기 (모든 기기에서)', problems: [roomNotFound] })
  leaveRoom(@AskedBy() viewer: Viewer, @Param('id', { schema: id }) roomId: string) {
    return this.memberships.leave(viewer.userId, roomId);
  }
}
