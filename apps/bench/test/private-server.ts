import { afterAll } from 'vitest';
import { MissingServer, type Server } from '@omniq/testkit/servers';

/** A server for one test file, or why there is none; on a CI machine a missing one is a failure. */
export async function privateServer(start: () => Promise<Server>): Promise<{ url: string; missing?: string }> {
  try {
    const server = await start();
    afterAll(() => server.stop());
    return { url: server.url };
  } catch (error) {
    if (!(error instanceof MissingServer) || process.env['CI'] === 'true') throw error;
    return { url: '', missing: error.message };
  }
}
