import { OmniQError, type Backend, type RecordStore, type StoredRecord } from '@omniq/core/storage';

/** The smallest backend there can be: records in a Map. */
export function mapRecords(): Backend {
  const records = new Map<string, StoredRecord>();
  let tags = 0;
  let closed = false;
  const open = (): Map<string, StoredRecord> => {
    if (closed) throw new OmniQError('STORE_CLOSED', 'The store was closed.');
    return records;
  };
  const store: RecordStore = {
    async get(key) {
      return open().get(key);
    },
    async put(key, value, ifTag) {
      if (ifTag !== undefined && (open().get(key)?.tag ?? null) !== ifTag) return null;
      const tag = `tag ${(tags += 1)}`;
      open().set(key, { value, tag });
      return tag;
    },
    async delete(key, ifTag) {
      return (ifTag === undefined || open().get(key)?.tag === ifTag) && open().delete(key);
    },
    async list(prefix, after, limit) {
      const bytes = (key: string): Buffer => Buffer.from(key);
      return [...open().keys()]
        .filter((key) => key.startsWith(prefix) && (after === null || Buffer.compare(bytes(key), bytes(after)) > 0))
        .sort((a, b) => Buffer.compare(bytes(a), bytes(b)))
        .slice(0, limit);
    },
    async close() {
      closed = true;
    },
  };
  return { records: store, close: () => store.close() };
}
