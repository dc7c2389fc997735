import type { SchedulePage, ScheduleQuery, ScheduleRow, ScheduleStore, StoredSchedule } from '@omniq/core/storage';
import { carry } from './carry.ts';
import { ask, type Port } from './port.ts';

/** Schedules as the machine keeps them: under compare-and-set, in one order with everything else. */
export class MachineScheduleStore implements ScheduleStore {
  readonly #port: Port;

  constructor(port: Port) {
    this.#port = port;
  }

  async put({ id, state, dueAt, body }: ScheduleRow, ifRevision: number | null): Promise<number | null> {
    return ask(this.#port, { verb: 'putSchedule', row: { id, state, dueAt, body }, ifRevision });
  }

  async get(id: string): Promise<StoredSchedule | undefined> {
    const machine = await this.#port.fresh();
    const row = machine.schedule(id);
    return row === undefined ? undefined : (await carry(this.#port, [row], ['body']))[0];
  }

  async list(query: ScheduleQuery): Promise<SchedulePage> {
    const machine = await this.#port.fresh();
    const page = machine.schedules(query);
    return { ...page, items: await carry(this.#port, page.items, ['body']) };
  }

  async remove(id: string): Promise<boolean> {
    return ask(this.#port, { verb: 'removeSchedule', id });
  }

  async close(): Promise<void> {
    await this.#port.close();
  }
}
