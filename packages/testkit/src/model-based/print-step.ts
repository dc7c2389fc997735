import type { ChangeBody, ChangeSpec, ClaimSpec, GuardSpec, RowSpec, SetSpec, Step, Ttl } from './step.ts';

/** A step as one line for people. */
export function printStep(step: Step): string {
  switch (step.verb) {
    case 'pass':
      return `${step.ms} ms pass`;
    case 'insert':
      return `insert ${step.rows.map(printRow).join('; ')}${late(step.lag)}`;
    case 'claim':
      return `claim ${printClaim(step.claim)}${late(step.lag)}`;
    case 'update':
      return `update ${step.changes.map(printChange).join('; ')}${late(step.lag)}`;
    case 'settle':
      return `update all that ${step.session}/${step.lane} claimed last${step.uncancelled ? ', uncancelled' : ''}: ${printBody(step.all)}${printOdd(step.odd)}`;
    case 'swap':
      return `swap ${step.changes.map(printChange).join('; ')}; and claim ${printClaim(step.claim)}`;
    case 'remove':
      return `remove ${step.ids.join(', ')}, remember for ${step.remember} ms`;
    case 'end':
      return `end ${step.session}${step.beats === 'any' ? '' : ` if its beats are the ${step.beats} ones`}`;
    case 'ask':
      return `ask for ${step.of}`;
    case 'look':
      return 'look at everything';
    case 'open':
    case 'beat':
      return `${step.verb} ${step.session}`;
    default:
      return printOther(step);
  }
}

type Other = Extract<
  Step,
  {
    readonly verb:
      | 'configure'
      | 'putResult'
      | 'removeResults'
      | 'sweepResults'
      | 'putSchedule'
      | 'removeSchedule'
      | 'putRecord'
      | 'deleteRecord';
  }
>;

function printOther(step: Other): string {
  switch (step.verb) {
    case 'configure':
      return `configure ${step.queue}: ${JSON.stringify(step.settings)}`;
    case 'putResult':
      return `put result ${step.value} of ${step.id} under its ${step.lease} lease${until(step.ttl)}`;
    case 'removeResults':
      return `remove results of ${step.id}${step.below === null ? '' : ` below its ${step.below} lease`}`;
    case 'sweepResults':
      return `sweep up to ${step.limit} results`;
    case 'putSchedule': {
      const { id, state, due } = step.row;
      const over = step.over === null ? 'if absent' : `over the ${step.over} revision`;
      return `put schedule ${id}, ${state}, ${due === null ? 'never due' : `due at +${due}`}, ${over}`;
    }
    case 'removeSchedule':
      return `remove schedule ${step.id}`;
    case 'putRecord':
      return `put record ${step.key}${printOver(step.over)}`;
    case 'deleteRecord':
      return `delete record ${step.key}${printOver(step.over)}`;
  }
}

function printOver(over: string | null): string {
  return over === null ? ' if absent' : over === 'any' ? '' : ` over the ${over} tag`;
}

function printRow({ id, ...fields }: RowSpec): string {
  const parts: string[] = [];
  for (const [field, value] of Object.entries(fields) as [keyof typeof fields, unknown][]) {
    if (field === 'parents')
      parts.push(`after ${(value as RowSpec['parents'])?.map((each) => `${each.id} (${each.policy})`).join(' and ')}`);
    else if (field === 'unique')
      parts.push(`unique ${(value as { key: string }).key}${until((value as { ttl: Ttl }).ttl)}`);
    else if (field === 'runAt' || field === 'expiresAt') parts.push(`${field} ${offset(Number(value))}`);
    else parts.push(`${field} ${String(value)}`);
  }
  return parts.length === 0 ? id : `${id} (${parts.join(', ')})`;
}

function printClaim({ session, lane, request, queues, limit, start }: ClaimSpec): string {
  const which =
    request === 'next' ? '' : `, the ${request === 'again' ? 'last request again' : 'request before the last'}`;
  const starts = start < limit ? `, ${start} of them start` : '';
  return `${limit} from ${queues.join(', ')} by ${session}/${lane}${which}${starts}`;
}

function printChange({ id, guard, ...body }: ChangeSpec): string {
  return `${id} ${printGuard(guard)}: ${printBody(body)}`;
}

function printGuard(guard: GuardSpec): string {
  if ('lease' in guard) return `under its ${guard.lease} lease${guard.uncancelled ? ', uncancelled' : ''}`;
  return 'edge' in guard ? `over edge ${guard.edge + 1}` : `if ${guard.states.join('|')}`;
}

function printBody({ set, result, record, then }: ChangeBody): string {
  const parts = [printSet(set)];
  if (result !== undefined) parts.push(`result ${result.value}${until(result.ttl)}`);
  if (record !== undefined) parts.push(`record ${record}`);
  if (then !== undefined) parts.push(`then ${then.map(printRow).join(' and ')}`);
  return parts.join(', ');
}

function printOdd(odd: Extract<Step, { readonly verb: 'settle' }>['odd']): string {
  if (odd === undefined) return '';
  return `, but for task ${odd.at + 1} of them: ${odd.uncancelled ? 'uncancelled, ' : ''}${printSet(odd.set)}`;
}

function printSet([name, value]: SetSpec): string {
  return value === undefined ? name : `${name} ${String(value)}`;
}

function until(ttl: Ttl): string {
  return ttl === null ? '' : ` for ${ttl} ms`;
}

function offset(ms: number): string {
  return ms < 0 ? String(ms) : `+${ms}`;
}

function late(lag: number): string {
  return lag === 0 ? '' : `, by a clock ${lag} ms behind`;
}
