import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { indexFile, type FileFacts } from '../src/index-file.ts';
import { tempFolder } from './temp-folder.ts';

async function facts(content: string | Buffer, pieceBytes = 64 * 1024): Promise<FileFacts | string> {
  return indexFile(join(tempFolder({ file: content }), 'file'), Buffer.alloc(pieceBytes));
}

test.each([
  ['', 0],
  ['   \n\t ', 0],
  ['one', 1],
  [' one  two\nthree\r\n', 3],
  ['tab\tvertical\vform\fend', 4],
  ['grüße über 字 ', 3],
])('%j has %i words', async (content, words) => {
  expect(await facts(content)).toMatchObject({ words, bytes: Buffer.byteLength(content) });
});

test('the pieces in which a file is read change nothing', async () => {
  const content = 'some words, of which several cross a border \n'.repeat(40);
  const whole = await facts(content);
  expect(whole).toEqual({
    sha256: createHash('sha256').update(content).digest(),
    bytes: content.length,
    words: 320,
  });
  for (const pieceBytes of [1, 2, 7, 64]) expect(await facts(content, pieceBytes)).toEqual(whole);
});

test('a binary file is hashed and measured, its words are not counted', async () => {
  const content = Buffer.from('some words\0and more');
  expect(await facts(content)).toEqual({ sha256: createHash('sha256').update(content).digest(), bytes: 19, words: 0 });
});

test('what cannot be read is told by its code', async () => {
  const folder = tempFolder({ file: 'x' });
  const buffer = Buffer.alloc(16);
  expect(await indexFile(join(folder, 'missing'), buffer)).toBe('ENOENT');
  expect(await indexFile(folder, buffer)).toBe('EISDIR');
  symlinkSync('file', join(folder, 'link'));
  expect(await indexFile(join(folder, 'link'), buffer)).toBe('ELOOP');
});

test('a pipe that took the place of a file is not waited for', async () => {
  const pipe = join(tempFolder(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  expect(await indexFile(pipe, Buffer.alloc(16))).toMatchObject({ bytes: 0 });
});
