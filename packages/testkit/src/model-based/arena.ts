import type { Backend, TaskStore } from '@omniq/core/storage';
import type { OpenBackend } from '../storage/case.ts';
import type { ModelSettings } from './model-options.ts';
import { Side } from './side.ts';
import type { Ability } from './step.ts';
import type { Reach } from './reach.ts';
import { directWay, layeredWay } from './way.ts';

const DAY = 86_400_000;
const abilities: readonly Ability[] = ['clock', 'watch', 'results', 'then', 'uniqueKeys', 'orderKeys', 'limits'];
const compared = ['results', 'schedules', 'records'] as const;

/** Opens both sides afresh for each sequence, and knows what can be asked of both. */
export class Arena {
  readonly name: string;
  /** What both can do. */
  readonly can: Reach;
  /** The stores besides tasks that both keep. */
  readonly stores: readonly (keyof Backend)[];
  /** What the backend under test says it cannot do. */
  readonly refused: readonly Ability[];
  readonly canSwap: boolean;
  readonly #open: OpenBackend;
  readonly #reference: OpenBackend;
  /** Sequences and calls that both sides answered. */
  readonly tally: { sequences: number; commands: number } = { sequences: 0, commands: 0 };

  #failed = false;

  private constructor(name: string, open: OpenBackend, settings: ModelSettings, subject: Backend, model: Backend) {
    this.name = name;
    this.#open = open;
    this.#reference = settings.reference;
    const [ours, theirs] = [tasksOf(subject).capabilities, tasksOf(model).capabilities];
    const both = (of: Ability): boolean => ours[of] && theirs[of];
    this.can = {
      results: both('results'),
      then: both('then'),
      uniqueKeys: both('uniqueKeys'),
      orderKeys: both('orderKeys'),
      limits: both('limits'),
      clock: ours.clock || theirs.clock,
      without: new Set(settings.without),
    };
    this.stores = compared.filter((kind) => subject[kind] !== undefined && model[kind] !== undefined);
    this.refused = abilities.filter((of) => of === 'clock' || !ours[of]);
    this.canSwap = tasksOf(subject).swap !== undefined && tasksOf(model).swap !== undefined;
  }

  static async build(name: string, open: OpenBackend, settings: ModelSettings): Promise<Arena> {
    const [subject, model] = [await open(), await settings.reference()];
    try {
      return new Arena(name, open, settings, subject, model);
    } finally {
      await subject.close();
      await model.close();
    }
  }

  /** What is played to shrink a failure is not counted. */
  count(what: 'sequences' | 'commands', more: number): void {
    if (!this.#failed) this.tally[what] += more;
  }

  /** Says that a sequence differs. */
  fail(): void {
    this.#failed = true;
  }

  /** When a sequence begins: a store with a clock refuses times ahead of it, never times behind. */
  async start(subject: Side): Promise<number> {
    const tasks = subject.tasks();
    return tasks.time === undefined ? 1_800_000_000_000 : Math.floor(await tasks.time()) - 2 * DAY;
  }

  async subject(clients: number, layers: boolean): Promise<Side> {
    return this.#side(this.name, this.#open, clients, layers);
  }

  async reference(layers: boolean): Promise<Side> {
    return this.#side('the reference', this.#reference, 1, layers);
  }

  async #side(name: string, open: OpenBackend, clients: number, layers: boolean): Promise<Side> {
    const way = await directWay(await open(), clients);
    return new Side(name, layers ? layeredWay(way) : way);
  }
}

function tasksOf({ tasks }: Backend): TaskStore {
  if (tasks === undefined) throw new Error('A backend without tasks cannot be compared by commands on tasks.');
  return tasks;
}
