import { Body, Controller, Get, Param, Patch, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, OpenToLeaving, OpenToSuspended, type Viewer } from '../../platform/auth/viewer.js';
import { Answers } from '../../platform/http/answers.js';
import { id } from '../../platform/http/schemas.js';
import { regionUnknown, userNotFound } from './users.errors.js';
import {
  homeRegion,
  type HomeRegion,
  me,
  mePatch,
  type MePatch,
  mySettings,
  mySettingsPatch,
  type MySettingsPatch,
  publicProfile,
} from './users.schemas.js';
import { Users } from './users.service.js';

@ApiTags('users')
@ApiBearerAuth()
@Controller('users')
export class UsersController {
  constructor(private readonly users: Users) {}

  @OpenToSuspended()
  @OpenToLeaving()
  @Get('me')
  @Answers(200, me, { summary: '내 정보' })
  getMe(@AskedBy() viewer: Viewer) {
    return this.users.me(viewer.userId);
  }

  @Patch('me')
  @Answers(200, me, { summary: '내 정보 수정' })
  updateMe(@AskedBy() viewer: Viewer, @Body({ schema: mePatch }) patch: MePatch) {
    return this.users.updateMe(viewer.userId, patch);
  }

  @OpenToSuspended()
  @Get('me/settings')
  @Answers(200, mySettings, { summary: '내 설정' })
  getMySettings(@AskedBy() viewer: Viewer) {
    return this.users.settings(viewer.userId);
  }

  @Patch('me/settings')
  @Answers(200, mySettings, { summary: '내 설정 변경' })
  updateMySettings(@AskedBy() viewer: Viewer, @Body({ schema: mySettingsPatch }) patch: MySettingsPatch) {
    return this.users.updateSettings(viewer.userId, patch);
  }

  @Put('me/region')
  @Answers(200, me, { summary: '우리 동네 설정', problems: [regionUnknown] })
  setMyRegion(@AskedBy() viewer: Viewer, @Body({ schema: homeRegion }) region: HomeRegion) {
    return this.users.setRegion(viewer.userId, region);
  }

  @Get(':id')
  @Answers(200, publicProfile, { summary: '다른 사용자의 프로필', problems: [userNotFound] })
  getUser(@AskedBy() viewer: Viewer, @Param('id', { schema: id }) userId: string) {
    return this.users.profile(viewer.userId, userId);
  }
}
