import { join } from 'node:path';
import { defineTask, type TaskDefinition } from '@omniq/omniq';
import { joinFacts, toFacts, type Facts } from './facts.ts';
import { indexFile, type FileFacts } from './index-file.ts';
import { chunks, packManifest, unpackManifest } from './manifest.ts';
import { meter } from './meter.ts';
import { scanFolder } from './scan.ts';
import { summarise, type Summary } from './summary.ts';

export interface ScanInput {
  readonly folder: string;
  /** Files in a batch. */
  readonly batch: number;
  /** The queue's own database, which is not indexed. */
  readonly own: string | undefined;
}

/** Lists the folder. Its result fixes what the run is about, so whatever follows can be repeated from it. */
export const scan: TaskDefinition<ScanInput, Uint8Array> = defineTask({
  name: 'quickstart.scan',
  run: async ({ folder, batch, own }: ScanInput, ctx) => {
    const { files, unreadable } = await scanFolder(folder, own, ctx.signal);
    return packManifest({ batches: chunks(files, batch), unreadable });
  },
});

export interface IndexInput {
  readonly folder: string;
  readonly paths: readonly string[];
}

/** The most of a file that is in memory at once. */
const PIECE_BYTES = 128 * 1024;

/** Hashes and counts a batch of files. */
export const index: TaskDefinition<IndexInput, Facts> = defineTask({
  name: 'quickstart.index',
  run: async ({ folder, paths }: IndexInput, ctx) => {
    const buffer = Buffer.allocUnsafe(PIECE_BYTES);
    const files: (FileFacts | string)[] = [];
    for (const path of paths) {
      ctx.signal.throwIfAborted();
      const facts = await indexFile(join(folder, path), buffer);
      files.push(facts);
      meter.add(typeof facts === 'string' ? 0 : facts.bytes);
    }
    return toFacts(files);
  },
});

/** Joins the facts of the batches that it waited for. */
export const gather: TaskDefinition<void, Facts> = defineTask({
  name: 'quickstart.gather',
  // Ahead of the batches still in line, so that the end of a run is not left with all of them.
  priority: 1,
  run: async (_input: void, ctx) => joinFacts((await ctx.parents()) as readonly Facts[]),
});

/** Sums up the run. Waits for the scan and then all gathered facts, in this order. */
export const summary: TaskDefinition<void, Summary> = defineTask({
  name: 'quickstart.summary',
  run: async (_input: void, ctx) => {
    const [packed, ...gathered] = (await ctx.parents()) as readonly [Uint8Array, ...Facts[]];
    const { batches, unreadable } = await unpackManifest(packed);
    return summarise(batches.flat(), joinFacts(gathered), unreadable);
  },
});
