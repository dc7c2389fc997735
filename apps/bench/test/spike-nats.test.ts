import { sharedLogConformance } from '@omniq/testkit/log';
import { runConformance } from '@omniq/testkit/storage';
import { describe, expect, test } from 'vitest';
import { startNats } from '@omniq/testkit/servers';
import { openNatsLog } from '../src/spikes/nats-log.ts';
import { openNatsRecords } from '../src/spikes/nats-records.ts';
import { privateServer } from './private-server.ts';

const { url, missing } = await privateServer(startNats);
let scopes = 0;
const fresh = (): string => `scope${(scopes += 1)}`;

describe.skipIf(missing !== undefined)(`the NATS spike${missing === undefined ? '' : ` (${missing})`}`, () => {
  sharedLogConformance(
    'a stream',
    async () => {
      const name = fresh();
      const again = () => openNatsLog(url, name);
      return Object.assign(await again(), { again });
    },
    { describe, test },
  );

  test('a bucket keeps the contract of record stores', async () => {
    const report = await runConformance('a bucket', async () => {
      const name = fresh();
      const again = async () => {
        const records = await openNatsRecords(url, name);
        return { records, close: () => records.close() };
      };
      return Object.assign(await again(), { again });
    });
    expect(report.failures).toEqual([]);
    expect(report.passed).toBeGreaterThan(10);
  });
});
