/** What is counted of the product, by `tally(name)` in the transaction that makes it so: `bowwow_events_total`. */
export const counted = {
  'signed-up': 'Accounts that were made by a first login',
  'walk-started': 'Walks that began, were sent whole or imported',
  'walk-completed': 'Walks that were completed',
  'walk-counted': 'Of those, walks that counted when they were judged first',
  'badge-awarded': 'Badges that were given',
  'push-delivered': 'Pushes that the phone’s maker took',
  'push-failed': 'Pushes that are worth another try',
  'push-dead': 'Pushes to a device that is gone',
  'push-refused': 'Pushes that never go through',
  'premium-started': 'Subscriptions that began to give premium, or do again',
  'premium-ended': 'Subscriptions that stopped giving it: ended, on hold, paused or refunded',
  'charge-paid': 'Orders at Toss that were paid',
  'charge-declined': 'Orders at Toss that were declined',
  'charged-krw': 'What was paid at Toss, in won',
  'report-filed': 'Reports of content and people',
  'photo-added': 'Photos of walks',
} as const;
