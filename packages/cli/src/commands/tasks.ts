import type { Command } from 'commander';
import { perform } from '../command-action.ts';
import { addGlobalOptions, collectList, integer } from '../options.ts';
import { changeTasks, type ChangeFlags } from './task-changes.ts';
import { listTasks, type ListFlags } from './task-list.ts';
import { showTask } from './task-show.ts';

export function define(command: Command): void {
  addGlobalOptions(command);
  list(command.command('ls').description('List tasks, oldest first.'));
  show(command.command('show').description('Show one task: payload, progress, attempts with their errors.'));
  change(
    command
      .command('redrive')
      .alias('retry')
      .description(
        'Send ended tasks back into their queue, with attempts from zero. --all without --state: failed ones.',
      ),
    'redrive',
  );
  change(
    command
      .command('cancel')
      .description('Cancel tasks that have not ended; one that runs is told to stop within about a second.'),
    'cancel',
  );
}

function filters(command: Command): Command {
  return command
    .option('--state <state>', 'only these: several with commas; repeatable', collectList)
    .option('--queue <name>', 'only of these queues', collectList)
    .option('--name <name>', 'only of these tasks', collectList);
}

function list(command: Command): void {
  filters(command)
    .option('--limit <n>', 'at most so many; default 50', integer())
    .option('--all', 'without a limit')
    .option('--newest', 'newest first')
    .option('--since <time>', 'enqueued since: a span such as 1h, or ISO 8601; newest first')
    .option('--after <cursor>', 'go on where a list has stopped');
  perform<ListFlags>(addGlobalOptions(command), listTasks);
}

function show(command: Command): void {
  perform<object>(addGlobalOptions(command.argument('<id>', 'the id of the task')), showTask);
}

function change(command: Command, verb: 'redrive' | 'cancel'): void {
  filters(command.argument('[ids...]', 'ids of tasks; or filters with --all'))
    .option('--all', 'every task that the filters match, in place of ids')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'only tell which tasks would be changed');
  perform<ChangeFlags>(addGlobalOptions(command), (invocation) => changeTasks(verb, invocation));
}
