import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { createOmniQ, silent, type OmniQ, type OmniQConfig } from '../../src/index.ts';

/** The stores on which the behaviour of the whole is tested. */
export const stores = ['memory', 'sqlite'] as const;

export type StoreName = (typeof stores)[number];

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** Runs `cleanUp` after the test, last first. */
export function after(cleanUp: () => Promise<unknown>): void {
  cleanUps.push(cleanUp);
}

/** A URL of a store that nobody else uses. */
export async function freshUrl(store: StoreName): Promise<string> {
  if (store === 'memory') return 'memory:';
  const folder = await mkdtemp(join(tmpdir(), 'omniq-test-'));
  after(() => rm(folder, { recursive: true, force: true }));
  return `sqlite:${join(folder, 'jobs.db')}`;
}

/** An OmniQ on a store of its own, closed after the test. */
export async function openOn(store: StoreName, config: OmniQConfig = {}): Promise<OmniQ> {
  const omniq = await createOmniQ({ tasks: await freshUrl(store), logger: silent, ...config });
  after(() => omniq.close());
  return omniq;
}
