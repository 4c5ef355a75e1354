// Replaces node:child_process in the command line: it is loaded at its first use, since most commands do not need it. It takes Node 6 ms.
const names = ['exec', 'execFile', 'execFileSync', 'execSync', 'fork', 'spawn', 'spawnSync', 'ChildProcess'];
for (const name of names) {
  Object.defineProperty(exports, name, {
    enumerable: true,
    get: () => process.getBuiltinModule('node:child_process')[name],
  });
}
