import { Body, Controller, Delete, Get, Post, StreamableFile } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AskedBy, OpenToLeaving, OpenToSuspended, type Viewer } from '../../platform/auth/viewer.js';
import { Answers, AnswersBytes, AnswersNothing } from '../../platform/http/answers.js';
import { accountBeingErased } from '../users/index.js';
import { exportRunning } from './accounts.errors.js';
import { leaveIn, leaving } from './accounts.schemas.js';
import { Exports } from './export/exports.service.js';
import { Leavings } from './leaving.service.js';

/** Of somebody who is suspended as well: everybody may leave, and take what is theirs along. */
@ApiTags('users')
@ApiBearerAuth()
@OpenToSuspended()
@OpenToLeaving()
@Controller('users/me')
export class AccountsController {
  constructor(
    private readonly leavings: Leavings,
    private readonly exports: Exports,
  ) {}

  @Delete()
  @Answers(200, leaving, { summary: '탈퇴를 신청한다: 바로 숨겨지고, 30일 뒤에 지워진다' })
  leave(@AskedBy() viewer: Viewer, @Body({ schema: leaveIn }) _confirmed: object) {
    return this.leavings.leave(viewer);
  }

  @Post('restore')
  @AnswersNothing({
    summary: '탈퇴를 취소하고 계정을 복구한다 (신청하지 않았어도 204)',
    problems: [accountBeingErased],
  })
  restoreAccount(@AskedBy() viewer: Viewer) {
    return this.leavings.restore(viewer.userId);
  }

  @Get('export')
  @AnswersBytes(['application/zip'], {
    summary: '내 모든 데이터를 내려받는다 (ZIP: JSON Lines, GPX, 사진 링크)',
    problems: [exportRunning],
  })
  async exportAccount(@AskedBy() { userId }: Viewer) {
    const disposition = 'attachment; filename="withbowwow.zip"';
    return new StreamableFile(await this.exports.open(userId), { type: 'application/zip', disposition });
  }
}
