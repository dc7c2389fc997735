import { expect, test } from 'vitest';
import { locate } from '../src/location.ts';

const base = {
  namespace: 'omniq',
  timeoutMs: 10_000,
  nodes: [{ host: 'h', port: 6379 }],
  isCluster: false,
  db: 0,
  username: undefined,
  password: undefined,
  tls: false,
};

test.each([
  ['redis://h', {}, {}],
  ['redis://h:7000/3', {}, { nodes: [{ host: 'h', port: 7000 }], db: 3 }],
  ['rediss://u%40:p%3A@h', {}, { username: 'u@', password: 'p:', tls: true }],
  ['redis://:p@[::1]:1', {}, { password: 'p', nodes: [{ host: '::1', port: 1 }] }],
  ['redis://', {}, { nodes: [{ host: '127.0.0.1', port: 6379 }] }],
  ['redis://h?namespace=jobs&timeout=5s', {}, { namespace: 'jobs', timeoutMs: 5_000 }],
  ['redis://h?namespace=jobs', { namespace: 'mine', timeout: 250 }, { namespace: 'mine', timeoutMs: 250 }],
  ['redis://h?cluster=true', {}, { isCluster: true }],
  [
    'redis://h',
    { cluster: 'a:1, b, [::1]:2' },
    {
      isCluster: true,
      nodes: [
        { host: 'h', port: 6379 },
        { host: 'a', port: 1 },
        { host: 'b', port: 6379 },
        { host: '::1', port: 2 },
      ],
    },
  ],
])('%s', (url, options, expected) => {
  expect(locate(url, options)).toEqual({ ...base, ...expected });
});

test.each([
  ['http://h', {}],
  ['redis://user:secret@h:port', {}],
  ['redis://h/zero', {}],
  ['redis://h/1', { cluster: true }],
  ['redis://h?namespace=', {}],
  ['redis://h', { namespace: 'a{b}' }],
  ['redis://h', { namespace: 'a\n' }],
  ['redis://h', { cluster: 'user:secret@h' }],
  ['redis://h', { timeout: '2h' }],
  ['redis://h', { timeout: '0' }],
  ['redis://h?__proto__=1', {}],
  ['redis://h', { prefix: 'x' }],
  ['redis://%:secret@h', {}],
])('%s with %o is refused, and shows no secret', (url, options) => {
  const refused = (): unknown => locate(url, options);
  expect(refused).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }));
  expect(refused).not.toThrow(/secret/);
});
