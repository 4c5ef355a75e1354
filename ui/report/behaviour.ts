// The script of a report. Everything can be read without it. With it, figures open large, the theme can be chosen, and folded parts are printed too.

const root = document.documentElement;
const dialog = document.querySelector('dialog');

document.querySelector('#theme')?.addEventListener('click', () => {
  const { theme } = root.dataset;
  const isDark = theme ? theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = isDark ? 'light' : 'dark';
});

for (const sheet of document.querySelectorAll('button.sheet')) {
  sheet.addEventListener('click', () => {
    dialog?.replaceChildren(...[...sheet.childNodes].map((child) => child.cloneNode(true)));
    dialog?.showModal();
  });
}
dialog?.addEventListener('click', () => dialog.close());

let folded: readonly HTMLDetailsElement[] = [];
addEventListener('beforeprint', () => {
  folded = [...document.querySelectorAll<HTMLDetailsElement>('details:not([open])')];
  for (const details of folded) details.open = true;
});
addEventListener('afterprint', () => {
  for (const details of folded) details.open = false;
});
