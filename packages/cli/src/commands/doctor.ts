import type { Finding } from '@omniq/omniq';
import type { Command } from 'commander';
import { perform, type Invocation } from '../command-action.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { configurationOf, engine } from '../open-queue.ts';
import { addGlobalOptions } from '../options.ts';
import { tableText } from '../text/table.ts';

const ABOUT = [
  'Check Node.js, packages, configuration and every backend: whether it answers, its schema, its clock, what survives, and the round trip of one task, which is taken away again.',
  'Exit code 0 if nothing failed, else 1.',
].join('\n\n');

export function define(command: Command): void {
  command.description(ABOUT);
  perform<object>(addGlobalOptions(command), examine);
}

async function examine({ options, out }: Invocation<object>): Promise<ExitCode> {
  const findings = await lookAt(options);
  const isFine = findings.every(({ status }) => status !== 'failed');
  await out.item({ ok: isFine, checks: findings }, () =>
    tableText(
      ['', 'CHECK', 'FOUND'],
      findings.map(({ check, status, detail }) => [status, check, detail]),
      Number.POSITIVE_INFINITY,
    ),
  );
  return isFine ? exitCodes.ok : exitCodes.failure;
}

/** A configuration that cannot be read is a finding as well. */
async function lookAt(options: Invocation<object>['options']): Promise<readonly Finding[]> {
  const { diagnose, isOmniQError } = await engine();
  try {
    return await diagnose(await configurationOf(options));
  } catch (error) {
    if (!isOmniQError(error, 'INVALID_CONFIG')) throw error;
    return [{ check: 'configuration', status: 'failed', detail: error.message, code: error.code }];
  }
}
