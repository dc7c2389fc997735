import { connect } from 'node:net';

const PATIENCE_MS = 1_000;

/** The first bytes that a port of this machine answers to `question`. */
export function ask(port: number, question: Uint8Array | string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(question));
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('no answer')));
    socket.once('data', (answer) => {
      socket.destroy();
      resolve(answer);
    });
    socket.once('error', reject);
    socket.once('end', () => reject(new Error('no answer')));
  });
}
