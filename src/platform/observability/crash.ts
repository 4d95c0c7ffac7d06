import type { INestApplicationContext } from '@nestjs/common';
import { Logger } from '@nestjs/common';

/** Hosts kill after 30 s. */
const CLOSE_WITHIN_MS = 25_000;

/**
 * An error that nobody caught leaves the process in a state that nobody knows: it is told, what goes on is finished,
 * and the process ends with 1, to be started anew.
 */
export function endOnCrash(app: INestApplicationContext): void {
  const log = new Logger('Process');
  let isEnding = false;
  const end = (what: string) => (error: unknown) => {
    log.fatal({ err: error, alarm: 'crash', failure: 'process' }, what);
    if (isEnding) return;
    isEnding = true;
    setTimeout(() => process.exit(1), CLOSE_WITHIN_MS).unref();
    void app.close().then(
      () => process.exit(1),
      (closing: unknown) => {
        log.fatal({ err: closing }, 'not closed');
        process.exit(1);
      },
    );
  };
  process.on('uncaughtException', end('an error that nobody caught'));
  process.on('unhandledRejection', end('a rejection that nobody handled'));
}
