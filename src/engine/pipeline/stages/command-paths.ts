/** Where a program of a command looks for what it is given and leaves what it makes, relative to its folder. All of this is in its keys. */
export interface CommandPaths {
  /** By input. One that is not named is `inputs/NAME`. */
  readonly inputs: Readonly<Record<string, string>>;
  /** By output. One that is not named is `outputs/NAME`. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Files that hold params of the stage, as JSON that readers of YAML understand too. */
  readonly params: readonly ParamsFile[];
}

export interface ParamsFile {
  readonly path: string;
  /** The param that it holds; without one, it holds all of them. */
  readonly name?: string;
}
