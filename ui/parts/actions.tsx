import { type ComponentChildren, createContext } from 'preact';
import { useCallback, useContext, useRef, useState } from 'preact/hooks';
import type { Action } from '../../src/engine/views/live/protocol.ts';
import { act, RequestFailed } from '../data/server.ts';
import { sentence } from '../format/words.ts';
import { Dialog } from './dialog.tsx';
import { sentences } from './problem.tsx';

/** What is asked before something that ends work. */
export interface Confirmation {
  readonly title: string;
  readonly text: string;
  /** What the button says. */
  readonly verb: string;
}

type Perform = (action: Action, confirmation?: Confirmation) => Promise<void>;

const ActionContext = createContext<Perform>(async () => undefined);

/** Has the server do something, after a confirmation if there is one; what came of it is said at the page's foot. */
export function useAction(): Perform {
  return useContext(ActionContext);
}

interface Message {
  readonly text: string;
  readonly isProblem: boolean;
}

/** Gives actions to what it contains. */
export function ActionHost({ children }: { readonly children: ComponentChildren }) {
  const [message, setMessage] = useState<Message>();
  const [asked, setAsked] = useState<{
    readonly confirmation: Confirmation;
    readonly answer: (yes: boolean) => void;
  }>();
  const timer = useRef<number | undefined>(undefined);

  const say = useCallback((news: Message) => {
    setMessage(news);
    window.clearTimeout(timer.current);
    if (!news.isProblem) timer.current = window.setTimeout(() => setMessage(undefined), 8000);
  }, []);

  const perform = useCallback<Perform>(
    async (action, confirmation) => {
      if (confirmation) {
        const yes = await new Promise<boolean>((answer) => setAsked({ confirmation, answer }));
        setAsked(undefined);
        if (!yes) return;
      }
      try {
        say({ text: sentence((await act(action)).text), isProblem: false });
      } catch (error) {
        if (!(error instanceof RequestFailed)) throw error;
        say({ text: sentences(error), isProblem: true });
      }
    },
    [say],
  );

  return (
    <ActionContext.Provider value={perform}>
      {children}
      <div class="toast" role="status">
        {message && (
          <p class={message.isProblem ? 'problem' : ''}>
            {message.text}{' '}
            <button type="button" class="plain" aria-label="Dismiss" onClick={() => setMessage(undefined)}>
              ×
            </button>
          </p>
        )}
      </div>
      <Dialog title={asked?.confirmation.title ?? ''} isOpen={asked !== undefined} onClose={() => asked?.answer(false)}>
        <p>{asked?.confirmation.text}</p>
        <p class="buttons">
          <button type="button" onClick={() => asked?.answer(false)}>
            Cancel
          </button>
          <button type="button" class="danger" onClick={() => asked?.answer(true)}>
            {asked?.confirmation.verb}
          </button>
        </p>
      </Dialog>
    </ActionContext.Provider>
  );
}
