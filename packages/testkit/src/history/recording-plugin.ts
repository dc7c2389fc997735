import type { Backend, BackendPlugin } from '@omniq/core/storage';
import type { Recorder } from './recorder.ts';
import { recordingStore, type RecordingOptions } from './recording-store.ts';

/** The same backend, whose task store is recorded: for `createOmniQ({ storage: recordingBackend(backend, recorder) })`. */
export function recordingBackend(backend: Backend, recorder: Recorder, options: RecordingOptions = {}): Backend {
  const { tasks, results, events, schedules, records } = backend;
  return {
    ...(tasks === undefined ? {} : { tasks: recordingStore(tasks, recorder, options) }),
    ...(results === undefined ? {} : { results }),
    ...(events === undefined ? {} : { events }),
    ...(schedules === undefined ? {} : { schedules }),
    ...(records === undefined ? {} : { records }),
    close: () => backend.close(),
  };
}

/** The same plugin, whose backends are recorded: for `createOmniQ({ storage: { url, plugin } })`. */
export function recordingPlugin(
  plugin: BackendPlugin,
  recorder: Recorder,
  options: RecordingOptions = {},
): BackendPlugin {
  return {
    ...plugin,
    open: async (url, given) => recordingBackend(await plugin.open(url, given), recorder, options),
  };
}
