import type { ClaimSpec, RowSpec, Step, Ttl } from './step.ts';
import type { Told } from './told.ts';
import type { Topic } from './topic.ts';

/** A step in its place: what it means to every side alike. */
export interface Placed {
  readonly step: Step;
  /** What its call is given as `now`. */
  readonly now: number;
  /** Of a claim. */
  readonly request: number;
  /** Makes what it writes unlike what others write. */
  readonly serial: number;
}

/** Virtual time and the request numbers of a sequence, the same for all sides. */
export class Timeline {
  now: number;
  #serial = 0;
  readonly #requests = new Map<string, number>();
  readonly #ends = new Set<number>();

  /** Lanes whose last claim found nothing, and sessions that somebody tried to end. */
  readonly #fruitless = new Set<string>();
  readonly #tried = new Set<string>();
  readonly #without: ReadonlySet<Topic>;

  constructor(now: number, without: ReadonlySet<Topic>) {
    this.now = now;
    this.#without = without;
  }

  place(step: Step): Placed {
    if (step.verb === 'pass') this.now += step.ms;
    const now = 'lag' in step ? this.#behind(step.lag) : this.now;
    const request = 'claim' in step ? this.#request(step.claim, step.verb) : 0;
    for (const ttl of ttlsOf(step)) if (ttl !== null) this.#ends.add(now + ttl);
    this.#serial += 1;
    return { step, now, request, serial: this.#serial };
  }

  /**
   * The time of a client that is behind. Never so far that what has ended comes back: who asks in the past for what others
   * have seen the end of may be told either way, as a store may forget it then.
   */
  #behind(ms: number): number {
    return Math.max(this.now - ms, ...[...this.#ends].filter((end) => end <= this.now));
  }

  #request({ session, lane, request }: ClaimSpec, verb: Step['verb']): number {
    const key = laneOf(session, lane);
    const last = this.#requests.get(key) ?? 0;
    const isOpen = this.#fruitless.has(key) && (request === 'older' || verb === 'swap' || this.#tried.has(session));
    if (last === 0 || isOpen || request === 'next') {
      this.#requests.set(key, last + 1);
      return last + 1;
    }
    return request === 'again' ? last : Math.max(1, last - 1);
  }

  /** Takes note of what a step was answered. */
  answered({ step }: Placed, answer: Told): void {
    if (!this.#without.has('requests after one that found nothing')) return;
    if (step.verb === 'end') this.#tried.add(step.session);
    if (!('claim' in step)) return;
    const claimed = step.verb === 'claim' ? answer : (answer as { readonly claimed?: Told } | undefined)?.claimed;
    const key = laneOf(step.claim.session, step.claim.lane);
    if (Array.isArray(claimed) && claimed.length === 0) this.#fruitless.add(key);
    else this.#fruitless.delete(key);
  }
}

function laneOf(session: string, lane: number): string {
  return `${lane} ${session}`;
}

/** After how long something of a step ends. */
function ttlsOf(step: Step): Ttl[] {
  switch (step.verb) {
    case 'insert':
      return step.rows.flatMap(ttlsOfRow);
    case 'update':
    case 'swap':
      return step.changes.flatMap(({ set, result, then = [] }) => [
        set[0] === 'expiresAt' ? set[1] : null,
        result?.ttl ?? null,
        ...then.flatMap(ttlsOfRow),
      ]);
    case 'settle':
      return [step.all.result?.ttl ?? null, ...(step.all.then ?? []).flatMap(ttlsOfRow)];
    case 'remove':
      return [step.remember];
    case 'putResult':
      return [step.ttl];
    default:
      return [];
  }
}

function ttlsOfRow({ expiresAt, unique }: RowSpec): Ttl[] {
  return [expiresAt ?? null, unique?.ttl ?? null];
}
