import { createApp } from './app.js';
import { endOnCrash } from './platform/observability/crash.js';
import { ConfigError, loadConfig } from './config/config.js';
import { endOnSignal, PAUSE_IN_PRODUCTION_MS } from './platform/ending.js';

try {
  const config = loadConfig(process.env);
  const app = await createApp(config);
  endOnCrash(app);
  endOnSignal(app, config.env === 'production' ? PAUSE_IN_PRODUCTION_MS : 0);
  await app.listen(config.http.port, config.http.host);
  process.stdout.write(`멍이랑이 ${await app.getUrl()} 에서 열렸어요. 문서: ${await app.getUrl()}/docs\n`);
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}
