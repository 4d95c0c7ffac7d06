import { Announcements } from './announcements.service.js';
import { BillingHandlers } from './billing.handlers.js';
import { Billing } from './billing.service.js';
import { Cards } from './cards.service.js';
import { Charges } from './charges.service.js';
import { Contracts } from './contracts.service.js';
import { Farewell } from './farewell.service.js';
import { Enrolment } from './enrolment.service.js';
import { Settlements } from './settlements.service.js';
import { Trials } from './trials.service.js';

export { BillingController } from './billing.controller.js';
export { Farewell } from './farewell.service.js';

/** Our own billing, for the module that it is part of. */
export const billingProviders = [
  Contracts,
  Settlements,
  Trials,
  Charges,
  Enrolment,
  Billing,
  Cards,
  Announcements,
  Farewell,
  BillingHandlers,
];
