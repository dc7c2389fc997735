/** A server program that is not installed, and what installs it. */
export class MissingServer extends Error {
  override readonly name = 'MissingServer';
  readonly install: string;

  constructor(program: string, install: string) {
    super(`${program} is not installed. Install it with: ${install}`);
    this.install = install;
  }
}
