import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { exitCodeHelp } from './exit-codes.ts';
import { addGlobalOptions } from './options.ts';

/** A command whose options and code are only loaded when it is called. */
interface LazyCommand {
  readonly summary: string;
  readonly load: () => Promise<{ readonly define: (command: Command) => void }>;
}

const commands: Readonly<Record<string, LazyCommand>> = {
  worker: { summary: 'run tasks from the modules given', load: () => import('./commands/worker.ts') },
  enqueue: {
    summary: 'enqueue a task, and wait for its result with --wait',
    load: () => import('./commands/enqueue.ts'),
  },
  tasks: { summary: 'list, show, redrive and cancel tasks', load: () => import('./commands/tasks.ts') },
  queues: { summary: 'list, pause and resume queues', load: () => import('./commands/queues.ts') },
  events: { summary: 'list stored events', load: () => import('./commands/events.ts') },
  log: { summary: 'print what the log of the tasks holds', load: () => import('./commands/log.ts') },
  config: { summary: 'show the configuration and who said what', load: () => import('./commands/config.ts') },
  doctor: { summary: 'check configuration, backends, clocks and versions', load: () => import('./commands/doctor.ts') },
  migrate: { summary: 'bring the schemas of the backends up to date', load: () => import('./commands/migrate.ts') },
};

/** The `omniq` command. It writes help, throws `CommanderError` for the rest, and never ends the process. */
export function createProgram(): Command {
  const program = new Command('omniq')
    .description('Run workers, enqueue tasks, inspect and repair queues.')
    .version(ownVersion(), '-V, --version')
    .enablePositionalOptions()
    .helpCommand(false)
    .exitOverride()
    // Errors are told in one place, as text or JSON.
    .configureOutput({ outputError: () => {} })
    .addHelpText('after', `\n${exitCodeHelp}`);
  addGlobalOptions(program);
  for (const [name, { summary }] of Object.entries(commands))
    program.command(name).summary(summary).description(summary);
  program.hook('preSubcommand', async (_program, command) => {
    const lazy = commands[command.name()];
    (await lazy?.load())?.define(command);
  });
  return program;
}

function ownVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return manifest.version;
}
