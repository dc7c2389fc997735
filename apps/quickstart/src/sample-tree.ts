import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Writes a tree of `count` files that is the same for the same count: texts and binaries, small and large, with copies. */
export async function writeSampleTree(folder: string, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const path = join(folder, `part-${n % 17}`, `deep-${n % 5}`, `file-${n}.${n % 7 === 0 ? 'bin' : 'txt'}`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, contentOf(n));
  }
}

/** Every ninth file is a copy of another. */
function contentOf(n: number): Buffer {
  const seed = n % 9 === 0 ? n % 5 : n;
  const size = (seed * 7_919) % 60_000;
  if (n % 7 === 0) return Buffer.alloc(size, Buffer.from([0, seed % 256, 255]));
  return Buffer.from(`words of file ${seed}\n`.repeat(Math.ceil(size / 20)));
}
