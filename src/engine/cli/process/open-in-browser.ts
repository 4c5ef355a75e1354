import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { html } from '../../views/html/html.ts';

/** A browser that starts may take as long to read the file. */
const KEPT_MS = 60_000;

/**
 * Opens an address that is a secret in the user's browser. It is not on the command line, which all users of the machine see, but in a file that
 * only this one can read, and that leads there.
 */
export function openInBrowser(address: string): void {
  const opener = openerOf(process.platform);
  if (!opener) return;
  const folder = mkdtempSync(join(tmpdir(), 'vmfdag-ui-'));
  const file = join(folder, 'open.html');
  const page = html`<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${address}"><title>vmfdag</title>`;
  writeFileSync(file, page.text, { mode: 0o600 });
  const remove = () => rmSync(folder, { recursive: true, force: true });
  setTimeout(remove, KEPT_MS).unref();
  process.once('exit', remove);
  const [program, ...args] = opener;
  const child = spawn(program, [...args, file], { stdio: 'ignore', detached: true });
  // The address is printed as well.
  child.on('error', () => {});
  child.unref();
}

function openerOf(platform: NodeJS.Platform): readonly [string, ...string[]] | undefined {
  if (platform === 'darwin') return ['open'];
  if (platform === 'win32') return ['cmd', '/c', 'start', ''];
  const hasDisplay = process.env.DISPLAY !== undefined || process.env.WAYLAND_DISPLAY !== undefined;
  return hasDisplay ? ['xdg-open'] : undefined;
}
