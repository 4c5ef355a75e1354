/**
 * The JavaScript engine that runs stages. It is part of the key of each stage module: releases of V8 differ in the last digits of Math and in the
 * order of what the language leaves open. Patch releases do not count.
 */
export const JAVASCRIPT_ENGINE: string = engineOf(process.versions);

/** `V8 11.3` of `11.3.244.8-node.30`. */
function engineOf({ v8 = 'unknown' }: { readonly v8?: string }): string {
  return `V8 ${v8.split('.').slice(0, 2).join('.')}`;
}

/** That of commands: another release of Node does not change their results. */
export const NO_ENGINE = 'none';
