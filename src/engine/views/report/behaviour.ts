/**
 * The page's script. Everything can be read without it. With it, figures open large, the theme can be chosen, and folded parts are printed too.
 */
export const BEHAVIOUR = `
const root = document.documentElement;
const dialog = document.querySelector('dialog');
document.querySelector('#theme').addEventListener('click', () => {
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
});
for (const sheet of document.querySelectorAll('.sheet')) {
  sheet.addEventListener('click', () => {
    dialog.replaceChildren(...[...sheet.childNodes].map((child) => child.cloneNode(true)));
    dialog.showModal();
  });
}
dialog.addEventListener('click', () => dialog.close());
let folded = [];
addEventListener('beforeprint', () => {
  folded = [...document.querySelectorAll('details:not([open])')];
  for (const details of folded) details.open = true;
});
addEventListener('afterprint', () => {
  for (const details of folded) details.open = false;
});
`;
