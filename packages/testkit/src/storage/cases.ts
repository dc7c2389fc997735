import { byteCases } from './bytes.ts';
import { carriedCases } from './carried.ts';
import type { ConformanceCase } from './case.ts';
import { claimRequestCases } from './claim-request.ts';
import { claimCases } from './claim.ts';
import { clockCases } from './clock.ts';
import { closeCases } from './close.ts';
import { edgeRaceCases } from './edge-races.ts';
import { edgeCases } from './edges.ts';
import { eventCases } from './events.ts';
import { fenceCases } from './fence.ts';
import { flowCases } from './flow.ts';
import { hostileCases } from './hostile.ts';
import { insertCases } from './insert.ts';
import { listCases } from './list.ts';
import { modelCases } from './model.ts';
import { nextDueCases } from './next-due.ts';
import { orderCases } from './order.ts';
import { pauseCases } from './pause.ts';
import { queueCases } from './queues.ts';
import { raceCases } from './races.ts';
import { recordCases } from './records.ts';
import { removeCases } from './remove.ts';
import { resultCases } from './results.ts';
import { scheduleCases } from './schedules.ts';
import { sessionCases } from './sessions.ts';
import { swapCases } from './swap.ts';
import { terminalCases } from './terminal.ts';
import { transactionCases } from './transactions.ts';
import { uniqueCases } from './unique.ts';
import { updateCases } from './update.ts';
import { watchCases } from './watch.ts';

/** Every case of the storage contract. */
export const cases: readonly ConformanceCase[] = [
  ...insertCases,
  ...claimCases,
  ...claimRequestCases,
  ...pauseCases,
  ...orderCases,
  ...updateCases,
  ...fenceCases,
  ...terminalCases,
  ...carriedCases,
  ...uniqueCases,
  ...edgeCases,
  ...sessionCases,
  ...swapCases,
  ...listCases,
  ...removeCases,
  ...queueCases,
  ...watchCases,
  ...nextDueCases,
  ...clockCases,
  ...transactionCases,
  ...closeCases,
  ...flowCases,
  ...modelCases,
  ...raceCases,
  ...edgeRaceCases,
  ...hostileCases,
  ...byteCases,
  ...resultCases,
  ...eventCases,
  ...scheduleCases,
  ...recordCases,
];
