import { performance } from 'node:perf_hooks';
import { OmniQError, type ResultStore, type TaskStore } from '@omniq/core/storage';
import type { OpenedBackend } from '../backends/open-backend.ts';
import type { StoreName } from '../config/settings.ts';
import { attempted } from './attempted.ts';
import type { ConfiguredBackend } from './configured-backends.ts';
import { describeDurability } from './describe-durability.ts';
import { ok, warning, type Finding } from './finding.ts';
import { roundTrip } from './round-trip.ts';

/** What of the server's own settings endangers tasks, each thing by itself. */
export async function checkServer({ name, plugin, rawUrl, options }: ConfiguredBackend): Promise<readonly Finding[]> {
  const inspect = plugin?.inspect?.bind(plugin);
  if (inspect === undefined) return [];
  let found: readonly Finding[] = [];
  const check = `${name}: server`;
  const looked = await attempted(check, async () => {
    const findings = await inspect(rawUrl, options);
    found = findings.map(({ about, status, detail }) => ({ check: `${name}: ${about}`, status, detail }));
    return ok(check, 'looked at');
  });
  return looked.status === 'ok' ? found : [looked];
}

/** A store refuses a clock that is further ahead than this. */
const MAX_SKEW_MS = 1_000;

/** Whether the backend has the schema that this version wants. */
export async function checkSchema(backend: ConfiguredBackend): Promise<Finding> {
  const check = `${backend.name}: schema`;
  return attempted(check, async () => {
    const steps = await backend.plugin?.migrate?.(backend.rawUrl, backend.options, 'status');
    if (steps === undefined) return ok(check, 'has none');
    return steps.length === 0 ? ok(check, 'up to date') : warning(check, `to be applied: ${steps.join(', ')}`);
  });
}

/** Whether every store that the backend was chosen for answers. */
export function checkAnswers(opened: OpenedBackend, stores: readonly StoreName[]): Promise<Finding> {
  const check = `${opened.name}: answers`;
  return attempted(check, async () => {
    const start = performance.now();
    for (const name of stores) await ask(opened, name);
    return ok(check, `${opened.url} for ${stores.join(', ')} in ${tenths(performance.now() - start)} ms`);
  });
}

/** How far this machine's clock is from that of the task store. */
export function checkClock(name: string, tasks: TaskStore): Promise<Finding> {
  const check = `${name}: clock`;
  return attempted(check, async () => {
    if (tasks.time === undefined) return ok(check, 'none of its own: the time of this machine holds');
    const before = Date.now();
    const time = await tasks.time();
    const after = Date.now();
    const skew = Math.round((before + after) / 2 - time);
    const unsure = Math.ceil((after - before) / 2);
    const said = `this machine is ${Math.abs(skew)} ms ${skew < 0 ? 'behind' : 'ahead'} (± ${unsure} ms)`;
    return Math.abs(skew) - unsure > MAX_SKEW_MS ? warning(check, `${said}; synchronise it`) : ok(check, said);
  });
}

/** Whether a task can be written, read, claimed, completed and forgotten, with its result. */
export function checkRoundTrip(name: string, tasks: TaskStore, results: ResultStore): Promise<Finding> {
  const check = `${name}: round trip`;
  return attempted(check, async () => {
    const now = (await tasks.time?.()) ?? Date.now();
    const start = performance.now();
    await roundTrip(tasks, results, now);
    return ok(check, `wrote, read, claimed, completed and forgot a task in ${tenths(performance.now() - start)} ms`);
  });
}

/** What survives, and the settings that decide it. */
export function checkDurability(backend: ConfiguredBackend, tasks: TaskStore): Finding {
  const check = `${backend.name}: durability`;
  const { durable, shared } = tasks.capabilities;
  if (!durable) return warning(check, `nothing outlives this ${shared}`);
  return ok(check, [`durable, shared by all processes of a ${shared}`, ...describeDurability(backend)].join('; '));
}

/** An outbox is a queue. */
function kindOf(store: StoreName): Exclude<StoreName, 'outbox'> {
  return store === 'outbox' ? 'tasks' : store;
}

async function ask({ backend, name }: OpenedBackend, store: StoreName): Promise<void> {
  const kind = kindOf(store);
  if (backend[kind] === undefined) {
    throw new OmniQError('UNSUPPORTED', `The backend ${name} does not store ${store}.`, { backend: name, store });
  }
  if (kind === 'tasks') await backend.tasks?.queues();
  else if (kind === 'results') await backend.results?.get([{ id: 'omniq.doctor', lease: 0 }], Date.now());
  else if (kind === 'events') await backend.events?.query({ limit: 1 });
  else await backend.schedules?.list({ limit: 1 });
}

function tenths(ms: number): string {
  return ms.toFixed(1);
}
