import { OmniQError } from '@omniq/core/storage';
import { WRITERS, type BrokenLog } from './broken-log.ts';

export const brokenReads: readonly BrokenLog[] = [
  {
    bug: 'an entry is left out now and then',
    feature: 'races',
    verbs: ({ read }) => ({
      read: async (after, limit) => (await read(after, limit)).filter(({ position }) => position % 50 !== 37),
    }),
  },
  {
    bug: 'a page is in the wrong order',
    feature: 'read',
    verbs: ({ read }) => ({ read: async (after, limit) => (await read(after, limit)).toReversed() }),
  },
  {
    bug: 'positions are ordered as text',
    feature: 'append',
    verbs: ({ read }) => ({
      read: async (after, limit) =>
        (await read(after, limit)).toSorted((a, b) => (String(a.position) < String(b.position) ? -1 : 1)),
    }),
  },
  {
    bug: 'an opening sees what there was when it last wrote, or was opened',
    feature: 'sharing',
    verbs: ({ append, read }, memory) => {
      let { head } = memory;
      return {
        async append(bytes, at) {
          const position = await append(bytes, at);
          ({ head } = memory);
          return position;
        },
        read: async (after, limit) => (await read(after, limit)).filter(({ position }) => position <= head),
      };
    },
  },
  {
    bug: 'an end that was seen once is believed for ever',
    feature: 'read',
    verbs: ({ read }) => {
      const ends = new Set<number>();
      return {
        async read(after, limit) {
          if (ends.has(after)) return [];
          const found = await read(after, limit);
          if (found.length === 0) ends.add(after);
          return found;
        },
      };
    },
  },
  {
    bug: 'at the end, the last entry comes again',
    feature: 'read',
    verbs: ({ read }, memory) => ({
      read: (after, limit) => read(Math.min(after, Math.max(0, memory.head - 1)), limit),
    }),
  },
  {
    bug: 'the entry asked from comes along',
    feature: 'read',
    verbs: ({ read }) => ({ read: (after, limit) => read(Math.max(0, after - 1), limit) }),
  },
  {
    bug: 'a page has one entry less than its limit',
    feature: 'read',
    verbs: ({ read }) => ({ read: (after, limit) => read(after, limit - 1) }),
  },
  {
    bug: 'what was read is gone',
    feature: 'read',
    verbs: ({ read }, memory) => ({
      async read(after, limit) {
        const found = await read(after, limit);
        memory.first = Math.max(memory.first, (found.at(-1)?.position ?? 0) + 1);
        return found;
      },
    }),
  },
  {
    bug: 'readers step over a hole',
    feature: 'numbers',
    ...WRITERS,
    verbs: (_intact, { entries }) => ({
      read: async (after, limit) =>
        [...entries.values()]
          .filter(({ position }) => position > after)
          .toSorted((a, b) => a.position - b.position)
          .slice(0, limit),
    }),
  },
  {
    bug: 'a hole at the end passes for a beginning that was trimmed',
    feature: 'trim',
    ...WRITERS,
    verbs: ({ read }, { entries }) => ({
      async read(after, limit) {
        if (entries.has(after + 1)) return read(after, limit);
        const next = Math.min(...[...entries.keys()].filter((position) => position > after));
        return Number.isFinite(next) ? [entries.get(next) as never] : [];
      },
    }),
  },
  {
    bug: 'a reader of what was trimmed is refused',
    feature: 'trim',
    verbs: ({ read }, memory) => ({
      async read(after, limit) {
        if (after + 1 < memory.first) throw new OmniQError('STORE_CORRUPT', 'There is no such entry.');
        return read(after, limit);
      },
    }),
  },
  {
    bug: 'the time of an entry is when it is read',
    feature: 'time',
    verbs: ({ read }) => ({
      read: async (after, limit) => (await read(after, limit)).map((entry) => ({ ...entry, time: Date.now() })),
    }),
  },
  {
    bug: 'the time of entries falls',
    feature: 'time',
    verbs: ({ read }) => ({
      read: async (after, limit) =>
        (await read(after, limit)).map((entry) => ({ ...entry, time: (entry.time ?? 0) - entry.position })),
    }),
  },
  {
    bug: 'the time of entries is in seconds',
    feature: 'time',
    verbs: ({ read }) => ({
      read: async (after, limit) =>
        (await read(after, limit)).map((entry) => ({ ...entry, time: (entry.time ?? 0) / 1_000 })),
    }),
  },
  {
    bug: 'some entries have no time',
    feature: 'time',
    verbs: ({ read, capabilities }) => ({
      read: async (after, limit) =>
        (await read(after, limit)).map((entry) =>
          entry.position === 7 ? { ...entry, time: capabilities.clock ? null : 1 } : entry,
        ),
    }),
  },
];
