import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, type Viewer } from '../../platform/auth/viewer.js';
import { Clock } from '../../platform/clock/clock.js';
import { kstDate } from '../../platform/clock/kst.js';
import { Database } from '../../platform/database/database.js';
import { Answers } from '../../platform/http/answers.js';
import { streakView } from './totals.schemas.js';
import { streakOf } from './totals.queries.js';

@ApiTags('users')
@ApiBearerAuth()
@Controller('users/me/streak')
export class StreaksController {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  @Get()
  @Answers(200, streakView, { summary: '연속 산책 일수' })
  getStreak(@AskedBy() viewer: Viewer) {
    return streakOf(this.db, viewer.userId, kstDate(this.clock.now()));
  }
}
