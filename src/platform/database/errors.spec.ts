import { isRetryable, isUnavailable, sqlStateOf } from './errors.js';

const withCode = (code: string, message = 'x') => Object.assign(new Error(message), { code });
const asDriverError = (originalCode: string) =>
  Object.assign(new Error('driver'), {
    name: 'DriverAdapterError',
    cause: { originalCode, originalMessage: 'x', kind: 'postgres' },
  });

it('finds the SQLSTATE however deep it is', () => {
  expect(sqlStateOf(withCode('23505'))).toBe('23505');
  expect(sqlStateOf(withCode('P2002'))).toBe('23505');
  expect(sqlStateOf(asDriverError('40P01'))).toBe('40P01');
  expect(
    sqlStateOf(Object.assign(withCode('P2010'), { meta: { driverAdapterError: asDriverError('22003') } })),
  ).toBe('22003');
  expect(sqlStateOf(new Error('outer', { cause: new Error('inner', { cause: withCode('55P03') }) }))).toBe(
    '55P03',
  );
});

it.each(['EPIPE', 'EPERM', 'ECONNRESET', 'FST_ERR_BAD_URL', 'toString', 'constructor'])(
  'takes %s for no SQLSTATE',
  (code) => {
    expect(sqlStateOf(withCode(code))).toBeUndefined();
  },
);

it.each([undefined, null, 'text', 7, {}])('has nothing to say about %p', (error) => {
  expect(sqlStateOf(error)).toBeUndefined();
  expect(isUnavailable(error)).toBe(false);
  expect(isRetryable(error)).toBe(false);
});

it.each(['ConnectionClosed', 'DatabaseNotReachable', 'SocketTimeout'])(
  'a socket that the adapter calls %s means come back later',
  (kind) => {
    const error = Object.assign(new Error(kind), { name: 'DriverAdapterError', cause: { kind } });
    expect(isUnavailable(error)).toBe(true);
    expect(isUnavailable(new Error('outer', { cause: error }))).toBe(true);
    expect(isUnavailable(Object.assign(withCode('P2010'), { meta: { driverAdapterError: error } }))).toBe(
      true,
    );
  },
);

it.each(['08006', '08P01', '53300', '57P01', '57P03', '57014', '55P03'])(
  '%s means come back later',
  (code) => {
    expect(isUnavailable(withCode(code))).toBe(true);
  },
);

it.each(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT'])(
  'a socket with %s means come back later',
  (code) => {
    expect(isUnavailable(new Error('query', { cause: withCode(code) }))).toBe(true);
  },
);

it.each(['timeout exceeded when trying to connect', 'Connection terminated unexpectedly'])(
  '"%s" means come back later',
  (message) => {
    expect(isUnavailable(new Error(message))).toBe(true);
  },
);

it('a fault of ours is not an absence of the database', () => {
  for (const code of ['23505', '42P01', '22003', '40001']) expect(isUnavailable(withCode(code))).toBe(false);
});

it('an error that is its own cause ends the search', () => {
  const loop = new Error('loop');
  loop.cause = loop;
  expect(sqlStateOf(loop)).toBeUndefined();
  expect(isUnavailable(loop)).toBe(false);
});
