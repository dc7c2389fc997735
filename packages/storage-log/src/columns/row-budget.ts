/**
 * How many rows some bytes may stand for. Columns of one value say nothing of their length, so a few bytes could announce
 * any number of rows; but rows that mean anything differ, and each takes a byte at least to say in what.
 */
export class RowBudget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** @throws TypeError where there are fewer bytes than rows */
  take(rows: number): void {
    this.#left -= rows;
    if (!(this.#left >= 0)) throw new TypeError('more rows than bytes');
  }
}
