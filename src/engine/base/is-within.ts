/**
 * Whether a path is a folder itself, or inside of it. Both are written the same way, and without `..`.
 * @param folder `''` is the folder that relative paths start from
 */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || folder === '' || path.startsWith(`${folder}/`);
}
