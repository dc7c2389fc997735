// Taken before any test can put fake timers in their place.
const { setTimeout: later, clearTimeout: cancel } = globalThis;

/** Resolves with `true` once `work` has settled, or with `false` when that takes longer than `ms` of real time. */
export async function endsWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof later> | undefined;
  const impatience = new Promise<boolean>((resolve) => {
    timer = later(() => resolve(false), ms);
  });
  const end = work.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([end, impatience]);
  } finally {
    cancel(timer);
  }
}
