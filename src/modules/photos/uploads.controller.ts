import { Body, Controller, Param, Post, Put, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AskedBy, Public, type Viewer } from '../../platform/auth/viewer.js';
import { Answers, AnswersNothing } from '../../platform/http/answers.js';
import { LimitedAs } from '../../platform/limits/limits.js';
import { TakesFile } from '../../platform/http/file-body.js';
import { type Once, OnceOnly } from '../../platform/http/idempotency.js';
import { serviceUnavailable } from '../../platform/http/problem.js';
import { petNotFound } from '../pets/index.js';
import { walkNotFound } from '../walks/index.js';
import * as errors from './photos.errors.js';
import * as shapes from './photos.schemas.js';
import { Uploads } from './uploads.service.js';

@ApiTags('upload')
@LimitedAs('uploads')
@Controller('upload')
export class UploadsController {
  constructor(private readonly uploads: Uploads) {}

  @ApiBearerAuth()
  @Post('walk-photo')
  @TakesFile()
  @Answers(201, shapes.photo, {
    summary: '내 산책에 사진을 올린다 (walks/{id}/photos와 같음)',
    problems: [walkNotFound, errors.tooManyPhotos, ...errors.REFUSALS],
    takes: 'multipart',
  })
  uploadWalkPhoto(
    @AskedBy() viewer: Viewer,
    @Body({ schema: shapes.walkPhotoUpload }) { walkId, file }: shapes.WalkPhotoUpload,
    @OnceOnly() once: Once | null,
  ) {
    return this.uploads.add(viewer.userId, { walkId }, file, once);
  }

  @ApiBearerAuth()
  @Post('pet-profile')
  @TakesFile()
  @Answers(201, shapes.photo, {
    summary: '반려동물의 사진을 올린다 (전의 사진은 지워짐)',
    problems: [petNotFound, ...errors.REFUSALS],
    takes: 'multipart',
  })
  uploadPetProfile(
    @AskedBy() viewer: Viewer,
    @Body({ schema: shapes.petProfileUpload }) { petId, file }: shapes.PetProfileUpload,
    @OnceOnly() once: Once | null,
  ) {
    return this.uploads.add(viewer.userId, { petId }, file, once);
  }

  @ApiBearerAuth()
  @Post('presign')
  @Answers(201, shapes.presigned, {
    summary: '사진을 저장소로 바로 보낼 주소를 받는다 (10분 동안 유효)',
    problems: [walkNotFound, petNotFound, errors.tooManyUploads],
  })
  presignUpload(@AskedBy() viewer: Viewer, @Body({ schema: shapes.presignIn }) body: shapes.PresignIn) {
    return this.uploads.presign(viewer.userId, body);
  }

  @Public()
  @Put('direct/:token')
  @LimitedAs('directUploads')
  @ApiConsumes('image/jpeg', 'image/png', 'image/webp')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @AnswersNothing({
    summary: '사진 파일을 보낸다 (저장소가 따로 없을 때 presign이 주는 주소)',
    problems: [errors.uploadNotFound, errors.uploadDiffers, errors.storageUnavailable, serviceUnavailable],
    takes: 'image',
  })
  receiveUpload(
    @Param('token', { schema: shapes.uploadToken }) token: string,
    @Req() request: FastifyRequest,
  ) {
    return this.uploads.receive(token, request);
  }

  @ApiBearerAuth()
  @Post('complete')
  @Answers(200, shapes.photo, {
    summary: '보낸 파일을 사진으로 만든다 (두 번 불러도 같은 사진)',
    problems: [
      errors.uploadNotFound,
      errors.uploadNotReceived,
      errors.uploadDiffers,
      walkNotFound,
      petNotFound,
      errors.tooManyPhotos,
      ...errors.REFUSALS,
    ],
  })
  completeUpload(
    @AskedBy() viewer: Viewer,
    @Body({ schema: shapes.completeIn }) { uploadId }: shapes.CompleteIn,
  ) {
    return this.uploads.complete(viewer.userId, uploadId);
  }
}
