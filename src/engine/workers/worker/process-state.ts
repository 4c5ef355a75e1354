/** The state of the process at its start that a stage may change and the next one must not see. */
export class ProcessState {
  private readonly environment = { ...process.env };
  private readonly names = Object.keys(this.environment).join('\0');
  private readonly directory = process.cwd();
  private readonly mask = process.umask();
  private readonly title = process.title;

  restore(): void {
    if (currentDirectory() !== this.directory) process.chdir(this.directory);
    process.umask(this.mask);
    process.exitCode = undefined;
    if (process.title !== this.title) process.title = this.title;
    const names = Object.keys(process.env);
    if (names.join('\0') !== this.names) {
      for (const name of names) if (!(name in this.environment)) delete process.env[name];
    }
    for (const [name, value] of Object.entries(this.environment)) {
      if (process.env[name] !== value) process.env[name] = value;
    }
  }
}

/** Undefined if the folder has been removed. */
function currentDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}
