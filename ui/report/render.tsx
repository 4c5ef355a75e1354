import { renderToString } from 'preact-render-to-string';
import type { ReportContent } from '../../src/engine/views/report/report-content.ts';
import { Report } from './report.tsx';

/** The content of the report's page as HTML. `views/report/render-report.ts` loads this file as it was built. */
export function renderReport(content: ReportContent): string {
  return renderToString(<Report content={content} />);
}
