/** The version of a package that a requirements file asks for. */
export interface Pin {
  readonly name: string;
  readonly version: string;
}

/** A line that leaves a version open. */
export interface OpenLine {
  readonly line: number;
  readonly text: string;
}

/** `NAME @ ADDRESS`, or an address with a revision: `git+https://HOST/PATH@v1`. An @ before the host ends a password. */
const AT_ADDRESS = /^[A-Za-z0-9][\w.-]*\s*(?:\[[^\]]*\])?\s*@\s*\S+|^[\w+.-]+:\/\/[^\s/]*\/\S*@\S+/;

const PIN = /^([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*===?\s*([^\s;,*]+)\s*(;.*)?$/;

/**
 * Reads a requirements file of pip. Options of the installation say nothing about versions, and a package at an address counts by it.
 * Packages under a condition (`; python_version < "3.11"`) need not be there.
 */
export function readRequirements(text: string): { readonly pins: readonly Pin[]; readonly open: readonly OpenLine[] } {
  const pins: Pin[] = [];
  const open: OpenLine[] = [];
  for (const { line, text: requirement } of logicalLines(text)) {
    const pin = PIN.exec(requirement);
    const [, name = '', version = '', condition] = pin ?? [];
    if (pin) {
      if (condition === undefined) pins.push({ name, version });
    } else if (!isSetting(requirement) && !AT_ADDRESS.test(requirement)) open.push({ line, text: requirement });
  }
  return { pins, open };
}

/** Options such as `--index-url` or `-i`; another file of requirements would be read without being counted. */
function isSetting(requirement: string): boolean {
  return /^-[if]/.test(requirement) || /^--(?!(requirement|constraint|editable)\b)/.test(requirement);
}

/** A backslash at its end continues a line. Comments and hashes say nothing about versions. */
function logicalLines(text: string): readonly { readonly line: number; readonly text: string }[] {
  const found: { line: number; text: string }[] = [];
  let begun: { line: number; text: string } | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const content = raw.replace(/(^|\s)#.*$/, '').trim();
    const isContinued = content.endsWith('\\');
    const part = isContinued ? content.slice(0, -1) : content;
    begun = begun ? { ...begun, text: `${begun.text} ${part}` } : { line: index + 1, text: part };
    if (isContinued) continue;
    const whole = begun.text.replace(/\s--hash[= ]\S+/g, '').trim();
    if (whole !== '') found.push({ line: begun.line, text: whole });
    begun = undefined;
  }
  return found;
}
