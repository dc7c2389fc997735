import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Tells this process from every other that may share the store. */
export interface ProcessIdentity {
  /** Equal names mean one process table: host name and, where the system tells, boot and pid namespace. */
  readonly host: string;
  readonly pid: number;
  /** Tells a reused pid. */
  readonly processStart: string;
}

/** What a worker knows of processes; injected, so that a fleet can live in one process. */
export interface ProcessTable {
  readonly self: ProcessIdentity;
  /** Whether the process is known to be gone. `false` when that cannot be told: then its lease decides. */
  isGone(other: ProcessIdentity): boolean;
}

let own: ProcessIdentity | undefined;

/** The processes of this machine. */
export const systemProcesses: ProcessTable = {
  get self() {
    own ??= { host: hostIdentity(), pid: process.pid, processStart: startOf(process.pid) ?? 'unknown' };
    return own;
  },
  isGone: (other) => isGone(systemProcesses.self, other),
};

function isGone(self: ProcessIdentity, other: ProcessIdentity): boolean {
  if (other.host !== self.host) return false;
  const start = startOf(other.pid);
  if (start !== undefined) return start !== other.processStart && other.processStart !== 'unknown';
  try {
    process.kill(other.pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Two containers may share a host name but not a pid namespace; a reboot starts the pids anew. */
function hostIdentity(): string {
  const boot = read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const namespace = read(() => readlinkSync('/proc/self/ns/pid'));
  return [hostname(), boot, namespace].filter((part) => part !== undefined).join('/');
}

/** Clock ticks from boot to the start of the process (field 22 of its stat line), where /proc has it. A zombie counts as gone. */
function startOf(pid: number): string | undefined {
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (stat === undefined) return undefined;
  // The second field is the program's name in brackets and may itself hold spaces and brackets.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' ? 'zombie' : fields[18];
}

function read<T>(fn: () => T): T | undefined {
  try {
    return fn();
  } catch {
    return undefined;
  }
}
