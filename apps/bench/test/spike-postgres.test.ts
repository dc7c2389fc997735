import pg from 'pg';
import { startPostgres } from '@omniq/testkit/servers';
import { PostgresSpike } from '../src/spikes/postgres.ts';
import { privateServer } from './private-server.ts';
import { storeSpikeSuite } from './store-spike-suite.ts';

const { url, missing } = await privateServer(startPostgres);

storeSpikeSuite(
  'the Postgres spike',
  async (scope) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(`create database ${scope}`).catch(() => undefined); // Made by the first of a test.
    await client.end();
    return new PostgresSpike(url.replace(/postgres$/, scope));
  },
  missing,
);
