import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { addressOf, type Options, type Route, readRoute, withOptions } from '../address/routes.ts';

/** What the page shows. */
export const RouteContext = createContext<Route>(readRoute(''));

export function useRoute(): Route {
  return useContext(RouteContext);
}

/** The run of a route: the last one, unless the address names one. */
export function runOf({ options }: Route): string {
  return options.run ?? 'last';
}

/** Where a view is. */
type Address = (view: Route['view'], name?: string, options?: Options) => string;

/** Says where views are on a page that has no address for each. */
export const AddressContext = createContext<Address | undefined>(undefined);

/** Addresses of other views, of the run that is shown. */
export function useAddress(): Address {
  const given = useContext(AddressContext);
  const { options: shown } = useRoute();
  if (given) return given;
  return (view, name = '', options = {}) =>
    addressOf({ view, name, options: shown.run === undefined ? options : { run: shown.run, ...options } });
}

/** Changes options of the address that is shown, without a step in the browser's history. */
export function useOptions(): readonly [Options, (options: Options) => void] {
  const route = useRoute();
  return [
    route.options,
    (options) => {
      window.history.replaceState(null, '', addressOf(withOptions(readRoute(window.location.hash), options)));
      window.dispatchEvent(new HashChangeEvent('hashchange'));
    },
  ];
}
