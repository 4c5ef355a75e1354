import type { ComponentChildren, RefObject } from 'preact';

interface Props {
  readonly label: string;
  readonly className?: string;
  readonly children: ComponentChildren;
  readonly element?: RefObject<HTMLElement | null>;
  readonly onScroll?: (() => void) | undefined;
}

/** A part of the page that scrolls on its own. The keyboard reaches it, and it has a name. */
export function Scroll({ label, className = '', children, element, onScroll }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it, the keyboard cannot scroll.
    <section ref={element ?? null} class={`scroll ${className}`} aria-label={label} tabIndex={0} onScroll={onScroll}>
      {children}
    </section>
  );
}

/** Text as it was printed, in a part that scrolls. */
export function ScrollText({ label, className = 'text', children }: Props) {
  return (
    <Scroll label={label} className={`${className} printed`}>
      <pre>{children}</pre>
    </Scroll>
  );
}
