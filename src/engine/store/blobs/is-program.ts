/** So many of the first bytes tell. */
export const PROGRAM_BYTES = 4;

/** ELF, a script, and Mach-O for one processor and for several. */
const BEGINNINGS = ['7f454c46', '2321', 'cffaedfe', 'cafebabe'].map((digits) => Buffer.from(digits, 'hex'));

/** Whether a system would execute a file that begins so. */
export function isProgram(bytes: Uint8Array): boolean {
  return BEGINNINGS.some((beginning) => beginning.every((byte, index) => bytes[index] === byte));
}
