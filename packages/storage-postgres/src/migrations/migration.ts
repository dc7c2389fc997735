/** One step of the schema. Once released it never changes: its checksum is stored with it. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  /** `@.` stands for the schema. It may only add: older processes go on working beside newer ones. */
  readonly sql: string;
}
