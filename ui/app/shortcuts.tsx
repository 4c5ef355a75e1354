import { useEffect, useState } from 'preact/hooks';
import { Dialog } from '../parts/dialog.tsx';
import { useAddress } from '../parts/route-context.ts';

const KEYS: readonly (readonly [string, string])[] = [
  ['o', 'overview'],
  ['w', 'workers'],
  ['e', 'experiments'],
  ['r', 'results'],
  ['/', 'the filter of the view'],
  ['?', 'this list'],
  ['← ↑ → ↓', 'from cell to cell in a matrix; along a timeline'],
  ['Home End PageUp PageDown', 'further in a matrix'],
  ['Enter', 'opens the node of a cell'],
  ['+ − 0', 'more, less, all of a timeline'],
  ['Escape', 'closes a window'],
];

const VIEWS = { o: 'overview', w: 'workers', e: 'experiments', r: 'results' } as const;

/** Keys that work on every view, and the list of all. */
export function Shortcuts() {
  const [isOpen, setOpen] = useState(false);
  const address = useAddress();
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('dialog[open]')) return;
      const view = VIEWS[event.key as keyof typeof VIEWS];
      if (view) window.location.hash = address(view);
      else if (event.key === '?') setOpen(true);
      else if (event.key === '/') {
        const field = document.querySelector<HTMLInputElement>('main input[type=search]');
        if (!field) return;
        event.preventDefault();
        field.focus();
      }
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  });
  return (
    <footer>
      <button type="button" class="plain link" onClick={() => setOpen(true)}>
        Keys <kbd>?</kbd>
      </button>
      <Dialog title="Keys" isOpen={isOpen} onClose={() => setOpen(false)}>
        <dl class="keys">
          {KEYS.map(([key, what]) => (
            <div key={key}>
              <dt>
                {key.split(' ').map((each) => (
                  <kbd key={each}>{each}</kbd>
                ))}
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <p class="buttons">
          <button type="button" onClick={() => setOpen(false)}>
            Close
          </button>
        </p>
      </Dialog>
    </footer>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input:not([type=checkbox]), textarea, select');
}
