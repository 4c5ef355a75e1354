/** Without the lines that tell where the time went: a summary has them only where a run took long enough, as it does on a slow machine. */
export function withoutTimes(lines: readonly string[]): string[] {
  return lines.filter((line) => !/^(critical path|workers busy) /.test(line));
}
