import type { Examples } from './example.ts';

const unknown = { phase: 'unknown' } as const;

/** Of what becomes of a task: its payload, its leases, its ends. */
export const brokenLives: Examples = {
  lost: [
    { title: 'acknowledged and never seen again', write: (_, a) => a.enqueue('t') },
    {
      title: 'not in the store in the end, though it ended',
      options: { snapshot: new Map() },
      write: (_, a) => a.life('t', 1),
    },
    {
      title: 'still waiting when all is quiet',
      options: { snapshot: new Map([['t', 'pending']]) },
      write: (_, a) => a.enqueue('t'),
    },
    {
      title: 'removed before it had ended',
      options: { snapshot: new Map() },
      write(_, a) {
        a.enqueue('t');
        a.do({ op: 'remove', id: 't' }, unknown);
      },
    },
    {
      title: 'sent back and left there',
      write(script, a) {
        a.life('t', 1);
        script.later();
        a.do({ op: 'redrive', id: 't', runAt: script.now });
      },
    },
    {
      title: 'its retry was accepted, and nothing came of it',
      write(_, a) {
        a.enqueue('t');
        a.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'waiting');
      },
    },
  ],
  invented: [
    {
      title: 'its enqueue found its key taken',
      write(_, a) {
        a.enqueue('t', {}, { phase: 'ok', status: 'taken' });
        a.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'completed');
      },
    },
    {
      title: 'its payload is that of a later enqueue, which was a no-op',
      write(_, a) {
        a.enqueue('t');
        a.enqueue('t', { digest: 'bytes:2' }, { phase: 'ok', status: 'exists' });
        a.claim([{ id: 't', lease: 1, digest: 'bytes:2' }]);
        a.settle('t', 1, 'completed');
      },
    },
    {
      title: 'nobody enqueued it',
      write(_, a) {
        a.claim([{ id: 'ghost', lease: 1 }]);
        a.settle('ghost', 1, 'completed');
      },
    },
    {
      title: 'its enqueue was refused',
      write(_, a) {
        a.enqueue('t', {}, { phase: 'fail', error: 'late' });
        a.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'completed');
      },
    },
    {
      title: 'its payload is another',
      write(_, a) {
        a.enqueue('t');
        a.claim([{ id: 't', lease: 1, digest: 'bytes:2' }]);
        a.settle('t', 1, 'completed');
      },
    },
  ],
  'stale-settle': [
    {
      title: 'a zombie settles after another process was given the task',
      write(script, a, b) {
        a.enqueue('t');
        a.claim([{ id: 't', lease: 1 }]);
        script.later();
        b.settle('t', 1, 'waiting');
        b.claim([{ id: 't', lease: 2 }]);
        script.later();
        a.settle('t', 1, 'completed');
        b.settle('t', 2, 'completed', 'refused');
      },
    },
    {
      title: 'a lease that was given up settles, and clocks cannot tell when',
      write(_, a, b) {
        a.enqueue('t');
        a.claim([{ id: 't', lease: 1 }]);
        b.settle('t', 1, 'waiting');
        a.settle('t', 1, 'completed');
      },
    },
    {
      title: 'a later lease was granted beside the end of an earlier one',
      write(_, a, b) {
        a.enqueue('t');
        a.claim([{ id: 't', lease: 1 }]);
        b.do({ op: 'settle', id: 't', lease: 1, to: 'waiting', runAt: 0 }, unknown);
        b.claim([{ id: 't', lease: 2 }]);
        a.settle('t', 1, 'completed');
        b.settle('t', 2, 'completed', 'refused');
      },
    },
    {
      title: 'progress under a lease that was given up',
      write(_, a) {
        a.enqueue('t');
        a.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'completed');
        a.settle('t', 1, 'running');
      },
    },
  ],
  'double-terminal': [
    {
      title: 'one lease completes twice',
      write(_, a) {
        a.life('t', 1);
        a.settle('t', 1, 'completed');
      },
    },
    {
      title: 'cancelled as one that waits, and completed',
      write(_, a, b) {
        a.life('t', 1);
        b.do({ op: 'cancel', id: 't' });
      },
    },
    {
      title: 'one redrive, and an end too many',
      write(script, a) {
        a.life('t', 1);
        script.later();
        a.do({ op: 'redrive', id: 't', runAt: 0 });
        a.claim([{ id: 't', lease: 2 }]);
        a.settle('t', 2, 'failed');
        script.later();
        a.settle('t', 2, 'completed');
      },
    },
  ],
  'run-after-end': [
    {
      title: 'claimed again after its end',
      write(script, a, b) {
        a.life('t', 1);
        script.later();
        b.claim([{ id: 't', lease: 2 }]);
        b.settle('t', 2, 'completed', 'refused');
      },
    },
  ],
  lease: [
    {
      title: 'the next request is told the same one',
      write(_, a) {
        a.enqueue('t');
        a.claim([{ id: 't', lease: 1 }]);
        a.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'completed');
      },
    },
    {
      title: 'two processes are given the same one',
      write(_, a, b) {
        a.enqueue('t');
        a.claim([{ id: 't', lease: 1 }]);
        b.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'completed');
      },
    },
    {
      title: 'it is lower than before',
      write(script, a, b) {
        a.enqueue('t');
        a.claim([{ id: 't', lease: 7 }]);
        a.settle('t', 7, 'waiting');
        script.later();
        b.claim([{ id: 't', lease: 6 }]);
        b.settle('t', 6, 'completed', 'unknown');
      },
    },
    {
      title: 'one run starts twice',
      write(_, a, b) {
        a.enqueue('t');
        a.claim([{ id: 't', lease: 1 }]);
        a.start('t', 1);
        b.start('t', 1);
        a.settle('t', 1, 'completed');
      },
    },
  ],
  overlap: [
    {
      title: 'that its handler came to an end gives up no lease',
      write(_, a, b) {
        a.enqueue('t');
        a.claim([{ id: 't', lease: 1 }]);
        a.start('t', 1);
        a.settle('t', 1, 'any', 'unknown');
        b.claim([{ id: 't', lease: 2 }]);
        b.start('t', 2);
        b.settle('t', 2, 'completed');
      },
    },
    {
      title: 'granted while it was held',
      write(_, a, b) {
        a.enqueue('t');
        a.claim([{ id: 't', lease: 1 }]);
        b.claim([{ id: 't', lease: 2 }]);
        b.settle('t', 2, 'completed');
      },
    },
  ],
};
