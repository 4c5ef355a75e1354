/**
 * The page's style: light and dark by the reader's setting or by the button, and print. Figures keep a white background in
 * the dark, since their colours are chosen for one.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#ffffff, #14171a);
  --card: light-dark(#f5f6f7, #1d2125);
  --text: light-dark(#1b1f23, #e3e6e8);
  --quiet: light-dark(#5a636b, #9aa4ac);
  --rule: light-dark(#d9dde0, #343a40);
  --link: light-dark(#0b5cad, #7cb7f2);
  --warn: light-dark(#9a4a00, #f0a35c);
}
:root[data-theme="light"] { color-scheme: light; }
:root[data-theme="dark"] { color-scheme: dark; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 "Source Sans 3", "Helvetica Neue", Arial, sans-serif; }
main, header, footer { max-width: 62rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.35rem; margin: 2.5rem 0 .5rem; padding-top: .5rem; border-top: 1px solid var(--rule); }
h3 { font-size: 1.1rem; margin: 1.75rem 0 .25rem; }
h1, h2, h3, th, summary, strong { font-weight: 600; }
a { color: var(--link); }
.quiet, figcaption { color: var(--quiet); }
.warn { color: var(--warn); }
code, pre { font: 0.85em/1.45 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
pre { background: var(--card); padding: .75rem; border-radius: 4px; overflow-x: auto; white-space: pre-wrap; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: 0; list-style: none; }
.bar { display: flex; justify-content: space-between; align-items: start; gap: 1rem; }
button { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--rule); border-radius: 4px; padding: .2rem .7rem; cursor: pointer; white-space: nowrap; }
figure { margin: .75rem 0; }
.sheet { display: block; width: 100%; background: #fff; border: 1px solid var(--rule); border-radius: 4px; padding: .5rem; cursor: zoom-in; text-align: center; color: #000; }
.sheet img { max-width: 100%; height: auto; display: block; margin: 0 auto; }
dialog { width: min(96vw, 110rem); max-height: 96vh; border: 0; border-radius: 6px; padding: 1rem; background: #fff; }
dialog::backdrop { background: rgb(0 0 0 / 60%); }
dialog img { width: 100%; height: auto; max-height: 88vh; display: block; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem; margin: .5rem 0; }
th, td { text-align: left; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
th { border-bottom: 2px solid var(--rule); white-space: nowrap; }
td.number, th.number { text-align: right; white-space: nowrap; }
details { margin: .5rem 0; }
summary { cursor: pointer; }
.timeline { width: 100%; height: auto; display: block; }
.key { display: flex; flex-wrap: wrap; gap: .1rem 1rem; list-style: none; padding: 0; margin: .25rem 0; font-size: .88rem; }
.key svg { width: .8em; height: .8em; margin-right: .4em; }
footer { padding: 2rem 1.25rem 3rem; }
@media print {
  :root { color-scheme: light; }
  body { font-size: 10pt; }
  button, nav { display: none; }
  h2, h3 { break-after: avoid; }
  figure, .run { break-inside: avoid; }
  .sheet { border: 0; padding: 0; }
  a { color: inherit; text-decoration: none; }
}
`;
