import { Controller, Get, Param } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, type Viewer } from '../../platform/auth/viewer.js';
import { Answers } from '../../platform/http/answers.js';
import { id } from '../../platform/http/schemas.js';
import { userNotFound } from '../users/index.js';
import { badgeList, earnedBadges } from './badges.schemas.js';
import { Badges } from './badges.service.js';

@ApiTags('badges')
@ApiBearerAuth()
@Controller()
export class BadgesController {
  constructor(private readonly badges: Badges) {}

  @Get('badges')
  @Answers(200, badgeList, { summary: '뱃지와 나의 진행률' })
  listBadges(@AskedBy() viewer: Viewer) {
    return this.badges.list(viewer.userId);
  }

  @Get('users/:id/badges')
  @Answers(200, earnedBadges, { summary: '사용자가 받은 뱃지', problems: [userNotFound] })
  listBadgesOfUser(@AskedBy() viewer: Viewer, @Param('id', { schema: id }) userId: string) {
    return this.badges.of(viewer.userId, userId);
  }
}
