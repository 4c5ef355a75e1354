import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { pageStyle } from '../../../../src/engine/views/report/page-style.ts';
import { temporaryFolder } from '../../../e2e/support/folders.ts';

it('a style sheet contains its fonts, and tells their rules for drawings, which wait for no font', () => {
  const fonts = temporaryFolder();
  writeFileSync(join(fonts, 'a-400.woff2'), 'font');
  const sheet = `@font-face{font-family:A;font-display:swap;src:url(/assets/a-400.woff2) format("woff2")}body{color:red}@font-face{font-family:B;src:url("/assets/a-400.woff2")}`;
  const { style, fontFaces } = pageStyle(sheet, pathToFileURL(`${fonts}/`));
  expect(style).toBe(
    '@font-face{font-family:A;font-display:swap;src:url(data:font/woff2;base64,Zm9udA==) format("woff2")}body{color:red}@font-face{font-family:B;src:url(data:font/woff2;base64,Zm9udA==)}',
  );
  expect(fontFaces).toBe(
    '@font-face{font-family:A;src:url(data:font/woff2;base64,Zm9udA==) format("woff2")}\n@font-face{font-family:B;src:url(data:font/woff2;base64,Zm9udA==)}',
  );
});
