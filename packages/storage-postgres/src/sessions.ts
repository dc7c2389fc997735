import { OmniQError, type BeatReply, type NewSession, type SessionRow } from '@omniq/core/storage';
import type { Database } from './database.ts';

/** Forgets a few that ended a month ago; what they ran names them no more. */
const OPEN = `
with forgotten as (
  delete from @.session where number in (
    select number from @.session s where ended_at < now() - interval '30 days'
      and not exists (select from @.live l where l.session = s.number and l.state = 'r')
    order by ended_at limit 64 for update skip locked) returning number
), emptied as (delete from @.lane where session in (select number from forgotten)
), opened as (
  insert into @.session (id, host, pid, process_start, opened_at, beat_at) values ($1, $2, $3, $4, $5, $5)
  on conflict (id) do nothing returning number
)
insert into @.lane (session, lane) select number, lane from opened, generate_series(0, 1) lane`;

const IS_OPEN = `select ended_at is null as open from @.session where id = $1`;

const BEAT = `
with me as (update @.session set beat_at = $2, beats = beats + 1 where id = $1 and ended_at is null returning id)
select exists (select from me) as live, count(*)::int4 as leases,
  coalesce(array_agg((select id from @.task t where t.seq = l.seq) order by seq) filter (where cancel), '{}') as cancelled
from @.live l where session = (select number from @.session where id = $1) and state = 'r'`;

const END = `
update @.session set ended_at = now() where id = $1 and ended_at is null and beats = coalesce($2::int8, beats)
returning number`;

/** A claim under way holds the row of its lane; one that comes later finds it closed. */
const CLOSE = `update @.lane set closed = true where session = $1`;

const ALL = `
select s.id, host, pid, process_start as "processStart", opened_at as "openedAt", beat_at as "beatAt", beats,
  ended_at is not null as ended, coalesce(r.leases, 0) as leases
from @.session s
left join (select session, count(*)::int4 leases from @.live where state = 'r' group by 1) r on r.session = s.number
where ended_at is null or leases > 0 order by opened_at, s.number`;

/** Worker sessions: one small row each, updated in place. */
export class Sessions {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** @throws OmniQError `SESSION_ENDED` for the id of one that has ended */
  async open({ id, host, pid, processStart }: NewSession, now: number): Promise<void> {
    await this.#db.rows(OPEN, [id, host, pid, processStart, now]);
    const [row] = await this.#db.rows<{ open: boolean }>(IS_OPEN, [id]);
    if (row?.open === true) return;
    throw new OmniQError('SESSION_ENDED', `The session ${id} has ended and cannot be opened again.`, { session: id });
  }

  async beat(id: string, now: number): Promise<BeatReply> {
    const [reply] = await this.#db.rows<BeatReply>(BEAT, [id, now]);
    return reply ?? { live: false, leases: 0, cancelled: [] };
  }

  /** Waits for claims of the session that are under way: none of them commits after this. */
  async end(id: string, beats?: number): Promise<boolean> {
    return this.#db.transaction(async (on) => {
      const [ended] = await on.rows<{ number: number }>(END, [id, beats ?? null]);
      if (ended === undefined) return false;
      await on.rows(CLOSE, [ended.number]);
      return true;
    });
  }

  list(): Promise<SessionRow[]> {
    return this.#db.rows<SessionRow>(ALL, []);
  }
}
