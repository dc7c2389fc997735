/** What a server did so far. Two readings tell what lay between them. */
export interface Reading {
  /** User and system time of all its processes; absent where the system does not tell. */
  readonly cpuMicros?: number;
  /** Transactions of the measured database, to connect being one; or commands, those within scripts counted too. */
  readonly statements: number;
  /** How often a client sent something, where that is told apart: one command, or several together. */
  readonly sent?: number;
  readonly walBytes?: number;
}

export interface Meter {
  read(): Promise<Reading>;
  /** Row versions that were updated or deleted, which a vacuum has to remove; asking is a statement more. */
  deadRows?(): Promise<number>;
  /** Resolves once nobody is connected to what is measured: a server counts late what an open connection did. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}
