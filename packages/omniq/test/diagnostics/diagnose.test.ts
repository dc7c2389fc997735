import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OmniQError, type Backend, type BackendPlugin, type TaskStore } from '@omniq/core/storage';
import memory from '@omniq/storage-memory';
import { expect, onTestFinished, test } from 'vitest';
import { diagnose, migrateStores, readConfig, type Finding, type OmniQConfig } from '../../src/index.ts';

/** What was left in a store when it was closed. */
interface Left {
  readonly tasks: number;
  readonly sessions: number;
}

/** The memory backend with some verbs of its task store changed. `left`: one entry for each time it was closed. */
function changed(change: (tasks: TaskStore) => Partial<TaskStore>): { plugin: BackendPlugin; left: Left[] } {
  const left: Left[] = [];
  const plugin: BackendPlugin = {
    ...memory,
    name: 'changed',
    async open(url, options): Promise<Backend> {
      const backend = await memory.open(url, options);
      const tasks = backend.tasks as TaskStore;
      return {
        ...backend,
        tasks: override(tasks, change(tasks)),
        close: async () => {
          const { items } = await tasks.list({ limit: 10 });
          left.push({ tasks: items.length, sessions: (await tasks.sessions()).length });
          await backend.close();
        },
      };
    },
  };
  return { plugin, left };
}

function override(tasks: TaskStore, verbs: Partial<TaskStore>): TaskStore {
  return new Proxy(tasks, {
    get: (target, verb) => {
      const value: unknown = Reflect.get(verbs, verb) ?? Reflect.get(target, verb);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

async function findingsOn(config: OmniQConfig): Promise<Readonly<Record<string, Finding>>> {
  const resolved = await readConfig({ code: config, env: false, files: false });
  return Object.fromEntries((await diagnose(resolved)).map((finding) => [finding.check, finding]));
}

test('a sound backend passes, is left as it was, and closed', async () => {
  const { plugin, left } = changed(() => ({}));
  const findings = await findingsOn({ storage: plugin });
  expect(Object.values(findings).filter(({ status }) => status === 'failed')).toEqual([]);
  expect(findings['changed: round trip']).toMatchObject({ status: 'ok' });
  expect(findings['changed: durability']).toMatchObject({ status: 'warning' });
  expect(left).toEqual([{ tasks: 0, sessions: 0 }]);
});

test('a backend that loses what it was told fails the round trip', async () => {
  const faults: readonly ((tasks: TaskStore) => Partial<TaskStore>)[] = [
    () => ({ insert: async (rows) => rows.map(() => ({ status: 'inserted', settled: false })) }),
    (tasks) => ({
      get: async (ids) => (await tasks.get(ids)).map((row) => row && { ...row, body: new Uint8Array([1]) }),
    }),
    () => ({ claim: async () => [] }),
    (tasks) => ({
      claim: async (request) => (await tasks.claim(request)).map((task) => ({ ...task, lease: task.lease + 1 })),
    }),
    (tasks) => ({
      update: (changes, now) =>
        tasks.update(
          changes.map(({ result: _lost, ...change }) => change),
          now,
        ),
    }),
  ];
  for (const fault of faults) {
    const { plugin, left } = changed(fault);
    const { 'changed: round trip': found } = await findingsOn({ storage: plugin });
    expect(found).toMatchObject({ status: 'failed', code: 'STORE_FAILED' });
    expect(left).toEqual([{ tasks: 0, sessions: 0 }]);
  }
});

test('a clock that is off is told with its distance', async () => {
  const skewed = (ms: number): BackendPlugin => changed(() => ({ time: async () => Date.now() - ms })).plugin;
  const { 'changed: clock': ahead } = await findingsOn({ storage: skewed(60_000) });
  expect(ahead).toMatchObject({
    status: 'warning',
    detail: expect.stringMatching(/(59|60)\d{3} ms ahead.*synchronise/u) as string,
  });
  const { 'changed: clock': near } = await findingsOn({ storage: skewed(0) });
  expect(near).toMatchObject({ status: 'ok' });
});

test('one backend that is down keeps no other from being looked at, and no secret is told', async () => {
  const down = {
    ...memory,
    name: 'down',
    schemes: ['down'],
    open: () => Promise.reject(new OmniQError('STORE_UNREACHABLE', 'No answer from down://app:hunter2@host.')),
  } satisfies BackendPlugin;
  const findings = await findingsOn({ tasks: 'memory:', events: { url: 'down://app:hunter2@host', plugin: down } });
  expect(findings['down: answers']).toMatchObject({ status: 'failed', code: 'STORE_UNREACHABLE' });
  expect(findings['memory: round trip']).toMatchObject({ status: 'ok' });
  expect(JSON.stringify(findings)).not.toContain('hunter2');
});

test('what cannot be opened at all is a finding', async () => {
  const findings = await findingsOn({ tasks: 'nosuch:thing' });
  expect(findings['backends']).toMatchObject({ status: 'failed', code: 'BACKEND_UNKNOWN' });
  expect(findings['node']).toMatchObject({ status: 'ok' });
});

test('stores in one backend are migrated once, and those without a schema say so', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'omniq-diagnose-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const code = { tasks: `sqlite:${join(folder, 'jobs.db')}`, events: 'memory:' };
  const config = await readConfig({ code, env: false, files: false });
  const todo = await migrateStores(config, 'status');
  expect(todo).toMatchObject([
    { backend: 'sqlite', stores: ['tasks', 'results', 'schedules'], migrates: true },
    { backend: 'memory', stores: ['events'], migrates: false, steps: [] },
  ]);
  expect(todo[0]?.steps).not.toEqual([]);
  expect((await migrateStores(config, 'up'))[0]?.steps).toEqual(todo[0]?.steps);
  expect((await migrateStores(config, 'up'))[0]?.steps).toEqual([]);
});

test("what a server's settings endanger is told one by one; one that cannot be asked is a finding", async () => {
  const { plugin } = changed(() => ({}));
  const asked: string[] = [];
  const inspect: BackendPlugin['inspect'] = async (url) => {
    asked.push(url);
    return [
      { about: 'eviction', status: 'failed', detail: 'maxmemory-policy is allkeys-lru; set noeviction' },
      { about: 'persistence', status: 'ok', detail: 'appendfsync is always' },
    ];
  };
  const findings = await findingsOn({ storage: { ...plugin, inspect } });
  expect(findings['changed: eviction']).toMatchObject({
    status: 'failed',
    detail: expect.stringMatching('noeviction'),
  });
  expect(findings['changed: persistence']).toMatchObject({ status: 'ok' });
  expect(asked).toHaveLength(1);
});
