import { mutantsOf, type Mutant } from './mutant.ts';

const source = (name: string): string => `packages/storage-log/src/${name}.ts`;
const test = (name: string): string => `packages/storage-log/test/${name}.test.ts`;
const [entries, lost, sleepers, versions, snapshots, packs, idle] = [
  'entries',
  'lost-replies',
  'sleepers',
  'versions',
  'snapshots',
  'packs',
  'idle',
].map((name) => test(`engine/${name}`)) as [string, string, string, string, string, string, string];
const replay = test('machine/replay');
const conformance = test('conformance');

/** Breaks of the log engine and the task machine. */
export const logMutants: readonly Mutant[] = [
  ...mutantsOf(source('engine/log-state'), [
    ['log: a request counts twice', 'known !== undefined && request <= known.request', 'false', entries, lost],
    ['log: entries never come too late', 'at < this.#time - ADMISSION_MS', 'false', entries],
    ['log: replicas are not compared', 'this.#digests.compare(entry);', '', entries],
    [
      'log: a version comes into force for those who do not know it',
      'writer.at >= since && writer.knows < activate',
      'false',
      versions,
    ],
    ['log: old code folds on', 'if (version > this.knows) throw tooNew(version, this.knows);', '', versions],
  ]),
  ...mutantsOf(source('engine/replica'), [
    [
      'log: who slept trusts what it knew',
      'monotonic - moment.monotonic > TRUST_MS || Math.abs(wall - moment.wall) > TRUST_MS',
      'false',
      sleepers,
    ],
    ['log: a sleeper reads on', 'if (this.#isLongAgo(asked)) continue;', '', sleepers],
    [
      'log: what was trimmed is read over',
      'if ((await this.leap()) || position <= this.#state.position + 1) return;',
      'return;',
      sleepers,
      snapshots,
    ],
    ['log: an unreadable entry stops everybody', '    return null;\n  }\n}', '    throw error;\n  }\n}', entries],
  ]),
  ...mutantsOf(source('engine/proposer'), [
    ['log: a ghost is believed in', 'if (replica.isStale && (await replica.leap())) return;', '', sleepers],
    [
      'log: a repetition hides what it repeats',
      "result !== 'repeated') this.#awaited.landed ??=",
      'true) this.#awaited.landed =',
      lost,
    ],
    ['log: an entry names bytes that are nowhere', 'await open.save();', '', packs],
  ]),
  ...mutantsOf(source('engine/snapshot-marks'), [
    ['log: trimmed as soon as a snapshot is there', 'at <= mark.at - keepMs', 'at <= mark.at', snapshots, sleepers],
    ['log: no snapshot is ever asked for', 'this.#grown = 0;\n    return true;', 'return false;', snapshots],
  ]),
  ...mutantsOf(source('engine/log-engine'), [
    [
      'log: everybody takes the snapshot',
      'if (entry?.writer === this.#writer) {',
      'if (folded.snapshotDue && entry?.writer !== this.#writer) this.#snapshots.take().catch(() => {});\n    if (entry?.writer === this.#writer) {',
      snapshots,
    ],
    ['log: all idle workers claim at once', 'if (rank < found) return true;', 'return true;', idle],
  ]),
  ...mutantsOf(source('engine/packs'), [
    ['log: packs in use are cleared away', 'old.filter((key) => !isNamed(key))', 'old', snapshots],
    ['log: orphan packs stay', 'await Promise.all(orphans.map((key) => this.#records.delete(key)));', '', snapshots],
  ]),
  ...mutantsOf(source('stores/machine-task-store'), [
    ['log: a claim for nothing is written', 'if (!(await this.#isWorthAsking(request))) return [];', '', idle],
    ['log: an empty claim is forgotten', 'lanes.set(request.lane, request.request)', '', conformance],
  ]),
  ...mutantsOf(source('machine/task-tables'), [
    ['machine: half an insert stays', 'this.#checkAdmissible(rows, now, lateAt);', '', replay, conformance],
    [
      'machine: the lease is a count of its own',
      'clocked < LAST_CLOCKED_LEASE ? clocked : 0',
      '0',
      test('machine/lease'),
    ],
    [
      'machine: a lease comes again',
      'const firstLease = Math.max(this.lastLease + 1,',
      'const firstLease = Math.max(this.lastLease,',
      replay,
    ],
  ]),
  ...mutantsOf(source('machine/task-machine'), [
    ['machine: the clock of a command is believed', 'now > time + SKEW_MS', 'false', replay],
    ['machine: a refused swap applies its changes', 'sessions.live(command.request.session);', '', replay, conformance],
  ]),
  ...mutantsOf(source('machine/encode-machine'), [
    [
      'machine: an expired task gets its place back',
      "state === 'waiting' && place === 0",
      'false && place === 0 && state',
      replay,
    ],
  ]),
  ...mutantsOf(source('machine/decode-machine'), [
    ['machine: a damaged snapshot is believed', '!== sum) throw damaged();', '=== -1) throw damaged();', replay],
  ]),
];
