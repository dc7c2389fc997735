import type { Examples } from './example.ts';
import { enqueueOf, leasedOf } from './script.ts';

const unknown = { phase: 'unknown' } as const;

/** Of what becomes of a task: it only looks as if a promise were broken. */
export const innocentLives: Examples = {
  lost: [
    { title: 'an enqueue of unknown outcome', write: (_, a) => a.enqueue('t', {}, unknown) },
    { title: 'an enqueue that never got an answer', write: (script, a) => void a.invoke(enqueueOf('t', script.now)) },
    {
      title: 'an enqueue that found the key taken',
      write: (_, a) => a.enqueue('t', {}, { phase: 'ok', status: 'taken' }),
    },
    {
      title: 'a settle of unknown outcome',
      write(_, a) {
        a.enqueue('t');
        a.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'completed', 'unknown');
      },
    },
    {
      title: 'removed after its end',
      options: { snapshot: new Map() },
      write(_, a) {
        a.life('t', 1);
        a.do({ op: 'remove', id: 't' }, unknown);
      },
    },
    {
      title: 'ended in the store, though the process that ended it could not say so',
      options: { snapshot: new Map([['t', 'completed']]) },
      write: (_, a) => a.enqueue('t'),
    },
    {
      title: 'sent back, and perhaps ended again',
      write(_, a) {
        a.life('t', 1);
        a.do({ op: 'redrive', id: 't', runAt: 0 });
        a.claim([{ id: 't', lease: 2 }]);
        a.settle('t', 2, 'completed', 'unknown');
      },
    },
  ],
  invented: [
    {
      title: 'an enqueue without an answer that landed',
      write(script, a, b) {
        a.invoke(enqueueOf('t', script.now));
        b.claim([{ id: 't', lease: 1 }]);
        b.settle('t', 1, 'completed');
      },
    },
    {
      title: 'refused at first, taken the second time',
      write(_, a) {
        a.enqueue('t', { digest: 'bytes:0' }, { phase: 'fail', error: 'late' });
        a.life('t', 1);
      },
    },
    {
      title: 'the second enqueue of an id has another payload, and is a no-op',
      write(_, a) {
        a.enqueue('t');
        a.enqueue('t', { digest: 'bytes:2' }, { phase: 'ok', status: 'exists' });
        a.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'completed');
      },
    },
    {
      title: 'digests of different kinds',
      write(_, a) {
        a.enqueue('t', { digest: 'value:7' });
        a.claim([{ id: 't', lease: 1, digest: 'bytes:7' }]);
        a.start('t', 1, 1, 'value:7');
        a.settle('t', 1, 'completed');
      },
    },
  ],
  'stale-settle': [
    {
      title: 'a zombie that is refused',
      duplicates: 1,
      write(script, a, b) {
        a.enqueue('t');
        a.claim([{ id: 't', lease: 1 }]);
        b.settle('t', 1, 'waiting');
        b.claim([{ id: 't', lease: 2 }]);
        script.later();
        a.settle('t', 1, 'completed', 'refused');
        b.settle('t', 2, 'completed');
      },
    },
    {
      title: 'a zombie that was never answered',
      duplicates: 1,
      write(script, a, b) {
        a.enqueue('t');
        a.claim([{ id: 't', lease: 1 }]);
        b.settle('t', 1, 'waiting');
        b.claim([{ id: 't', lease: 2 }]);
        script.later();
        a.settle('t', 1, 'completed', 'unknown');
        b.settle('t', 2, 'completed');
      },
    },
    {
      title: 'a settle whose reply was lost, repeated and found stale',
      write(_, a) {
        a.enqueue('t');
        a.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'running');
        a.settle('t', 1, 'completed', 'unknown');
        a.settle('t', 1, 'completed', 'refused');
      },
    },
    {
      title: 'the clock of one process is half a second behind',
      write(script, a, b) {
        a.enqueue('t');
        a.claim([{ id: 't', lease: 1 }]);
        const settle = a.invoke({ op: 'settle', id: 't', lease: 1, to: 'waiting', runAt: 0 });
        script.now -= 500;
        b.claim([{ id: 't', lease: 2 }]);
        b.settle('t', 2, 'completed');
        script.now += 500;
        a.answer(settle, { phase: 'ok' });
      },
    },
  ],
  'double-terminal': [
    {
      title: 'a redrive between',
      write(_, a) {
        a.life('t', 1);
        a.do({ op: 'redrive', id: 't', runAt: 0 });
        a.claim([{ id: 't', lease: 2 }]);
        a.settle('t', 2, 'completed');
      },
    },
    {
      title: 'the same end again, refused',
      write(_, a) {
        a.life('t', 1);
        a.settle('t', 1, 'failed', 'refused');
      },
    },
    {
      title: 'told to stop, and cancelled by its own worker',
      write(_, a, b) {
        a.enqueue('t');
        a.claim([{ id: 't', lease: 1 }]);
        b.do({ op: 'cancel', id: 't', requested: true });
        a.settle('t', 1, 'cancelled');
      },
    },
  ],
  'run-after-end': [
    {
      title: 'a redrive that reached the store long after it was sent',
      write(script, a, b) {
        b.do({ op: 'redrive', id: 't', runAt: 0 }, unknown);
        script.later();
        a.life('t', 1);
        a.claim([{ id: 't', lease: 2 }]);
        a.settle('t', 2, 'completed');
      },
    },
    {
      title: 'removed, forgotten, and enqueued again under the same id',
      write(script, a) {
        a.life('t', 1);
        a.do({ op: 'remove', id: 't' }, unknown);
        script.later();
        a.life('t', 2);
      },
    },
    {
      title: 'a redrive without an answer',
      write(script, a, b) {
        a.life('t', 1);
        b.do({ op: 'redrive', id: 't', runAt: 0 }, unknown);
        script.later();
        a.claim([{ id: 't', lease: 2 }]);
        a.settle('t', 2, 'completed');
      },
    },
    {
      title: 'an end without an answer',
      write(script, a, b) {
        a.enqueue('t');
        a.claim([{ id: 't', lease: 1 }]);
        a.settle('t', 1, 'completed', 'unknown');
        script.later();
        b.settle('t', 1, 'waiting');
        b.claim([{ id: 't', lease: 2 }]);
        b.settle('t', 2, 'completed');
      },
      duplicates: 1,
    },
  ],
  lease: [
    {
      title: 'the same request again is told the same lease',
      write(_, a) {
        a.enqueue('t');
        const claim = a.claimOf();
        a.do(claim, { phase: 'ok', leased: [leasedOf({ id: 't', lease: 1 })] });
        a.do(claim, { phase: 'ok', leased: [leasedOf({ id: 't', lease: 1 })] });
        a.settle('t', 1, 'completed');
      },
    },
    {
      title: 'two processes of which the clocks do not agree',
      write(script, a, b) {
        a.enqueue('t');
        b.claim([{ id: 't', lease: 1 }]);
        b.settle('t', 1, 'waiting', 'ok', { runAt: 0 });
        script.now -= 900;
        a.claim([{ id: 't', lease: 2 }]);
        a.settle('t', 2, 'completed');
      },
    },
  ],
  overlap: [
    {
      title: 'a rescue that was never answered',
      duplicates: 1,
      write(_, a, b) {
        a.enqueue('t');
        a.claim([{ id: 't', lease: 1 }]);
        b.settle('t', 1, 'waiting', 'unknown');
        b.claim([{ id: 't', lease: 2 }]);
        b.settle('t', 2, 'completed');
      },
    },
    {
      title: 'a claim whose reply was lost, and its lease rescued',
      write(_, a, b) {
        a.enqueue('t');
        a.do(a.claimOf(), unknown);
        b.settle('t', 1, 'waiting');
        b.claim([{ id: 't', lease: 2 }]);
        b.settle('t', 2, 'completed');
      },
    },
    {
      title: 'handlers alone, without their store',
      duplicates: 1,
      write(script) {
        const one = script.process('one', null);
        const two = script.process('two', null);
        one.enqueue('t');
        one.start('t', 1);
        script.later();
        two.start('t', 2);
        two.settle('t', 2, 'any', 'unknown');
      },
    },
  ],
};
