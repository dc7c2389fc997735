/** What this process has indexed so far: for the progress line and the rates, not for the result. */
export const meter = {
  files: 0,
  bytes: 0,
  add(bytes: number): void {
    meter.files += 1;
    meter.bytes += bytes;
  },
};
