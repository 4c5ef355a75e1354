/** What to do about a process that nobody has ended. SIGKILL is what the system sends where memory is short. */
export function killedFix(isSigkill: boolean): string {
  return isSigkill
    ? 'the system may be out of memory: run fewer nodes at once (--jobs), or give the stage "resources: {memory: …}"'
    : 'its last output is in its log';
}
