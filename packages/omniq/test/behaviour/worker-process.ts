// A worker process of the tests: drains a SQLite file and prints a line for each run.
import { createOmniQ, defineTask, silent } from '../../src/index.ts';

const [url, shout] = process.argv.slice(2);
const note = defineTask({
  name: 'note',
  run: async (n: number, ctx) => {
    process.stdout.write(`${ctx.id} ${ctx.priority} ${n}\n`);
    if (shout === 'hang') await new Promise((resolve) => setTimeout(resolve, 60_000));
  },
});
const omniq = await createOmniQ({ tasks: url ?? 'memory:', logger: silent });
const worker = await omniq.work({ tasks: [note], concurrency: 4, untilEmpty: shout !== 'hang' });
await worker.done;
await omniq.close();
