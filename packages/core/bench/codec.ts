/** What encoding and the layers cost, in ns per call: `node packages/core/bench/codec.ts`. */
import { createCodec, type PayloadContext } from '../src/codec/index.ts';
import { checked } from '../src/storage/layers/checked.ts';
import type { Capabilities, NewTask, TaskStore } from '../src/storage/index.ts';

const codec = createCodec();
const context: PayloadContext = { kind: 'input', name: 'image.resize', queue: 'images', id: 'task-1' };
const plain = {
  path: 'images/2024/a.png',
  width: 300,
  user: { id: 12_345, name: 'Jane Doe' },
  tags: ['a', 'bb'],
  ok: true,
  note: 'x'.repeat(20),
};

function time(what: string, run: () => unknown, rounds = 200_000): void {
  for (let round = 0; round < rounds / 5; round++) run();
  const start = process.hrtime.bigint();
  for (let round = 0; round < rounds; round++) run();
  const ns = Number(process.hrtime.bigint() - start) / rounds;
  process.stdout.write(`${what.padEnd(40)} ${ns.toFixed(0).padStart(7)} ns\n`);
}

for (const [what, value] of [
  ['plain', plain],
  ['with a date', { ...plain, at: new Date(0) }],
  ['small', { a: 1 }],
] as const) {
  const bytes = codec.encode(value, context) as Uint8Array;
  time(`encode ${what}, ${bytes.length} bytes`, () => codec.encode(value, context));
  time(`decode ${what}`, () => codec.decode(bytes, context));
}
time('JSON.stringify into a Buffer, plain', () => Buffer.from(JSON.stringify(plain)));

const rows = Array.from({ length: 1_000 }, (_, index): NewTask => {
  const names = { id: `0190b0c4-7a10-7000-8000-${index}`, queue: 'images', name: 'image.resize' };
  const times = { runAt: 1, expiresAt: null, admitBy: 2, holdMs: 3 };
  const keys = { unique: null, orderKey: null, limitKey: null };
  return { ...names, ...times, ...keys, priority: 0, parents: [], body: new Uint8Array(100), spec: null };
});
const store: Partial<TaskStore> = { capabilities: {} as Capabilities, insert: async () => [] };
const guarded = checked(store as TaskStore, { backend: 'none' });
time('checks of 1,000 rows', () => guarded.insert(rows, 1), 2_000);
