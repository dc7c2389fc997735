import type { Command, HeldChange, HeldClaim, HeldNewTask, Outcome } from '../../src/machine/command.ts';

/** What has been told so far: guards and repeats refer to it. */
export interface Told {
  now: number;
  /** Sessions are called by their number; the last few are about. */
  opened: number;
  /** Ids that were inserted; some may be gone again. */
  readonly ids: string[];
  /** A child and whom it waits for. */
  readonly edges: { readonly child: string; readonly parent: string }[];
  readonly requests: Map<string, number>;
  readonly leases: { readonly id: string; readonly lease: number }[];
}

export function nothingTold(): Told {
  return { now: 1_800_000_000_000, opened: 0, ids: [], edges: [], requests: new Map(), leases: [] };
}

/** Remembers what was inserted, and the leases that a claim gave. */
export function learn(command: Command, outcome: Outcome, told: Told): void {
  if ('answer' in outcome && command.verb === 'insert')
    for (const { id, parents } of command.rows) {
      told.ids.push(id);
      for (const parent of parents) told.edges.push({ child: id, parent: parent.id });
    }
  if (command.verb === 'open') told.opened = Math.max(told.opened, Number(command.session.id.slice(1)));
  if ('refused' in outcome || (command.verb !== 'claim' && command.verb !== 'swap')) return;
  const { answer } = outcome as { readonly answer: readonly HeldClaim[] | { readonly claimed: readonly HeldClaim[] } };
  told.leases.push(...('claimed' in answer ? answer.claimed : answer));
}

/** A command over few ids, queues, keys and sessions, so that everything meets everything. */
export function randomCommand(random: () => number, told: Told): Command {
  const draw = <T>(...choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T;
  const upTo = (limit: number): number => Math.floor(random() * limit);
  // It goes on, mostly; now and then somebody's clock is a little behind.
  told.now += draw(0, 0, 1, 50, 400, -30);
  const { now } = told;
  const id = (): string => `t${upTo(40)}`;
  const known = (): string => (random() < 0.1 ? id() : (told.ids.at(-1 - upTo(20)) ?? id()));
  const session = (): string => `s${Math.max(0, told.opened - upTo(3))}`;
  const leased = (): string => told.leases.at(-1 - upTo(12))?.id ?? known();
  const bytes = (): Uint8Array => new Uint8Array(upTo(4)).fill(upTo(256));

  const task = (): HeldNewTask => ({
    id: id(),
    queue: draw('a', 'b'),
    name: draw('m', 'n'),
    priority: draw(0, 0, 0, 5, -5),
    runAt: now + draw(0, 0, 0, 200, 1_000, -100),
    expiresAt: draw(null, null, null, now + 300, now + 5_000),
    admitBy: now + (random() < 0.05 ? -1 : 1_000),
    holdMs: draw(500, 60_000),
    unique: draw(null, null, { key: draw('k', 'l'), until: draw(null, now + 500) }),
    orderKey: draw(null, null, 'o'),
    limitKey: draw(null, 'z'),
    parents:
      random() < 0.8
        ? []
        : Array.from({ length: 1 + upTo(2) }, () => ({ id: known(), policy: draw('run', 'cancel', 'hold') })),
    body: draw(null, bytes()),
    spec: bytes(),
  });
  const guard = (): HeldChange['guard'] => {
    const lease = told.leases[told.leases.length - 1 - upTo(Math.min(12, told.leases.length))]?.lease ?? 1;
    return draw<HeldChange['guard']>(
      { lease },
      { lease },
      { lease, uncancelled: true },
      { states: [draw('waiting', 'running', 'blocked'), draw('completed', 'failed', 'cancelled')] },
      { states: ['completed', 'failed', 'cancelled', 'expired'] },
      { edge: told.edges.at(-1 - upTo(4))?.parent ?? known() },
    );
  };
  const set = (): HeldChange['set'] =>
    draw<() => HeldChange['set']>(
      () => ({ state: 'completed', attempt: 1, finishedAt: now }),
      () => ({ state: 'completed', attempt: 1, finishedAt: now }),
      () => ({ state: 'waiting', runAt: now + draw(0, 300), error: bytes(), startedAt: null }),
      () => ({ state: draw('failed', 'cancelled', 'expired'), reason: draw('x', null), crashes: upTo(3) }),
      () => ({ state: 'waiting', finishedAt: null, redrives: 1 }),
      () => ({ cancelRequested: true }),
      () => ({ priority: draw(0, 9), expiresAt: draw(null, now + 100) }),
      () => ({ progress: bytes(), deadlineAt: now + 900 }),
      () => ({}),
    )();
  const change = (): HeldChange => {
    const how = guard();
    const held = 'lease' in how ? told.leases.find(({ lease }) => lease === how.lease) : undefined;
    const children = 'edge' in how ? told.edges.filter(({ parent }) => parent === how.edge) : [];
    return {
      id: held === undefined ? (children.at(-1)?.child ?? known()) : draw(held.id, held.id, null),
      guard: how,
      set: set(),
      ...(random() < 0.3 ? { result: bytes(), resultExpiresAt: draw(null, now + 200) } : {}),
      ...(random() < 0.2 ? { record: bytes() } : {}),
      ...(random() < 0.1 ? { then: [random() < 0.3 ? task() : { ...task(), parents: [] }] } : {}),
    };
  };
  const request = (): (Command & { readonly verb: 'claim' })['request'] => {
    const [whose, lane] = [session(), draw(1, 2)];
    const last = told.requests.get(`${whose}${lane}`) ?? 0;
    const number = Math.max(1, last + draw(1, 1, 1, 0, -1));
    told.requests.set(`${whose}${lane}`, Math.max(last, number));
    return {
      session: whose,
      lane,
      request: number,
      queues: draw(['a', 'b'], ['b'], ['b', 'a'], ['a', 'a']),
      limit: upTo(6),
      start: upTo(3),
      now,
    };
  };

  // Without a session and a task nothing happens.
  if (told.opened === 0) return { verb: 'open', session: { id: 's1', host: 'h', pid: 1, processStart: '1' }, now };
  if (told.ids.length === 0) return { verb: 'insert', rows: Array.from({ length: 8 }, task), now };
  return draw<() => Command>(
    () => ({ verb: 'insert', rows: Array.from({ length: 1 + upTo(5) }, task), now }),
    () => ({ verb: 'insert', rows: Array.from({ length: 1 + upTo(5) }, task), now }),
    () => ({ verb: 'claim', request: request() }),
    () => ({ verb: 'claim', request: request() }),
    () => ({ verb: 'update', changes: Array.from({ length: 1 + upTo(4) }, change), now }),
    () => ({ verb: 'update', changes: Array.from({ length: 1 + upTo(4) }, change), now }),
    () => ({ verb: 'swap', changes: Array.from({ length: upTo(4) }, change), request: request() }),
    () => ({ verb: 'swap', changes: Array.from({ length: upTo(4) }, change), request: request() }),
    () => ({ verb: 'claim', request: request() }),
    () => ({ verb: 'update', changes: Array.from({ length: 1 + upTo(4) }, change), now }),
    () => ({ verb: 'remove', ids: [known(), leased(), leased()], rememberUntil: now + draw(100, 2_000) }),
    () => ({ verb: 'open', session: { id: session(), host: 'h', pid: 1, processStart: '1' }, now }),
    () => ({ verb: 'open', session: { id: `s${told.opened + 1}`, host: 'h', pid: 1, processStart: '1' }, now }),
    () => ({ verb: 'beat', session: session(), now }),
    () => (random() < 0.15 ? { verb: 'end', session: session() } : { verb: 'end', session: session(), beats: upTo(3) }),
    () => ({ verb: 'configure', queue: draw('a', 'b'), settings: { paused: random() < 0.3 } }),
    () => ({
      verb: 'putResults',
      results: [{ id: id(), lease: upTo(9), value: bytes(), expiresAt: draw(null, now + 50) }],
    }),
    () => ({ verb: 'removeResults', keys: [{ id: id() }, { id: id(), below: now * 1_000 }] }),
    () => ({ verb: 'sweepResults', now, limit: upTo(3) }),
    () => ({
      verb: 'putSchedule',
      ifRevision: draw(null, upTo(6)),
      row: { id: draw('w1', 'w2', 'w3'), state: 'active', dueAt: draw(null, now), body: bytes() },
    }),
    () => ({ verb: 'removeSchedule', id: draw('w1', 'w2', 'w3') }),
  )();
}
