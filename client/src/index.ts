export {
  createWithbowwow,
  type Tokens,
  type TokenStore,
  type Withbowwow,
  type WithbowwowOptions,
} from './client.js';
export { newId, once } from './ids.js';
export { ApiProblem, type FieldFault, type ProblemCode, unwrap } from './problem.js';
export { type ClientToServerEvents, type ServerToClientEvents, WALK_TOGETHER } from './together.js';
export type { components, operations, paths } from '../../test/client/api.js';
