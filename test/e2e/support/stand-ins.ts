import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { temporaryFolder } from './folders.ts';

/** Programs that take the place of real ones, first on PATH. */
export class StandIns {
  private readonly folder = temporaryFolder();

  /** @param text a shell script, before which the arguments are recorded */
  write(name: string, text: string): void {
    mkdirSync(this.folder, { recursive: true });
    const file = join(this.folder, name);
    const record = `{ printf '%s' "$1"; [ $# -eq 0 ] || for word in "$@"; do printf '\\t%s' "$word"; done; echo; } >> '${file}.calls'`;
    writeFileSync(file, `#!/bin/sh\n${record}\n${text}\n`);
    chmodSync(file, 0o755);
  }

  /** The arguments of each call of a program. */
  calls(name: string): readonly (readonly string[])[] {
    const file = join(this.folder, `${name}.calls`);
    if (!existsSync(file)) return [];
    return readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t').slice(1));
  }

  get env(): Readonly<Record<string, string>> {
    return { PATH: [this.folder, process.env.PATH].join(delimiter) };
  }
}
