/** One step of the schema. Once released it never changes: its checksum is stored with it. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  /**
   * The oldest version whose processes go on working, and may start, beside those of this one. Workers are upgraded one
   * after the other, so it is below `version`: a step adds what the next release uses, and takes away what the last one
   * stopped to use. For the first it is 1.
   */
  readonly oldest: number;
  /** `@.` stands for the schema. */
  readonly sql: string;
}
