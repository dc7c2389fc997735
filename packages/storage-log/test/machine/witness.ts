import assert from 'node:assert/strict';
import type { ClaimRequest } from '@omniq/core/storage';
import type { Command, HeldClaim, Outcome } from '../../src/machine/command.ts';
import { TaskMachine } from '../../src/machine/task-machine.ts';
import { TaskTables } from '../../src/machine/task-tables.ts';
import { faultIn, faultInKeys } from './invariants.ts';
import { NaiveIds } from './naive-ids.ts';
import { NaiveQueue } from './naive-queue.ts';

interface Lane {
  readonly request: number;
  readonly claimed: readonly HeldClaim[];
}

/** A machine, and somebody who knows in a simple way what each claim has to give. */
export class Witness {
  readonly machine: TaskMachine;
  readonly #tables = new TaskTables();
  readonly #queue = new NaiveQueue();
  readonly #ids = new NaiveIds();
  readonly #lanes = new Map<string, Lane>();
  #lastLease = 0;
  #lastRevision = 0;

  constructor() {
    this.machine = new TaskMachine(this.#tables);
  }

  apply(command: Command, now: number): Outcome {
    const outcome = this.#watched(command);
    assert.equal(faultIn(this.machine, now), null);
    assert.equal(faultInKeys(this.#tables), null);
    assert.equal(this.machine.size.waiting, this.#queue.size(this.machine));
    assert.equal(this.machine.nextDue(['a', 'b'], now), this.#queue.nextDue(this.machine, ['a', 'b'], now));
    return outcome;
  }

  #watched(command: Command): Outcome {
    const { machine } = this;
    const before = machine.hash();
    if (command.verb === 'claim') return this.#claimed(command.request, machine, () => machine.apply(command, null));
    if (command.verb === 'insert') return this.#inserted(command, before);
    if (command.verb === 'remove') return this.#removed(command);
    if (command.verb === 'sweepResults') return this.#swept(command);
    if (command.verb === 'putSchedule') return this.#scheduled(command);
    if (command.verb === 'beat') return this.#beaten(command.session, machine.apply(command, null));
    if (command.verb !== 'update' && command.verb !== 'swap') {
      const outcome = machine.apply(command, null);
      if ('refused' in outcome) assert.equal(machine.hash(), before);
      return outcome;
    }
    const { changes } = command;
    const now = command.verb === 'update' ? command.now : command.request.now;
    const probe = TaskMachine.restore(machine.snapshot()).apply(command, null);
    if ('refused' in probe) {
      const outcome = machine.apply(command, null);
      assert.deepEqual(outcome, probe);
      assert.equal(machine.hash(), before);
      return outcome;
    }
    const copy = this.#queue.update(machine, changes, now);
    if (command.verb === 'swap') return this.#claimed(command.request, copy, () => machine.apply(command, null));
    const outcome = machine.apply(command, null);
    assert.equal(machine.hash(), copy.hash());
    return outcome;
  }

  #inserted(command: Command & { readonly verb: 'insert' }, before: string): Outcome {
    const { rows, now } = command;
    const expected = rows.some(({ unique }) => unique !== null) ? null : this.#ids.statuses(this.machine, rows, now);
    const outcome = this.machine.apply(command, null);
    if ('refused' in outcome) assert.equal(this.machine.hash(), before);
    else if (expected !== null)
      assert.deepEqual(
        outcome.answer.map(({ status }) => status),
        expected,
      );
    return outcome;
  }

  #removed(command: Command & { readonly verb: 'remove' }): Outcome {
    const before = TaskMachine.restore(this.machine.snapshot());
    const outcome = this.machine.apply(command, null);
    const gone = this.#ids.removed(before, this.machine, command.ids, command.rememberUntil);
    assert.deepEqual(outcome, { answer: gone });
    return outcome;
  }

  #swept(command: Command & { readonly verb: 'sweepResults' }): Outcome {
    const outcome = this.machine.apply(command, null);
    const { answer } = outcome as { readonly answer: number };
    assert.ok(answer <= command.limit);
    assert.ok(answer === command.limit || !this.machine.hasExpiredResults(command.now));
    return outcome;
  }

  #scheduled(command: Command & { readonly verb: 'putSchedule' }): Outcome {
    const { row, ifRevision } = command;
    const isExpected = (this.machine.schedule(row.id)?.revision ?? null) === ifRevision;
    const outcome = this.machine.apply(command, null);
    if (isExpected) this.#lastRevision += 1;
    assert.deepEqual(outcome, { answer: isExpected ? this.#lastRevision : null });
    if (isExpected) assert.deepEqual(this.machine.schedule(row.id), { ...row, revision: this.#lastRevision });
    return outcome;
  }

  #beaten(id: string, outcome: Outcome): Outcome {
    const session = this.machine.sessions().find((each) => each.id === id);
    const live = session?.ended === false;
    const { items } = this.machine.list({ states: ['running'], session: id, limit: 10_000 });
    const asked = items.filter(({ cancelRequested }) => cancelRequested).toSorted((a, b) => a.lease - b.lease);
    assert.deepEqual(outcome, { answer: { live, leases: items.length, cancelled: asked.map((task) => task.id) } });
    return outcome;
  }

  /** @param machine as it is when the claim comes to be made */
  #claimed(request: ClaimRequest, machine: TaskMachine, claim: () => Outcome): Outcome {
    const before = machine.hash();
    const outlook = machine.outlook(request);
    assert.equal(machine.hash(), before);
    const key = `${request.session}/${request.lane}`;
    const last = this.#lanes.get(key);
    if (typeof outlook === 'object') {
      const outcome = claim();
      assert.deepEqual(outcome, { refused: outlook });
      assert.equal(this.machine.hash(), before);
      return outcome;
    }
    const isNew = last === undefined || request.request > last.request;
    assert.equal(outlook === 'repeat', !isNew);
    const expected = isNew ? this.#queue.claim(machine, request) : repeated(machine, request, last);
    const outcome = claim();
    const { answer } = outcome as {
      readonly answer: readonly HeldClaim[] | { readonly claimed: readonly HeldClaim[] };
    };
    const claimed = 'claimed' in answer ? answer.claimed : answer;
    assert.deepEqual(
      claimed.map(({ id }) => id),
      expected,
    );
    if (!isNew) return outcome;
    assert.ok(Number(outlook) >= claimed.length);
    claimed.forEach((task, index) => this.#isLeased(task, index < request.start, request));
    this.#lanes.set(key, { request: request.request, claimed });
    return outcome;
  }

  #isLeased({ id, lease, startedAt, deadlineAt }: HeldClaim, starts: boolean, { now, session }: ClaimRequest): void {
    assert.equal(lease, Math.max(this.#lastLease + 1, Math.trunc(now) * 1_000));
    this.#lastLease = lease;
    const row = this.machine.row(id);
    assert.partialDeepStrictEqual(row, { state: 'running', session, lease, startedAt, deadlineAt });
    assert.deepEqual([startedAt, deadlineAt], [starts ? now : null, now + (row?.holdMs ?? 0)]);
  }
}

/** Of an older request nothing, of the last what still runs. */
function repeated(machine: TaskMachine, { request }: ClaimRequest, last: Lane | undefined): readonly string[] {
  if (last?.request !== request) return [];
  return last.claimed.filter(({ id, lease }) => machine.isHeld(id, lease)).map(({ id }) => id);
}
