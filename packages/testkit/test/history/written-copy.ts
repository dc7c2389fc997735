import type { HistoryRecord, Leased, Snapshot } from '@omniq/testkit/history';
import { SKEW_MS, type Written } from './fleet.ts';

type Records = Record<string, HistoryRecord[]>;
export type Fields = Record<string, unknown> & {
  at: number;
  op: string;
  call: number;
  phase: string;
  id: string;
  to: string;
};
export type Random = (below: number) => number;

/** What a corruption may change. */
export interface Copy {
  readonly records: Records;
  readonly snapshot: Snapshot;
}

export function copyOf({ records, snapshot }: Written): Copy {
  return { records: structuredClone(records), snapshot: new Map(snapshot) };
}

/** Margin with which all clocks agree. */
export const SURE: number = 2 * SKEW_MS;

export interface Call {
  readonly source: string;
  readonly invoke: Fields;
  readonly outcome: Fields | undefined;
}

export function calls({ records }: Copy, op: string): Call[] {
  return Object.entries(records).flatMap(([source, all]) => {
    const fields = all as unknown as Fields[];
    const outcomes = new Map(fields.filter(({ phase }) => phase !== 'invoke').map((each) => [each.call, each]));
    const invoked = fields.filter((each) => each.op === op && each.phase === 'invoke');
    return invoked.map((invoke) => ({ source, invoke, outcome: outcomes.get(invoke.call) }));
  });
}

export const isOk = ({ outcome }: Call): boolean => outcome?.phase === 'ok';

export interface Given {
  readonly claim: Call;
  readonly leased: { -readonly [K in keyof Leased]: Leased[K] };
}

export function grants(copy: Copy): Given[] {
  return calls(copy, 'claim')
    .filter(isOk)
    .flatMap((claim) => ((claim.outcome?.['leased'] ?? []) as Leased[]).map((leased) => ({ claim, leased })));
}

export function grantsOf(copy: Copy, id: string): Given[] {
  return grants(copy)
    .filter(({ leased }) => leased.id === id)
    .sort((a, b) => a.leased.lease - b.leased.lease);
}

/** Tasks that came in once, surely, and that nobody touched from outside. */
export function plain(copy: Copy): Call[] {
  const steered = new Set(
    ['cancel', 'redrive', 'expire', 'edit'].flatMap((op) => calls(copy, op).map(({ invoke }) => invoke.id)),
  );
  const enqueues = calls(copy, 'enqueue');
  const byId = Map.groupBy(enqueues, ({ invoke }) => invoke.id);
  return enqueues.filter((call) => {
    const { id } = call.invoke;
    return byId.get(id)?.length === 1 && call.outcome?.['status'] === 'inserted' && !steered.has(id);
  });
}

export function drop({ records }: Copy, gone: readonly Call[]): void {
  for (const { source, invoke } of gone) {
    records[source] = (records[source] ?? []).filter((each) => (each as unknown as Fields).call !== invoke.call);
  }
}

/** Says again, long after everything else, what was said. */
export function append(
  { records }: Copy,
  source: string,
  act: Record<string, unknown>,
  at: number,
  outcome: object = { phase: 'ok' },
): void {
  const list = (records[source] ??= []) as unknown as Record<string, unknown>[];
  const call = 1_000_000 + list.length;
  list.push({ ...act, at, call, phase: 'invoke' }, { op: act['op'], at: at + 1, call, ...outcome });
}

/** A process of its own, so that its lines may stand at any time. */
export function intrude(copy: Copy, name: string, act: Record<string, unknown>, at: number): void {
  copy.records[name] = [
    { at: at - 1, op: 'process', version: 1, process: name, pid: 1 },
    { at: at - 1, op: 'store', order: 'strict' },
  ];
  append(copy, name, act, at);
}

export function pick<T>(values: readonly T[], random: Random): T | undefined {
  return values[random(values.length || 1)];
}

export interface Held {
  readonly enqueue: Call;
  readonly queue: string;
  readonly from: number;
  readonly until: number;
}

/** Single leases of plain tasks, as short as the clocks may make them. */
export function spans(copy: Copy): Held[] {
  const settles = Map.groupBy(calls(copy, 'settle'), ({ invoke }) => invoke.id);
  return plain(copy).flatMap((enqueue): Held[] => {
    const all = grantsOf(copy, enqueue.invoke.id);
    const [one] = all;
    const [end, ...more] = settles.get(enqueue.invoke.id) ?? [];
    if (one === undefined || all.length > 1 || end === undefined || more.length > 0) return [];
    const { queue } = one.leased;
    return [{ enqueue, queue, from: Number(one.claim.outcome?.at) + SURE, until: end.invoke.at - SURE }];
  });
}

export function overlap(one: Held, other: Held): boolean {
  return (
    one !== other &&
    one.from < other.until &&
    other.from < one.until &&
    one.from < one.until &&
    other.from < other.until
  );
}
