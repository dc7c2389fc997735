declare module 'pino-roll' {
  import type { EventEmitter } from 'node:events';

  /** The parts of the stream that are used here. */
  interface RollingStream extends EventEmitter {
    readonly file: string;
    readonly destroyed: boolean;
    write(line: string): boolean;
    end(): void;
  }

  export default function roll(options: {
    file: string;
    size?: string;
    frequency?: 'daily' | 'hourly';
    mkdir?: boolean;
    sync?: boolean;
  }): Promise<RollingStream>;
}
