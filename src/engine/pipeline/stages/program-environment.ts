/** What provides the interpreter and the libraries of a command. Paths are relative to the pipeline's folder. */
export type ProgramEnvironment =
  /** `uv run --locked`, next to whose lock file the project of uv lies. */
  | { readonly tool: 'uv'; readonly lock: string }
  /** A Python in which the versions of a requirements file are installed. */
  | { readonly tool: 'pip'; readonly lock: string; readonly interpreter: string }
  /** `micromamba run` in the environment that was made of the lock file: at a path, or of a name. */
  | { readonly tool: 'conda'; readonly lock: string; readonly by: 'prefix' | 'name'; readonly place: string }
  /** `pixi run --as-is` in one of the environments of the lock file. */
  | { readonly tool: 'pixi'; readonly lock: string; readonly name: string }
  /** An R that loads the project of renv next to the lock file. */
  | { readonly tool: 'renv'; readonly lock: string; readonly interpreter: string }
  | ContainerEnvironment;

/** The command sees nothing of the machine but its folder. */
export type ContainerEnvironment =
  /** Its digest is that of the manifest, or of the file of an image that apptainer runs. */
  | {
      readonly tool: 'image';
      readonly image: string;
      readonly digest: string;
      /** Without it, the first one that the machine has. */
      readonly runner: ContainerRunner | undefined;
    }
  /** A folder that is the root of a file system, for bubblewrap. */
  | { readonly tool: 'root'; readonly root: string };

export type ContainerRunner = 'podman' | 'docker' | 'apptainer';

export type LockedEnvironment = Exclude<ProgramEnvironment, ContainerEnvironment>;

export function isContainer(environment: ProgramEnvironment): environment is ContainerEnvironment {
  return environment.tool === 'image' || environment.tool === 'root';
}
