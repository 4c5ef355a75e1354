import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import { App } from './app/app.tsx';
import { openSession } from './data/server.ts';
import './style/fonts.css';
import './style/base.css';
import './style/states.css';
import './style/parts.css';
import './style/views.css';

/** The token of the printed address is exchanged for a cookie, and leaves the address: nobody should share it by accident. */
async function takeToken(): Promise<void> {
  const token = /^#token=([^&]+)/.exec(window.location.hash)?.[1];
  if (token === undefined) return;
  window.history.replaceState(null, '', '#/');
  // A wrong token is told by the first answer.
  await openSession({ token: decodeURIComponent(token) }).catch(() => undefined);
}

const root = document.getElementById('page');
if (root) {
  await takeToken();
  root.replaceChildren();
  render(<App />, root);
}
