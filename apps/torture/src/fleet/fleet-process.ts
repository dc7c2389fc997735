// One process of the fleet: enqueues, or runs tasks, until it is told to stop, and writes down what it does.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BackendPlugin } from '@omniq/core/storage';
import { createOmniQ, defineTask, isOmniQError, silent, type OmniQ } from '@omniq/omniq';
import { recordEnqueues, recorded, Recorder, recordingPlugin } from '@omniq/testkit/history';
import { REPORT_MS, type Report, type Role } from './message.ts';

const role = JSON.parse(process.argv[2] ?? '') as Role;
const tally = { done: 0, failures: 0, unhandled: [] as string[] };
let stopping = false;

process.on('unhandledRejection', (error) => tally.unhandled.push(String(error)));
process.on('message', () => (stopping = true));
// Its parent is gone.
const orphaned = (): never => process.exit(1);
process.once('disconnect', orphaned);
const report = (): unknown => process.send?.({ ...tally } satisfies Report);
const reporting = setInterval(report, REPORT_MS);

const recorder = Recorder.open(role.history);
const { default: plugin } = (await import(`@omniq/storage-${role.backend}`)) as { default: BackendPlugin };
const omniq = await open();
await (role.kind === 'producer' ? produce() : work());
await omniq.close();
clearInterval(reporting);
report();
process.off('disconnect', orphaned);
process.disconnect();

/** The server may be down at that very moment. */
async function open(): Promise<OmniQ> {
  for (;;) {
    try {
      return await createOmniQ({
        storage: { url: role.url, plugin: recordingPlugin(plugin, recorder) },
        logger: silent,
      });
    } catch (error) {
      if (!isStoreError(error)) throw error;
      await sleep(100);
    }
  }
}

async function produce(): Promise<void> {
  const { enqueue } = recordEnqueues(omniq, recorder);
  const under = new Set<Promise<void>>();
  const begun = performance.now();
  for (let count = 0; !stopping; count += 1) {
    const one = produceOne(enqueue).finally(() => under.delete(one));
    under.add(one);
    const aheadMs = (count / role.rate) * 1_000 - (performance.now() - begun);
    if (aheadMs > 1) await sleep(aheadMs);
  }
  await Promise.all(under);
}

/** Under one id until the outcome is known, or another is hopeless. */
async function produceOne(enqueue: OmniQ['enqueue']): Promise<void> {
  const id = randomUUID();
  for (let tries = 0; tries < 100; tries += 1) {
    try {
      await enqueue('work', id, { id });
      tally.done += 1;
      return;
    } catch (error) {
      if (!isStoreError(error)) throw error;
      tally.failures += 1;
      await sleep(50);
    }
  }
}

async function work(): Promise<void> {
  const task = defineTask({
    name: 'work',
    retry: { maxAttempts: 20, delay: '50ms' },
    run: recorded(recorder, async (input: string) => {
      await sleep(1);
      tally.done += 1;
      return input;
    }),
  });
  const worker = await startWorker(task as never);
  while (!stopping) await sleep(50);
  await worker.stop();
}

async function startWorker(task: never): ReturnType<OmniQ['work']> {
  for (;;) {
    try {
      return await omniq.work({ tasks: [task], concurrency: 20, lease: '5s' });
    } catch (error) {
      if (!isStoreError(error)) throw error;
      tally.failures += 1;
      await sleep(100);
    }
  }
}

function isStoreError(error: unknown): boolean {
  return isOmniQError(error) && error.code.startsWith('STORE_');
}
