/**
 * Bytes that a task carries, where they lie: a part of a larger array, or of a pack that is kept beside the log under
 * this key. A million small bodies in a million arrays of their own would cost more than the bodies.
 */
export class Piece {
  readonly source: Uint8Array | string;
  readonly from: number;
  readonly to: number;

  constructor(source: Uint8Array | string, from: number, to: number) {
    this.source = source;
    this.from = from;
    this.to = to;
  }
}

/** What the machine keeps without looking inside. */
export type Bytes = Uint8Array | Piece;
