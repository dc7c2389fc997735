import type { Attempt, OmniQ, Task, TaskError } from '@omniq/omniq';
import type { Invocation } from '../command-action.ts';
import { engine, withQueue } from '../open-queue.ts';
import { cleanLines, cleanText } from '../text/clean-text.ts';
import { formatSpan, formatTime } from '../text/format-time.ts';
import { jsonText } from '../text/json-text.ts';
import { tableText } from '../text/table.ts';

/** A task with what is not in its row. */
interface Shown {
  readonly task: Task;
  readonly payload: unknown;
  /** Why the payload cannot be read. */
  readonly refused: string | null;
  readonly attempts: readonly Attempt[];
}

/** @throws OmniQError `TASK_NOT_FOUND` */
export async function showTask({ operands, options, out }: Invocation<object>): Promise<void> {
  const id = operands[0] as string;
  await withQueue(options, out, async (omniq) => {
    const task = await omniq.tasks.get(id);
    if (task === undefined) throw new (await engine()).OmniQError('TASK_NOT_FOUND', `There is no task ${id}.`, { id });
    const shown = { task, ...(await payloadOf(omniq, id)), attempts: await omniq.tasks.attempts(id) };
    const { payload, refused, attempts } = shown;
    const all = { ...task, payload, ...(refused === null ? {} : { payloadRefused: refused }), attempts };
    await out.item(all, () => describe(shown));
  });
}

/** A payload that is refused must not hide the task: that is when it is looked at. */
async function payloadOf(omniq: OmniQ, id: string): Promise<Pick<Shown, 'payload' | 'refused'>> {
  try {
    return { payload: await omniq.tasks.payload(id), refused: null };
  } catch (error) {
    return { payload: undefined, refused: (error as Error).message };
  }
}

function describe({ task, payload, refused, attempts }: Shown): string {
  const sections = [
    ...fieldsOf(task).map(([label, value]) => `${label.padEnd(12)}${cleanText(value)}`),
    refused === null
      ? section('payload', payload === undefined ? '(none)' : jsonText(payload, 2))
      : section('payload', cleanLines(refused)),
  ];
  if (task.progress !== null) sections.push(section('progress', progressText(task.progress)));
  if (attempts.length > 0) sections.push(section('attempts', attemptTable(attempts)));
  if (task.error !== null) sections.push(section('error', cleanLines(errorText(task.error))));
  return sections.join('\n');
}

function fieldsOf(task: Task): readonly (readonly [label: string, value: string])[] {
  const reason = task.reason === null ? '' : ` (${task.reason})`;
  const asked = task.cancelRequested && task.state === 'running' ? ', asked to cancel' : '';
  const fields: readonly (readonly [string, string | null])[] = [
    ['id', task.id],
    ['name', task.name],
    ['queue', task.queue],
    ['state', `${task.state}${reason}${asked}`],
    ['priority', String(task.priority)],
    ['attempts', `${task.attempt} of ${task.maxAttempts}`],
    ['crashes', task.crashes === 0 ? null : String(task.crashes)],
    ['redrives', task.redrives === 0 ? null : String(task.redrives)],
    ['created', formatTime(task.createdAt)],
    ['run at', formatTime(task.runAt)],
    ['expires', task.expiresAt === null ? null : formatTime(task.expiresAt)],
    ['started', task.startedAt === null ? null : formatTime(task.startedAt)],
    ['finished', task.finishedAt === null ? null : formatTime(task.finishedAt)],
    ['worker', task.worker],
    ['unique key', task.uniqueKey],
    ['waits for', task.waitsFor === 0 ? null : `${task.waitsFor} of ${task.parents.join(', ')}`],
    ['correlation', task.correlationId === task.id ? null : task.correlationId],
  ];
  return fields.filter((field): field is readonly [string, string] => field[1] !== null);
}

/** `text` is clean already. */
function section(title: string, text: string): string {
  return [title, ...text.split('\n').map((line) => `  ${line}`)].join('\n');
}

function progressText({ share, details }: NonNullable<Task['progress']>): string {
  const percent = `${Math.round(share * 100)} %`;
  return details === undefined ? percent : `${percent} ${jsonText(details)}`;
}

function attemptTable(attempts: readonly Attempt[]): string {
  const rows = attempts.map(({ attempt, outcome, startedAt, finishedAt, worker, error }) => [
    String(attempt),
    outcome,
    formatTime(startedAt),
    startedAt === null || finishedAt === null ? '-' : formatSpan(finishedAt - startedAt),
    worker ?? '-',
    error === null ? '' : `${error.name}: ${error.message}`,
  ]);
  return tableText(['#', 'OUTCOME', 'STARTED', 'TOOK', 'WORKER', 'ERROR'], rows);
}

function errorText(error: TaskError): string {
  const head = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? head : `${head}\ncaused by ${errorText(error.cause)}`;
}
