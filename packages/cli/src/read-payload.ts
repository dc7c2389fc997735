import { createReadStream } from 'node:fs';
import { UsageError } from './usage-error.ts';

/** JSON of a payload may be longer than what is stored of it: escapes, names, spaces. */
const JSON_FACTOR = 6;

/**
 * A payload from JSON, `@file` or `-` for stdin. No more is read than could become a payload of `mostBytes`.
 * @throws UsageError if it is no JSON, too long, or the file cannot be read
 */
export async function readPayload(source: string | undefined, mostBytes: number): Promise<unknown> {
  if (source === undefined) return undefined;
  const most = mostBytes * JSON_FACTOR;
  if (source === '-') return parse(await readAll(process.stdin, most), 'stdin');
  if (source.startsWith('@')) return parse(await readFile(source.slice(1), most), source.slice(1));
  return parse(source, 'the payload');
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UsageError(
      `${what} is not JSON: ${(error as Error).message}`,
      `Quote it for the shell: '{"path":"a.png"}', or '"text"' for a text.`,
    );
  }
}

async function readFile(path: string, most: number): Promise<string> {
  try {
    return await readAll(createReadStream(path), most);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`);
  }
}

async function readAll(stream: AsyncIterable<Buffer>, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > most) throw new UsageError(`The payload is over ${most} bytes of JSON.`, 'limits.payload bounds it.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
