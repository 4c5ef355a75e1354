import type { Diagnostic } from '../../base/diagnostic.ts';

/** Receives what a stage reports while it runs. */
export interface Observer {
  log(message: string): void;
  progress(fraction: number): void;
  /** A value of a metric. Without a step, it is how many values came before; without a time, it is now. */
  metric(name: string, value: number, step?: number, time?: number): void;
  /** Tells who runs the pipeline. */
  warn(diagnostic: Diagnostic): void;
}
