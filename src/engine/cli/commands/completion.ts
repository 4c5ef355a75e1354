import { completionScript, type Shell } from '../completion/scripts.ts';

/** `vmfdag completion SHELL`: prints the script that the shell is to read. */
export async function completion(shell: Shell): Promise<number> {
  process.stdout.write(completionScript(shell));
  return 0;
}
