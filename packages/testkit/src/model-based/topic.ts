/**
 * What can be left out of what is compared, by name: what the contract leaves open and a backend answers otherwise than the
 * reference.
 */
export type Topic =
  /**
   * Where the last claim of a lane found nothing, no older request is made, and it is not made again by a swap nor after
   * an attempt to end the session.
   */
  | 'requests after one that found nothing'
  /**
   * Of commands that are under way together, none inserts or changes several tasks, and no claim looks for tasks that others hold for
   * an instant: it may pass them over.
   */
  | 'several tasks in one instant';
