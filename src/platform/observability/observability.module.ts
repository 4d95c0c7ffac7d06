import { type DynamicModule, Module } from '@nestjs/common';
import { Alerts } from './alerts.js';
import { ErrorReports } from './error-reports.js';
import { LogTap } from './log-tap.js';
import { COUNTED, Metrics } from './metrics.js';
import { Watch } from './watch.js';

const PROVIDERS = [Metrics, Alerts, Watch, ErrorReports];

@Module({})
export class ObservabilityModule {
  static with(tap: LogTap, counted: Readonly<Record<string, string>>): DynamicModule {
    return {
      module: ObservabilityModule,
      global: true,
      providers: [...PROVIDERS, { provide: LogTap, useValue: tap }, { provide: COUNTED, useValue: counted }],
      exports: PROVIDERS,
    };
  }
}
