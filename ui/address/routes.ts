/** What the page shows. Each view has an address, behind the `#`, so that it can be kept and shared. */
export interface Route {
  readonly view: View;
  /** Of a stage, a node or a target. */
  readonly name: string;
  /** What was chosen in the view: axes, filters, columns; and the run, unless it is the last one. */
  readonly options: Options;
}

export type View = (typeof VIEWS)[number] | 'unknown';

const VIEWS = ['overview', 'stage', 'node', 'workers', 'experiments', 'results'] as const;

/** In the address after `?`. */
export type Options = Readonly<Record<string, string>>;

/** The route that an address such as `#/node/train/fnn/1?tab=log` names. */
export function readRoute(hash: string): Route {
  const [path, query] = split(hash.replace(/^#?\/?/, ''), '?');
  const [view, rest] = split(path, '/');
  const name = decode(rest);
  const known = view === '' ? 'overview' : VIEWS.find((each) => each === view);
  const isNamed = known !== 'stage' && known !== 'node' ? true : name !== '';
  return { view: known !== undefined && isNamed ? known : 'unknown', name, options: readOptions(query) };
}

/** The address of a route; `readRoute` reads it back. */
export function addressOf({ view, name, options }: Route): string {
  const path = view === 'overview' ? '' : name === '' ? view : `${view}/${encode(name)}`;
  return `#/${path}${writeOptions(options)}`;
}

/** The same route with other options; an empty one is removed. */
export function withOptions(route: Route, options: Options): Route {
  return { ...route, options: { ...route.options, ...options } };
}

function readOptions(query: string): Options {
  return Object.fromEntries(new URLSearchParams(query));
}

/** Empty options are left out: an address names what differs from the usual. */
function writeOptions(options: Options): string {
  const given = Object.entries(options).filter(([, value]) => value !== '');
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

function split(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** Slashes stay: a node is named by segments. */
function encode(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/');
}

function decode(text: string): string {
  return text.split('/').map(decodeSegment).join('/');
}

function decodeSegment(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
