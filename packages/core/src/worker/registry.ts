import { OmniQError } from '../errors.ts';
import type { TaskDefinition } from '../model/define-task.ts';

/** The tasks that a worker knows, by name. */
export class Registry {
  readonly #tasks = new Map<string, TaskDefinition<never>>();

  constructor(tasks: Iterable<TaskDefinition<never>>) {
    for (const task of tasks) this.#add(task);
  }

  get names(): readonly string[] {
    return [...this.#tasks.keys()];
  }

  find(name: string): TaskDefinition<never> | undefined {
    return this.#tasks.get(name);
  }

  #add(task: TaskDefinition<never>): void {
    if (task.run === undefined) {
      throw new OmniQError('INVALID_OPTION', `The task ${task.name} is a contract without code.`, {
        hint: 'Give the worker implement(contract, run).',
      });
    }
    const known = this.#tasks.get(task.name);
    if (known !== undefined && known.run !== task.run) {
      throw new OmniQError('INVALID_OPTION', `Two tasks are named ${task.name}.`, {
        hint: 'Names are unique in a worker.',
      });
    }
    this.#tasks.set(task.name, task);
  }
}
