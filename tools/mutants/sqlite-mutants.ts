import { mutantsOf, type Mutant } from './mutant.ts';

const source = (name: string): string => `packages/storage-sqlite/src/${name}.ts`;
const conformance = 'packages/storage-sqlite/test/conformance.test.ts';
const damage = 'packages/storage-sqlite/test/damage.test.ts';
const neighbours = 'packages/storage-sqlite/test/neighbours.test.ts';
const transactions = 'packages/omniq/test/behaviour/transactions.test.ts';
const wakes = 'packages/storage-sqlite/test/wakes.test.ts';

/** Breaks of the SQLite storage. */
export const sqliteMutants: readonly Mutant[] = [
  ...mutantsOf(source('claim'), [
    ['sqlite: leases restart with their counter', 'max(last + 1, ?)', 'max(last + 1, ? * 0)', damage],
    ['sqlite: a repeated claim leases more', 'if (repeated !== undefined) return repeated;', '', conformance],
    ['sqlite: ended sessions claim', 'if (this.#sessions.isOpen(session)) return;', 'return;', conformance],
    [
      'sqlite: neighbours start that were not to',
      'to < due.length && to !== start &&',
      'to < due.length &&',
      neighbours,
    ],
    ['sqlite: what lies between neighbours is leased', 'due[to]?.[0] === seq + to - from', 'true', neighbours],
  ]),
  ...mutantsOf(source('claim-walk'), [
    [
      'sqlite: future tasks of a high priority hide due ones',
      'found.push(...rows);',
      'if (rows.length === 0) return;\n      found.push(...rows);',
      conformance,
    ],
  ]),
  ...mutantsOf(source('insert'), [
    ['sqlite: removed ids come back', 'this.#isRemembered.get(row.id, now) !== undefined', 'false', conformance],
    ['sqlite: late rows are taken', 'Math.max(now, time) > row.admitBy', 'false', conformance],
    ['sqlite: a call that was held up is in time', 'Math.max(now, time) >', 'now >', conformance],
    [
      'sqlite: known ids that come late are late',
      'return this.#find.get(row.id) === undefined ? late : exists;',
      'return late;',
      conformance,
    ],
    ['sqlite: the head of an ordering key blocks nobody', 'this.#order.isInUse(orderKey)', 'false', conformance],
  ]),
  ...mutantsOf(source('plain-inserts'), [
    [
      'sqlite: a known id among new ones gets their payload',
      'changes === rows.length ? rows :',
      'true ? rows :',
      neighbours,
    ],
  ]),
  ...mutantsOf(source('held-leases'), [
    ['sqlite: the lease of a neighbour settles', 'ids[index] === id ?', 'ids[index] !== undefined ?', neighbours],
  ]),
  ...mutantsOf(source('neighbours'), [
    ['sqlite: neighbours get what was said of the first', '!isSame(next.set, head.set)', 'false', neighbours],
    ['sqlite: neighbours overrule a cancel', 'guard.uncancelled !== true &&', '', neighbours],
  ]),
  ...mutantsOf(source('set-shapes'), [
    [
      'sqlite: whoever held a task settles it',
      "heldLease: 'WHERE seq = ? AND lease = ?",
      "heldLease: 'WHERE seq = ? AND ? > 0",
      neighbours,
    ],
  ]),
  ...mutantsOf(source('wakes'), [['sqlite: others are not told of a commit', '    this.#touch();\n', '', wakes]]),
  ...mutantsOf(source('remove'), [
    [
      'sqlite: parents go before their children are released',
      ' AND NOT EXISTS (SELECT 1 FROM omniq_edges WHERE parent = omniq_tasks.seq)',
      '',
      conformance,
    ],
  ]),
  ...mutantsOf(source('sessions'), [
    [
      'sqlite: an end overrules a beat',
      'AND beats = coalesce(?, beats)',
      'AND coalesce(?, beats) IS NOT NULL',
      conformance,
    ],
    ['sqlite: a session ends twice', 'ended_at IS NULL AND beats =', 'beats =', conformance],
  ]),
  ...mutantsOf(source('store-clock'), [
    ['sqlite: a caller may be ahead', 'if (now <= time + MAX_AHEAD_MS) return time;', 'return time;', conformance],
  ]),
  ...mutantsOf(source('update'), [
    ['sqlite: a cancel is overruled', 'lease, uncancelled, set)', 'lease, false, set)', conformance],
    ['sqlite: neighbours are settled whoever holds them', '!== count) {', '< 0) {', neighbours],
    ['sqlite: a redrive doubles a live key', 'holder !== undefined && holder !== id', 'false', conformance],
    [
      'sqlite: an edge is released twice',
      'if (!this.#edges.release(seq, parent)) return stale;',
      'this.#edges.release(seq, parent);',
      conformance,
    ],
  ]),
  ...mutantsOf(source('transactions'), [
    ['sqlite: a refused completion can be committed', "db.exec('ROLLBACK');", '', conformance],
    ["sqlite: nobody looks for the end of a user's transaction", 'this.#ringAfter(db);', '', transactions],
    ['sqlite: the user is waited for', 'this.#main.yieldTo(db);', '', transactions],
    ['sqlite: any database will do', 'fileOf(given) === realpathSync(this.#main.file)', 'true', transactions],
  ]),
];
