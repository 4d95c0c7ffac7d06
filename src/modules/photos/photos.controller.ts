import { Body, Controller, Delete, Get, Param, Post, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AskedBy, OpenToSuspended, Public, type Viewer } from '../../platform/auth/viewer.js';
import { Answers, AnswersBytes, AnswersNothing } from '../../platform/http/answers.js';
import { LimitedAs } from '../../platform/limits/limits.js';
import { TakesFile } from '../../platform/http/file-body.js';
import { type Once, OnceOnly } from '../../platform/http/idempotency.js';
import { id } from '../../platform/http/schemas.js';
import { petNotFound } from '../pets/index.js';
import { walkNotFound } from '../walks/index.js';
import { Files } from './files.service.js';
import { MEDIA_TYPE } from './images.js';
import * as errors from './photos.errors.js';
import * as shapes from './photos.schemas.js';
import { Photos } from './photos.service.js';
import { Uploads } from './uploads.service.js';

@ApiTags('photos')
@Controller()
export class PhotosController {
  constructor(
    private readonly photos: Photos,
    private readonly uploads: Uploads,
    private readonly files: Files,
  ) {}

  @ApiBearerAuth()
  @Post('walks/:id/photos')
  @LimitedAs('uploads')
  @TakesFile()
  @Answers(201, shapes.photo, {
    summary: '내 산책에 사진을 올린다 (10장까지)',
    problems: [walkNotFound, errors.tooManyPhotos, ...errors.REFUSALS],
    takes: 'multipart',
  })
  addWalkPhoto(
    @AskedBy() viewer: Viewer,
    @Param('id', { schema: id }) walkId: string,
    @Body({ schema: shapes.walkPhotoIn }) { file }: shapes.WalkPhotoIn,
    @OnceOnly() once: Once | null,
  ) {
    return this.uploads.add(viewer.userId, { walkId }, file, once);
  }

  @ApiBearerAuth()
  @Get('walks/:id/photos')
  @Answers(200, shapes.photosOfWalk, {
    summary: '산책의 사진 (산책을 볼 수 있는 사람에게, 올린 순서대로)',
    problems: [walkNotFound],
  })
  listWalkPhotos(@AskedBy() viewer: Viewer, @Param('id', { schema: id }) walkId: string) {
    return this.photos.list(viewer.userId, walkId);
  }

  @ApiBearerAuth()
  @OpenToSuspended()
  @Delete('walks/:id/photos/:photoId')
  @AnswersNothing({ summary: '내 산책의 사진을 지운다', problems: [errors.photoNotFound] })
  deleteWalkPhoto(
    @AskedBy() viewer: Viewer,
    @Param('id', { schema: id }) walkId: string,
    @Param('photoId', { schema: id }) photoId: string,
  ) {
    return this.photos.delete(viewer.userId, walkId, photoId);
  }

  @ApiBearerAuth()
  @OpenToSuspended()
  @Delete('pets/:id/photo')
  @AnswersNothing({ summary: '반려동물의 사진을 지운다', problems: [petNotFound] })
  deletePetPhoto(@AskedBy() viewer: Viewer, @Param('id', { schema: id }) petId: string) {
    return this.photos.deleteOfPet(viewer.userId, petId);
  }

  @Public()
  @Get('files/:token')
  @LimitedAs('files')
  @ApiResponse({ status: 302, description: '저장소의 주소로 보낸다 (잠시만 유효)' })
  @AnswersBytes([MEDIA_TYPE], {
    summary: '사진 파일 (사진의 url320, url1080)',
    problems: [errors.fileNotFound, errors.storageUnavailable],
  })
  async getFile(
    @Param('token', { schema: shapes.fileToken }) token: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { status, headers, file } = await this.files.open(token);
    void reply.status(status).headers(headers);
    return file;
  }
}
