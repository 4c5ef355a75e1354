import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  woff2: 'font/woff2',
};

const COMPRESSED = ['html', 'js', 'css', 'svg'];

/** A file of the built page. */
export interface PageFile {
  readonly type: string;
  readonly bytes: Buffer;
  readonly gzipped: Buffer | undefined;
}

/**
 * The files of the built page, by name. They are read once: no path of a request ever reaches the file system, and a build during the life of a server
 * does not mix two versions.
 */
export function readPageFiles(folders: readonly string[]): ReadonlyMap<string, PageFile> {
  const files = new Map<string, PageFile>();
  for (const folder of folders) if (existsSync(folder)) addFiles(folder, files);
  return files;
}

function addFiles(folder: string, files: Map<string, PageFile>): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const extension = entry.name.split('.').at(-1) ?? '';
    const type = TYPES[extension];
    if (!entry.isFile() || type === undefined) continue;
    const bytes = readFileSync(join(folder, entry.name));
    files.set(entry.name, { type, bytes, gzipped: COMPRESSED.includes(extension) ? gzipSync(bytes) : undefined });
  }
}
