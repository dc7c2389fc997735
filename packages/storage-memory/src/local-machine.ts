import { OmniQError } from '@omniq/core/storage';
import { Bells, TaskMachine, type Bytes, type Command, type Port } from '@omniq/storage-log';

/** A task machine without a log: what is asked of it is done at once, and is gone with the process. */
export class LocalMachine {
  readonly machine: TaskMachine = new TaskMachine();
  readonly #bells = new Bells();

  /** A way in for one store. */
  port(): Port {
    let open = true;
    const check = (): this => {
      if (!open) throw new OmniQError('STORE_CLOSED', 'The memory store was closed.');
      return this;
    };
    return {
      get machine() {
        return check().machine;
      },
      fresh: async () => check().machine,
      submit: async (command) => check().#apply(command),
      open: async () => arrayOf,
      mayClaim: async () => true,
      watch: (wake) => check().#bells.add(wake),
      close: async () => void (open = false),
    };
  }

  #apply(command: Command): ReturnType<TaskMachine['apply']> {
    const outcome = this.machine.apply(command, null);
    if (mayWake(command)) this.#bells.ring();
    return outcome;
  }
}

function mayWake(command: Command): boolean {
  switch (command.verb) {
    case 'insert':
      return true;
    case 'update':
    case 'swap':
      return command.changes.some(
        ({ guard, set, then }) =>
          'edge' in guard ||
          then !== undefined ||
          set.state !== undefined ||
          set.runAt !== undefined ||
          set.expiresAt !== undefined,
      );
    case 'configure':
      return command.settings.paused === false;
    default:
      return false;
  }
}

/** What comes from this process comes as arrays. */
function arrayOf(value: Bytes): Uint8Array {
  return value instanceof Uint8Array ? value : (value.source as Uint8Array).subarray(value.from, value.to);
}
