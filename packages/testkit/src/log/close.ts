import { rejectsWith } from '../storage/abilities.ts';
import { text } from '../storage/rows.ts';
import { logCase, type LogCase } from './log-case.ts';
import { assertSnapshot } from './snapshot.ts';

export const closeCases: readonly LogCase[] = [
  logCase('close', 'closing twice is a no-op, and a closed log says so', async ({ log }) => {
    await log.append(text('one'), 1);
    await log.close();
    await log.close();
    const verbs: readonly (() => Promise<unknown>)[] = [
      () => log.append(text('two'), 2),
      () => log.read(0, 10),
      async () => log.watch(() => {}),
      () => log.saveSnapshot(1, text('one')),
      () => log.loadSnapshot(),
      () => log.trim(1),
    ];
    for (const verb of verbs) await rejectsWith('STORE_CLOSED', verb);
    await log.close();
  }),

  logCase('close', 'one opening that closes leaves the others as they were', async (stage) => {
    const other = await stage.again();
    await stage.fill(3);
    stage.log.watch(() => {});
    await stage.log.close();
    await stage.append(text('four'), other);
    await stage.reads(other);
  }),

  logCase('close', 'what a durable log took is there when it is opened again', async (stage) => {
    if (!stage.log.capabilities.durable) return 'absent';
    const other = await stage.again();
    await stage.fill(10);
    await stage.append(text('by another'), other);
    await stage.log.saveSnapshot(9, text('as of 9'));
    await stage.log.trim(4);
    await Promise.all([stage.log.close(), other.close()]);
    const reopened = await stage.again();
    await stage.readsFrom(4, reopened, 0);
    await assertSnapshot(reopened, 9, text('as of 9'));
    await stage.append(text('after all'), reopened);
    await stage.readsFrom(4, await stage.again(), 0);
  }),
];
