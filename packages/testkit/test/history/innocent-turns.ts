import type { Examples } from './example.ts';
import { enqueueOf, leasedOf } from './script.ts';

const unknown = { phase: 'unknown' } as const;

/** Of when a task may run, and beside which others: it only looks as if a promise were broken. */
export const innocentTurns: Examples = {
  early: [
    {
      title: 'sent back ahead of its time',
      write(script, a) {
        a.enqueue('t', { runAt: script.now + 60_000 });
        a.do({ op: 'cancel', id: 't' });
        a.do({ op: 'redrive', id: 't', runAt: script.now });
        a.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'completed');
      },
    },
    {
      title: 'moved up, without an answer',
      write(script, a, b) {
        a.enqueue('t', { runAt: script.now + 60_000 });
        b.do({ op: 'edit', id: 't', runAt: script.now }, unknown);
        a.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'completed');
      },
    },
    {
      title: 'a retry that was refused is no backoff',
      duplicates: 1,
      write(script, a, b) {
        a.enqueue('t');
        a.claim([{ id: 't', lease: 1 }]);
        b.settle('t', 1, 'waiting');
        a.settle('t', 1, 'waiting', 'refused', { runAt: script.now + 60_000 });
        b.claim([{ id: 't', lease: 2 }]);
        b.settle('t', 2, 'completed');
      },
    },
    {
      title: 'a handler on a clock that is behind',
      write(script) {
        const client = script.process('client', null);
        client.enqueue('t', { runAt: script.now + 900 });
        client.start('t', 1);
        client.settle('t', 1, 'any', 'unknown');
      },
    },
  ],
  expired: [
    {
      title: 'sent back, which clears its time to live',
      write(script, a) {
        a.enqueue('t', { expiresAt: script.now + 1_000 });
        script.later();
        a.do({ op: 'expire', id: 't' });
        a.do({ op: 'redrive', id: 't', runAt: 0, expiresAt: null });
        a.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'completed');
      },
    },
    {
      title: 'taken in the last millisecond',
      write(script, a) {
        a.enqueue('t', { expiresAt: script.now + 1_000 });
        a.claim([{ id: 't', lease: 1 }], { now: script.now + 997 });
        a.settle('t', 1, 'completed');
      },
    },
  ],
  cancelled: [
    {
      title: 'cancelled after a run that was given up, by a process whose clock is behind',
      write(script, a, b) {
        a.enqueue('t');
        script.later();
        a.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'waiting');
        script.now -= 500;
        b.do({ op: 'cancel', id: 't' });
      },
    },
    {
      title: 'a cancel that came too late',
      write(script, a, b) {
        a.enqueue('t');
        b.do({ op: 'cancel', id: 't' }, { phase: 'refused', status: 'stale' });
        script.later();
        a.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'completed');
      },
    },
    {
      title: 'a cancel without an answer',
      write(script, a, b) {
        a.enqueue('t');
        b.do({ op: 'cancel', id: 't' }, unknown);
        script.later();
        a.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'completed');
      },
    },
    {
      title: 'cancelled between two runs, and sent back',
      write(script, a, b) {
        a.enqueue('t');
        a.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'waiting');
        b.do({ op: 'cancel', id: 't' });
        script.later();
        b.do({ op: 'redrive', id: 't', runAt: 0 });
        script.later();
        a.claim([{ id: 't', lease: 2 }]);
        a.settle('t', 2, 'completed');
      },
    },
  ],
  paused: [
    {
      title: 'a claim that was under way',
      write(script, a, b) {
        a.enqueue('t');
        const claim = a.invoke(a.claimOf());
        b.do({ op: 'configure', queue: 'q', paused: true });
        script.later();
        a.answer(claim, { phase: 'ok', leased: [leasedOf({ id: 't', lease: 1 })] });
        a.settle('t', 1, 'completed');
      },
    },
    {
      title: 'a resume without an answer',
      write(script, a, b) {
        a.enqueue('t');
        b.do({ op: 'configure', queue: 'q', paused: true });
        b.do({ op: 'configure', queue: 'q', paused: false }, unknown);
        script.later();
        a.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'completed');
      },
    },
    {
      title: 'another queue is paused, this one got a limit',
      write(script, a, b) {
        a.enqueue('t');
        b.do({ op: 'configure', queue: 'other', paused: true });
        b.do({ op: 'configure', queue: 'q', concurrency: 1 });
        script.later();
        a.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'completed');
      },
    },
  ],
  order: [
    {
      title: 'taken by a claim without an answer, or expired, and nobody wrote down the end',
      options: {
        snapshot: new Map([
          ['high', 'completed'],
          ['gone', 'expired'],
          ['low', 'completed'],
          ['late', 'completed'],
        ]),
      },
      write(script, a) {
        a.enqueue('gone', { priority: 9, expiresAt: script.now + 1 });
        a.life('low', 1);
        a.enqueue('high', { priority: 9 });
        a.enqueue('late');
        a.do(a.claimOf({ limit: 1 }), unknown);
        a.claim([{ id: 'late', lease: 3 }]);
        a.settle('late', 3, 'completed');
      },
    },
    {
      title: 'the better one is not due yet, or has expired',
      write(script, a) {
        a.enqueue('soon', { priority: 5, runAt: script.now + 50 });
        a.enqueue('gone', { priority: 5, expiresAt: script.now + 3 });
        a.enqueue('low');
        a.claim([{ id: 'low', lease: 1 }]);
        a.settle('low', 1, 'completed');
        a.do({ op: 'expire', id: 'gone' });
        script.later();
        a.claim([{ id: 'soon', lease: 2 }]);
        a.settle('soon', 2, 'completed');
      },
    },
    {
      title: 'the better one came in while the claim was under way',
      write(_, a, b) {
        a.enqueue('low');
        const claim = a.invoke(a.claimOf());
        b.enqueue('high', { priority: 9 });
        a.answer(claim, { phase: 'ok', leased: [leasedOf({ id: 'low', lease: 1 })] });
        a.settle('low', 1, 'completed');
        a.claim([{ id: 'high', lease: 2 }]);
        a.settle('high', 2, 'completed');
      },
    },
    {
      title: 'two claimers',
      write(_, a, b) {
        a.enqueue('low');
        a.enqueue('high', { priority: 9 });
        a.claim([{ id: 'low', lease: 2 }]);
        b.claim([{ id: 'high', lease: 1 }]);
        a.settle('low', 2, 'completed');
        b.settle('high', 1, 'completed');
      },
    },
    {
      title: 'a claim without an answer may have taken it',
      write(_, a) {
        a.enqueue('high', { priority: 9 });
        a.enqueue('low');
        a.do(a.claimOf({ limit: 1 }), unknown);
        a.claim([{ id: 'low', lease: 2 }]);
        a.settle('low', 2, 'completed');
        a.settle('high', 1, 'waiting');
        a.claim([{ id: 'high', lease: 3 }]);
        a.settle('high', 3, 'completed');
      },
    },
    {
      title: 'one behind its limit key',
      write(_, a) {
        a.enqueue('high', { priority: 9, limitKey: 'k' });
        a.enqueue('low');
        a.claim([{ id: 'low', lease: 1 }]);
        a.claim([{ id: 'high', lease: 2 }]);
        a.settle('low', 1, 'completed');
        a.settle('high', 2, 'completed');
      },
    },
  ],
  limit: [
    {
      title: 'lowered while they ran, and raised without an answer',
      write(script, a, b) {
        b.do({ op: 'configure', queue: 'q', concurrency: 2 });
        for (const lease of [1, 2, 3]) a.enqueue(`t${lease}`);
        a.claim([{ id: 't1', lease: 1 }]);
        a.claim([{ id: 't2', lease: 2 }]);
        b.do({ op: 'configure', queue: 'q', concurrency: 1 });
        b.do({ op: 'configure', queue: 'q', concurrency: 9 }, unknown);
        script.later();
        a.claim([{ id: 't3', lease: 3 }]);
        for (const lease of [1, 2, 3]) a.settle(`t${lease}`, lease, 'completed');
      },
    },
    {
      title: 'a settle without an answer may have made room',
      write(script, a, b) {
        b.do({ op: 'configure', queue: 'q', concurrency: 1 });
        a.enqueue('t1');
        a.enqueue('t2');
        a.claim([{ id: 't1', lease: 1 }]);
        a.settle('t1', 1, 'completed', 'unknown');
        script.later();
        b.claim([{ id: 't2', lease: 2 }]);
        script.later();
        a.settle('t1', 1, 'completed', 'refused');
        b.settle('t2', 2, 'completed');
      },
    },
    {
      title: 'side by side by the clock of one, one after the other by the clock of both',
      write(script, a, b) {
        b.do({ op: 'configure', queue: 'q', concurrency: 1 });
        script.later();
        a.enqueue('t1');
        a.enqueue('t2');
        a.claim([{ id: 't1', lease: 1 }]);
        script.later(400);
        b.claim([{ id: 't2', lease: 2 }]);
        script.later(400);
        a.settle('t1', 1, 'completed');
        b.settle('t2', 2, 'completed');
      },
    },
  ],
  'order-key': [
    {
      title: 'enqueued side by side, so either may be first',
      write(script, a, b) {
        const one = a.invoke(enqueueOf('t1', script.now, { orderKey: 'k' }));
        const two = b.invoke(enqueueOf('t2', script.now, { orderKey: 'k' }));
        a.answer(one, { phase: 'ok', status: 'inserted' });
        b.answer(two, { phase: 'ok', status: 'inserted' });
        a.claim([{ id: 't2', lease: 1 }]);
        a.settle('t2', 1, 'completed');
        a.claim([{ id: 't1', lease: 2 }]);
        a.settle('t1', 2, 'completed');
      },
    },
    {
      title: 'the first was cancelled, perhaps',
      options: {
        snapshot: new Map([
          ['t1', 'cancelled'],
          ['t2', 'completed'],
        ]),
      },
      write(_, a, b) {
        a.enqueue('t1', { orderKey: 'k' });
        a.enqueue('t2', { orderKey: 'k' });
        b.do({ op: 'cancel', id: 't1' }, unknown);
        a.claim([{ id: 't2', lease: 1 }]);
        a.settle('t2', 1, 'completed');
      },
    },
  ],
  unique: [
    {
      title: 'the second was told the holder',
      write(_, a) {
        a.enqueue('t1', { unique: { key: 'k', until: null } });
        a.enqueue('t2', { unique: { key: 'k', until: null } }, { phase: 'ok', status: 'taken' });
        a.claim([{ id: 't1', lease: 1 }]);
        a.settle('t1', 1, 'completed');
      },
    },
    {
      title: 'the first may have ended',
      write(script, a) {
        a.enqueue('t1', { unique: { key: 'k', until: null } });
        a.claim([{ id: 't1', lease: 1 }]);
        a.settle('t1', 1, 'completed', 'unknown');
        a.enqueue('t2', { unique: { key: 'k', until: null } });
        script.later();
        a.settle('t1', 1, 'completed', 'refused');
        a.claim([{ id: 't2', lease: 2 }]);
        a.settle('t2', 2, 'completed');
      },
    },
    {
      title: 'the period is over',
      write(script, a) {
        a.enqueue('t1', { unique: { key: 'k', until: script.now + 1_000 } });
        script.later(1_000);
        a.enqueue('t2', { unique: { key: 'k', until: script.now + 1_000 } });
        for (const [index, id] of ['t1', 't2'].entries()) {
          a.claim([{ id, lease: index + 1 }]);
          a.settle(id, index + 1, 'completed');
        }
      },
    },
  ],
  attempts: [
    {
      title: 'snoozes and rescues spend none',
      duplicates: 1,
      write(_, a, b) {
        a.enqueue('t', { maxAttempts: 1 });
        a.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'waiting');
        a.claim([{ id: 't', lease: 2 }]);
        b.settle('t', 2, 'waiting');
        a.claim([{ id: 't', lease: 3, crashes: 1 }]);
        a.settle('t', 3, 'completed', 'ok', { attempt: 1 });
      },
    },
    {
      title: 'a redrive gives them again',
      write(_, a) {
        a.enqueue('t', { maxAttempts: 1 });
        a.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'failed', 'ok', { attempt: 1 });
        a.do({ op: 'redrive', id: 't', runAt: 0 });
        a.claim([{ id: 't', lease: 2 }]);
        a.settle('t', 2, 'completed', 'ok', { attempt: 1 });
      },
    },
  ],
  slot: [
    {
      title: 'two schedulers fire the same task, one of the two in vain, another without an answer',
      write(_, a, b) {
        const fire = { op: 'fire', schedule: 's', slot: 60_000 } as const;
        a.do({ ...fire, id: 's:1' });
        b.do({ ...fire, id: 's:1' });
        b.do({ ...fire, id: 's:2' }, { phase: 'refused' });
        b.do({ ...fire, id: 's:3' }, unknown);
        b.do({ ...fire, slot: 120_000, id: 's:4' });
      },
    },
  ],
};
