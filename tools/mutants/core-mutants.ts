import { mutantsOf, type Mutant } from './mutant.ts';

const engine = (name: string): string => `packages/omniq/test/engine/${name}.test.ts`;
const whole = (name: string): string => `packages/omniq/test/behaviour/${name}.test.ts`;
const transactions = whole('transactions');
const core = (name: string): string => `packages/core/test/${name}.test.ts`;

const worker = mutantsOf('packages/core/src/worker/worker.ts', [
  ['runs of an ended session go on unaware', 'this.#runner.abort(run, lost);', 'void (run, lost);', engine('rescue')],
  [
    'a settle refused for a cancel is dropped',
    "if (status === 'cancelled') this.#settle({ run, intent: cancelledInstead(run, this.#engine.clock.now()) });",
    "if (status === 'cancelled') void cancelledInstead;",
    engine('cancel'),
  ],
  ['stale settles pass for good ones', "else if (status !== 'applied') this.#lostLease(run);", '', engine('rescue')],
]);

const lane = mutantsOf('packages/core/src/worker/lane.ts', [
  [
    'a claim is repeated as a new one',
    'request: this.#request,',
    'request: (this.#request += 1),',
    engine('lost-replies'),
  ],
  [
    'tasks end before their results are stored',
    'if (!colocatedResults) await results.put(',
    'if (!colocatedResults) void ((rows: never[]) => results.put(rows).catch(() => {}))(',
    engine('results-apart'),
  ],
  ['idle workers poll tenfold', 'return ms * (1 +', 'return 0.1 * ms * (1 +', engine('idle')],
  ['idle lanes poll all of them', 'this.#lane === 0 ? this.#pollMs : REST_MS', 'this.#pollMs', engine('idle')],
]);

const lanes = mutantsOf('packages/core/src/worker/lanes.ts', [
  [
    'each ring makes all lanes look',
    'if (resting === undefined) this.ringAll();',
    'if (resting !== null) this.ringAll();',
    engine('idle'),
  ],
]);

const session = mutantsOf('packages/core/src/worker/session.ts', [
  [
    'an ended session is not replaced',
    'if (!reply.live) return await this.renew(session);',
    'if (!reply.live) return;',
    engine('rescue'),
  ],
  ['idle workers beat as busy ones', '(this.#hooks.busy() || since', '(true || since', engine('idle')],
]);

const strays = mutantsOf('packages/core/src/worker/stray-leases.ts', [
  ['leases are not counted', 'counted > held().count ? this.#mismatches + 1 : 0', '0', engine('rescue')],
  ['all leases pass for strays', 'items.filter(({ lease }) => !leases.has(lease))', 'items', engine('lost-replies')],
]);

const rescuer = mutantsOf('packages/core/src/worker/rescuer.ts', [
  ['silence for a moment is enough', 'now - seen.since >= this.#leaseMs', 'true', engine('rescue')],
  [
    'failed looks count as looks',
    '      this.#sightings.clear();\n      throw error;',
    '      throw error;',
    engine('watching'),
  ],
  ['a pause counts as watching', 'now - this.#lastLook <= this.#leaseMs / 2 && ', '', engine('watching')],
  ['own beats that fail say nothing', ' && now - this.#own.grewAt <= (this.#leaseMs * 2) / 3', '', engine('watching')],
  [
    'an end overrules a beat',
    '>= this.#leaseMs) return tasks.end(session.id, session.beats)',
    '>= this.#leaseMs) return tasks.end(session.id)',
    engine('watching'),
  ],
  ['a process gives itself up', 'if (this.#isOwn(session)) return false;', '', engine('rescue')],
  [
    'the dead of this host are waited for',
    'if (this.#processes.isGone(session)) return tasks.end(session.id, session.beats);',
    '',
    engine('rescue'),
  ],
  ['crashes leave no record', '...(startedAt === null ? {} : { record })', '', engine('rescue')],
]);

const processes = mutantsOf('packages/core/src/worker/process-identity.ts', [
  [
    'a reused pid passes for its predecessor',
    "return start !== other.processStart && other.processStart !== 'unknown';",
    'return false;',
    core('worker/process-identity'),
  ],
  [
    'pids of other hosts are looked up here',
    'if (other.host !== self.host) return false;',
    '',
    core('worker/process-identity'),
  ],
]);

const runs = [
  ...mutantsOf('packages/core/src/worker/runner.ts', [
    [
      'progress goes without its fence',
      'guard: { lease }, set: { progress',
      "guard: { states: ['running' as const] }, set: { progress",
      engine('rescue'),
    ],
    ['progress shows no life', '{ deadlineAt: clock.now() + 3_600_000 }', '{}', engine('deadlines')],
    [
      'a deaf handler keeps its slot',
      'timers.after(graceMs, () => this.#giveUp(run, reason))',
      'timers.after(graceMs, () => {})',
      engine('deadlines'),
    ],
  ]),
  ...mutantsOf('packages/core/src/worker/verdict.ts', [
    [
      'completion goes without its fence',
      'const guard = { lease: task.lease };',
      "const guard = { states: ['running'] as const };",
      engine('rescue'),
    ],
    [
      'a shutdown spends an attempt',
      "if (isOmniQError(abortReason, 'WORKER_STOPPED')) return handBack(now, 'shutdown');",
      '',
      whole('steering'),
    ],
  ]),
  ...mutantsOf('packages/core/src/worker/slots.ts', [
    [
      'suspects run beside innocents',
      'const isSuspect = run.task.crashes >= crashesBeforeAlone;',
      'const isSuspect = false;',
      engine('rescue'),
    ],
  ]),
  ...mutantsOf('packages/core/src/worker/settlement.ts', [
    [
      'results are kept by task, not by run',
      'result: { id, lease, value',
      'result: { id, lease: 1, value',
      engine('results-apart'),
    ],
  ]),
];

const transitions = mutantsOf('packages/core/src/model/transition.ts', [
  [
    'a retry, rescue or shutdown overrules a cancel',
    "return state === 'waiting' ? { lease, uncancelled: true } : { lease };",
    'return { lease };',
    engine('cancel'),
    whole('steering'),
  ],
  [
    'a rescue forgets a cancel',
    "if (row.cancelRequested) return cancel(now, 'cancelled');",
    '',
    engine('cancel'),
    core('model/transition'),
  ],
  ['tasks that had not started crash', 'row.startedAt !== null && (row', '(row', core('model/transition')],
  ['innocents are blamed', 'row.crashes < crashesBeforeAlone || ranAlone', 'true', core('model/transition')],
  ['poison goes on', 'crashes > maxCrashes', 'crashes > 99', core('model/transition')],
  [
    'a snooze spends an attempt',
    'runAt: now + delayMs, startedAt: null',
    'runAt: now + delayMs, attempt: 1, startedAt: null',
    core('model/transition'),
    whole('runs'),
  ],
]);

const sweeper = mutantsOf('packages/core/src/queue/sweeper.ts', [
  [
    'ended tasks are forgotten too soon',
    'ended: Math.max(retention.ended, least)',
    'ended: retention.ended',
    engine('retention'),
  ],
  [
    'deadlines are not enforced',
    "await this.#pages({ states: ['running'], deadlineBy: this.#engine.clock.now() }, (row) => this.#overrun(row));",
    '',
    engine('rescue'),
  ],
  ['an overrun forgets a cancel', 'task.cancelRequested\n', 'false\n', engine('cancel')],
  ['edges are not swept', 'await this.#engine.dependencies.sweep();', '', engine('rescue')],
]);

const ways = [
  ...mutantsOf('packages/core/src/queue/admission.ts', [
    ['no admission deadline', 'admitBy: now + admissionMs', 'admitBy: 8.64e15', engine('admission')],
  ]),
  ...mutantsOf('packages/core/src/queue/task-admin.ts', [
    ['ids are forgotten with their tasks', 'clock.now() + 2 * admissionMs', 'clock.now()', engine('retention')],
    [
      'a running task is cancelled behind its back',
      "guard: { states: ['blocked', 'waiting'] }, set }, event, task }",
      "guard: { states: ['blocked', 'waiting', 'running'] }, set }, event, task }",
      whole('steering'),
    ],
    ['a redrive hides the holder of its key', "if (outcome?.status === 'taken')", 'if (false)', whole('steering')],
  ]),
  ...mutantsOf('packages/core/src/queue/coalescer.ts', [
    [
      'an enqueue is acknowledged before its insert',
      'this.#send(batch.map(({ item }) => item))',
      "batch.forEach(({ resolve }) => resolve({ status: 'inserted' } as Outcome));\n    this.#send(batch.map(({ item }) => item))",
      engine('admission'),
    ],
    ['callers get the answers of others', 'outcomes[index] as Outcome', 'outcomes[0] as Outcome', whole('steering')],
  ]),
  ...mutantsOf('packages/core/src/queue/store-clock.ts', [
    [
      'the time is that of the wall clock',
      'Math.floor(this.#ambient.clock.monotonic() + this.#offset)',
      'this.#ambient.clock.now()',
      engine('store-time'),
    ],
    ['the time may not be set right', 'if (this.#last > time) this.#last = time;', '', core('queue/store-clock')],
  ]),
  ...mutantsOf('packages/core/src/storage/layers/retrying.ts', [
    [
      'a settle whose reply was lost is stale',
      'if (failures === 0) return value;',
      'return value;',
      core('layers/retrying'),
      engine('lost-replies'),
    ],
  ]),
];

const dependencies = [
  ...mutantsOf('packages/core/src/queue/committer.ts', [
    [
      'children wait for the sweep',
      'if (parents.length > 0) await this.#followers.release(parents);',
      '',
      whole('dependencies'),
    ],
  ]),
  ...mutantsOf('packages/core/src/queue/enqueuer.ts', [
    [
      'parents that had ended are not looked at',
      'if (settled.size > 0) await dependencies.releaseEnded([...settled]);',
      '',
      whole('dependencies'),
    ],
  ]),
  ...mutantsOf('packages/core/src/queue/dependencies.ts', [
    [
      'children of failed parents run',
      "if (state === 'completed' || policy === 'run') return [taken];",
      'return [taken];',
      whole('dependencies'),
    ],
    ['held children are let go', "state === 'completed' || edge.policy !== 'hold'", 'true', engine('retention')],
  ]),
];

/** Breaks of the core. */
export const coreMutants: readonly Mutant[] = [
  ...worker,
  ...lane,
  ...lanes,
  ...session,
  ...strays,
  ...rescuer,
  ...processes,
  ...runs,
  ...transitions,
  ...sweeper,
  ...ways,
  ...dependencies,
  ...mutantsOf('packages/core/src/worker/completions.ts', [
    [
      'core: a completion counts without its commit',
      'row.lease === run.task.lease && row.state === change.set.state',
      'row.lease === run.task.lease',
      transactions,
    ],
    ['core: a run that was given up completes', 'run.over ? NO_LEASE : task.lease', 'task.lease', transactions],
    [
      'core: nobody asks again what became of a completion',
      'if (row !== null) return',
      'return row !== null &&',
      transactions,
    ],
  ]),
  ...mutantsOf('packages/core/src/outbox/relay-task.ts', [
    ['core: what was run and forgotten is carried on again', 'age > rememberedMs', 'age < 0', engine('outbox')],
    ['core: nobody can redrive what waited too long', '&& ctx.redrives === 0', '', engine('outbox')],
    [
      'core: a child is given up before its parent arrives',
      'return age <= admissionMs;',
      'return false;',
      whole('outbox'),
    ],
    ['core: one bad row takes others with it', 'checkInsert([row],', 'void ([row],', whole('outbox')],
    ['core: what waits too long to be admitted is refused', 'target.clock.now() + admissionMs', '0', whole('outbox')],
  ]),
];
