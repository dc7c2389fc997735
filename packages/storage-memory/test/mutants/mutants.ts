import type { StoreKind } from '@omniq/testkit/storage';

/** A bug: one place of the source, and what stands there instead. */
export interface Mutant {
  readonly name: string;
  readonly store: StoreKind;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const tasks = (name: string, file: string, find: string, replace: string): Mutant => {
  return { name, store: 'tasks', file: `${file}.ts`, find, replace };
};

export const taskMutants: readonly Mutant[] = [
  tasks(
    'drop the fence',
    'task-machine',
    "task.state === 'running' && task.lease === lease",
    "task.state === 'running'",
  ),
  tasks('a lease guards what does not run', 'task-machine', "task.state === 'running' && task.lease", 'task.lease'),
  tasks('reset the lease', 'task-machine', 'task.lease = this.#lease += 1', 'task.lease += 1'),
  tasks('repeat the lease', 'task-machine', 'task.lease = this.#lease += 1', 'task.lease ||= this.#lease += 1'),
  tasks('settle a cancelled run', 'task-machine', 'guard.uncancelled === true', 'false'),
  tasks('change in any state', 'task-machine', '!guard.states.includes(task.state)', 'false'),
  tasks('blind decrement', 'task-machine', '!this.edges.has(task.id, guard.edge)', 'false'),
  tasks(
    'release wakes the dead',
    'task-machine',
    "task.waitsFor === 0 && task.state === 'blocked'",
    'task.waitsFor === 0',
  ),
  tasks('first edge unblocks', 'task-machine', 'task.waitsFor === 0 &&', 'task.waitsFor >= 0 &&'),
  tasks(
    'ended parents unreported',
    'task-machine',
    'parents.some((parent) => isEnded(',
    'parents.some((parent) => !isEnded(',
  ),
  tasks('parents unchecked', 'task-machine', 'if (parents.length > 0) this.#checkParents([row]);', ''),
  tasks('half an insert', 'task-machine', 'for (const task of inserted.reverse()) this.#takeBack(task);', ''),
  tasks('half an insert keeps its keys', 'task-machine', '    this.#uniqueKeys.undo(task);\n', ''),
  tasks('half an insert is claimed', 'task-machine', '    this.queues.drop(task);\n    this.edges', '    this.edges'),
  tasks('late insert of a pruned id', 'task-machine', ' || this.#remembered.has(id, now)', ''),
  tasks('pruned ids known for ever', 'remembered-ids', 'until !== undefined && now < until', 'until !== undefined'),
  tasks('no admission deadline', 'task-machine', 'now > row.admitBy', 'false'),
  tasks(
    'known ids that come late are late',
    'task-machine',
    "if (this.tasks.get(id) !== undefined || this.#remembered.has(id, now)) return { status: 'exists' };\n    if (now > row.admitBy)",
    "if (now <= row.admitBy && (this.tasks.get(id) !== undefined || this.#remembered.has(id, now))) return { status: 'exists' };\n    if (now > row.admitBy)",
  ),
  tasks('admission a moment short', 'task-machine', 'now > row.admitBy', 'now >= row.admitBy'),
  tasks('remove what lives', 'task-machine', '!isEnded(task.state) || this', 'this'),
  tasks('remove a parent', 'task-machine', ' || this.edges.hasChildren(id)', ''),
  tasks('edges outlive their child', 'task-machine', 'this.edges.forget(id);\n      this.#results', 'this.#results'),
  tasks('results outlive their task', 'task-machine', 'this.#results.remove(id);', ''),
  tasks(
    'claim requests forgotten',
    'task-machine',
    'last !== undefined && request.request <=',
    'false && request.request <=',
  ),
  tasks(
    'a repeated claim returns the ended',
    'task-machine',
    '.filter(({ task, lease }) => isRunning(task, lease))',
    '',
  ),
  tasks('lanes mixed up', 'task-machine', 'session.lanes.get(request.lane)', 'session.lanes.values().next().value'),
  tasks('all start at once', 'task-machine', 'index < request.start', 'true'),
  tasks('no deadline', 'task-machine', 'task.deadlineAt = now + task.holdMs;', ''),
  tasks('deadline stays', 'task-machine', "if (task.state !== 'running') task.deadlineAt = null;", ''),
  tasks('leases leak', 'task-machine', "if (before === 'running' && task.state !== 'running')", 'if (false)'),
  tasks('live key never freed', 'task-machine', 'if (isEnded(task.state) && !isEnded(before))', 'if (false)'),
  tasks('redrive takes no key', 'task-machine', 'return holder === null ? null : {', 'return true ? null : {'),
  tasks('a moved task stays', 'task-machine', 'task.state === before && !moved', 'task.state === before'),
  tasks('no history', 'task-machine', 'if (record !== undefined)', 'if (false)'),
  tasks('results dropped', 'task-machine', 'if (result === undefined) return;', 'return;'),
  tasks(
    'results under the next lease',
    'task-machine',
    'id: task.id, lease: task.lease, value',
    'id: task.id, lease: task.lease + 1, value',
  ),
  tasks('then rows dropped', 'task-machine', 'if (change.then !== undefined)', 'if (false)'),
  tasks(
    'then rows of refused changes',
    'task-machine',
    'return refusal;',
    '{ this.insert(change.then ?? [], now); return refusal; }',
  ),
  tasks('dependents unreported', 'task-machine', 'this.edges.hasChildren(task.id) ?', 'false ?'),
  tasks('expiresAt cannot change', 'task-machine', 'if (set.expiresAt !== undefined) task.', 'if (false) task.'),
  tasks('a claim returns a task twice', 'queue-table', 'taken.push(task);', 'taken.push(task); queue.push(task, now);'),
  tasks('limit overshot', 'queue-table', 'taken.length < limit', 'taken.length <= limit'),
  tasks('ignore pause', 'queue-table', 'this.#settings.get(name)?.paused === true', 'false'),
  tasks('settings replaced, not merged', 'queue-table', '...this.#settings.get(queue), ', ''),
  tasks('queues in any order', 'queue-table', 'of names', 'of [...names].reverse()'),
  tasks('priority swapped', 'ready-queue', 'b - a', 'a - b'),
  tasks('expired tasks run', 'ready-queue', 'task.expiresAt > now', 'true'),
  tasks('expiry a moment late', 'ready-queue', 'task.expiresAt > now', 'task.expiresAt >= now'),
  tasks('too early', 'line', 'first === undefined || first.runAt > now', 'first === undefined'),
  tasks('a moment too late', 'line', 'first.runAt > now', 'first.runAt >= now'),
  tasks('insert order lost', 'line', 'a.seq < b.seq', 'a.seq > b.seq'),
  tasks('runAt order lost', 'line', '(last !== undefined && isBefore(ticket, last))', 'false'),
  tasks('claim what was cancelled', 'line', 'ticket.task.ticket === ticket', 'true'),
  tasks(
    'session end not exclusive',
    'session-table',
    'session === undefined || session.ended || (beats',
    'session === undefined || (beats',
  ),
  tasks('end on old beats', 'session-table', 'beats !== undefined && beats !== session.beats', 'false'),
  tasks('ended sessions claim', 'session-table', 'session.ended) throw', 'false) throw'),
  tasks('ended sessions beat', 'session-table', 'session.ended)\n      return', 'false)\n      return'),
  tasks('ended sessions open again', 'session-table', 'this.#over.has(id) || known?.ended === true', 'false'),
  tasks('beats stand still', 'session-table', 'session.beats += 1;', ''),
  tasks('cancels of everybody', 'session-table', 'if (task.cancelRequested)', 'if (true)'),
  tasks('ended sessions stay listed', 'session-table', 'if (running.size > 0) return;', 'return;'),
  tasks('unique not enforced', 'unique-keys', 'isHeld(hold, now)) return hold.holder;', 'false) return hold.holder;'),
  tasks(
    'key of a time freed at the end',
    'unique-keys',
    'uniqueKey !== null && uniqueUntil === null',
    'uniqueKey !== null',
  ),
  tasks('key of a time never freed', 'unique-keys', 'until === null || until > now', 'true'),
  tasks('rows that change under the caller', 'task-record', 'return row;', 'return task;'),
  tasks('page repeats its last row', 'task-table', 'task.seq <= after', 'task.seq < after'),
  tasks('no next page', 'task-table', 'if (matching.length <= limit) return { items };', 'return { items };'),
  tasks('session filter ignored', 'task-table', 'query.session === undefined ||', 'true ||'),
  tasks('dueAfter from, not after', 'task-table', 'task.runAt > query.dueAfter', 'task.runAt >= query.dueAfter'),
  tasks('by a time, but not at it', 'task-table', 'at !== null && at <= by', 'at !== null && at < by'),
  tasks(
    'expiry not noted anew',
    'task-machine',
    'if (set.expiresAt !== undefined) this.tasks',
    'if (false) this.tasks',
  ),
  tasks('count splits a moment off', 'task-table', 'runAt > now', 'runAt >= now'),
  tasks('edges resolved come back', 'edge-table', 'this.#all.remove(edge);', ''),
  tasks('edge pages overlap', 'edge-table', 'edge.seq <= from', 'edge.seq < from'),
  tasks('half a swap', 'memory-task-store', 'machine.sessions.live(request.session);', ''),
  tasks(
    'nobody woken by an insert',
    'memory-task-store',
    'insert(rows, now);\n    this.#bells.ring();',
    'insert(rows, now);',
  ),
  tasks('next due is what is due', 'line', 'ticket.runAt > now && holds', 'holds'),
  tasks(
    'next due of any queue',
    'queue-table',
    'names.map((name) => this.#ready.get(name)',
    '[...this.#ready.keys()].map((name) => this.#ready.get(name)',
  ),
  tasks('next due, the last', 'ready-queue', 'at < first', 'at > first'),
  tasks('listeners never stop', 'bells', 'this.#listeners.delete(listener)', 'true'),
  tasks('a closed store serves', 'connection', 'if (this.#closed) throw', 'if (false) throw'),
];

const other = (store: StoreKind, file: string, changes: readonly (readonly [string, string, string])[]): Mutant[] => {
  return changes.map(([name, find, replace]) => ({ store, file, name: `${store}: ${name}`, find, replace }));
};

export const otherMutants: readonly Mutant[] = [
  ...other('results', 'result-table.ts', [
    ['expired ones are read', 'result === undefined || isOver(result, now)', 'result === undefined'],
    ['expire a moment late', 'expiresAt <= now', 'expiresAt < now'],
    ['sweep without limit', 'isKept && gone === limit', 'false'],
    ['sweep the replaced', '?.get(next.lease) === next', '?.get(next.lease) !== undefined'],
    ['remove too much', 'lease < below', 'true'],
    ['one for all leases', 'kept.set(lease, result)', '(kept.clear(), kept.set(lease, result))'],
  ]),
  ...other('events', 'event-table.ts', [
    ['twice', 'if (this.#ids.has(event.id)) return;', ''],
    ['in order of arrival', 'last.event.at <= event.at', 'true'],
    ['until inclusive', 'each.event.at >= query.until', 'each.event.at > query.until'],
    ['level ignored', 'minLevel === undefined ||', 'true ||'],
    ['pages overlap', 'arrived <= arrival', 'arrived < arrival'],
    ['trim without limit', 'Math.min(limit, this.#firstAfter(before, 0))', 'this.#firstAfter(before, 0)'],
  ]),
  ...other('schedules', 'memory-schedule-store.ts', [
    ['a slot fires twice', 'if ((rows.get(id)?.revision ?? null) !== ifRevision) return null;', ''],
    ['revision restarts', 'this.#table.revision += 1', '(rows.get(id)?.revision ?? 0) + 1'],
    ['due a moment late', 'dueAt <= dueBy', 'dueAt < dueBy'],
    ['states ignored', 'states?.includes(state) ?? true', 'true'],
    ['order ignored', '.sort((a, b) => compare(a.place, b.place))', ''],
    ['pages overlap', 'compare(place, cursor) > 0', 'compare(place, cursor) >= 0'],
  ]),
  ...other('records', 'memory-record-store.ts', [
    ['last writer wins', '?.tag ?? null) !== ifTag', '?.tag ?? null) === undefined'],
    ['tags restart', 'String((this.#tag += 1))', "String(Number(this.records.get(key)?.tag ?? '0') + 1)"],
    ['delete under any tag', 'ifTag !== undefined && ifTag !== tag', 'false'],
    ['prefix as a pattern', 'key.startsWith(prefix)', 'new RegExp(`^${prefix.replaceAll(/[^\\w%]/g, ".")}`).test(key)'],
    ['after inclusive', 'byteOrder(key, after) > 0', 'byteOrder(key, after) >= 0'],
    ['new keys unlisted', 'if (!this.records.has(key)) this.#keys = null;', ''],
  ]),
  ...other('records', 'byte-order.ts', [['order of UTF-16', 'unit + 0x10000', 'unit']]),
];
