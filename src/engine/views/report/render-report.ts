import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { printable } from '../../base/printable.ts';
import { Html } from '../html/html.ts';
import { renderPage } from '../html/page.ts';
import type { ReportContent } from './report-content.ts';

/** Built from `ui/report` (scripts/build.mjs). */
const SCRIPT = new URL('./report/behaviour.js', import.meta.url);

/** What `ui/report/render.tsx` exports. */
interface Renderer {
  renderReport(content: ReportContent): string;
}

/** The report as one self-contained HTML document. */
export function renderReport(content: ReportContent, style: string): string {
  // Only this command needs them.
  const { renderReport: render }: Renderer = createRequire(import.meta.url)('./report/render.cjs');
  const body = new Html(printable(render(content)));
  const script = readFileSync(SCRIPT, 'utf8');
  return renderPage({ title: content.name, style, body, script });
}
