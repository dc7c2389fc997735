import { expect, test } from 'vitest';
import { EventLog, type EventInput } from '../../src/events/event-log.ts';
import type { EventStore, StoredEvent } from '../../src/storage/event-store.ts';
import { silent } from '../../src/telemetry/logger.ts';
import { systemAmbient } from '../../src/clock.ts';

function input(n: number, type: EventInput['type'] = 'ERROR'): EventInput {
  return { id: `e${n}`, type, at: n, task: 't', queue: 'q', name: 'n', correlationId: null, data: { n } };
}

/** An event store that can be taken down. */
function store() {
  const stored: StoredEvent[] = [];
  let down = false;
  const events: EventStore = {
    async append(batch) {
      if (down) throw new Error('down');
      stored.push(...batch);
    },
    query: async () => ({ items: [] }),
    trim: async () => 0,
    close: async () => {},
  };
  return { events, stored, setDown: (value: boolean) => (down = value) };
}

test('events from the level on are stored in batches, others are not even built', async () => {
  const { events, stored } = store();
  const log = new EventLog(events, systemAmbient, silent, 'WARNING');
  expect([log.wants('ENQUEUED'), log.wants('RETRY'), log.wants('ERROR')]).toEqual([false, true, true]);
  log.emit(input(1));
  log.emit(input(2, 'ENQUEUED'));
  await log.flush();
  expect(stored.map(({ id }) => id)).toEqual(['e1']);
  log.level = 'DEBUG';
  expect(log.wants('ENQUEUED')).toBe(true);
  log.level = 'DISABLED';
  expect(log.wants('ERROR')).toBe(false);
});

test('with the event store down nothing is lost up to a bound, and what is lost is counted', async () => {
  const { events, stored, setDown } = store();
  const log = new EventLog(events, systemAmbient, silent, 'ERROR');
  setDown(true);
  for (let n = 0; n < 10_007; n += 1) log.emit(input(n));
  await log.flush();
  expect(log.lost).toBe(7);
  setDown(false);
  await log.flush();
  expect(stored).toHaveLength(10_000);
  expect(stored[0]?.id).toBe('e7');
});

test('a listener that throws or rejects harms nobody', async () => {
  const log = new EventLog(null, systemAmbient, silent, 'DISABLED');
  const heard: string[] = [];
  log.listen(() => {
    throw new Error('no');
  });
  log.listen(() => Promise.reject(new Error('later')));
  const stop = log.listen(({ id }) => heard.push(id), 'WARNING');
  log.emit(input(1));
  log.emit(input(2, 'COMPLETE'));
  stop();
  log.emit(input(3));
  await Promise.resolve();
  expect(heard).toEqual(['e1']);
});
