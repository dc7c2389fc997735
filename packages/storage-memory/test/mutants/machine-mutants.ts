import { inFile, type Mutant } from './mutant.ts';

/** Bugs in what the task machine does to tasks. */
export const machineMutants: readonly Mutant[] = [
  ...inFile('storage-log/src/machine/change-task.ts', 'tasks', [
    ['expiresAt cannot change', 'if (set.expiresAt !== undefined &&', 'if (false &&'],
  ]),
  ...inFile('storage-log/src/machine/task-machine.ts', 'tasks', [
    ['claim requests forgotten', 'last !== undefined && request.request <=', 'false && request.request <='],
    ['lanes mixed up', 'session.lanes.get(request.lane)', 'session.lanes.values().next().value'],
    ['half a swap', 'sessions.live(command.request.session);', ''],
    [
      'a repeated claim returns the ended',
      'return tasks.filter((task) => task !== undefined).map(claimOf);',
      'const [first, end] = [last.firstLease, last.firstLease + count];\n' +
        '      return [...this.#tables.tasks.all()].filter(({ lease }) => lease >= first && lease < end).map(claimOf);',
    ],
  ]),
  ...inFile('storage-log/src/machine/task-record.ts', 'tasks', [
    ['drop the fence', "task.state === 'running' && task.lease === lease", "task.state === 'running'"],
    ['a lease guards what does not run', "task.state === 'running' && task.lease", 'task.lease'],
    ['rows that change under the caller', 'state: task.state,', 'get state() { return task.state; },'],
  ]),
  ...inFile('storage-log/src/machine/task-tables.ts', 'tasks', [
    ['reset the lease', 'task.lease = firstLease + index', 'task.lease = index + 1'],
    ['repeat the lease', 'task.lease = firstLease + index', 'task.lease ||= firstLease + index'],
    ['settle a cancelled run', 'guard.uncancelled === true', 'false'],
    ['change in any state', '!guard.states.includes(task.state)', 'false'],
    ['blind decrement', '!this.edges.has(task.id, guard.edge)', 'false'],
    ['release wakes the dead', "task.rare.waitsFor === 0 && task.state === 'blocked'", 'task.rare.waitsFor === 0'],
    ['first edge unblocks', 'task.rare.waitsFor === 0 &&', 'task.rare.waitsFor >= 0 &&'],
    ['ended parents unreported', 'parents.some((parent) => isEnded(', 'parents.some((parent) => !isEnded('],
    ['half an insert', 'this.#checkAdmissible(rows, now, lateAt);', ''],
    [
      'half an insert keeps its keys',
      'this.uniqueKeys.holder(unique.key, now)',
      'this.uniqueKeys.take(unique, id, now)',
    ],
    ['half an insert is claimed', 'rows.every(({ parents }) => parents.length === 0)', 'rows[0]?.parents.length === 0'],
    [
      'parents unchecked',
      'return parents.find(({ id }) => this.tasks.get(id) === undefined && !known.has(id))?.id;',
      'return undefined;',
    ],
    [
      'a parent is looked for after the key',
      '      const unknown = this.#unknownParent(row, known);',
      '      if (unique !== null && this.uniqueKeys.holder(unique.key, now) !== null) continue;\n' +
        '      const unknown = this.#unknownParent(row, known);',
    ],
    [
      'rows with changes wait for nobody',
      ' if (this.#unknownParent(row) === undefined) this.#insertOne',
      ' this.#insertOne',
    ],
    ['late insert of a pruned id', ' || this.remembered.has(id, now)', ''],
    ['no admission deadline', "if (lateAt > row.admitBy) return { status: 'late' };", ''],
    [
      'admission a moment short',
      "if (lateAt > row.admitBy) return { status: 'late' };",
      "if (lateAt >= row.admitBy) return { status: 'late' };",
    ],
    [
      'known ids that come late are late',
      "if (this.#isKnown(id, now)) return { status: 'exists' };",
      "if (lateAt <= row.admitBy && this.#isKnown(id, now)) return { status: 'exists' };",
    ],
    ['remove what lives', '!isEnded(task.state) || this', 'this'],
    ['remove a parent', ' || this.edges.hasChildren(id)', ''],
    ['edges outlive their child', 'this.edges.forget(id);\n      this.results', 'this.results'],
    ['results outlive their task', 'this.results.remove(id);', ''],
    ['all start at once', 'index < start ? now : null', 'now'],
    ['no deadline', 'task.deadlineAt = now + task.holdMs;', ''],
    ['deadline stays', "if (task.state !== 'running') task.deadlineAt = null;", ''],
    ['leases leak', "if (before === 'running' && task.state !== 'running')", 'if (false)'],
    ['live key never freed', 'if (isEnded(task.state) && !isEnded(before))', 'if (false)'],
    ['redrive takes no key', 'return holder === null ? null : {', 'return true ? null : {'],
    ['a moved task stays', 'task.state === before && !moved', 'task.state === before'],
    ['no history', 'if (record !== undefined)', 'if (false)'],
    ['results dropped', 'if (result !== undefined)', 'if (false)'],
    [
      'results under the next lease',
      'id: task.id, lease: task.lease, value',
      'id: task.id, lease: task.lease + 1, value',
    ],
    ['then rows dropped', 'of change.then ?? [])', 'of [] as HeldNewTask[])'],
    ['then rows of refused changes', 'return refusal;', '{ this.insert(change.then ?? [], now); return refusal; }'],
    ['dependents unreported', 'this.edges.hasChildren(task.id) ?', 'false ?'],
    ['expiry not noted anew', 'if (set.expiresAt !== undefined) this.tasks', 'if (false) this.tasks'],
  ]),
];
