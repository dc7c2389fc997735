import { OmniQError, type ClaimRequest } from '@omniq/core/storage';
import type { Answers, Command, Outcome } from '../machine/command.ts';
import type { Bytes } from '../machine/piece.ts';
import type { TaskMachine } from '../machine/task-machine.ts';

/** How the stores reach a task machine: one in this process's memory, or the replica of a shared one. */
export interface Port {
  /** The machine as it is known here now; throws `STORE_CLOSED`. */
  readonly machine: TaskMachine;
  /** The machine, not behind anything that was acknowledged before the call. */
  fresh(): Promise<TaskMachine>;
  /** Resolves once the command is applied for good. */
  submit(command: Command): Promise<Outcome>;
  /** Gets bytes that are not at hand; the function it returns gives those of each value. */
  open(values: readonly (Bytes | null | undefined)[]): Promise<(value: Bytes) => Uint8Array>;
  /** Whether a claim that would find so many tasks should be made now, or be left to others. */
  mayClaim(request: ClaimRequest, found: number): Promise<boolean>;
  /** Calls `wake` when tasks may have become claimable or ended. */
  watch(wake: () => void): () => void;
  /** Closes this way to the machine: every other verb throws `STORE_CLOSED` from then on. Twice is a no-op. */
  close(): Promise<void>;
}

/** @throws OmniQError what the machine refused the command with */
export async function ask<C extends Command>(port: Port, command: C): Promise<Answers[C['verb']]> {
  const outcome = (await port.submit(command)) as Outcome<C['verb']>;
  if ('answer' in outcome) return outcome.answer;
  const { code, message, details } = outcome.refused;
  throw new OmniQError(code, message, details);
}
