import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './folders.ts';

/** A folder of installed packages, as pip leaves it. */
export class Packages {
  readonly folder = join(temporaryFolder(), 'site-packages');

  install(name: string, version: string, files: Readonly<Record<string, string>>): void {
    this.remove(name);
    const info = join(this.folder, `${name}-${version}.dist-info`);
    mkdirSync(info, { recursive: true });
    const lines = Object.entries(files).map(([path, text]) => {
      mkdirSync(join(this.folder, path, '..'), { recursive: true });
      writeFileSync(join(this.folder, path), text);
      return `${path},sha256=${createHash('sha256').update(text).digest('base64url')},${text.length}\n`;
    });
    writeFileSync(join(info, 'METADATA'), `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`);
    writeFileSync(join(info, 'RECORD'), lines.join(''));
  }

  remove(name: string): void {
    for (const path of [name, `${name}.py`, '__pycache__'])
      rmSync(join(this.folder, path), { recursive: true, force: true });
    for (const version of ['1.0', '1.1', '2.0']) {
      rmSync(join(this.folder, `${name}-${version}.dist-info`), { recursive: true, force: true });
    }
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.folder, path), text);
  }
}
