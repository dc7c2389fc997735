import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { codeOf } from './scan.ts';

/** What the index knows of one file. */
export interface FileFacts {
  readonly sha256: Buffer;
  readonly bytes: number;
  /** Runs of anything but ASCII white space, as `wc -w` counts them; 0 in a binary file. */
  readonly words: number;
}

/** What became of the file between scan and reading: a link is not followed, and a pipe is not waited for. */
const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** A NUL in so many first bytes makes a file binary, as git sees it. */
const SNIFFED = 8_000;

/** 1 for tab, line feed, vertical tab, form feed, carriage return and space. */
const isSpace: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number((byte >= 9 && byte <= 13) || byte === 32),
);

/** Reads a file once, piece by piece through `buffer`, however large it is. Answers with a code if it cannot be read. */
export async function indexFile(path: string, buffer: Buffer): Promise<FileFacts | string> {
  try {
    const file = await open(path, flags);
    try {
      return await read(file, buffer);
    } finally {
      await file.close();
    }
  } catch (error) {
    return codeOf(error);
  }
}

async function read(file: Awaited<ReturnType<typeof open>>, buffer: Buffer): Promise<FileFacts> {
  const hash = createHash('sha256');
  let bytes = 0;
  let words = 0;
  let isText = true;
  let wasSpace = 1;
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    if (bytesRead === 0) break;
    const piece = buffer.subarray(0, bytesRead);
    hash.update(piece);
    if (bytes === 0) isText = !piece.subarray(0, SNIFFED).includes(0);
    if (isText) {
      for (const byte of piece) {
        const space = isSpace[byte] as number;
        words += wasSpace & ~space;
        wasSpace = space;
      }
    }
    bytes += bytesRead;
  }
  return { sha256: hash.digest(), bytes, words };
}
