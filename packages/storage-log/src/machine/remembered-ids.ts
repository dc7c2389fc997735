/** Ids of tasks that were forgotten, each until its time. */
export class RememberedIds {
  readonly until: Map<string, number> = new Map();
  sweepAt = 1_024;

  add(id: string, until: number): void {
    this.until.delete(id);
    this.until.set(id, until);
  }

  has(id: string, now: number): boolean {
    const until = this.until.get(id);
    return until !== undefined && now < until;
  }

  /** Drops what is over; costs little per call, however many there are. */
  sweep(now: number): void {
    if (this.until.size < this.sweepAt) return;
    for (const [id, until] of this.until) if (until <= now) this.until.delete(id);
    this.sweepAt = Math.max(1_024, this.until.size * 2);
  }
}
