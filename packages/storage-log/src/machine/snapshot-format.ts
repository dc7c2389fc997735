/** Which layout a snapshot of the machine has, and how many rows of a table are encoded together at most. */
export const snapshotFormat: { readonly number: number; readonly chunkRows: number } = { number: 1, chunkRows: 4_096 };
