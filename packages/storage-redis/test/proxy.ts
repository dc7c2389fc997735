import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a server that can lose the reply to a command, and sees what is sent. */
export interface Proxy {
  readonly url: string;
  /** Scripts that came through so far. */
  scripts(): number;
  /** The next script reaches the server; its reply is dropped and the connection cut. */
  loseNextReply(): void;
  close(): Promise<void>;
}

export async function proxyTo(url: string): Promise<Proxy> {
  const port = Number(new URL(url).port);
  const sockets = new Set<Socket>();
  let [seen, losing, lost] = [0, false, false];
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => [client, upstream].forEach((each) => each.destroy()));
    }
    client.on('data', (chunk) => {
      const scripts = chunk.toString('latin1').match(/\r\neval(sha)?\r\n/gi)?.length ?? 0;
      seen += scripts;
      lost = losing && scripts > 0;
      if (lost) losing = false;
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (lost) client.destroy();
      else client.write(chunk);
      lost = false;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    scripts: () => seen,
    loseNextReply: () => void (losing = true),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
