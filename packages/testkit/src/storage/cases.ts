import type { ConformanceCase } from './case.ts';
import { claimCases } from './claim.ts';
import { insertCases } from './insert.ts';
import { orderCases } from './order.ts';
import { updateCases } from './update.ts';

/** Every case of the storage contract. */
export const cases: readonly ConformanceCase[] = [...insertCases, ...claimCases, ...orderCases, ...updateCases];
