import { describe, expect, test } from 'vitest';
import { defineTask, type TaskContext } from '../../src/index.ts';
import { openOn, stores } from './stores.ts';

const quick = defineTask({ name: 'quick', run: (n: number) => n });

/** A task that runs until its signal aborts or it is let go. */
function patient() {
  const started = Promise.withResolvers<TaskContext>();
  const letGo = Promise.withResolvers<string>();
  const task = defineTask({
    name: 'patient',
    run: (_: void, ctx) => {
      started.resolve(ctx);
      const aborted = new Promise<never>((_resolve, reject) =>
        ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason as Error)),
      );
      return Promise.race([letGo.promise, aborted]);
    },
  });
  return { task, started: started.promise, letGo: letGo.resolve };
}

describe.each(stores)('steering on %s', (store) => {
  test('cancels what does not run at once', async () => {
    const omniq = await openOn(store);
    const handle = await omniq.enqueue(quick, 1);
    expect(await handle.cancel()).toBe('cancelled');
    await expect(handle.result({ timeout: '10s' })).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
    await expect(handle.cancel()).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(omniq.tasks.cancel('nobody')).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' });
    await (
      await omniq.work({ tasks: [quick], untilEmpty: true })
    ).done;
    expect(await handle.get()).toMatchObject({ state: 'cancelled', attempt: 0 });
  });

  test('tells what runs to stop', async () => {
    const omniq = await openOn(store);
    const { task, started } = patient();
    await omniq.work({ tasks: [task], lease: '600ms' });
    const handle = await omniq.enqueue(task);
    const { signal } = await started;
    expect(await handle.cancel()).toBe('requested');
    await expect(handle.result({ timeout: '10s' })).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
    expect(signal.reason).toMatchObject({ code: 'TASK_CANCELLED' });
  });

  test('gives up waiting for a result after its time, or at a signal, and the task goes on', async () => {
    const omniq = await openOn(store);
    const handle = await omniq.enqueue(quick, 1);
    await expect(handle.result({ timeout: 5 })).rejects.toMatchObject({ code: 'RESULT_TIMEOUT' });
    const stop = new AbortController();
    const waiting = handle.result({ signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await omniq.work({ tasks: [quick] });
    expect(await handle.result({ timeout: '10s' })).toBe(1);
  });

  test('never lets a retry overrule a cancel', async () => {
    const omniq = await openOn(store);
    const goOn = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    let runs = 0;
    const stubborn = defineTask({
      name: 'stubborn',
      retry: { delay: 1 },
      run: async () => {
        runs += 1;
        started.resolve();
        await goOn.promise;
        throw new Error('retry me');
      },
    });
    await omniq.work({ tasks: [stubborn] });
    const handle = await omniq.enqueue(stubborn);
    await started.promise;
    expect(await handle.cancel()).toBe('requested');
    goOn.resolve();
    await expect(handle.result({ timeout: '10s' })).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
    expect(runs).toBe(1);
  });

  test('sends an ended task back with its id and its payload', async () => {
    const omniq = await openOn(store);
    let healthy = false;
    const moody = defineTask({
      name: 'moody',
      retry: { maxAttempts: 1 },
      run: (word: string) => {
        if (!healthy) throw new Error('not today');
        return word;
      },
    });
    await omniq.work({ tasks: [moody] });
    const handle = await omniq.enqueue(moody, 'hello');
    await expect(handle.result({ timeout: '10s' })).rejects.toMatchObject({ code: 'TASK_FAILED' });
    const before = await handle.get();
    healthy = true;
    await handle.redrive();
    expect(await handle.result({ timeout: '10s' })).toBe('hello');
    const after = await handle.get();
    expect(after).toMatchObject({ state: 'completed', redrives: 1, attempt: 1 });
    expect(after?.lease).toBeGreaterThan(before?.lease ?? 0);
  });

  test('refuses to redrive what has not ended', async () => {
    const omniq = await openOn(store);
    const handle = await omniq.enqueue(quick, 1);
    await expect(handle.redrive()).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('keeps one live task per unique key', async () => {
    const omniq = await openOn(store);
    const first = await omniq.enqueue(quick, 1, { unique: 'report' });
    const second = await omniq.enqueue(quick, 2, { unique: 'report' });
    expect(second).toMatchObject({ id: first.id, inserted: false });
    const throwing = omniq.enqueue(quick, 3, { unique: { key: 'report', onConflict: 'throw' } });
    await expect(throwing).rejects.toMatchObject({ code: 'DUPLICATE', details: { holder: first.id } });
    await (
      await omniq.work({ tasks: [quick], untilEmpty: true })
    ).done;
    const third = await omniq.enqueue(quick, 4, { unique: 'report' });
    expect(third.inserted).toBe(true);
    await expect(first.redrive()).rejects.toMatchObject({ code: 'DUPLICATE', details: { holder: third.id } });
  });

  test('takes the same id twice for one task', async () => {
    const omniq = await openOn(store);
    expect(await omniq.enqueue(quick, 1, { id: 'once' })).toMatchObject({ inserted: true });
    expect(await omniq.enqueue(quick, 2, { id: 'once' })).toMatchObject({ id: 'once', inserted: false });
    await (
      await omniq.work({ tasks: [quick], untilEmpty: true })
    ).done;
    expect(await omniq.handle('once').result({ timeout: '10s' })).toBe(1);
    expect(await omniq.enqueue(quick, 3, { id: 'once' })).toMatchObject({ inserted: false });
  });

  test('tells callers of one tick apart', async () => {
    const omniq = await openOn(store);
    const handles = await Promise.all(['a', 'a', 'b', 'b', 'c'].map((id) => omniq.enqueue(quick, 1, { id })));
    expect(handles.map(({ id, inserted }) => [id, inserted])).toEqual([
      ['a', true],
      ['a', false],
      ['b', true],
      ['b', false],
      ['c', true],
    ]);
  });

  test('shows tasks in pages, by state, queue and name', async () => {
    const omniq = await openOn(store);
    for (let index = 0; index < 7; index += 1)
      await omniq.enqueue(quick, index, { queue: index % 2 === 0 ? 'even' : 'odd' });
    await omniq.enqueue(quick, 99, { delay: '1h' });
    const first = await omniq.tasks.list({ queue: 'even', limit: 3 });
    const rest = await omniq.tasks.list({
      queue: 'even',
      limit: 3,
      ...(first.next === undefined ? {} : { after: first.next }),
    });
    expect([...first.items, ...rest.items].map(({ queue }) => queue)).toEqual(['even', 'even', 'even', 'even']);
    expect((await omniq.tasks.list({ state: 'scheduled' })).items).toHaveLength(1);
    expect((await omniq.tasks.list({ state: 'pending', name: 'quick' })).items).toHaveLength(7);
    expect((await omniq.tasks.list({ name: 'nobody' })).items).toHaveLength(0);
  });

  test('tells listeners what happens, in order', async () => {
    const omniq = await openOn(store, { events: { level: 'DEBUG' } });
    const heard: string[] = [];
    omniq.on(({ type }) => heard.push(type), 'DEBUG');
    omniq.on(() => {
      throw new Error('a bad listener');
    });
    const handle = await omniq.enqueue(quick, 1);
    await (
      await omniq.work({ tasks: [quick], untilEmpty: true })
    ).done;
    expect(heard).toEqual(['ENQUEUED', 'EXECUTING', 'COMPLETE']);
    const stored = await omniq.events({ task: handle.id });
    expect(stored.items.map(({ type }) => type)).toEqual(['ENQUEUED', 'EXECUTING', 'COMPLETE']);
  });
});

describe.each(stores)('a worker that stops on %s', (store) => {
  test('waits for its runs', async () => {
    const omniq = await openOn(store);
    const { task, started, letGo } = patient();
    const worker = await omniq.work({ tasks: [task] });
    const handle = await omniq.enqueue(task);
    await started;
    const stopping = worker.stop();
    letGo('done');
    await stopping;
    expect(await handle.get()).toMatchObject({ state: 'completed' });
  });

  test('hands back what does not end in time, without spending an attempt', async () => {
    const omniq = await openOn(store);
    const { task, started } = patient();
    const worker = await omniq.work({ tasks: [task] });
    const handle = await omniq.enqueue(task);
    const { signal } = await started;
    await worker.stop({ deadlineMs: 10 });
    expect(signal.reason).toMatchObject({ code: 'WORKER_STOPPED' });
    expect(await handle.get()).toMatchObject({ state: 'pending', attempt: 0, crashes: 0 });
  });

  test('leaves a task that it does not know for others', async () => {
    const omniq = await openOn(store);
    const handle = await omniq.enqueue('nobody.knows', 1);
    await (
      await omniq.work({ tasks: [quick], untilEmpty: true })
    ).done;
    expect(await handle.get()).toMatchObject({ state: 'scheduled', attempt: 0, reason: 'task_unknown' });
  });
});
