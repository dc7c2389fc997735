import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { FaultProxy } from '../src/proxy/fault-proxy.ts';
import { randomFrom } from '../src/random.ts';

test('what is asked and answered passes both ways', async () => {
  const { connected } = await echoBehindProxy();
  const client = await connected();
  expect(await answerTo(client, 'a')).toBe('a');
  expect(await answerTo(client, 'b')).toBe('b');
});

test('a cut reply is one whose request reached the server', async () => {
  const { proxy, connected, heard } = await echoBehindProxy();
  const client = await connected();
  await answerTo(client, 'first');
  proxy.cutReplies(1);
  expect(await answerTo(client, 'second')).toBe('ECONNRESET');
  expect(heard).toEqual(['first', 'second']);
  expect(await answerTo(await connected(), 'third')).toBe('third');
});

test('a reset ends as many connections as it should, whichever the seed names', async () => {
  const { proxy, connected } = await echoBehindProxy();
  const clients = [await connected(), await connected(), await connected()];
  for (const client of clients) await answerTo(client, 'here');
  proxy.reset(2);
  const answers = await Promise.all(clients.map((client) => answerTo(client, 'still here')));
  expect(answers.toSorted()).toEqual(['ECONNRESET', 'ECONNRESET', 'still here']);
});

test('a silent connection says nothing, not even that it is over, until it is healed', async () => {
  const { proxy, connected, heard } = await echoBehindProxy();
  const [client, other] = [await connected(), await connected()];
  await answerTo(client, 'before');
  await answerTo(other, 'before');
  proxy.silence(2);
  const unanswered = [answerTo(client, 'lost'), answerTo(other, 'lost')];
  // A later connection is served: whatever came of the first two had its time.
  expect(await answerTo(await connected(), 'after')).toBe('after');
  expect(await Promise.race([...unanswered, Promise.resolve('nothing')])).toBe('nothing');
  expect(heard).toEqual(['before', 'before', 'after']);
  proxy.heal();
  expect(await Promise.all(unanswered)).toEqual(['ECONNRESET', 'ECONNRESET']);
});

test('what is delayed keeps its order, also when the delay ends', async () => {
  const { proxy, connected, heard } = await echoBehindProxy();
  const client = await connected();
  await answerTo(client, 'a');
  proxy.delay(50);
  client.write('b');
  client.write('c');
  // The proxy reads in the same event loop: some turns later it has both.
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
  expect(heard).toEqual(['a']);
  proxy.delay(0);
  client.write('d');
  let got = '';
  while (got.length < 3) got += String((await once(client, 'data'))[0]);
  expect(got).toBe('bcd');
});

interface Place {
  readonly proxy: FaultProxy;
  readonly connected: () => Promise<Socket>;
  /** What reached the server. */
  readonly heard: readonly string[];
}

async function echoBehindProxy(): Promise<Place> {
  const heard: string[] = [];
  const echo = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      heard.push(String(bytes));
      socket.write(bytes);
    });
  }).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const proxy = await FaultProxy.open((echo.address() as AddressInfo).port, randomFrom(1));
  onTestFinished(async () => {
    await proxy.close();
    echo.close();
  });
  const connected = async (): Promise<Socket> => {
    const client = connect(proxy.port, '127.0.0.1');
    client.setNoDelay(true);
    client.on('error', () => {});
    await once(client, 'connect');
    return client;
  };
  return { proxy, connected, heard };
}

/** What comes back, or how the connection ended instead. */
async function answerTo(client: Socket, question: string): Promise<string> {
  const answer = new Promise<string>((resolve) => {
    client.once('data', (bytes) => resolve(String(bytes)));
    client.once('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
    client.once('close', () => resolve('closed'));
  });
  client.write(question);
  return answer;
}
