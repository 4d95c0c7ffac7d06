import { parseJson } from './provider-api.js';

it.each([
  ['{"id":4100200300}', { id: 4100200300 }],
  ['{"id":9223372036854775807,"in":{"id":1}}', { id: '9223372036854775807', in: { id: 1 } }],
  ['{"id":1e400}', { id: '1e400' }],
  ['<html>', undefined],
  ['{"id":4100', undefined],
])('reads %s', (text, expected) => expect(parseJson(text)).toEqual(expected));
