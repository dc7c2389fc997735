/**
 * What can be left out of what is compared, by name: where a backend and the reference are known to differ, the rest can
 * be compared until one of them is changed.
 */
export type Topic =
  /** Rows that come with a change wait for no parents. */
  | 'parents of then rows'
  /** No row has both parents and a unique key. */
  | 'keys of children'
  /** No row brings a unique key whose time is over. */
  | 'keys that are over'
  /** An id is remembered for longer than any key of its own is held. */
  | 'keys of forgotten ids'
  /**
   * Where the last claim of a lane found nothing, no older request is made, and it is not made again by a swap nor after
   * an attempt to end the session.
   */
  | 'requests after one that found nothing'
  /** Which tasks of an ended session are to be cancelled. */
  | 'cancels of ended sessions';
