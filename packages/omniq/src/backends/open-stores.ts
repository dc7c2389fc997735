import type { StoreName, StoreTarget } from '../config/settings.ts';
import { prepareOpening, type OpenedBackend, type OpenOptions } from './open-backend.ts';

/** The backend behind each store; stores of one URL share one. */
export type OpenedStores = Readonly<Record<StoreName, OpenedBackend>> & {
  /** Closes each backend that was opened here, once; those that came open stay open. Twice is a no-op. */
  close(): Promise<void>;
};

/**
 * Opens the backends of all stores. All are found and checked before the first is opened, and if one does not open, those
 * that did are closed again.
 * @throws OmniQError as `openBackend`
 */
export async function openStores(
  targets: Readonly<Record<StoreName, StoreTarget>>,
  options: OpenOptions = {},
): Promise<OpenedStores> {
  const names = Object.keys(targets) as StoreName[];
  const openings = await Promise.all(names.map((name) => prepareOpening(targets[name], options)));
  const byIdentity = new Map<string, OpenedBackend>();
  const opened = new Map<StoreName, OpenedBackend>();
  try {
    for (const [index, opening] of openings.entries()) {
      const shared = byIdentity.get(opening.identity) ?? (await opening.open());
      byIdentity.set(opening.identity, shared);
      opened.set(names[index] as StoreName, shared);
    }
  } catch (error) {
    // What went wrong first is what is told.
    await closeAll(byIdentity.values()).catch(() => {});
    throw error;
  }
  let closing: Promise<void> | undefined;
  return {
    ...(Object.fromEntries(opened) as Record<StoreName, OpenedBackend>),
    close: () => (closing ??= closeAll(byIdentity.values())),
  };
}

/** Closes every one, whatever the others do, then throws what went wrong. */
async function closeAll(backends: Iterable<OpenedBackend>): Promise<void> {
  const ours = [...backends].filter(({ given }) => !given);
  const answers = await Promise.allSettled(ours.map(({ backend }) => backend.close()));
  const failed = answers.filter((answer) => answer.status === 'rejected').map(({ reason }): unknown => reason);
  if (failed.length === 1) throw failed[0];
  if (failed.length > 1) throw new AggregateError(failed, `${failed.length} backends did not close`);
}
