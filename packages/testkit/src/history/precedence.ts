import type { Act } from './act.ts';

type Timed = Pick<Act<unknown>, 'source' | 'firstLine' | 'lastLine' | 'begin' | 'end'>;

/**
 * What surely came before what: within a process by its lines, between processes only by more than their clocks may be
 * apart. What was not answered may take effect at any later time, so nothing surely comes after it.
 */
export class Precedence {
  readonly skewMs: number;

  constructor(skewMs: number) {
    this.skewMs = skewMs;
  }

  before(first: Timed, second: Timed): boolean {
    if (first.source === second.source) return first.lastLine < second.firstLine;
    return first.end + this.skewMs < second.begin;
  }

  /** For each query the best of the sources that surely came before it, where there is one: in O(n log n). */
  bestBefore<Query extends Timed, Source extends Timed>(
    queries: readonly Query[],
    sources: readonly Source[],
    score: (source: Source) => number,
  ): Map<Query, Source> {
    const best = new Map<Query, Source>();
    const answers = (asked: readonly Query[], among: readonly Source[], byLine: boolean): void => {
      const ended = [...among].sort((a, b) => (byLine ? a.lastLine - b.lastLine : a.end - b.end));
      const begun = [...asked].sort((a, b) => (byLine ? a.firstLine - b.firstLine : a.begin - b.begin));
      let next = 0;
      let leader: Source | undefined;
      for (const query of begun) {
        for (; next < ended.length; next += 1) {
          const source = ended[next] as Source;
          if (byLine ? source.lastLine >= query.firstLine : source.end + this.skewMs >= query.begin) break;
          if (leader === undefined || score(source) > score(leader)) leader = source;
        }
        const known = best.get(query);
        if (leader !== undefined && (known === undefined || score(leader) > score(known))) best.set(query, leader);
      }
    };
    answers(queries, sources, false);
    const perSource = Map.groupBy(sources, ({ source }) => source);
    for (const [source, asked] of Map.groupBy(queries, (query) => query.source)) {
      answers(asked, perSource.get(source) ?? [], true);
    }
    return best;
  }
}
