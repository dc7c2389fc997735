import { Engine, silent, type Ambient, type Logger, type TaskDefaults } from '@omniq/core';
import { createCodec, type CodecOptions } from '@omniq/core/codec';
import { layeredBackend } from '@omniq/core/storage';
import memory from '@omniq/storage-memory';

export interface TestEngineOptions {
  /** What every task gets that says nothing else. */
  readonly defaults?: TaskDefaults;
  /** Signing keys, transforms and limits, as in production. */
  readonly codec?: CodecOptions;
  /** Default none: tests are silent. */
  readonly logger?: Logger;
}

/** The real engine over a memory of its own, behind the layers of every other store. */
export async function testEngine(
  ambient: Ambient,
  { defaults = {}, codec = {}, logger = silent }: TestEngineOptions,
): Promise<{ readonly engine: Engine; readonly close: () => Promise<void> }> {
  const backend = await memory.open('memory:', {});
  const { tasks, results, events, schedules } = layeredBackend(backend, { backend: 'memory', ambient });
  if (tasks === undefined || results === undefined) throw new TypeError('the memory backend lacks a store');
  const engine = new Engine({
    stores: {
      tasks,
      results,
      events: events ?? null,
      schedules: schedules ?? null,
      colocatedResults: tasks.capabilities.results,
    },
    codec: createCodec(codec),
    ambient,
    logger,
    eventLevel: 'INFO',
    defaults,
  });
  await engine.start();
  return { engine, close: () => backend.close() };
}
