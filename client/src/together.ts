import type { components } from '../../test/client/extras.js';

type Messages = components['schemas'];

/** The namespace of the socket: `io(baseUrl + WALK_TOGETHER, …)`; see docs/realtime.md. */
export const WALK_TOGETHER = '/walk-together';

export interface ClientToServerEvents {
  join(message: Messages['join']): void;
  position(message: Messages['position']): void;
  leave(message: Messages['leave']): void;
}

export interface ServerToClientEvents {
  joined(event: Messages['on.joined']): void;
  position(event: Messages['on.position']): void;
  member(event: Messages['on.member']): void;
  ended(event: Messages['on.ended']): void;
  error(event: Messages['on.error']): void;
}
