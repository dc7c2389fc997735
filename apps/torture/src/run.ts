import { parseArgs } from 'node:util';
import { printVerdict } from '@omniq/testkit/history';
import { faults } from './fleet/faults.ts';
import { torture } from './fleet/torture.ts';
import { randomFrom } from './random.ts';

const help = `Lets a fleet work on a private server while faults strike it, then heals and drains it, and judges what every process
wrote down. Exits with 1 if a promise was broken, a worker stopped, or a rejection was left unhandled.

  node apps/torture/src/run.ts --backend postgres|redis [options]

--faults a,b    ${Object.keys(faults).join(', ')}; default server-kill,cut
--seconds N     how long they strike; default 120
--workers N     default 4
--producers N   default 2
--rate N        tasks a second, of all producers; default 400
--seed S        default random, and printed
`;

async function main(): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      backend: text,
      faults: text,
      seconds: text,
      workers: text,
      producers: text,
      rate: text,
      seed: text,
      help: { type: 'boolean' },
    },
  });
  const { backend, seconds = '120', workers = '4', producers = '2', rate = '400' } = values;
  if (values.help === true || backend === undefined) {
    console.log(help);
    return values.help === true ? 0 : 2;
  }
  const chosen = (values.faults ?? 'server-kill,cut').split(',').filter((name) => name !== '');
  const unknown = chosen.find((name) => !Object.hasOwn(faults, name));
  if (unknown !== undefined)
    throw new Error(`There is no fault ${unknown}; there are ${Object.keys(faults).join(', ')}.`);
  const seed = Number(values.seed ?? Math.floor(Math.random() * 1e9));
  console.log(
    `seed ${seed}, ${backend}, ${chosen.join(' and ') || 'no faults'} for ${seconds} s, ${workers} workers, ${producers} producers`,
  );
  const {
    verdict,
    recoveries,
    failures,
    faults: found,
  } = await torture({
    backend,
    faults: chosen,
    seconds: Number(seconds),
    workers: Number(workers),
    producers: Number(producers),
    rate: Number(rate),
    random: randomFrom(seed),
    say: (line) => console.log(line),
  });
  console.log(printVerdict(verdict));
  console.log(`${failures} calls failed and were made again; back at 90 % of the rate after ${spread(recoveries)}`);
  for (const fault of found) console.log(`FAULT ${fault}`);
  return verdict.violations.length === 0 && found.length === 0 ? 0 : 1;
}

function spread(times: readonly number[]): string {
  if (times.length === 0) return 'no fault of the server';
  const sorted = times.toSorted((a, b) => a - b).map((ms) => `${(ms / 1_000).toFixed(1)} s`);
  return `${sorted[Math.floor(sorted.length / 2)]} (${sorted[0]} to ${sorted.at(-1)}, ${times.length} faults)`;
}

process.exitCode = await main();
