import type { CommandName, Commands, Reply, Request } from './commands.ts';
import { MeasuringProcess } from './measuring-process.ts';

/** The far side of a {@link RemoteProcess}: one command at a time, one reply each. */
const measuring = new MeasuringProcess();

process.on('message', (request: Request) => void answer(request));
process.on('disconnect', () => process.exit(0)); // Nobody is left to measure for.

async function answer({ id, name, take }: Request): Promise<void> {
  try {
    const command = measuring.commands[name] as (take: unknown) => Promise<Commands[CommandName]['give']>;
    reply({ id, give: await command(take) });
  } catch (error) {
    reply({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

function reply(message: Reply): void {
  process.send?.(message);
}
