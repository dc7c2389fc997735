import { OmniQError } from '@omniq/core/storage';
import { LOG, turn, type BrokenLog } from './broken-log.ts';

export const brokenUpkeep: readonly BrokenLog[] = [
  {
    bug: 'a snapshot is written over',
    feature: 'snapshots',
    verbs: ({ saveSnapshot }, { snapshots }) => ({
      async saveSnapshot(position, bytes) {
        snapshots.delete(position);
        await saveSnapshot(position, bytes);
      },
    }),
  },
  {
    bug: 'a snapshot is written piece by piece, where another writes as well',
    feature: 'snapshots',
    verbs: (_intact, { snapshots }) => ({
      async saveSnapshot(position, bytes) {
        if (snapshots.has(position)) return;
        const half = bytes.length >> 1;
        await turn();
        snapshots.set(position, Buffer.concat([snapshots.get(position) ?? new Uint8Array(0), bytes.subarray(0, half)]));
        await turn();
        snapshots.set(position, Buffer.concat([snapshots.get(position) as Uint8Array, bytes.subarray(half)]));
      },
    }),
  },
  {
    bug: 'the snapshot that was saved last wins',
    feature: 'snapshots',
    verbs: (_intact, { snapshots }) => ({
      async loadSnapshot() {
        const last = [...snapshots].at(-1);
        return last === undefined ? null : { position: last[0], bytes: last[1] };
      },
    }),
  },
  {
    bug: 'snapshots are ordered as text',
    feature: 'snapshots',
    verbs: (_intact, { snapshots }) => ({
      async loadSnapshot() {
        const last = [...snapshots].toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)).at(-1);
        return last === undefined ? null : { position: last[0], bytes: last[1] };
      },
    }),
  },
  {
    bug: 'a snapshot is cut at the size of an entry',
    feature: 'snapshots',
    verbs: ({ saveSnapshot, capabilities }) => ({
      saveSnapshot: (position, bytes) => saveSnapshot(position, bytes.subarray(0, capabilities.maxBytes)),
    }),
  },
  {
    bug: 'a snapshot is one more entry',
    feature: 'snapshots',
    verbs: ({ append, saveSnapshot }, memory) => ({
      async saveSnapshot(position, bytes) {
        await append(Uint8Array.of(1), memory.head + 1);
        await saveSnapshot(position, bytes);
      },
    }),
  },
  {
    bug: 'a snapshot is for the opening that saved it',
    feature: 'snapshots',
    verbs: ({ saveSnapshot, loadSnapshot }) => {
      let hasSaved = false;
      return {
        async saveSnapshot(position, bytes) {
          hasSaved = true;
          await saveSnapshot(position, bytes);
        },
        loadSnapshot: async () => (hasSaved ? loadSnapshot() : null),
      };
    },
  },
  {
    bug: 'a trim takes one entry too many',
    feature: 'trim',
    verbs: ({ trim }) => ({ trim: (position) => trim(position + 1) }),
  },
  {
    bug: 'a trim leaves one entry too many',
    feature: 'trim',
    verbs: ({ trim }) => ({ trim: (position) => trim(position - 1) }),
  },
  { bug: 'a trim does nothing', feature: 'trim', verbs: () => ({ trim: async () => {} }) },
  {
    bug: 'a trim further back than the last brings a hole',
    feature: 'trim',
    verbs: ({ trim }, memory) => ({
      async trim(position) {
        await trim(position);
        memory.first = position;
        for (let n = position; n < memory.head; n += 1) if (!memory.entries.has(n)) memory.first = n + 2;
      },
    }),
  },
  {
    bug: 'a trim takes snapshots before the position, and the newest with them',
    feature: 'trim',
    verbs: ({ trim }, { snapshots }) => ({
      async trim(position) {
        await trim(position);
        for (const each of snapshots.keys()) if (each < position) snapshots.delete(each);
      },
    }),
  },
  {
    bug: 'a trim keeps the oldest snapshots',
    feature: 'trim',
    verbs: ({ trim }, { snapshots }) => ({
      async trim(position) {
        const [oldest] = [...snapshots.keys()].toSorted((a, b) => a - b);
        const kept = snapshots.get(oldest ?? 0);
        await trim(position);
        if (snapshots.size < 2 || kept === undefined || oldest === undefined) return;
        snapshots.clear();
        snapshots.set(oldest, kept);
      },
    }),
  },
  {
    bug: 'numbers start anew once every entry is gone',
    feature: 'trim',
    ...LOG,
    verbs: ({ append }, memory) => ({
      async append(bytes, at) {
        if (memory.entries.size === 0) Object.assign(memory, { head: 0, first: 1 });
        return append(bytes, at);
      },
    }),
  },
  {
    bug: 'an opening does not learn that another trimmed',
    feature: 'trim',
    verbs: ({ append, read }, { entries }) => {
      const seen = new Map<number, Uint8Array>();
      return {
        async append(bytes, at) {
          const position = await append(bytes, at);
          if (position !== null) seen.set(position, bytes);
          return position;
        },
        async read(after, limit) {
          const kept = seen.get(after + 1);
          if (kept === undefined || entries.has(after + 1)) return read(after, limit);
          return [{ position: after + 1, bytes: kept, time: null }];
        },
      };
    },
  },
  {
    bug: 'a trim that follows another sometimes takes the snapshots as well',
    feature: 'walk',
    verbs: ({ trim }, memory) => ({
      async trim(position) {
        const { first, snapshots } = memory;
        await trim(position);
        if (first > 1 && memory.first > first && first % 3 === 0) snapshots.clear();
      },
    }),
  },
  { bug: 'nobody is ever woken', feature: 'watch', isSilent: true, verbs: () => ({ watch: () => () => {} }) },
  {
    bug: 'who watches hears of the appends of its own opening alone',
    feature: 'watch',
    isSilent: true,
    verbs: ({ append }) => {
      const watchers = new Set<() => void>();
      return {
        async append(bytes, at) {
          const position = await append(bytes, at);
          for (const wake of watchers) wake();
          return position;
        },
        watch(wake) {
          watchers.add(wake);
          return () => watchers.delete(wake);
        },
      };
    },
  },
  {
    bug: 'who watches is woken once',
    feature: 'watch',
    isSilent: true,
    verbs: ({ watch }) => ({
      watch(wake) {
        const stop = watch(() => {
          stop();
          wake();
        });
        return stop;
      },
    }),
  },
  {
    bug: 'who watches is woken before there is anything to read',
    feature: 'watch',
    isSilent: true,
    verbs: ({ append, watch }, memory) => ({
      async append(bytes, at) {
        for (const wake of memory.watchers) wake();
        await turn();
        await turn();
        const before = [...memory.watchers];
        memory.watchers.clear();
        const position = await append(bytes, at);
        await turn();
        for (const wake of before) memory.watchers.add(wake);
        return position;
      },
      watch,
    }),
  },
  {
    bug: 'who stopped is woken all the same',
    feature: 'watch',
    verbs: ({ watch }) => ({
      watch(wake) {
        watch(wake);
        return () => {};
      },
    }),
  },
  {
    bug: 'who stops stops all',
    feature: 'watch',
    isSilent: true,
    verbs: ({ watch }) => {
      const stops: (() => void)[] = [];
      return {
        watch(wake) {
          stops.push(watch(wake));
          return () => stops.forEach((stop) => stop());
        },
      };
    },
  },
  {
    bug: 'a closed opening goes on waking',
    feature: 'watch',
    verbs: (_intact, { watchers }) => ({
      watch(wake) {
        watchers.add(wake);
        return () => watchers.delete(wake);
      },
    }),
  },
  {
    bug: 'closing twice is an error',
    feature: 'close',
    verbs: ({ close }) => {
      let closes = 0;
      return {
        async close() {
          await close();
          if ((closes += 1) === 2) throw new OmniQError('STORE_CLOSED', 'The log was closed.');
        },
      };
    },
  },
  { bug: 'a closed log goes on', feature: 'close', verbs: () => ({ close: async () => {} }) },
  {
    bug: 'a closed log reads as an empty one',
    feature: 'close',
    verbs: ({ read }) => ({ read: (after, limit) => read(after, limit).catch(() => []) }),
  },
  {
    bug: 'closing one opening closes the others',
    feature: 'close',
    verbs: ({ append, close }, memory) => ({
      async append(bytes, at) {
        if (memory.time === -1) throw new OmniQError('STORE_CLOSED', 'The log was closed.');
        return append(bytes, at);
      },
      async close() {
        memory.time = -1;
        await close();
      },
    }),
  },
  {
    bug: 'closing loses the last entry',
    feature: 'close',
    verbs: ({ close }, memory) => {
      let isClosed = false;
      return {
        async close() {
          if (!isClosed && memory.entries.delete(memory.head)) memory.head -= 1;
          isClosed = true;
          await close();
        },
      };
    },
  },
  {
    bug: 'closing loses the snapshots',
    feature: 'close',
    verbs: ({ close }, { snapshots }) => ({
      async close() {
        snapshots.clear();
        await close();
      },
    }),
  },
];
