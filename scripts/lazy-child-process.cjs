// Stands for node:child_process in the command line: what most commands do not need is loaded when it is used. It takes Node 6 ms.
const names = ['exec', 'execFile', 'execFileSync', 'execSync', 'fork', 'spawn', 'spawnSync', 'ChildProcess'];
for (const name of names) {
  Object.defineProperty(exports, name, {
    enumerable: true,
    get: () => process.getBuiltinModule('node:child_process')[name],
  });
}
