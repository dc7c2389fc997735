import { OmniQError } from '@omniq/core/storage';
import { LOG, turn, WRITERS, type BrokenLog } from './broken-log.ts';

export const brokenAppends: readonly BrokenLog[] = [
  {
    bug: 'an append is put twice',
    feature: 'races',
    verbs: ({ append }) => {
      let count = 0;
      return {
        async append(bytes, at) {
          const position = await append(bytes, at);
          if ((count += 1) % 13 === 0 && position !== null) await append(bytes, position + 1);
          return position;
        },
      };
    },
  },
  {
    bug: 'an append is acknowledged and lost',
    feature: 'races',
    verbs: ({ append }, memory) => {
      let count = 0;
      return {
        async append(bytes, at) {
          if ((count += 1) % 17 === 0) return memory.head + 1;
          return append(bytes, at);
        },
      };
    },
  },
  {
    bug: 'an append is acknowledged before others can read it',
    feature: 'sharing',
    verbs: (_intact, memory) => ({
      async append(bytes, at) {
        const position = at > memory.head ? at : memory.head + 1;
        void turn().then(() => memory.put(position, bytes, null));
        return position;
      },
    }),
  },
  {
    bug: 'the position told is that before',
    feature: 'append',
    verbs: ({ append }) => ({
      async append(bytes, at) {
        const position = await append(bytes, at);
        return position === null ? null : position - 1;
      },
    }),
  },
  {
    bug: 'positions count from 0',
    feature: 'append',
    verbs: ({ append, read }) => ({
      async append(bytes, at) {
        const position = await append(bytes, at);
        return position === null ? null : position - 1;
      },
      read: async (after, limit) =>
        (await read(after + 1, limit)).map((entry) => ({ ...entry, position: entry.position - 1 })),
    }),
  },
  {
    bug: 'the writer is told that its number was taken, by itself',
    feature: 'races',
    ...WRITERS,
    verbs: ({ append }) => {
      let count = 0;
      return {
        async append(bytes, at) {
          const position = await append(bytes, at);
          return (count += 1) % 19 === 0 ? null : position;
        },
      };
    },
  },
  {
    bug: 'a taken number is written over by other bytes',
    feature: 'numbers',
    ...WRITERS,
    verbs: ({ append }, memory) => ({
      async append(bytes, at) {
        const there = memory.entries.get(at);
        if (there !== undefined && Buffer.compare(there.bytes, bytes) !== 0) memory.entries.delete(at);
        return append(bytes, at);
      },
    }),
  },
  {
    bug: 'between the look whether a number is free and the write, another may take it',
    feature: 'races',
    ...WRITERS,
    verbs: (_intact, memory) => ({
      async append(bytes, at) {
        if (memory.entries.has(at)) return null;
        await turn();
        memory.put(at, bytes, null);
        return at;
      },
    }),
  },
  {
    bug: 'the same bytes at a taken number count as appended',
    feature: 'numbers',
    ...WRITERS,
    verbs: ({ append }, memory) => ({
      async append(bytes, at) {
        const there = memory.entries.get(at);
        if (there !== undefined && Buffer.compare(there.bytes, bytes) === 0) return at;
        return append(bytes, at);
      },
    }),
  },
  {
    bug: 'where its number is taken, it takes the next that is free',
    feature: 'numbers',
    ...WRITERS,
    verbs: ({ append }, memory) => ({ append: (bytes, at) => append(bytes, Math.max(at, memory.head + 1)) }),
  },
  {
    bug: 'beyond the end, the number is said to be taken',
    feature: 'numbers',
    ...WRITERS,
    verbs: ({ append }, memory) => ({
      append: async (bytes, at) => (at > memory.head + 1 ? null : append(bytes, at)),
    }),
  },
  {
    bug: 'the log goes by the number that was asked for',
    feature: 'numbers',
    ...LOG,
    verbs: (_intact, memory) => ({
      async append(bytes, at) {
        if (memory.entries.has(at)) return null;
        memory.put(at, bytes, null);
        return at;
      },
    }),
  },
  {
    bug: 'each opening of a log counts for itself',
    feature: 'sharing',
    ...LOG,
    verbs: (_intact, memory) => {
      let { head } = memory;
      return {
        async append(bytes) {
          head += 1;
          memory.put(head, bytes, null);
          return head;
        },
      };
    },
  },
  {
    bug: 'entries pass for text',
    feature: 'append',
    verbs: ({ append }) => ({ append: (bytes, at) => append(Buffer.from(Buffer.from(bytes).toString()), at) }),
  },
  {
    bug: 'of a view, the whole array is kept',
    feature: 'append',
    verbs: ({ append }) => ({ append: (bytes, at) => append(new Uint8Array(bytes.buffer), at) }),
  },
  {
    bug: 'the largest entry is refused',
    feature: 'append',
    verbs: ({ append, capabilities }) => ({
      async append(bytes, at) {
        if (bytes.length === capabilities.maxBytes) throw new OmniQError('PAYLOAD_TOO_LARGE', 'It is too large.');
        return append(bytes, at);
      },
    }),
  },
  {
    bug: 'an entry that is too large is cut',
    feature: 'append',
    verbs: ({ append, capabilities }) => ({
      append: (bytes, at) => append(bytes.subarray(0, capabilities.maxBytes), at),
    }),
  },
  {
    bug: 'an entry that is too large is refused, and leaves an entry all the same',
    feature: 'append',
    verbs: ({ append, capabilities }) => ({
      async append(bytes, at) {
        if (bytes.length > capabilities.maxBytes) await append(Uint8Array.of(0), at);
        return append(bytes, at);
      },
    }),
  },
];
