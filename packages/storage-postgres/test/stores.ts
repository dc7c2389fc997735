import pg from 'pg';
import { postgres, type PostgresOptions } from '@omniq/storage-postgres';
import type { Opened, UserTransaction } from '@omniq/testkit/storage';

let schemas = 0;

/** A schema that no other test has. */
export function freshSchema(): string {
  schemas += 1;
  return `test_${schemas}`;
}

/** Opens backends on fresh schemas of one server. */
export function opener(url: string, options: PostgresOptions = {}): () => Promise<Opened> {
  return async () => {
    const schema = freshSchema();
    const open = (): ReturnType<typeof postgres> => postgres({ url, schema, poolSize: 2, ...options });
    return { ...open(), again: async () => open(), begin: () => beginOn(url) };
  };
}

/** Opens a connection as an application has one, and begins a transaction on it. */
export async function beginOn(url: string): Promise<UserTransaction> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('begin');
  const end = async (how: string): Promise<void> => {
    try {
      const { command } = await client.query(how);
      // The server answers a COMMIT that cannot be with a rollback, and no error.
      if (command.toLowerCase() !== how) throw new Error(`The transaction ended by ${command}.`);
    } finally {
      await client.end();
    }
  };
  return { transaction: client, commit: () => end('commit'), rollback: () => end('rollback') };
}
