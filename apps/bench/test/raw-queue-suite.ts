import { execFile } from 'node:child_process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { loadSystem } from '../src/systems/load-system.ts';
import type { Queue } from '../src/systems/system.ts';

const claimer = fileURLToPath(new URL('claimer.ts', import.meta.url));
const leaseMs = 1000;

/** What a raw limit must keep to be one: every task runs, once where nothing crashed, and again where its claimer did. */
export function rawQueueSuite(system: string, urlOf: (scope: string) => string, missing?: string): void {
  let scopes = 0;
  let opened: Queue[] = [];
  const open = async (scope: string, create: boolean): Promise<Queue> => {
    const queue = await (await loadSystem(system)).open({ url: urlOf(scope), scope, create, leaseMs });
    opened.push(queue);
    return queue;
  };
  const fresh = (): string => `${system}_${(scopes += 1)}`;
  const untilEmpty = async (queue: Queue): Promise<void> => {
    while ((await queue.left()) > 0) await nextTurn();
  };

  describe.skipIf(missing !== undefined)(missing === undefined ? system : `${system} (${missing})`, () => {
    afterEach(async () => {
      await Promise.all(opened.map((queue) => queue.close()));
      opened = [];
    });

    test('three workers run every task, each once, in bulk, one by one and while they work', async () => {
      const scope = fresh();
      const producer = await open(scope, true);
      const payloads = Array.from({ length: 900 }, (_, n) => `task ${n}`);
      await producer.enqueueMany(payloads.slice(0, 400));
      await Promise.all(payloads.slice(400, 500).map((payload) => producer.enqueue(payload)));
      expect(await producer.left()).toBe(500);
      const ran: string[] = [];
      for (let worker = 0; worker < 3; worker += 1)
        await (await open(scope, false)).work((payload) => void ran.push(payload));
      for (const payload of payloads.slice(500)) await producer.enqueue(payload);
      await untilEmpty(producer);
      expect(ran.toSorted()).toEqual(payloads.toSorted());
    });

    test('what a killed worker had claimed is run by another, and nothing is lost', async () => {
      const scope = fresh();
      const producer = await open(scope, true);
      const payloads = Array.from({ length: 50 }, (_, n) => `task ${n}`);
      await producer.enqueueMany(payloads);
      const [first, second, third] = await ranByKilled(scope);
      const ran: string[] = [];
      await (await open(scope, false)).work((payload) => void ran.push(payload));
      await untilEmpty(producer);
      expect(new Set(ran).size).toBe(ran.length);
      expect(ran).toContain(third);
      expect(new Set([first, second, ...ran])).toEqual(new Set(payloads));
    });

    /** The tasks that a process had begun when it was killed. */
    function ranByKilled(scope: string): Promise<string[]> {
      const args = [claimer, system, urlOf(scope), scope, String(leaseMs)];
      return new Promise((resolve, reject) => {
        execFile(process.execPath, args, (error, stdout, stderr) => {
          if (error?.signal !== 'SIGKILL') reject(new Error(`The claimer was not killed: ${stderr}`));
          else resolve(stdout.trimEnd().split('\n'));
        });
      });
    }
  });
}
