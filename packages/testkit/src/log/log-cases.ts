import { appendCases } from './append.ts';
import { closeCases } from './close.ts';
import type { LogCase } from './log-case.ts';
import { readCases } from './read.ts';
import { sharingCases } from './sharing.ts';
import { snapshotCases } from './snapshot.ts';
import { timeCases } from './time.ts';
import { trimCases } from './trim.ts';
import { walkCases } from './walk.ts';
import { watchCases } from './watch.ts';

/** Every case of the contract of shared logs. */
export const logCases: readonly LogCase[] = [
  ...appendCases,
  ...readCases,
  ...sharingCases,
  ...timeCases,
  ...watchCases,
  ...snapshotCases,
  ...trimCases,
  ...walkCases,
  ...closeCases,
];
