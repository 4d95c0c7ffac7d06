import { Global, Module } from '@nestjs/common';
import { DailyQuota } from './daily-quota.js';
import { DataGoKr } from './data-go-kr.js';
import { HttpClient } from './http-client.js';
import { Metered } from './metered.js';

const PROVIDERS = [HttpClient, DailyQuota, Metered, DataGoKr];

@Global()
@Module({ providers: PROVIDERS, exports: PROVIDERS })
export class OutboundModule {}
