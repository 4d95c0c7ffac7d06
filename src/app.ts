import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Logger as NestLogger } from 'nestjs-pino';
import type { DestinationStream } from 'pino';
import { AppModule } from './app.module.js';
import type { Config } from './config/config.js';
import { type Clock, SystemClock } from './platform/clock/clock.js';
import { withLocalSecrets } from './platform/crypto/local-secrets.js';
import { armFailpoint } from './platform/failpoint.js';
import { createAdapter, registerPlugins } from './platform/http/fastify.js';
import { serveDocs } from './platform/http/openapi.js';
import { exposeMetrics } from './platform/observability/exposition.js';
import { LogTap } from './platform/observability/log-tap.js';
import { createLogger } from './platform/observability/logger.js';
import { Metrics } from './platform/observability/metrics.js';
import { SocketAdapter } from './platform/sockets/socket.adapter.js';

/** The whole service, ready to listen: the same for `npm start`, the tests and the demo. Logs to stdout unless told. */
export async function createApp(
  given: Config,
  clock: Clock = new SystemClock(),
  logInto?: DestinationStream,
): Promise<NestFastifyApplication> {
  const config = await withLocalSecrets(given);
  armFailpoint(config.failpoint);
  const tap = new LogTap();
  const logger = createLogger(config, logInto, tap);
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.with(config, logger, clock, tap),
    createAdapter(config, logger),
    {
      bufferLogs: true,
      abortOnError: false,
    },
  );
  app.useLogger(app.get(NestLogger));
  app.useWebSocketAdapter(new SocketAdapter(app, config));
  await registerPlugins(app.getHttpAdapter().getInstance(), config);
  exposeMetrics(app.getHttpAdapter().getInstance(), app.get(Metrics), config.metricsToken);
  serveDocs(app);
  await app.init();
  return app;
}
