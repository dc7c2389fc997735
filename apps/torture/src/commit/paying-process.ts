import { createOmniQ, defineTask, silent } from '@omniq/omniq';
import { openLedger } from './ledger.ts';
import { steps, type Step } from './step.ts';

/**
 * A process that pays: each task writes a line and completes in one transaction. Its arguments say where, and at which
 * step of which task it dies; without them it works until nothing is left.
 */
const [url = '', diesAt = '', diesIn = '0'] = process.argv.slice(2);
let left = Number(diesIn);

function reach(step: Step): void {
  if (step !== diesAt) return;
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
}

const ledger = openLedger(url);
const pay = defineTask({
  name: 'pay',
  run: async (payment: string, ctx) => {
    reach(steps[0]);
    await ledger.inTransaction(async (entry) => {
      reach(steps[1]);
      await entry.write(payment);
      reach(steps[2]);
      await ctx.completeIn(entry.transaction, payment);
      reach(steps[3]);
    });
    reach(steps[4]);
  },
});

const omniq = await createOmniQ({ storage: url, logger: silent });
const worker = await omniq.work({ tasks: [pay], concurrency: 4, untilEmpty: true });
process.send?.('working');
await worker.done;
await omniq.close();
await ledger.close();
