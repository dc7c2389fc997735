import type { Act } from './act.ts';
import type { Finding, RuleName } from './finding.ts';

/** More acts than these are shown as they were found. */
const MOST = 40;

/**
 * The fewest acts that still break the rule and no other rule than before: each is left out in turn, and stays out where
 * the verdict stands without it. A task without its end is `lost`, which says nothing here unless it is what was found.
 */
export function smallest(
  { rule, acts }: Finding,
  context: readonly Act[],
  broken: (acts: readonly Act[]) => ReadonlySet<RuleName>,
): readonly Act[] {
  const all = [...new Set([...context, ...acts])];
  if (all.length > MOST) return all;
  const allowed = new Set<RuleName>([...broken(all), 'lost']);
  if (!allowed.has(rule)) return all;
  let kept: readonly Act[] = all;
  for (const act of all) {
    const fewer = kept.filter((each) => each !== act);
    const still = broken(fewer);
    if (still.has(rule) && [...still].every((each) => allowed.has(each))) kept = fewer;
  }
  return kept;
}
