import type { Command, HeldChange, HeldNewTask } from '../../src/machine/command.ts';

/** What has been told so far: guards and repeats refer to it. */
export interface Told {
  now: number;
  readonly requests: Map<string, number>;
  readonly leases: { readonly id: string; readonly lease: number }[];
}

export function nothingTold(): Told {
  return { now: 1_800_000_000_000, requests: new Map(), leases: [] };
}

/** A command over few ids, queues, keys and sessions, so that everything meets everything. */
export function randomCommand(random: () => number, told: Told): Command {
  const draw = <T>(...choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T;
  const upTo = (limit: number): number => Math.floor(random() * limit);
  // It goes on, mostly; now and then somebody's clock is a little behind.
  told.now += draw(0, 0, 1, 50, 400, -30);
  const { now } = told;
  const id = (): string => `t${upTo(24)}`;
  const session = (): string => draw('s1', 's2', 's3');
  const bytes = (): Uint8Array => new Uint8Array(upTo(4)).fill(upTo(256));

  const task = (): HeldNewTask => ({
    id: id(),
    queue: draw('a', 'b'),
    name: draw('m', 'n'),
    priority: draw(0, 0, 0, 5, -5),
    runAt: now + draw(0, 0, 0, 200, 1_000, -100),
    expiresAt: draw(null, null, null, now + 300, now + 5_000),
    admitBy: now + draw(1_000, 1_000, 1_000, -1),
    holdMs: draw(500, 60_000),
    unique: draw(null, null, { key: draw('k', 'l'), until: draw(null, now + 500) }),
    orderKey: null,
    limitKey: draw(null, 'z'),
    parents: draw(0, 0, 0, 1, 2) === 0 ? [] : [{ id: id(), policy: draw('run', 'cancel') }],
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
      { edge: id() },
    );
  };
  const set = (): HeldChange['set'] =>
    draw<() => HeldChange['set']>(
      () => ({ state: 'completed', attempt: 1, finishedAt: now }),
      () => ({ state: 'completed', attempt: 1, finishedAt: now }),
      () => ({ state: 'waiting', runAt: now + draw(0, 300), error: bytes(), startedAt: null }),
      () => ({ state: draw('failed', 'cancelled', 'expired'), reason: draw('x', null), crashes: upTo(3) }),
      () => ({ cancelRequested: true }),
      () => ({ priority: draw(0, 9), expiresAt: draw(null, now + 100) }),
      () => ({ progress: bytes(), deadlineAt: now + 900 }),
      () => ({}),
    )();
  const change = (): HeldChange => {
    const how = guard();
    const held = 'lease' in how ? told.leases.find(({ lease }) => lease === how.lease) : undefined;
    return {
      id: held?.id ?? id(),
      guard: how,
      set: set(),
      ...(random() < 0.3 ? { result: bytes(), resultExpiresAt: draw(null, now + 200) } : {}),
      ...(random() < 0.2 ? { record: bytes() } : {}),
      ...(random() < 0.1 ? { then: [{ ...task(), parents: [] }] } : {}),
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
      queues: draw(['a', 'b'], ['b'], ['b', 'a']),
      limit: upTo(6),
      start: upTo(3),
      now,
    };
  };

  return draw<() => Command>(
    () => ({ verb: 'insert', rows: Array.from({ length: 1 + upTo(5) }, task), now }),
    () => ({ verb: 'insert', rows: Array.from({ length: 1 + upTo(5) }, task), now }),
    () => ({ verb: 'claim', request: request() }),
    () => ({ verb: 'claim', request: request() }),
    () => ({ verb: 'update', changes: Array.from({ length: 1 + upTo(4) }, change), now }),
    () => ({ verb: 'update', changes: Array.from({ length: 1 + upTo(4) }, change), now }),
    () => ({ verb: 'swap', changes: Array.from({ length: upTo(4) }, change), request: request() }),
    () => ({ verb: 'remove', ids: [id(), id(), id()], rememberUntil: now + draw(100, 2_000) }),
    () => ({ verb: 'open', session: { id: session(), host: 'h', pid: 1, processStart: '1' }, now }),
    () => ({ verb: 'open', session: { id: `s${upTo(9)}`, host: 'h', pid: 1, processStart: '1' }, now }),
    () => ({ verb: 'beat', session: session(), now }),
    () =>
      random() < 0.4 ? { verb: 'end', session: `s${upTo(9)}` } : { verb: 'end', session: session(), beats: upTo(3) },
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
      row: { id: id(), state: 'active', dueAt: draw(null, now), body: bytes() },
    }),
    () => ({ verb: 'removeSchedule', id: id() }),
  )();
}
