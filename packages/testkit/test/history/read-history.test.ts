import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkHistory, readHistory, Recorder } from '@omniq/testkit/history';
import { expect, onTestFinished, test } from 'vitest';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'omniq-history-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

function write(recorder: Recorder, id: string): void {
  const enqueue = { op: 'enqueue', id, queue: 'q', priority: 0, runAt: 0 } as const;
  recorder.outcome(recorder.invoke(enqueue), { phase: 'ok', status: 'inserted' });
  recorder.outcome(recorder.invoke({ op: 'settle', id, lease: 1, to: 'completed' }), { phase: 'ok' });
}

test('each recorder has a file of its own; together they are one history', async () => {
  const place = folder();
  for (const id of ['t1', 't2']) {
    const recorder = Recorder.open(place);
    write(recorder, id);
    recorder.close();
  }
  const history = await readHistory(place);
  expect(new Set(history.lines.map(({ source }) => source)).size).toBe(2);
  expect(checkHistory(history)).toMatchObject({ acked: 2, ended: 2, torn: 0, violations: [] });
});

test('a file is never gone on with', () => {
  const place = folder();
  Recorder.open(place, { process: 'one' });
  expect(() => Recorder.open(place, { process: 'one' })).toThrow('EEXIST');
});

test('a torn last line is left out: its act is one without an outcome', async () => {
  const place = folder();
  const recorder = Recorder.open(place, { process: 'one' });
  write(recorder, 't');
  const path = join(place, 'one.ndjson');
  const whole = readFileSync(path, 'utf8');
  // Cut anywhere in the last line, even between the bytes of a character.
  for (const cut of [2, 20, 40]) {
    writeFileSync(path, whole.slice(0, -cut));
    const history = await readHistory(place);
    expect(history.torn).toEqual(['one.ndjson']);
    expect(checkHistory(history)).toMatchObject({ acked: 1, ended: 0, torn: 1, violations: [] });
  }
});

test('a line that is whole and no record is an error that says where', async () => {
  const place = folder();
  const recorder = Recorder.open(place, { process: 'one' });
  write(recorder, 't');
  appendFileSync(join(place, 'one.ndjson'), '{"half\n');
  await expect(readHistory(place)).rejects.toThrow('one.ndjson:6');
  const other = folder();
  writeFileSync(join(other, 'x.ndjson'), '{"at":1,"op":"dance"}\n');
  await expect(readHistory(other)).rejects.toThrow('x.ndjson:1');
});

test('kill -9 loses at most the end of the last line', async () => {
  const place = folder();
  const program = `
    import { Recorder } from '@omniq/testkit/history';
    const recorder = Recorder.open(process.argv[1], { process: 'child' });
    for (let n = 0; ; n += 1) {
      const pending = recorder.invokeAll(Array.from({ length: 50 }, (_, i) => ({ op: 'remove', id: \`t-\${n}-\${i}\` })));
      recorder.outcomes(pending, pending.map(() => ({ phase: 'ok' })));
      if (n === 20) console.log('going');
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, place], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((going) => child.stdout.once('data', going));
  child.kill('SIGKILL');
  await new Promise((gone) => child.once('close', gone));
  expect(readdirSync(place)).toEqual(['child.ndjson']);
  const { lines } = await readHistory(place);
  expect(lines.length).toBeGreaterThan(1_000);
  // Nothing is missing in between: calls are counted up, and each outcome finds its invocation.
  const calls = lines.flatMap(({ record }) => ('call' in record && record.phase === 'invoke' ? [record.call] : []));
  expect(calls).toEqual(calls.map((_, index) => index + 1));
  expect(checkHistory({ lines, torn: [] }).violations).toEqual([]);
});
