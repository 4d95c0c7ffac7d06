import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Public } from '../../platform/auth/viewer.js';
import { Answers } from '../../platform/http/answers.js';
import { SkipThrottle } from '../../platform/limits/throttler.js';
import { Health, readiness } from './health.js';

@ApiTags('service')
@Controller('health')
@Public()
@SkipThrottle()
export class HealthController {
  constructor(private readonly health: Health) {}

  @Get('live')
  @Answers(200, z.object({ status: z.literal('ok') }), { summary: '프로세스가 살아 있는지' })
  live() {
    return { status: 'ok' as const };
  }

  /** 200 while requests can be served (`degraded`: without the cache), 503 when they cannot. */
  @Get('ready')
  @Answers(200, readiness, { summary: '요청을 받을 준비가 되었는지' })
  ready() {
    return this.health.check();
  }
}
