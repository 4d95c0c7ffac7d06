export { createUser } from './new-user.js';
