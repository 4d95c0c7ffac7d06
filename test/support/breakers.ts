import { HttpClient } from '../../src/platform/outbound/http-client.js';
import type { TestApp } from './harness.js';

/** As after a long time: no provider is left alone any more. */
export const restBreakers = (test: TestApp): void => test.app.get(HttpClient)['breakers'].clear();
