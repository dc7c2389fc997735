import { Broken } from './book.ts';
import { printStep } from './print-step.ts';
import type { Fault } from './side.ts';
import type { Step } from './step.ts';
import type { Told } from './told.ts';

/** The backend does something that the reference, or any correct store, does not. The message shows all commands. */
export class Difference extends Error {
  override readonly name = 'Difference';
}

/** The commands of a sequence so far, for people. */
export class Trace {
  readonly #name: string;
  readonly #lines: string[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  add(step: Step, fault?: Fault): void {
    const lost =
      fault === undefined ? '' : fault === 'before' ? ' [fails, is tried again]' : ' [reply lost, is tried again]';
    this.#lines.push(`${this.#number()}. ${printStep(step)}${lost}`);
  }

  /** Several that were under way together. */
  addTogether(steps: readonly Step[]): void {
    const lines = steps.map(printStep).join('\n     ');
    this.#lines.push(`${this.#number()}. ${steps.length > 1 ? 'together:\n     ' : ''}${lines}`);
  }

  answered(told: Told): void {
    if (told === undefined) return;
    const text = JSON.stringify(told);
    this.#lines.push(`${this.#lines.pop() ?? ''}\n       -> ${text.length > 160 ? `${text.slice(0, 160)}…` : text}`);
  }

  #number(): string {
    return String(this.#lines.length + 1).padStart(3);
  }

  /** @throws Difference if there is any */
  check(found: string | undefined, what = 'the last answer differs'): void {
    if (found !== undefined) throw new Difference(`${this.#name}: ${what}\n${this.#lines.join('\n')}\n\n${found}`);
  }

  /** Turns what is broken whatever the reference says into a difference. */
  async guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof Broken) this.check(error.message, 'this is never right');
      throw error;
    }
  }
}
