import { Packr } from 'msgpackr';

/** Plain msgpack, as any other language reads it: no records, no extensions of our own. */
export const packr: Packr = new Packr({ useRecords: false, variableMapSize: true });
