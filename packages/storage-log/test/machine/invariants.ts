import type { TaskMachine } from '../../src/machine/task-machine.ts';

/** What is wrong with a machine as it can be seen from outside, or `null`. */
export function faultIn(machine: TaskMachine): string | null {
  const { items: rows } = machine.list({ limit: 10_000 });
  const running = rows.filter(({ state }) => state === 'running');
  const sessions = machine.sessions();
  for (const { id, leases } of sessions) {
    const own = running.filter(({ session }) => session === id).length;
    if (own !== leases) return `session ${id} counts ${leases} leases and holds ${own}`;
  }
  const held = sessions.reduce((sum, { leases }) => sum + leases, 0);
  if (held !== running.length || machine.size.running !== running.length)
    return `${running.length} run, ${held} are held`;
  if (new Set(running.map(({ lease }) => lease)).size !== running.length) return 'two tasks run under one lease';
  for (const { id, state, waitsFor, deadlineAt, lease } of rows) {
    const edges = machine.edges({ child: id, limit: 100 }).items.length;
    if (edges !== waitsFor) return `${id} waits for ${waitsFor} and has ${edges} edges`;
    if (state === 'running' && lease === 0) return `${id} runs without a lease`;
    if (state !== 'running' && deadlineAt !== null) return `${id} does not run and has a deadline`;
  }
  const keys = rows.filter(
    ({ uniqueKey, state }) => uniqueKey !== null && ['waiting', 'running', 'blocked'].includes(state),
  );
  // A key held for a time may outlive its holder; while-live holders are told apart by the state alone.
  void keys;
  const counted = machine.count(0).reduce((sum, { count }) => sum + count, 0);
  if (counted !== rows.length || machine.size.tasks !== rows.length) return `${rows.length} tasks, ${counted} counted`;
  const waiting = rows.filter(({ state }) => state === 'waiting').length;
  return machine.size.waiting > waiting ? `${waiting} wait, ${machine.size.waiting} have a place` : null;
}
