import { type DynamicModule, Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import type { Logger } from 'pino';
import { CONFIG, type Config } from './config/config.js';
import { counted } from './counted.js';
import { apiNotes } from './api-notes.js';
import { AccountsModule } from './modules/accounts/index.js';
import { AuthModule } from './modules/auth/index.js';
import { BadgesModule } from './modules/badges/index.js';
import { EntitlementModule } from './modules/entitlement/index.js';
import { HealthModule } from './modules/health/index.js';
import { InvitationsModule } from './modules/invitations/index.js';
import { MeetupsModule } from './modules/meetups/index.js';
import { ModerationModule } from './modules/moderation/index.js';
import { NotificationsModule } from './modules/notifications/index.js';
import { PaymentsModule } from './modules/payments/index.js';
import { PeopleModule } from './modules/people/index.js';
import { PetsModule } from './modules/pets/index.js';
import { RankingsModule } from './modules/rankings/index.js';
import { RecommendationsModule } from './modules/recommendations/index.js';
import { RemindersModule } from './modules/reminders/index.js';
import { SocialModule } from './modules/social/index.js';
import { TogetherModule } from './modules/together/index.js';
import { TotalsModule } from './modules/totals/index.js';
import { UsersModule } from './modules/users/index.js';
import { WalksModule } from './modules/walks/index.js';
import { WeatherModule } from './modules/weather/index.js';
import { RegionsModule } from './modules/regions/index.js';
import { PlacesModule } from './modules/places/index.js';
import { PHOTOS, PhotosModule } from './modules/photos/index.js';
import { SharesModule } from './modules/shares/index.js';
import { AuthPlatformModule } from './platform/auth/auth-platform.module.js';
import { BackupModule } from './platform/backup/backup.module.js';
import { CacheModule } from './platform/cache/cache.module.js';
import type { Clock } from './platform/clock/clock.js';
import { ClockModule } from './platform/clock/clock.module.js';
import { ResealingModule } from './platform/crypto/resealing.js';
import { DatabaseModule } from './platform/database/database.module.js';
import { API_NOTES } from './platform/http/openapi.js';
import { HttpModule } from './platform/http/http.module.js';
import type { LogTap } from './platform/observability/log-tap.js';
import { ObservabilityModule } from './platform/observability/observability.module.js';
import { errorForLog } from './platform/observability/redaction.js';
import { LimitsModule } from './platform/limits/limits.module.js';
import { OutboundModule } from './platform/outbound/outbound.module.js';
import { QueueModule } from './platform/queue/queue.module.js';
import { SCHEDULE, Schedule } from './platform/queue/schedule.js';
import { StorageModule } from './platform/storage/storage.module.js';
import { Ending } from './platform/ending.js';
import { schedule } from './schedule.js';
import { sealed } from './sealed.js';

const platform = [
  DatabaseModule,
  CacheModule,
  StorageModule,
  QueueModule,
  OutboundModule,
  HttpModule,
  LimitsModule,
  AuthPlatformModule,
  BackupModule.keeping(PHOTOS),
  ResealingModule.of(sealed),
];
const product = [
  HealthModule,
  AuthModule,
  UsersModule,
  PetsModule,
  WalksModule,
  TotalsModule,
  BadgesModule,
  RankingsModule,
  NotificationsModule,
  RemindersModule,
  RecommendationsModule,
  PeopleModule,
  TogetherModule,
  SocialModule,
  InvitationsModule,
  MeetupsModule,
  ModerationModule,
  EntitlementModule,
  PaymentsModule,
  WeatherModule,
  RegionsModule,
  PlacesModule,
  PhotosModule,
  SharesModule,
  AccountsModule,
];

/** The table of contents. */
@Module({})
export class AppModule {
  static with(config: Config, logger: Logger, clock: Clock, tap: LogTap): DynamicModule {
    return {
      module: AppModule,
      global: true,
      imports: [
        // Its own serializer of errors would print what Prisma quotes.
        LoggerModule.forRoot({
          pinoHttp: { logger, serializers: { err: errorForLog }, wrapSerializers: false },
          useExisting: true,
          // Lines of requests get their fields from `logContext`: a middleware would cost each request its whole machinery.
          forRoutes: [],
        }),
        ClockModule.with(clock),
        ...platform,
        ObservabilityModule.with(tap, counted),
        ...product,
      ],
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: SCHEDULE, useValue: schedule },
        { provide: API_NOTES, useValue: apiNotes },
        Schedule,
        Ending,
      ],
      exports: [CONFIG, Schedule, Ending],
    };
  }
}
