/** One step of a schema. Once released it never changes: its checksum is stored with it. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}
