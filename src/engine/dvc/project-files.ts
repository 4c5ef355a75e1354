/** What an import sees of the folder of a DVC file. Paths are relative to it, with `/` between names. */
export interface ProjectFiles {
  kindOf(path: string): 'file' | 'directory' | undefined;
  /** The text of a file; undefined where there is none. */
  read(path: string): string | undefined;
  /** All files below a folder, by their paths in the project; without `.git`, `.dvc` and `node_modules`. */
  filesBelow(folder: string): readonly { readonly path: string; readonly bytes: number }[];
}
