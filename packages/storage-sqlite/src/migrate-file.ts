import { existsSync } from 'node:fs';
import type { Location } from './location.ts';
import { labels, migrate, pending } from './migrations/migrate.ts';
import { mainSchema, sessionsSchema } from './migrations/schemas.ts';
import { connect } from './open.ts';

/** What `status` would have to be done, or what `up` did, one line a migration. Asking for the status makes no file. */
export async function migrateFile(location: Location, mode: 'status' | 'up'): Promise<readonly string[]> {
  if (mode === 'status' && !existsSync(location.file)) return [mainSchema, sessionsSchema].flatMap(labels);
  const { main, sessions } = await connect(location);
  try {
    const act = mode === 'up' ? migrate : pending;
    return [...act(main, mainSchema), ...act(sessions, sessionsSchema)];
  } finally {
    main.close();
    sessions.close();
  }
}
