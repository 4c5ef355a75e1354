import { marked } from 'marked';
import { expect, it } from 'vitest';
import type { RunSummary } from '../../../../src/engine/run/events.ts';
import { NoticeContent, noticeMarkdown } from '../../../../src/engine/views/notices/notice.ts';

const summary: RunSummary = {
  type: 'summary',
  outcome: 'failed',
  executed: 2,
  restored: 0,
  audited: 0,
  fetched: 0,
  upToDate: 3,
  cutOff: 1,
  failed: 1,
  misconfigured: 0,
  skipped: 4,
  seconds: 1,
};

it.each([
  '<img src=x onerror=alert(1)>',
  '[a](javascript:alert(1))',
  '![a](http://example.org/a.png)',
  '**bold** | cell `code`',
  'see www.example.org',
  '&lt;b&gt;',
])('a message of a stage is text: %s', (fact) => {
  const content = new NoticeContent();
  const listener = content.listen(() => {});
  listener({ type: 'failed', node: 'a/1' as never, cause: 'stage', diagnostic: { fact }, log: '' });
  listener(summary);
  const notice = content.notice('p', ['run'], undefined);
  const html = marked(noticeMarkdown(notice as NonNullable<typeof notice>)) as string;
  expect(html).not.toMatch(/<(img|a|b|strong|script)\b/);
  const text = (/<td>a\/1<\/td>\s*<td>(.*?)<\/td>/s.exec(html)?.[1] ?? '')
    .replaceAll('&#58;', ':')
    .replaceAll('&#46;', '.')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
  expect(text).toBe(fact);
});

it('without a run there is none', () => {
  expect(new NoticeContent().notice('p', [])).toBeUndefined();
  expect(new NoticeContent().notice('p', [], 'disk is full')).toMatchObject({
    outcome: 'broken',
    problem: 'disk is full',
  });
});
