import { describe, expect, test } from 'vitest';
import { maskFields } from '../../src/config/mask-fields.ts';
import { maskSecrets } from '../../src/config/mask-secrets.ts';

describe('masking text', () => {
  test.each([
    ['postgres://me:pw@host/db', 'postgres://me:***@host/db'],
    ['postgres://me:p@w@host/db', 'postgres://me:***@host/db'],
    ['redis://:pw@host', 'redis://:***@host'],
    ['redis://me@host', 'redis://me@host'],
    ['failed at nats://a:b@h1,nats://c:d@h2', 'failed at nats://a:***@h1,nats://c:***@h2'],
    ['s3://b?secretAccessKey=abc&region=eu', 's3://b?secretAccessKey=***&region=eu'],
    ['https://a.blob/x?sv=1&sig=abc', 'https://a.blob/x?sv=***&sig=***'],
    ['AccountName=a;AccountKey=abc==;EndpointSuffix=x', 'AccountName=a;AccountKey=***;EndpointSuffix=x'],
    ['AccountKey=abc==;x=1', 'AccountKey=***;x=1'],
    ['host=h Password=pw sslmode=on', 'host=h Password=*** sslmode=on'],
    ['sqlite:./a@b.db', 'sqlite:./a@b.db'],
    ['mail me@host at http://host/a@b', 'mail me@host at http://host/a@b'],
  ])('%s', (text, masked) => {
    expect(maskSecrets(text)).toBe(masked);
  });
});

test('a long word is masked in linear time', () => {
  const word = `${'a'.repeat(200_000)}://${'b'.repeat(200_000)}`;
  expect(maskSecrets(word)).toBe(word);
});

describe('masking fields', () => {
  test.each([
    'password',
    'dbPassword',
    'passwd',
    'token',
    'access_token',
    'secret',
    'clientSecret',
    'Authorization',
    'cookie',
    'Set-Cookie',
    'apiKey',
    'api_key',
    'x-api-key',
  ])('%s, at any depth', (name) => {
    expect(maskFields({ [name]: 'x', deep: [{ more: { [name]: { in: 'x' } } }] })).toEqual({
      [name]: '***',
      deep: [{ more: { [name]: '***' } }],
    });
  });

  test('counts and switches stay', () => {
    expect(maskFields({ tokens: 512, password: 1234, secret: true, name: 'x' })).toEqual({
      tokens: 512,
      password: '***',
      secret: true,
      name: 'x',
    });
  });

  test('dates and URLs say what they are, bytes how many', () => {
    expect(maskFields({ at: new Date(0), url: new URL('redis://a:pw@h'), body: new Uint8Array(3) })).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      url: 'redis://a:***@h',
      body: '(3 bytes)',
    });
  });

  test('a circle and a huge object are cut', () => {
    const circle: Record<string, unknown> = {};
    circle['again'] = [circle, circle, circle];
    expect(JSON.stringify(maskFields(circle)).length).toBeLessThan(100_000);
    const ring: unknown[] = [];
    for (let index = 0; index < 12; index++) ring.push(ring);
    expect(JSON.stringify(maskFields({ ring })).length).toBeLessThan(100_000);
    const wide = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${index}`, index]));
    expect(Object.keys(maskFields(wide)).length).toBeLessThan(3_000);
  });
});
