import type { ModelMode } from '../../../src/model-based/index.ts';

/** A bug: one place of a source, what stands there instead, and the mode of the suite that has to notice. */
export interface Mutant {
  readonly name: string;
  /** From the folder of the packages. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  readonly mode: ModelMode;
}

type Row = readonly [name: string, file: string, find: string, replace: string, mode?: ModelMode];

const of = (folder: string, rows: readonly Row[]): readonly Mutant[] =>
  rows.map(([name, file, find, replace, mode = 'sequential']) => {
    return { name, file: `${folder}/${file}.ts`, find, replace, mode };
  });

export const sqliteMutants: readonly Mutant[] = of('storage-sqlite/src', [
  [
    'whoever held a task settles it',
    'set-shapes',
    "heldLease: 'WHERE seq = ? AND lease = ?",
    "heldLease: 'WHERE seq = ? AND ? > 0",
  ],
  ['a task that leaves running keeps its deadline', 'set-shapes', "if (leaves) sets.push('deadline_at = NULL');", ''],
  ['neighbours get what was said of the first', 'neighbours', '!isSame(next.set, head.set)', 'false'],
  ['neighbours overrule a cancel', 'neighbours', 'guard.uncancelled !== true &&', ''],
  ['a repeated claim leases more', 'claim', 'if (repeated !== undefined) return repeated;', ''],
  [
    'an older request leases anew',
    'claim-replay',
    'if (request > last) return undefined;',
    'if (request !== last) return undefined;',
  ],
  [
    'insert order among equals is lost',
    'claim-walk',
    'ORDER BY t.run_at, t.seq LIMIT ?',
    'ORDER BY t.run_at, t.seq DESC LIMIT ?',
  ],
  [
    'the last edge wakes the dead',
    'edges',
    'iif(state = 0 AND waits_for = 1, 1, state)',
    'iif(waits_for = 1, 1, state)',
  ],
  [
    'an edge is released twice',
    'update',
    'if (!this.#edges.release(seq, parent)) return stale;',
    'this.#edges.release(seq, parent);',
  ],
  ['a redrive doubles a live key', 'update', 'holder !== undefined && holder !== id', 'false'],
  [
    'a key of a period is free at once',
    'unique-keys',
    '(this.#live.get(key) ?? this.#period.get(key, now))',
    'this.#live.get(key)',
  ],
  [
    'a period of a key never ends',
    'unique-keys',
    'SELECT task FROM omniq_period_keys WHERE key = ? AND until > ?',
    'SELECT task FROM omniq_period_keys WHERE key = ? AND ? > 0',
  ],
  ['removed ids come back', 'insert', 'this.#isRemembered.get(row.id, now) !== undefined', 'false'],
  [
    'known ids that come late are late',
    'insert',
    'return this.#find.get(row.id) === undefined ? late : exists;',
    'return late;',
  ],
  [
    'parents go before their children are released',
    'remove',
    ' AND NOT EXISTS (SELECT 1 FROM omniq_edges WHERE parent = omniq_tasks.seq)',
    '',
  ],
  ['results outlive their task', 'remove', 'this.#results.remove(id);', ''],
  ['an end overrules a beat', 'sessions', 'AND beats = coalesce(?, beats)', 'AND coalesce(?, beats) IS NOT NULL'],
  ['ended sessions stay listed', 'sessions', '!ended || leases > 0', 'true'],
  [
    'results end a moment late',
    'result-rows',
    '(expires_at IS NULL OR expires_at > ?)',
    '(expires_at IS NULL OR expires_at >= ?)',
  ],
  [
    'a schedule is written over any revision',
    'schedule-store',
    'WHERE id = ? AND revision = ?`',
    'WHERE id = ? AND revision > ? * 0`',
  ],
]);

/** The same machine stands behind memory and files; here it is the one under test. */
export const machineMutants: readonly Mutant[] = of('storage-log/src/machine', [
  ['machine: expired tasks run', 'ready-queue', 'expiresAt === null || expiresAt > now', 'true'],
  [
    'machine: a moved task keeps its old place',
    'task-tables',
    'if (task.state === before && !moved) return;',
    'if (task.state === before) return;',
  ],
  [
    'machine: a live key is not given up',
    'task-tables',
    'if (isEnded(task.state) && !isEnded(before)) this.uniqueKeys.release(task);',
    '',
  ],
  ['machine: a cancel is overruled', 'task-tables', 'guard.uncancelled === true && task.rare.cancelRequested', 'false'],
  ['machine: beats stand still', 'session-table', 'session.beats += 1;', ''],
]);
