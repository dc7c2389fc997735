import { mutantsOf, type Mutant } from './mutant.ts';

const source = (name: string): string => `packages/storage-postgres/src/${name}.ts`;
const test = (name: string, title: string): string =>
  `packages/storage-postgres/test/${name}.services.test.ts#${title}`;
const conformance = (title: string): string => test('conformance', title);

/** Breaks of the PostgreSQL storage. */
export const postgresMutants: readonly Mutant[] = [
  ...mutantsOf(source('migrations/claim-functions'), [
    [
      'postgres: leases restart with their row',
      'greatest(l.lease + 1, micros + t.nth - 1)',
      'l.lease + 1',
      test('crash', 'hazard 1'),
    ],
    [
      'postgres: leases follow a clock that was set back',
      'greatest(l.lease + 1, micros + t.nth - 1)',
      'micros + t.nth - 1',
      test('leases', 'a clock that was set back'),
    ],
    ['postgres: ended sessions claim', ' and not n.closed', '', test('sessions', 'and would come after it')],
    [
      'postgres: one request made twice at once leases twice',
      ' and n.request < asked\n',
      '\n',
      test('leases', 'made twice at the same time'),
    ],
    [
      'postgres: a swap settles what others run',
      'c.seq and l.lease = c.lease',
      'c.seq',
      test('leases', 'taken over since'),
    ],
    [
      'postgres: a later task of an ordering key overtakes one in retry',
      "(e.state = 'r' or e.seq < l.seq)",
      "(e.state = 'r')",
      conformance('the head of a key blocks'),
    ],
  ]),
  ...mutantsOf(source('migrations/0001-initial'), [
    [
      'postgres: a caller may be ahead',
      'if now > micros / 1000 + 1000 then',
      'if false then',
      conformance('a caller whose clock is more than a second ahead'),
    ],
    [
      'postgres: two tasks of an ordering key run',
      'create unique index live_order_running',
      'create index live_order_running',
      test('hazards', 'hazard 20'),
    ],
    [
      'postgres: claims walk past what runs',
      "(queue, priority desc, run_at, seq) where state = 'w'",
      '(queue, priority desc, run_at, seq)',
      test('claim-plan', 'a claim reads only what it takes'),
    ],
    [
      'postgres: who runs what is forgotten in a crash',
      'create table @.live (',
      'create unlogged table @.live (',
      test('durability', 'outlives a killed server'),
    ],
    [
      'postgres: ends are forgotten in a crash',
      'create table @.done (',
      'create unlogged table @.done (',
      test('durability', 'outlives a killed server'),
    ],
  ]),
  ...mutantsOf(source('claim-statement'), [
    [
      'postgres: a repeated claim brings what others leased',
      'and l.lane = $2 and l.request = $3',
      'and $2::int4 >= 0 and $3::int8 > 0',
      test('leases', 'a repeated claim brings what it leased itself'),
    ],
  ]),
  ...mutantsOf(source('lease-statement'), [
    [
      'postgres: whoever held a task ends it',
      'where c.ends and l.seq = c.seq and l.lease = c.lease',
      'where c.ends and l.seq = c.seq',
      conformance('a change under another lease is stale'),
    ],
    [
      'postgres: whoever held a task sends it back',
      'where not c.ends and l.seq = c.seq and l.lease = c.lease',
      'where not c.ends and l.seq = c.seq',
      test('leases', 'a run that others took over'),
    ],
    [
      'postgres: a cancel is overruled',
      'and not (coalesce(c.uncancelled, false) and l.cancel)\n  returning c.nth, l.seq, l.lease, l.awaited',
      '\n  returning c.nth, l.seq, l.lease, l.awaited',
      test('leases', 'whose cancel was asked for'),
    ],
  ]),
  ...mutantsOf(source('locked-changes'), [
    [
      'postgres: whoever held a task completes it in a transaction',
      "if (state !== 'running' || task.lease !== guard.lease) return stale;",
      "if (state !== 'running') return stale;",
      test('leases', 'a run that others took over'),
    ],
    [
      'postgres: a redrive doubles a live key',
      'return holder === undefined || holder === task.facts.id ? undefined',
      'return holder !== null ? undefined',
      conformance('a task whose key is held by another'),
    ],
    [
      'postgres: an edge is released twice',
      'this.#parts.edges.has(edgeKey(task.seq, guard.edge)) ? undefined : stale',
      'undefined',
      conformance('an edge resolves once'),
    ],
    [
      'postgres: edges of one child are counted down blindly',
      'from @.live where seq = any($1::int8[]) order by seq for update',
      'from @.live where seq = any($1::int8[]) order by seq',
      conformance('different edges of one child released at once'),
    ],
  ]),
  ...mutantsOf(source('plain-inserts'), [
    [
      'postgres: a call that was held up is in time',
      '>= greatest($14::int8, known.ms)',
      '>= $14::int8',
      conformance('a row that was held up is late'),
    ],
    [
      'postgres: others are not told of a commit',
      'select refused, @.wake(true, false) from refused',
      'select refused from refused',
      conformance('a listener on another connection'),
    ],
  ]),
  ...mutantsOf(source('insert'), [
    [
      'postgres: an insert made again within a transaction finds its own rows',
      'if (error instanceof Overtaken) await on.rows(ROLLBACK_TO, []);',
      '',
      test('overtaken', 'brought one of the ids'),
    ],
  ]),
  ...mutantsOf(source('bound-inserts'), [
    [
      'postgres: late rows are taken',
      'if (Math.max(this.#now, time) > admitBy)',
      'if (false)',
      test('admission', 'after its deadline'),
    ],
    [
      'postgres: keys are not locked',
      'if (keys.length > 0) await this.#on.rows(LOCK_KEYS, [keys]);',
      '',
      conformance('one key from eight inserters'),
    ],
    [
      'postgres: keys are locked in any order',
      'k order by h offset 0',
      'k order by random() offset 0',
      conformance('eight inserters of the same keys in any order'),
    ],
    [
      'postgres: nobody tells a parent that it is waited for',
      'set awaited = true',
      'set awaited = l.awaited',
      conformance('a change says whether other tasks wait'),
    ],
    [
      'postgres: a parent that has ended is removed while a child comes',
      'order by d.seq for share',
      'order by d.seq',
      test('parents', 'removed while a child comes'),
    ],
  ]),
  ...mutantsOf(source('remove'), [
    [
      'postgres: removed ids come back',
      'set gone_until = $2,',
      'set gone_until = $2::int8 * 0,',
      conformance('a removed id is known until'),
    ],
    [
      'postgres: parents go before their children are released',
      ' and seq not in (select seq from stays)',
      '',
      conformance('a parent that a child still waits for'),
    ],
  ]),
  ...mutantsOf(source('sessions'), [
    [
      'postgres: an end overrules a beat',
      'and beats = coalesce($2::int8, beats)',
      'and (beats = coalesce($2::int8, beats) or true)',
      conformance('an end that was decided on old beats'),
    ],
    [
      'postgres: a session ends twice',
      'set ended_at = now() where id = $1 and ended_at is null and',
      'set ended_at = now() where id = $1 and',
      conformance('a session ends once'),
    ],
  ]),
  ...mutantsOf(source('record-store'), [
    [
      'postgres: a record is replaced whatever its version',
      'and tag::text = $3 returning',
      'and $3::text is not null returning',
      conformance('a tag replaces only its version'),
    ],
  ]),
  ...mutantsOf(source('schedule-store'), [
    [
      'postgres: a schedule is put on any revision',
      'where id = $1 and revision = $5',
      'where id = $1 and $5::int8 is not null',
      conformance('of eight that put on one revision'),
    ],
  ]),
  ...mutantsOf(source('result-rows'), [
    [
      'postgres: the result of one run stands for that of another',
      'left join @.done d on d.seq = t.seq and d.lease = i.lease',
      'left join @.done d on d.seq = t.seq',
      conformance('the result of a run after a redrive'),
    ],
    [
      'postgres: the result of the run that counts is cleared away',
      ' and d.result is not null and d.lease < coalesce(i.below, 9223372036854775807)',
      ' and d.result is not null',
      test('results', 'those of earlier runs are cleared away'),
    ],
  ]),
  ...mutantsOf(source('event-store'), [
    [
      'postgres: events are trimmed without a bound',
      'order by at, number limit $2 for update',
      'order by at, number limit $2::int8 * 0 + 1000 for update',
      conformance('the oldest events before a time'),
    ],
  ]),
  ...mutantsOf(source('idle'), [
    [
      'postgres: what came before an idle worker was known is slept through',
      '() => this.#wakes.wake(),',
      '() => {},',
      test('idle-wakes', 'before it was known to be idle'),
    ],
  ]),
  ...mutantsOf(source('transactions'), [
    [
      'postgres: a refused completion can be committed',
      'await on.rows(REFUSE, []);',
      "throw Object.assign(new Error('refused'), { code: 'OQ002' });",
      test('within', 'a refused completion aborts'),
    ],
    [
      'postgres: a key in an open transaction is waited for without end',
      "= '0' then $1 else",
      "= '0' then '0' || left($1, 0) else",
      test('within', 'a unique key that another open transaction holds'),
    ],
  ]),
  ...mutantsOf(source('database'), [
    [
      'postgres: a pooler that lost a plan fails the call',
      'if (!this.#lostPlans(error)) throw error;',
      'throw error;',
      test('faults', 'behind PgBouncer'),
    ],
  ]),
  ...mutantsOf(source('migrations/migrate'), [
    [
      'postgres: two migrate at once',
      'await client.query(statements.fill(LOCK));',
      '',
      test('migrating-at-once', 'two that bring'),
    ],
    [
      'postgres: a migration that was changed is worked on',
      'if (known.version === version && checksum(known) === sum) return;',
      'if (known.version === version) return;',
      test('migrations', 'refused and left alone'),
    ],
    [
      'postgres: a schema of a later version is worked on',
      'if (oldest <= all.length) return;',
      'return;',
      test('upgrade', 'went on without this version'),
    ],
  ]),
  ...mutantsOf(source('inspect'), [
    [
      'postgres: the check overlooks that nothing is flushed',
      "if (fsync === 'on' && pages === 'on')",
      "if (pages === 'on')",
      test('faults', 'the check tells'),
    ],
  ]),
];
