/** The end of the path of a param that no other one of these has. */
export function shortPath(path: string, all: readonly string[]): string {
  const parts = path.split('.');
  for (let count = 1; count < parts.length; count++) {
    const ending = parts.slice(-count).join('.');
    if (all.filter((each) => each === ending || each.endsWith(`.${ending}`)).length === 1) return ending;
  }
  return path;
}
