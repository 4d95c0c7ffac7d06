import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, OpenToSuspended, type Viewer } from '../../platform/auth/viewer.js';
import { Answers, AnswersNothing } from '../../platform/http/answers.js';
import { type Once, OnceOnly } from '../../platform/http/idempotency.js';
import { pageOf, pageQuery, type PageQuery } from '../../platform/http/pagination.js';
import { id } from '../../platform/http/schemas.js';
import { HealthRecords } from './health-records.service.js';
import { healthRecordNotFound, petNotFound } from './pets.errors.js';
import {
  healthRecord,
  healthRecordIn,
  type HealthRecordIn,
  healthRecordPatch,
  type HealthRecordPatch,
} from './pets.schemas.js';

@ApiTags('pets')
@ApiBearerAuth()
@Controller('pets/:id/health')
export class HealthRecordsController {
  constructor(private readonly records: HealthRecords) {}

  @OpenToSuspended()
  @Get()
  @Answers(200, pageOf(healthRecord), { summary: '건강 기록 목록 (최신순)', problems: [petNotFound] })
  listHealthRecords(
    @AskedBy() viewer: Viewer,
    @Param('id', { schema: id }) petId: string,
    @Query({ schema: pageQuery }) query: PageQuery,
  ) {
    return this.records.list(viewer.userId, petId, query);
  }

  @Post()
  @Answers(201, healthRecord, { summary: '건강 기록 추가', problems: [petNotFound] })
  addHealthRecord(
    @AskedBy() viewer: Viewer,
    @Param('id', { schema: id }) petId: string,
    @Body({ schema: healthRecordIn }) input: HealthRecordIn,
    @OnceOnly() once: Once | null,
  ) {
    return this.records.add(viewer.userId, petId, input, once);
  }

  @Patch(':recordId')
  @Answers(200, healthRecord, { summary: '건강 기록 수정', problems: [petNotFound, healthRecordNotFound] })
  updateHealthRecord(
    @AskedBy() viewer: Viewer,
    @Param('id', { schema: id }) petId: string,
    @Param('recordId', { schema: id }) recordId: string,
    @Body({ schema: healthRecordPatch }) patch: HealthRecordPatch,
  ) {
    return this.records.update(viewer.userId, petId, recordId, patch);
  }

  @OpenToSuspended()
  @Delete(':recordId')
  @AnswersNothing({ summary: '건강 기록 삭제', problems: [petNotFound, healthRecordNotFound] })
  removeHealthRecord(
    @AskedBy() viewer: Viewer,
    @Param('id', { schema: id }) petId: string,
    @Param('recordId', { schema: id }) recordId: string,
  ) {
    return this.records.remove(viewer.userId, petId, recordId);
  }
}
