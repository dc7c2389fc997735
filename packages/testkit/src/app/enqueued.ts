import type { Task, TaskDefinition, TaskFilter } from '@omniq/core';
import type { OmniQ } from '@omniq/omniq';

/** A stored task with its input, decoded. */
export interface EnqueuedTask<Input = unknown> extends Task {
  readonly input: Input;
}

/** A task by its definition or by the name it is stored under. */
export type Named<Input> = TaskDefinition<Input> | string;

/** What `enqueued` can look for besides the task. */
export type EnqueuedFilter = Pick<TaskFilter, 'state' | 'queue'>;

/** Every task that was enqueued and is still stored, whatever has become of it, oldest first. Reads any OmniQ. */
export async function enqueued<Input = unknown>(
  omniq: OmniQ,
  task?: Named<Input>,
  filter: EnqueuedFilter = {},
): Promise<readonly EnqueuedTask<Input>[]> {
  const found: Task[] = [];
  const name = task === undefined ? {} : { name: nameOf(task) };
  let after: string | undefined;
  do {
    const page = await omniq.tasks.list({
      ...filter,
      ...name,
      limit: 1_000,
      ...(after === undefined ? {} : { after }),
    });
    found.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return Promise.all(found.map(async (each) => ({ ...each, input: (await omniq.tasks.payload(each.id)) as Input })));
}

export function nameOf(task: Named<never>): string {
  return typeof task === 'string' ? task : task.name;
}
