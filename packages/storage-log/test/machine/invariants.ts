import type { HeldRow } from '../../src/machine/command.ts';
import type { TaskMachine } from '../../src/machine/task-machine.ts';
import type { TaskTables } from '../../src/machine/task-tables.ts';

/** What is wrong with a machine as it can be seen from outside, or `null`. */
export function faultIn(machine: TaskMachine, now = 0): string | null {
  const { items: rows } = machine.list({ limit: 10_000 });
  return faultInLeases(machine, rows) ?? faultInRows(machine, rows) ?? faultInCounts(machine, rows, now);
}

function faultInLeases(machine: TaskMachine, rows: readonly HeldRow[]): string | null {
  const running = rows.filter(({ state }) => state === 'running');
  const sessions = machine.sessions();
  for (const { id, leases, ended } of sessions) {
    const own = running.filter(({ session }) => session === id).length;
    if (own !== leases) return `session ${id} counts ${leases} leases and holds ${own}`;
    if (ended && leases === 0) return `session ${id} is over and stays`;
  }
  const held = sessions.reduce((sum, { leases }) => sum + leases, 0);
  if (held !== running.length || machine.size.running !== running.length)
    return `${running.length} run, ${held} are held`;
  const strays = running.filter(({ id, lease }) => !machine.isHeld(id, lease));
  if (strays.length > 0) return `${strays[0]?.id} is not found by its lease`;
  return new Set(running.map(({ lease }) => lease)).size === running.length ? null : 'two tasks run under one lease';
}

function faultInRows(machine: TaskMachine, rows: readonly HeldRow[]): string | null {
  let edges = 0;
  for (const { id, state, waitsFor, deadlineAt, lease, session } of rows) {
    const { items } = machine.edges({ child: id, limit: 100 });
    edges += items.length;
    if (items.length !== waitsFor) return `${id} waits for ${waitsFor} and has ${items.length} edges`;
    if (items.some(({ parent }) => machine.row(parent) === undefined)) return `${id} waits for somebody who is gone`;
    if (state === 'running' && (lease === 0 || session === null)) return `${id} runs without a lease`;
    if ((state === 'running') !== (deadlineAt !== null)) return `${id} is ${state} with the deadline ${deadlineAt}`;
  }
  const all = machine.edges({ limit: 10_000 }).items.length;
  return all === edges ? null : `${all} edges, ${edges} of them to a task`;
}

function faultInCounts(machine: TaskMachine, rows: readonly HeldRow[], now: number): string | null {
  const recount = new Map<string, number>();
  for (const { queue, state, runAt } of rows) {
    const key = `${queue} ${state === 'waiting' ? (runAt > now ? 'scheduled' : 'pending') : state}`;
    recount.set(key, (recount.get(key) ?? 0) + 1);
  }
  const counts = machine.count(now);
  for (const { queue, state, count } of counts)
    if (recount.get(`${queue} ${state}`) !== count) return `${count} counted in ${queue} ${state}`;
  if (counts.length !== recount.size || machine.size.tasks !== rows.length) return `${rows.length} tasks, not counted`;
  return null;
}

/** Two live tasks with one key that both hold it while they live, or one that was not given it. */
export function faultInKeys({ tasks, uniqueKeys }: TaskTables): string | null {
  const holders = new Map<string, string>();
  for (const { id, state, rare } of tasks.all()) {
    const { uniqueKey, uniqueUntil } = rare;
    if (uniqueKey === null || uniqueUntil !== null || !['blocked', 'waiting', 'running'].includes(state)) continue;
    const other = holders.get(uniqueKey);
    if (other !== undefined) return `${id} and ${other} both hold ${uniqueKey}`;
    if (uniqueKeys.holds.get(uniqueKey)?.holder !== id) return `${id} does not hold ${uniqueKey}`;
    holders.set(uniqueKey, id);
  }
  for (const [key, { holder, until }] of uniqueKeys.holds)
    if (until === null && holders.get(key) !== holder) return `${key} is held by ${holder}, who does not live`;
  return null;
}
