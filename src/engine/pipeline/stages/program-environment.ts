/** What provides the interpreter and the libraries of a command. Paths are relative to the pipeline's folder. */
export type ProgramEnvironment =
  /** `uv run --locked`, next to whose lock file the project of uv lies. */
  | { readonly tool: 'uv'; readonly lock: string }
  /** A Python in which the versions of a requirements file are installed. */
  | { readonly tool: 'pip'; readonly lock: string; readonly interpreter: string };
