import { OmniQError } from '../errors.ts';
import type { NewTask } from '../storage/task-row.ts';

/** The rows such that every one stands after those it waits for. @throws OmniQError `CYCLE` with the path */
export function inParentOrder(rows: readonly NewTask[]): readonly NewTask[] {
  if (rows.every(({ parents }) => parents.length === 0)) return rows;
  const byId = new Map(rows.map((row) => [row.id, row]));
  const ordered: NewTask[] = [];
  const done = new Set<string>();
  for (const row of rows) visit(row);
  return ordered;

  // Walks without recursion: chains of thousands are a normal workflow.
  function visit(first: NewTask): void {
    const path: { row: NewTask; next: number }[] = [{ row: first, next: 0 }];
    const onPath = new Set([first.id]);
    while (path.length > 0) {
      const step = path[path.length - 1] as { row: NewTask; next: number };
      const edge = step.row.parents[step.next++];
      const parent = edge === undefined ? undefined : byId.get(edge.id);
      if (edge === undefined) {
        path.pop();
        onPath.delete(step.row.id);
        if (!done.has(step.row.id)) ordered.push(step.row);
        done.add(step.row.id);
      } else if (parent !== undefined && onPath.has(parent.id)) {
        throw cycle([...path.map(({ row }) => row.id), parent.id]);
      } else if (parent !== undefined && !done.has(parent.id)) {
        path.push({ row: parent, next: 0 });
        onPath.add(parent.id);
      }
    }
  }
}

function cycle(ids: readonly string[]): OmniQError {
  const path = ids.slice(ids.indexOf(ids[ids.length - 1] as string));
  return new OmniQError('CYCLE', `These tasks would wait for each other: ${path.join(' → ')}.`, {
    hint: 'Take one of the dependsOn away.',
    path,
  });
}
