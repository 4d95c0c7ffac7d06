export { userBlocked, userFollowed } from './people.events.js';
export { PeopleModule } from './people.module.js';
