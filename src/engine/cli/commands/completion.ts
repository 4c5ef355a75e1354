import { completionScript, type Shell } from '../completion/scripts.ts';

/** `vmfdag completion SHELL`: prints the script for a shell. */
export async function completion(shell: Shell): Promise<number> {
  process.stdout.write(completionScript(shell));
  return 0;
}
