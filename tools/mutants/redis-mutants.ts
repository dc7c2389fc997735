import { mutantsOf, type Mutant } from './mutant.ts';

const source = (name: string): string => `packages/storage-redis/src/${name}.ts`;
const lua = (name: string): string => source(`lua/${name}`);
const test = (name: string, title: string): string => `packages/storage-redis/test/${name}.services.test.ts#${title}`;
const conformance = (title: string): string => test('conformance', title);

/** Breaks of the Redis storage. */
export const redisMutants: readonly Mutant[] = [
  ...mutantsOf(lua('claim-rows'), [
    [
      'redis: leases restart with their counter',
      'local before = math.max(last, micros - 1)',
      'local before = last',
      test('hazards', 'no lease repeats'),
    ],
    [
      'redis: leases follow a clock that was set back',
      'local before = math.max(last, micros - 1)',
      'local before = micros - 1',
      test('hazards', 'leases grow past a clock'),
    ],
    [
      'redis: a repeated claim finds nothing',
      'if request == last then return replay(session, first, to) end',
      "if request == last then return { '' } end",
      test('connection', 'a claim whose reply was lost'),
    ],
    [
      'redis: a repeated claim leases more',
      'if request == last then return replay(session, first, to) end',
      '',
      conformance('a repeated request returns the same tasks'),
    ],
    [
      'redis: a claim that was made before leases again',
      "if request < last then return { '' } end",
      '',
      test('claims', 'an older request'),
    ],
  ]),
  ...mutantsOf(lua('claim'), [
    [
      'redis: ended sessions claim',
      'if not is_open(ARGV[2]) then return session_ended() end',
      '',
      conformance('an ended session is refused'),
    ],
  ]),
  ...mutantsOf(lua('swap'), [
    [
      'redis: a swap of an ended session settles',
      'if not is_open(ARGV[3]) then return session_ended() end',
      '',
      conformance('a swap of an ended session'),
    ],
  ]),
  ...mutantsOf(lua('changes'), [
    [
      'redis: whoever held a task changes it',
      'if m.state ~= RUNNING or m.lease ~= c.lease then',
      'if m.state ~= RUNNING then',
      conformance('a run that was superseded can change nothing'),
    ],
    [
      'redis: a cancel is overruled',
      "return c.kind == 1 and m.flags % 2 == 1 and 'c' or nil",
      'return nil',
      conformance('a change that must be uncancelled'),
    ],
    [
      'redis: an edge is released twice',
      "if c.kind == 3 then return not take_edge(c.id, c.parent) and 's' or nil end",
      'if c.kind == 3 then take_edge(c.id, c.parent) return nil end',
      conformance('an edge resolves once'),
    ],
    [
      'redis: a redrive doubles a live key',
      "if holder then return 't', holder end",
      '',
      test('hazards', 'a redrive is refused'),
    ],
  ]),
  ...mutantsOf(lua('ends'), [
    [
      'redis: whoever held a task ends it',
      'if packed:sub(9, 17) ~= text:sub(1, 9) or',
      'if packed:sub(17, 17) ~= text:sub(9, 9) or',
      test('ends', 'an end that is patched'),
    ],
    [
      'redis: whoever held a task of a batch ends it',
      "if not c or c.lease + index - c.from ~= struct.unpack('<d', text) then return 's' end",
      "if not c then return 's' end",
      test('batches', 'tasks that are kept together'),
    ],
    [
      'redis: who has ended is told to cancel',
      'or flags % 2 == 1 or flags > 7 then',
      'or flags > 7 then',
      test('cancelling', 'until it has ended'),
    ],
    [
      'redis: nobody tells whose children are to be released',
      "tally_end(queue, packed:sub(tail), text:byte(10))\n  return has_children(id) and 'd' or 'a'",
      "tally_end(queue, packed:sub(tail), text:byte(10))\n  return 'a'",
      test('ends', 'an end that is patched'),
    ],
    [
      'redis: with no memory left nothing can end',
      "redis.call('SREM', CANCELLING, '')",
      '',
      test('connection', 'with no memory left'),
    ],
    [
      'redis: who waits for an end is not told',
      'if ended or slowly_ended then tell_ends() end',
      '',
      conformance('who waits for an end is woken'),
    ],
  ]),
  ...mutantsOf(lua('rows'), [
    [
      'redis: with no memory left nothing can change',
      "if #dirty > 0 then redis.call('SREM', CANCELLING, '') end",
      '',
      test('connection', 'with no memory left'),
    ],
  ]),
  ...mutantsOf(lua('clock'), [
    [
      'redis: a caller may be ahead',
      'if now <= micros / 1000 + 1000 then',
      'if true then',
      conformance('a caller whose clock is more than a second ahead'),
    ],
  ]),
  ...mutantsOf(lua('insert-plain'), [
    [
      'redis: a call that was held up is in time',
      'elseif time > admit[i] then',
      'elseif now > admit[i] then',
      conformance('a row that was held up is late'),
    ],
  ]),
  ...mutantsOf(lua('insert-batches'), [
    [
      'redis: late rows of a batch are taken',
      'if math.max(now, math.floor(micros / 1000)) > tonumber(ARGV[3]) then return 0 end',
      '',
      test('batches', 'what does not fit into a batch'),
    ],
    [
      'redis: known ids are overwritten by a batch',
      'if known then return 0 end',
      '',
      conformance('ten thousand rows go in'),
      test('batches', 'tasks that are kept together'),
    ],
  ]),
  ...mutantsOf(lua('insert-rows'), [
    [
      'redis: late rows are taken',
      'elseif time > r.admitBy then',
      'elseif false then',
      test('admission', 'bound to others'),
    ],
    [
      'redis: a held key refuses nobody',
      '(taken[r.unique] or holder_of(r.unique, now))',
      'taken[r.unique]',
      conformance('a held key refuses others'),
    ],
    [
      'redis: an insert goes in by half',
      'if not state and not lenient then return nil, parent_unknown(r.id, p.id) end',
      '',
      test('hazards', 'an insert that cannot be made whole'),
    ],
    [
      'redis: a child is not told that its parent has ended',
      "if state > RUNNING then outcomes[i] = 's' end",
      '',
      conformance('parents that have ended already'),
    ],
    [
      'redis: the head of an ordering key blocks nobody',
      'if head_of(r.orderKey) then',
      'if false then',
      conformance('tasks of one key run one at a time'),
    ],
  ]),
  ...mutantsOf(lua('lines'), [
    [
      'redis: an ordering key passes on while its head runs',
      'if head and head.state == RUNNING then return end',
      '',
      test('lines', 'an earlier task of a key'),
    ],
  ]),
  ...mutantsOf(lua('remove'), [
    [
      'redis: removed ids come back',
      "redis.call('HSET', TASKS, m.id, struct.pack('<d', untilTime))",
      "redis.call('HDEL', TASKS, m.id)",
      test('hazards', 'a removed id is known'),
    ],
    [
      'redis: parents go before their children are released',
      ' and not has_children(id)',
      '',
      conformance('a parent that a child still waits for'),
    ],
  ]),
  ...mutantsOf(lua('end-session'), [
    [
      'redis: an end overrules a beat',
      "(not beats or select(4, struct.unpack('<Bddd', found)) == beats)",
      'true',
      conformance('an end that was decided on old beats'),
    ],
  ]),
  ...mutantsOf(lua('open-session'), [
    [
      'redis: an ended session opens again',
      "if found or redis.call('ZSCORE', ENDED_SESSIONS, ARGV[1]) then",
      'if found then',
      conformance('an ended session cannot be opened again'),
    ],
  ]),
  ...mutantsOf(lua('sessions'), [
    [
      'redis: tasks of a session that the server forgot are never rescued',
      'if not known[id] then',
      'if false then',
      test('claims', 'a session that the server has forgotten'),
    ],
  ]),
  ...mutantsOf(lua('put-record'), [
    [
      'redis: a record is replaced whatever its version',
      "if ARGV[3] == 'tag' and",
      'if false and',
      conformance('a tag replaces only its version'),
    ],
  ]),
  ...mutantsOf(lua('put-schedule'), [
    [
      'redis: a schedule is put on any revision',
      "if stored and struct.unpack('<d', stored) ~= tonumber(ARGV[5]) or",
      'if',
      conformance('of eight that put on one revision'),
    ],
  ]),
  ...mutantsOf(lua('results'), [
    [
      'redis: the result of the run that counts is cleared away',
      'return lease < below end',
      'return true end',
      conformance('all results of a task go, or those below'),
    ],
  ]),
  ...mutantsOf(lua('trim-events'), [
    [
      'redis: events are trimmed past their time',
      'ARGV[1] + 8.64e15',
      'ARGV[1] + 1 + 8.64e15',
      conformance('the oldest events before a time'),
    ],
  ]),
  ...mutantsOf(lua('wake'), [
    [
      'redis: a worker that died is told instead of another',
      'if unheard == 0 then return end',
      'if unheard >= 0 then return end',
      test('wakes', 'who was told and has died'),
    ],
  ]),
  ...mutantsOf(source('wakes'), [
    [
      'redis: what came while the connection was away is slept through',
      'this.#isHearing = true;\n      this.#wake(awaited);',
      'this.#isHearing = true;',
      test('wakes', 'a listener whose connection was cut'),
    ],
  ]),
  ...mutantsOf(source('connection'), [
    [
      'redis: the keys of a namespace lie in many slots',
      'this.#prefix = `{${namespace}}:`',
      'this.#prefix = `${namespace}:`',
      test('hazards', 'namespaces on the nodes of a Cluster'),
    ],
    [
      'redis: a server that forgot the scripts fails the call',
      "if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;",
      'throw error;',
      test('connection', 'scripts that the server has forgotten'),
    ],
  ]),
  ...mutantsOf(source('connect'), [
    [
      'redis: a command whose reply was lost is sent again',
      'maxRetriesPerRequest: 0',
      'maxRetriesPerRequest: 3',
      test('connection', 'a command whose reply is lost'),
    ],
  ]),
  ...mutantsOf(source('inspect'), [
    [
      'redis: the check overlooks that nothing is kept',
      "if (facts.get('aof_enabled') !== '1') {",
      'if (facts.size < 0) {',
      test('inspect', 'without a log'),
    ],
    [
      'redis: the check overlooks that tasks are evicted',
      "if (policy === 'noeviction')",
      "if (policy !== '')",
      test('inspect', 'maxmemory-policy'),
    ],
  ]),
];
