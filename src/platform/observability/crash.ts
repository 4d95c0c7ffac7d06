import { type INestApplicationContext, Logger } from '@nestjs/common';
import { end } from '../ending.js';

/**
 * An error that nobody caught leaves the process in a state that nobody knows: it is told, what goes on is finished,
 * and the process ends with 1, to be started anew.
 */
export function endOnCrash(app: INestApplicationContext): void {
  const log = new Logger('Process');
  const crash = (what: string) => (error: unknown) => {
    log.fatal({ err: error, alarm: 'crash', failure: 'process' }, what);
    void end(app, 1);
  };
  process.on('uncaughtException', crash('an error that nobody caught'));
  process.on('unhandledRejection', crash('a rejection that nobody handled'));
}
