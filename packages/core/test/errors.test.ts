import { expect, test } from 'vitest';
import { errorCodes, isOmniQError, OmniQError } from '../src/errors.ts';

test('docs/errors.md lists every code (write it with: pnpm test errors -u)', async () => {
  const rows = Object.entries(errorCodes).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  const page = [
    '# Errors',
    '',
    'Every error of OmniQ is an `OmniQError` with a stable `code`; branch on it, never on the text. `isOmniQError(error, code)` holds across two copies of the package. The message names the input and says what to do.',
    '',
    '| code | meaning |',
    '|---|---|',
    ...rows,
    '',
  ].join('\n');
  await expect(page).toMatchFileSnapshot('../../../docs/errors.md');
});

test('an error carries its code, its details and its cause, and says the remedy', () => {
  const cause = new Error('refused');
  const error = new OmniQError('STORE_UNREACHABLE', 'The store does not answer.', {
    hint: 'Is it up?',
    cause,
    backend: 'sqlite',
  });
  expect(error).toMatchObject({ code: 'STORE_UNREACHABLE', cause, details: { backend: 'sqlite' } });
  expect(error.message).toBe('The store does not answer. Is it up?');
});

test('an error of another copy of the package is told by its name and code', () => {
  const foreign = Object.assign(new Error('x'), { name: 'OmniQError', code: 'TOO_LATE' });
  expect(isOmniQError(foreign, 'TOO_LATE')).toBe(true);
  expect(isOmniQError(foreign, 'CYCLE')).toBe(false);
  expect(isOmniQError(new Error('x'))).toBe(false);
});
