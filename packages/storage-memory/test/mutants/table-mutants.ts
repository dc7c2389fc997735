import { inFile, type Mutant } from './mutant.ts';

/** Bugs in the tables of the machine, the stores over it, and what is the memory backend's own. */
export const tableMutants: readonly Mutant[] = [
  ...inFile('storage-log/src/engine/bells.ts', 'tasks', [
    ['listeners never stop', 'this.#listeners.delete(listener)', 'true'],
  ]),
  ...inFile('storage-log/src/machine/edge-table.ts', 'tasks', [
    ['edges resolved come back', 'this.#all.remove(edge);', ''],
    ['edge pages overlap', 'edge.seq <= from', 'edge.seq < from'],
  ]),
  ...inFile('storage-log/src/machine/line.ts', 'tasks', [
    ['too early', 'first === undefined || first.runAt > now', 'first === undefined'],
    ['runAt order lost', 'if (runAt > now || !isLast)', 'if (runAt > now)'],
    ['a moment too late', 'first.runAt > now', 'first.runAt >= now'],
    ['insert order lost', 'a.seq < b.seq', 'a.seq > b.seq'],
    ['claim what was cancelled', 'first.place === this.#places[this.#head]', 'true'],
    ['next due is what is due', 'ticket.runAt > now && holds', 'holds'],
  ]),
  ...inFile('storage-log/src/machine/queue-table.ts', 'tasks', [
    ['a claim returns a task twice', 'taken.push(task);', 'taken.push(task); queue.push(task, now);'],
    ['limit overshot', 'taken.length < limit', 'taken.length <= limit'],
    ['ignore pause', 'this.#settings.get(name)?.paused === true', 'false'],
    [
      'settings replaced, not merged',
      'changed(this.#settings.get(queue) ?? unset, settings)',
      'changed(unset, settings)',
    ],
    [
      'queues in any order',
      '    for (const name of names) {\n      const queue = this.#open(name);\n      while',
      '    for (const name of [...names].reverse()) {\n      const queue = this.#open(name);\n      while',
    ],
    [
      'next due of any queue',
      'names.map((name) => this.#ready.get(name)',
      '[...this.#ready.keys()].map((name) => this.#ready.get(name)',
    ],
  ]),
  ...inFile('storage-log/src/machine/ready-queue.ts', 'tasks', [
    ['priority swapped', 'b - a', 'a - b'],
    ['expired tasks run', 'expiresAt === null || expiresAt > now', 'true'],
    ['expiry a moment late', 'expiresAt > now', 'expiresAt >= now'],
    ['next due, the last', 'at < first', 'at > first'],
  ]),
  ...inFile('storage-log/src/machine/remembered-ids.ts', 'tasks', [
    ['pruned ids known for ever', 'until !== undefined && now < until', 'until !== undefined'],
  ]),
  ...inFile('storage-log/src/machine/result-table.ts', 'results', [
    ['results: expired ones are read', 'result === undefined || isOver(result, now)', 'result === undefined'],
    ['results: expire a moment late', 'expiresAt <= now', 'expiresAt < now'],
    ['results: sweep without limit', 'isKept && gone === limit', 'false'],
    ['results: sweep the replaced', '?.get(next.lease) === next', '?.get(next.lease) !== undefined'],
    ['results: remove too much', 'lease < below', 'true'],
    ['results: one for all leases', 'kept.set(lease, result)', '(kept.clear(), kept.set(lease, result))'],
  ]),
  ...inFile('storage-log/src/machine/schedule-table.ts', 'schedules', [
    ['schedules: a slot fires twice', 'if ((this.rows.get(id)?.revision ?? null) !== ifRevision) return null;', ''],
    ['schedules: revision restarts', 'this.revision += 1;', 'this.revision = (this.rows.get(id)?.revision ?? 0) + 1;'],
    ['schedules: due a moment late', 'dueAt <= dueBy', 'dueAt < dueBy'],
    ['schedules: states ignored', 'states?.includes(state) ?? true', 'true'],
    ['schedules: order ignored', '.sort((a, b) => compare(a.place, b.place))', ''],
    ['schedules: pages overlap', 'compare(place, cursor) > 0', 'compare(place, cursor) >= 0'],
  ]),
  ...inFile('storage-log/src/machine/session-table.ts', 'tasks', [
    [
      'session end not exclusive',
      'session === undefined || session.ended || (beats',
      'session === undefined || (beats',
    ],
    ['end on old beats', 'beats !== undefined && beats !== session.beats', 'false'],
    ['ended sessions claim', 'session.ended) throw', 'false) throw'],
    ['ended sessions open again', 'this.over.has(id) || known?.ended === true', 'false'],
    ['beats stand still', 'session.beats += 1;', ''],
    ['ended sessions beat', 'if (session.ended) return reply;', ''],
    ['ended sessions live on', 'live: !session.ended', 'live: true'],
    [
      'ended sessions tell nothing',
      'if (session === undefined) return { live',
      'if (session?.ended !== false) return { live',
    ],
    ['ended sessions stay listed', 'if (leases > 0) return;', 'return;'],
    ['cancels of everybody', 'if (task.rare.cancelRequested) session.', 'if (true) session.'],
  ]),
  ...inFile('storage-log/src/machine/task-table.ts', 'tasks', [
    ['page repeats its last row', 'task.seq <= after', 'task.seq < after'],
    ['no next page', 'matching.length > limit && last !== undefined ?', 'false && last !== undefined ?'],
    ['session filter ignored', 'query.session === undefined ||', 'true ||'],
    ['dueAfter from, not after', 'task.runAt > query.dueAfter', 'task.runAt >= query.dueAfter'],
    ['by a time, but not at it', 'at !== null && at <= by', 'at !== null && at < by'],
    ['count splits a moment off', 'runAt > now', 'runAt >= now'],
  ]),
  ...inFile('storage-log/src/machine/unique-keys.ts', 'tasks', [
    ['unique not enforced', 'isHeld(hold, now) ? hold.holder : null', 'isHeld(hold, now) ? null : null'],
    [
      'a key whose time is over asks nobody',
      'const holder = this.holder(unique.key, now);\n    if (holder === null)',
      'const isOver = unique.until !== null && unique.until <= now;\n' +
        '    const holder = isOver ? null : this.holder(unique.key, now);\n    if (holder === null)',
    ],
    [
      'a key whose time is over is held',
      'if (until !== null && until <= now) return;\n    // Last',
      'if (until !== null && until <= now) until = Number.POSITIVE_INFINITY;\n    // Last',
    ],
    [
      'an id that comes back takes its own key',
      'if (holder === null) this.#hold',
      'if (holder === null || holder === id) this.#hold',
    ],
    ['key of a time freed at the end', 'uniqueKey !== null && uniqueUntil === null', 'uniqueKey !== null'],
    ['key of a time never freed', 'until === null || until > now', 'true'],
  ]),
  ...inFile('storage-log/src/stores/machine-task-store.ts', 'tasks', [
    ['a claim that found nothing finds some when repeated', 'if (this.#isFruitless(request)) return false;', ''],
    [
      'a fruitless request taken for its session',
      'return last !== undefined && request <= last;',
      'return last !== undefined;',
    ],
    [
      'ended sessions find nothing',
      "if (typeof outlook === 'object') throw new OmniQError(outlook.code, outlook.message, outlook.details);\n    if",
      'if',
    ],
    ['beats forgotten at the end', "beats === undefined ? { verb: 'end', session }", "true ? { verb: 'end', session }"],
  ]),
  ...inFile('storage-memory/src/byte-order.ts', 'records', [['records: order of UTF-16', 'unit + 0x10000', 'unit']]),
  ...inFile('storage-memory/src/connection.ts', 'tasks', [
    ['a closed store serves', 'if (this.#closed) throw', 'if (false) throw'],
  ]),
  ...inFile('storage-memory/src/event-table.ts', 'events', [
    ['events: twice', 'if (this.#ids.has(event.id)) return;', ''],
    ['events: in order of arrival', 'last.event.at <= event.at', 'true'],
    ['events: until inclusive', 'each.event.at >= query.until', 'each.event.at > query.until'],
    ['events: level ignored', 'minLevel === undefined ||', 'true ||'],
    ['events: pages overlap', 'arrived <= arrival', 'arrived < arrival'],
    ['events: trim without limit', 'Math.min(limit, this.#firstAfter(before, 0))', 'this.#firstAfter(before, 0)'],
  ]),
  ...inFile('storage-memory/src/local-machine.ts', 'tasks', [
    ['a store closed is open', 'void (open = false)', 'undefined'],
    ['nobody woken by a parent that ended', "'edge' in guard ||", ''],
    ['nobody woken by a task handed back', 'set.state !== undefined ||', ''],
    ['nobody woken when a queue goes on', 'return command.settings.paused === false;', 'return false;'],
    ['nobody woken by an insert', "    case 'insert':\n      return true;", "    case 'insert':\n      return false;"],
  ]),
  ...inFile('storage-memory/src/memory-record-store.ts', 'records', [
    ['records: last writer wins', '?.tag ?? null) !== ifTag', '?.tag ?? null) === undefined'],
    ['records: tags restart', 'String((this.#tag += 1))', "String(Number(this.records.get(key)?.tag ?? '0') + 1)"],
    ['records: delete under any tag', 'ifTag !== undefined && ifTag !== tag', 'false'],
    [
      'records: prefix as a pattern',
      'key.startsWith(prefix)',
      'new RegExp(`^${prefix.replaceAll(/[^\\w%]/g, ".")}`).test(key)',
    ],
    ['records: after inclusive', 'byteOrder(key, after) > 0', 'byteOrder(key, after) >= 0'],
    ['records: new keys unlisted', 'if (!this.records.has(key)) this.#keys = null;', ''],
  ]),
];
