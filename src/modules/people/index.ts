export { notWithYourself } from './people.errors.js';
export { userBlocked, userFollowed } from './people.events.js';
export { PeopleModule } from './people.module.js';
