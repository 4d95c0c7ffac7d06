export { meetupHeld } from './meetups.events.js';
export { closeBegunMeetups } from './meetups.jobs.js';
export { MeetupsModule } from './meetups.module.js';
export { hostOfVisibleMeetup } from './meetups.queries.js';
export { Meetups } from './meetups.service.js';
