import { createApp } from './app.js';
import { endOnCrash } from './platform/observability/crash.js';
import { ConfigError, loadConfig } from './config/config.js';

try {
  const config = loadConfig(process.env);
  const app = await createApp(config);
  endOnCrash(app);
  app.enableShutdownHooks(['SIGTERM', 'SIGINT']);
  await app.listen(config.http.port, config.http.host);
  process.stdout.write(`멍이랑이 ${await app.getUrl()} 에서 열렸어요. 문서: ${await app.getUrl()}/docs\n`);
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}
