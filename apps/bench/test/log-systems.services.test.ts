import { expect, test } from 'vitest';
import { parseOptions, type Options } from '../src/options.ts';
import { runBench } from '../src/run-bench.ts';
import { startNats } from '@omniq/testkit/servers';
import { privateServer } from './private-server.ts';

const { missing } = await privateServer(startNats);

test.skipIf(missing !== undefined)(
  'two processes share a log, in files and in a stream: no task runs twice',
  async () => {
    const args = ['--systems', 'omniq-file,spike-nats-log', '--work', 'drain-2,latency', '--profile', 'smoke'];
    const options = parseOptions(args) as Options;
    const report = await runBench({ ...options, profile: { ...options.profile, repetitions: 1 } }, () => {});
    expect(report.failures).toEqual([]);
    const measured = report.results.map(({ system, workload }) => `${system} ${workload}`);
    const systems = ['raw-file', 'omniq-file', 'raw-nats', 'spike-nats-log'];
    const workloads = ['drain-2', 'latency-p50', 'latency-p99'];
    const expected = systems.flatMap((system) => workloads.map((workload) => `${system} ${workload}`));
    expect(measured.toSorted()).toEqual(expected.toSorted());
  },
);
