import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, OpenToSuspended, type Viewer } from '../../platform/auth/viewer.js';
import { Answers, AnswersNothing } from '../../platform/http/answers.js';
import { type Once, OnceOnly } from '../../platform/http/idempotency.js';
import { pageOf, pageQuery, type PageQuery } from '../../platform/http/pagination.js';
import { id } from '../../platform/http/schemas.js';
import { premiumRequired } from '../entitlement/index.js';
import { petNotFound } from './pets.errors.js';
import { pet, petIn, type PetIn, petPatch, type PetPatch } from './pets.schemas.js';
import { Pets } from './pets.service.js';

@ApiTags('pets')
@ApiBearerAuth()
@Controller('pets')
export class PetsController {
  constructor(private readonly pets: Pets) {}

  @OpenToSuspended()
  @Get()
  @Answers(200, pageOf(pet), { summary: '내 반려동물 목록 (최신순)' })
  listPets(@AskedBy() viewer: Viewer, @Query({ schema: pageQuery }) query: PageQuery) {
    return this.pets.list(viewer.userId, query);
  }

  @Post()
  @Answers(201, pet, {
    summary: '반려동물 등록 (두 마리까지, 프리미엄은 제한 없음)',
    problems: [premiumRequired],
  })
  addPet(@AskedBy() viewer: Viewer, @Body({ schema: petIn }) input: PetIn, @OnceOnly() once: Once | null) {
    return this.pets.add(viewer.userId, input, once);
  }

  @OpenToSuspended()
  @Get(':id')
  @Answers(200, pet, { summary: '반려동물 정보', problems: [petNotFound] })
  getPet(@AskedBy() viewer: Viewer, @Param('id', { schema: id }) petId: string) {
    return this.pets.get(viewer.userId, petId);
  }

  @Patch(':id')
  @Answers(200, pet, { summary: '반려동물 정보 수정', problems: [petNotFound] })
  updatePet(
    @AskedBy() viewer: Viewer,
    @Param('id', { schema: id }) petId: string,
    @Body({ schema: petPatch }) patch: PetPatch,
  ) {
    return this.pets.update(viewer.userId, petId, patch);
  }

  @OpenToSuspended()
  @Delete(':id')
  @AnswersNothing({ summary: '반려동물 삭제 (산책 기록은 남음)', problems: [petNotFound] })
  removePet(@AskedBy() viewer: Viewer, @Param('id', { schema: id }) petId: string) {
    return this.pets.remove(viewer.userId, petId);
  }
}
