import type { Examples } from './example.ts';

/** Of when a task may run, and beside which others. */
export const brokenTurns: Examples = {
  early: [
    {
      title: 'before its time',
      write(script, a) {
        a.enqueue('t', { runAt: script.now + 5_000 });
        a.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'completed');
      },
    },
    {
      title: 'before its time, as the store itself says',
      write(script, a) {
        a.enqueue('t');
        a.claim([{ id: 't', lease: 1, runAt: script.now + 500 }]);
        a.settle('t', 1, 'completed');
      },
    },
    {
      title: 'within its backoff',
      write(script, a) {
        a.enqueue('t');
        a.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'waiting', 'ok', { runAt: script.now + 2_000, attempt: 1 });
        a.claim([{ id: 't', lease: 2, attempt: 1 }]);
        a.settle('t', 2, 'completed');
      },
    },
    {
      title: 'a handler starts long before',
      write(script) {
        const client = script.process('client', null);
        client.enqueue('t', { runAt: script.now + 5_000 });
        client.start('t', 1);
        client.settle('t', 1, 'any', 'unknown');
      },
    },
  ],
  expired: [
    {
      title: 'after its time to live',
      write(script, a) {
        a.enqueue('t', { expiresAt: script.now + 1_000 });
        script.later(2_000);
        a.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'completed');
      },
    },
    {
      title: 'after it had been swept as expired',
      write(script, a, b) {
        a.enqueue('t');
        b.do({ op: 'expire', id: 't' });
        script.later();
        a.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'waiting');
      },
    },
  ],
  cancelled: [
    {
      title: 'after its cancel',
      write(script, a, b) {
        a.enqueue('t');
        b.do({ op: 'cancel', id: 't' });
        script.later();
        a.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'waiting');
      },
    },
    {
      title: 'cancelled as one that waits, while it was leased',
      write(_, a, b) {
        a.enqueue('t');
        const claim = a.invoke(a.claimOf());
        b.do({ op: 'cancel', id: 't' });
        a.answer(claim, {
          phase: 'ok',
          leased: [{ id: 't', queue: 'q', lease: 1, attempt: 0, crashes: 0, runAt: 0, expiresAt: null, digest: null }],
        });
      },
    },
    {
      title: 'run again though its run was told to stop',
      write(script, a, b) {
        a.enqueue('t');
        a.claim([{ id: 't', lease: 1 }]);
        b.do({ op: 'cancel', id: 't', requested: true });
        script.later();
        a.settle('t', 1, 'waiting');
        a.claim([{ id: 't', lease: 2 }]);
        a.settle('t', 2, 'cancelled');
      },
    },
  ],
  paused: [
    {
      title: 'claimed after the pause was acknowledged',
      write(script, a, b) {
        a.enqueue('t');
        b.do({ op: 'configure', queue: 'q', paused: true });
        script.later();
        a.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'completed');
      },
    },
    {
      title: 'resumed before, paused again',
      write(script, a, b) {
        a.enqueue('t');
        b.do({ op: 'configure', queue: 'q', paused: true });
        b.do({ op: 'configure', queue: 'q', paused: false });
        b.do({ op: 'configure', queue: 'q', paused: true });
        script.later();
        a.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'completed');
      },
    },
  ],
  order: [
    {
      title: 'the lower priority first',
      write(_, a) {
        a.enqueue('low', { priority: 1 });
        a.enqueue('high', { priority: 5 });
        a.claim([{ id: 'low', lease: 1 }]);
        a.claim([{ id: 'high', lease: 2 }]);
        a.settle('low', 1, 'completed');
        a.settle('high', 2, 'completed');
      },
    },
    {
      title: 'the later due time first',
      write(script, a) {
        a.enqueue('late', { runAt: script.now - 10 });
        a.enqueue('early', { runAt: script.now - 20 });
        a.claim([{ id: 'late', lease: 1 }]);
        a.settle('late', 1, 'completed');
        a.life('other', 2);
        a.claim([{ id: 'early', lease: 3 }]);
        a.settle('early', 3, 'completed');
      },
    },
    {
      title: 'the later enqueue first',
      write(script, a) {
        const runAt = script.now;
        a.enqueue('one', { runAt });
        a.enqueue('two', { runAt });
        a.claim([{ id: 'two', lease: 1 }]);
        a.claim([{ id: 'one', lease: 2 }]);
        a.settle('one', 2, 'completed');
        a.settle('two', 1, 'completed');
      },
    },
    {
      title: 'a retry that is due is passed over',
      write(script, a) {
        a.enqueue('first', { priority: 5 });
        a.claim([{ id: 'first', lease: 1 }]);
        a.settle('first', 1, 'waiting', 'ok', { runAt: script.now });
        a.enqueue('second');
        a.claim([{ id: 'second', lease: 2 }]);
        a.claim([{ id: 'first', lease: 3 }]);
        a.settle('second', 2, 'completed');
        a.settle('first', 3, 'completed');
      },
    },
  ],
  limit: [
    {
      title: 'two of a queue where one may',
      write(script, a, b) {
        a.do({ op: 'configure', queue: 'q', concurrency: 1 });
        script.later();
        a.enqueue('t1');
        a.enqueue('t2');
        a.claim([{ id: 't1', lease: 1 }]);
        b.claim([{ id: 't2', lease: 2 }]);
        script.later();
        a.settle('t1', 1, 'completed');
        b.settle('t2', 2, 'completed');
      },
    },
    {
      title: 'two in one claim',
      write(_, a) {
        a.do({ op: 'configure', queue: 'q', concurrency: 1 });
        a.enqueue('t1');
        a.enqueue('t2');
        a.claim([
          { id: 't1', lease: 1 },
          { id: 't2', lease: 2 },
        ]);
        a.settle('t1', 1, 'completed');
        a.settle('t2', 2, 'completed');
      },
    },
    {
      title: 'two of a key where one may',
      write(_, a) {
        a.do({ op: 'configure', queue: 'q', perKey: 1 });
        for (const [index, id] of ['t1', 't2', 't3'].entries()) {
          a.enqueue(id, { limitKey: index === 1 ? 'other' : 'k' });
          a.claim([{ id, lease: index + 1 }]);
        }
        for (const [index, id] of ['t1', 't2', 't3'].entries()) a.settle(id, index + 1, 'completed');
      },
    },
  ],
  'order-key': [
    {
      title: 'two at once',
      write(_, a) {
        a.enqueue('t1', { orderKey: 'k' });
        a.enqueue('t2', { orderKey: 'k' });
        a.claim([{ id: 't1', lease: 1 }]);
        a.claim([{ id: 't2', lease: 2 }]);
        a.settle('t1', 1, 'completed');
        a.settle('t2', 2, 'completed');
      },
    },
    {
      title: 'the second while the first is in retry',
      write(script, a) {
        a.enqueue('t1', { orderKey: 'k' });
        a.enqueue('t2', { orderKey: 'k' });
        a.claim([{ id: 't1', lease: 1 }]);
        a.settle('t1', 1, 'waiting', 'ok', { runAt: script.now + 100 });
        a.claim([{ id: 't2', lease: 2 }]);
        a.settle('t2', 2, 'completed');
        script.later();
        a.claim([{ id: 't1', lease: 3 }]);
        a.settle('t1', 3, 'completed');
      },
    },
  ],
  unique: [
    {
      title: 'two live holders',
      write(_, a) {
        a.enqueue('t1', { unique: { key: 'k', until: null } });
        a.enqueue('t2', { unique: { key: 'k', until: null } });
        a.claim([
          { id: 't1', lease: 1 },
          { id: 't2', lease: 2 },
        ]);
        a.settle('t1', 1, 'completed');
        a.settle('t2', 2, 'completed');
      },
    },
    {
      title: 'two within one period, though the first has ended',
      write(script, a, b) {
        const unique = { key: 'k', until: script.now + 60_000 };
        a.enqueue('t1', { unique });
        a.claim([{ id: 't1', lease: 1 }]);
        a.settle('t1', 1, 'completed');
        script.later();
        b.enqueue('t2', { unique: { key: 'k', until: script.now + 60_000 } });
        b.claim([{ id: 't2', lease: 2 }]);
        b.settle('t2', 2, 'completed');
      },
    },
    {
      title: 'a redrive beside a live holder',
      write(script, a) {
        a.enqueue('t1', { unique: { key: 'k', until: null } });
        a.claim([{ id: 't1', lease: 1 }]);
        a.settle('t1', 1, 'completed');
        a.enqueue('t2', { unique: { key: 'k', until: null } });
        a.do({ op: 'redrive', id: 't1', runAt: script.now });
        a.claim([{ id: 't1', lease: 3 }]);
        a.claim([{ id: 't2', lease: 4 }]);
        a.settle('t1', 3, 'completed');
        a.settle('t2', 4, 'completed');
      },
    },
  ],
  attempts: [
    {
      title: 'an execution beyond the last',
      write(_, a) {
        a.enqueue('t');
        a.claim([{ id: 't', lease: 1 }]);
        a.start('t', 1, 4);
        a.settle('t', 1, 'completed');
      },
    },
    {
      title: 'claimed when all were spent',
      write(_, a) {
        a.enqueue('t', { maxAttempts: 2 });
        a.claim([{ id: 't', lease: 1, attempt: 2 }]);
        a.settle('t', 1, 'completed');
      },
    },
    {
      title: 'counted by what was accepted, though the store forgot',
      write(script, a) {
        a.enqueue('t', { maxAttempts: 2 });
        for (const lease of [1, 2, 3]) {
          a.claim([{ id: 't', lease }]);
          a.settle('t', lease, lease === 3 ? 'failed' : 'waiting', 'ok', { attempt: 1, runAt: script.now });
        }
      },
    },
    {
      title: 'claimed though it took too many workers with it',
      write(_, a) {
        a.enqueue('t');
        a.claim([{ id: 't', lease: 1, crashes: 4 }]);
        a.settle('t', 1, 'completed');
      },
    },
  ],
  slot: [
    {
      title: 'fired as two tasks',
      write(_, a, b) {
        a.do({ op: 'fire', schedule: 's', slot: 60_000, id: 's:1' });
        b.do({ op: 'fire', schedule: 's', slot: 60_000, id: 's:1-again' });
      },
    },
  ],
};
