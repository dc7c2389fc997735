/** Work that is done bit by bit: whoever drives it lets others have their turn between two steps. */
export type Steps<T> = Generator<undefined, T, undefined>;
