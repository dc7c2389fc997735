import type { BeatReply, NewSession, SessionRow } from '@omniq/core/storage';
import type { Connection } from './connection.ts';
import { beat } from './lua/beat.ts';
import { endSession } from './lua/end-session.ts';
import { openSession } from './lua/open-session.ts';
import { sessions } from './lua/sessions.ts';
import { Writer } from './packing/writer.ts';

/** The sessions of workers. */
export class Sessions {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async open({ id, host, pid, processStart }: NewSession, now: number): Promise<void> {
    const process = new Writer().double(pid).text(host).text(processStart).bytes();
    await this.#connection.run(openSession, id, now, process);
  }

  async beat(id: string, now: number): Promise<BeatReply> {
    const [live, leases, cancelled] = await this.#connection.run<[number, number, Buffer[]]>(beat, id, now);
    return { live: live === 1, leases, cancelled: cancelled.map(String) };
  }

  async end(id: string, beats?: number): Promise<boolean> {
    return (await this.#connection.run<number>(endSession, id, beats ?? '')) === 1;
  }

  async list(): Promise<readonly SessionRow[]> {
    const reply = await this.#connection.run<(Buffer | number)[]>(sessions);
    const rows: SessionRow[] = [];
    for (let at = 0; at < reply.length; at += 3) {
      rows.push(sessionRow(String(reply[at]), reply[at + 1] as Buffer, reply[at + 2] as number));
    }
    return rows.filter(({ ended, leases }) => !ended || leases > 0);
  }
}

/** Of a session that the server has forgotten there is no more than its leases: they are there to be rescued. */
function sessionRow(id: string, row: Buffer, leases: number): SessionRow {
  if (row.length === 0) {
    return { id, host: '', pid: 0, processStart: '', openedAt: 0, beatAt: 0, beats: 0, ended: true, leases };
  }
  const hostEnd = 35 + row.readUInt16LE(33);
  return {
    id,
    host: row.toString('utf8', 35, hostEnd),
    pid: row.readDoubleLE(25),
    processStart: row.toString('utf8', hostEnd + 2),
    openedAt: row.readDoubleLE(1),
    beatAt: row.readDoubleLE(9),
    beats: row.readDoubleLE(17),
    ended: row[0] === 1,
    leases,
  };
}
