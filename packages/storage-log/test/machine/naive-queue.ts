import assert from 'node:assert/strict';
import type { ClaimRequest } from '@omniq/core/storage';
import type { HeldChange, HeldRow } from '../../src/machine/command.ts';
import { TaskMachine } from '../../src/machine/task-machine.ts';

/** Who is claimed next, by sorting all rows each time. */
export class NaiveQueue {
  /** Waiting tasks that a claim found expired: none finds them again until they are moved. */
  readonly #passedOver = new Set<string>();

  /** The ids that this claim has to lease, and in which order. */
  claim(machine: TaskMachine, { queues, limit, now }: ClaimRequest): readonly string[] {
    const taken: string[] = [];
    for (const name of queues) {
      if (machine.queues().some(({ queue, paused }) => queue === name && paused)) continue;
      const due = this.#waiting(machine).filter(({ queue, id, runAt }) => {
        return queue === name && runAt <= now && !taken.includes(id);
      });
      for (const { id, expiresAt } of due.toSorted((a, b) => b.priority - a.priority || a.runAt - b.runAt)) {
        if (taken.length === limit) break;
        if (expiresAt === null || expiresAt > now) taken.push(id);
        else this.#passedOver.add(id);
      }
    }
    return taken;
  }

  /** Applies the changes one by one, to a copy, which it returns: a batch must come to the same. */
  update(machine: TaskMachine, changes: readonly HeldChange[], now: number): TaskMachine {
    const copy = TaskMachine.restore(machine.snapshot());
    const { items } = copy.list({ limit: 10_000 });
    for (const change of changes) {
      const { guard, set } = change;
      const id = change.id ?? items.find(({ lease }) => 'lease' in guard && lease === guard.lease)?.id ?? '';
      const before = copy.row(id)?.state;
      const outcome = copy.apply({ verb: 'update', changes: [change], now }, null);
      if ('refused' in outcome || outcome.answer[0]?.status !== 'applied') continue;
      if ('edge' in guard && before === 'blocked' && set.state === undefined)
        assert.equal(copy.row(id)?.state, copy.edges({ child: id, limit: 1 }).items.length > 0 ? 'blocked' : 'waiting');
      const moved = set.priority !== undefined || set.runAt !== undefined || set.expiresAt !== undefined;
      if (moved || copy.row(id)?.state !== before) this.#passedOver.delete(id);
    }
    return copy;
  }

  /** How many have a place in a line. */
  size(machine: TaskMachine): number {
    const waiting = this.#waiting(machine);
    const ids = new Set(machine.list({ states: ['waiting'], limit: 10_000 }).items.map(({ id }) => id));
    for (const id of this.#passedOver) if (!ids.has(id)) this.#passedOver.delete(id);
    return waiting.length;
  }

  nextDue(machine: TaskMachine, queues: readonly string[], now: number): number | null {
    const later = this.#waiting(machine).filter(({ queue, runAt }) => queues.includes(queue) && runAt > now);
    return later.length === 0 ? null : Math.min(...later.map(({ runAt }) => runAt));
  }

  #waiting(machine: TaskMachine): HeldRow[] {
    const { items } = machine.list({ states: ['waiting'], limit: 10_000 });
    return items.filter(({ id }) => !this.#passedOver.has(id));
  }
}
