export { Rooms } from './rooms.service.js';
export { roomEnded } from './together.events.js';
export { closeRooms } from './together.jobs.js';
export { TogetherModule } from './together.module.js';
