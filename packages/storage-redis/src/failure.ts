import { OmniQError, type OmniQErrorCode } from '@omniq/core/storage';

interface Meaning {
  readonly code: OmniQErrorCode;
  readonly says: string;
  readonly hint: string;
}

const unreachable: Meaning = {
  code: 'STORE_UNREACHABLE',
  says: 'does not answer',
  hint: 'Is it up, and may this machine reach it?',
};

const full: Meaning = {
  code: 'STORE_FULL',
  says: 'has no memory left',
  hint: 'Raise maxmemory, or shorten the retention. Workers go on, and what they finish and is forgotten makes room.',
};

const denied: Meaning = {
  code: 'STORE_FAILED',
  says: 'does not let this user in',
  hint: 'Check the user, the password and the rights of the user in the ACL.',
};

const noCluster: Meaning = {
  code: 'STORE_FAILED',
  says: 'is no Cluster',
  hint: 'Leave the option cluster out.',
};

/** By the first word of what the server says. */
const meanings: Readonly<Record<string, Meaning>> = {
  OOM: full,
  MISCONF: {
    code: 'STORE_FULL',
    says: 'cannot write to its disk and takes no more',
    hint: 'Look at its log: the disk may be full or broken.',
  },
  LOADING: { code: 'STORE_BUSY', says: 'is loading its data', hint: 'It will be there in a moment.' },
  BUSY: {
    code: 'STORE_BUSY',
    says: "is busy with another program's script",
    hint: 'SCRIPT KILL ends one that writes nothing.',
  },
  NOREPLICAS: {
    code: 'STORE_BUSY',
    says: 'misses the replicas that it is to have',
    hint: 'Look at min-replicas-to-write.',
  },
  TRYAGAIN: { code: 'STORE_BUSY', says: 'is moving the slot of this namespace', hint: 'It will be there in a moment.' },
  CLUSTERDOWN: {
    ...unreachable,
    says: 'is part of a Cluster that is down',
    hint: 'CLUSTER INFO tells what is missing.',
  },
  MASTERDOWN: unreachable,
  UNBLOCKED: unreachable,
  READONLY: { ...unreachable, says: 'is a replica now', hint: 'After a failover the new primary is looked for.' },
  MOVED: { ...unreachable, says: 'is part of a Cluster', hint: 'Set the option cluster.' },
  ASK: { ...unreachable, says: 'is part of a Cluster', hint: 'Set the option cluster.' },
  CROSSSLOT: { ...unreachable, says: 'is part of a Cluster', hint: 'Set the option cluster.' },
  NOAUTH: denied,
  WRONGPASS: denied,
  NOPERM: denied,
  WRONGTYPE: {
    code: 'STORE_CORRUPT',
    says: 'holds something else under the keys of this namespace',
    hint: 'Choose another namespace.',
  },
};

const otherwise: Meaning = {
  code: 'STORE_FAILED',
  says: 'refused a command',
  hint: 'It takes Redis 6.2 or later, or Valkey.',
};

/**
 * What a user is told of an error of the server or of the client. The first is a reply, so nothing was done; what the
 * client says leaves open whether a command that was under way had its effect. Neither names the address: it may hold a
 * password.
 */
export function failureOf(thrown: unknown, verb: string): OmniQError {
  if (!(thrown instanceof Error)) return failure(otherwise, verb, thrown);
  const [word = '', code = '', ...rest] = thrown.message.split(' ');
  if (word === 'OMNIQ') return refusal(code, rest.join(' '), verb);
  if (Object.hasOwn(meanings, word)) return failure(meanings[word] as Meaning, verb, thrown);
  if (isNoCluster(thrown)) return failure(noCluster, verb, thrown);
  // An error from inside a script is told with the script around it.
  if (/\b(OOM|MISCONF|READONLY|WRONGTYPE|NOREPLICAS) /.test(thrown.message)) {
    const [inner = ''] = /\b(OOM|MISCONF|READONLY|WRONGTYPE|NOREPLICAS)\b/.exec(thrown.message) ?? [];
    return failure(meanings[inner] as Meaning, verb, thrown);
  }
  return failure(thrown.name === 'ReplyError' ? otherwise : unreachable, verb, thrown);
}

/** What the client says of a Cluster it finds no way into; the reason is that of the last node. */
function isNoCluster(thrown: Error): boolean {
  const { lastNodeError } = thrown as { lastNodeError?: unknown };
  return lastNodeError instanceof Error && lastNodeError.message.includes('cluster support disabled');
}

function failure({ code, says, hint }: Meaning, verb: string, thrown: unknown): OmniQError {
  return new OmniQError(code, `Redis ${says}.`, { hint, cause: withoutCommand(thrown), backend: 'redis', verb });
}

/** The client hangs the command on its errors, and with it payloads and passwords. */
function withoutCommand(thrown: unknown): unknown {
  if (thrown instanceof Error && 'command' in thrown) delete (thrown as { command?: unknown }).command;
  return thrown;
}

/** What a function answered instead of doing anything. */
function refusal(code: string, rest: string, verb: string): OmniQError {
  if (code === 'SESSION_ENDED') {
    return new OmniQError('SESSION_ENDED', 'The session is not open.', {
      hint: 'Open a new one; the tasks of the old one go to others.',
      verb,
    });
  }
  if (code === 'CLOCK_SKEW') {
    return new OmniQError('CLOCK_SKEW', "The time given is more than a second ahead of the server's.", {
      hint: "Synchronise this machine's clock.",
      time: Number(rest),
    });
  }
  const [id, parent] = JSON.parse(rest) as [string, string];
  return new OmniQError('PARENT_UNKNOWN', `The task ${id} waits for ${parent}, which does not exist.`, {
    hint: 'Enqueue the parent first, or both in one call.',
    id,
    parent,
  });
}
