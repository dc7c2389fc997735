import pg from 'pg';
import type { Target } from './system.ts';

/** A database for one measurement alone. Creating it checkpoints, so that each starts alike. */
export async function ownDatabase({ url, scope, create }: Target): Promise<string> {
  if (create) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(`create database ${pg.escapeIdentifier(scope)}`);
    await client.query('checkpoint');
    await client.end();
  }
  const own = new URL(url);
  own.pathname = `/${scope}`;
  return own.href;
}
