/** Receives what a stage reports while it runs. */
export interface Observer {
  log(message: string): void;
  progress(fraction: number): void;
  /** Everything that was logged and printed so far. */
  logText(): string;
}
