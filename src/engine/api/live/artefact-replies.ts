import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { Failure } from '../../base/failure.ts';
import { artefactHeaders } from '../../views/live/http/replies.ts';
import { findArtefact } from '../../views/live/previews/artefact-reader.ts';
import { markdownDocument } from '../../views/live/previews/document.ts';
import { imageType } from '../../views/live/previews/image-type.ts';
import { LARGEST_IMAGE, type PreviewRequest } from '../../views/live/previews/preview.ts';
import type { PageStyle } from '../../views/report/page-style.ts';
import { withFontFaces } from '../../views/report/svg-image.ts';
import type { LiveProject } from './live-project.ts';

const HEAD_BYTES = 4096;
const LARGEST_DOCUMENT = 1024 * 1024;

/**
 * Answers with a figure, or with Markdown as a document. Nothing else of an artefact is shown as it is: the type is told by its bytes, and browsers
 * do not guess another one. As a document, it has no origin, scripts or network.
 */
export function replyArtefact(
  project: LiveProject,
  request: PreviewRequest,
  { style, fontFaces }: PageStyle,
  response: ServerResponse,
): Promise<void> {
  return project.use(async (store) => {
    const found = findArtefact(request.digest, request.type, request.path, store);
    if (!found) throw notHere();
    if (found.type === 'markdown') {
      if (found.bytes > LARGEST_DOCUMENT) throw tooLarge(LARGEST_DOCUMENT);
      const text = new TextDecoder().decode(await store.files.part(found.digest, 0, LARGEST_DOCUMENT));
      const { html, styles } = markdownDocument(text, style);
      response.writeHead(200, artefactHeaders('text/html; charset=utf-8', styles));
      response.end(html);
      return;
    }
    if (found.bytes > LARGEST_IMAGE) throw tooLarge(LARGEST_IMAGE);
    const type = imageType(await store.files.part(found.digest, 0, HEAD_BYTES));
    if (type === undefined) throw new Failure('usage', { fact: 'this artefact is no figure', fix: 'download it' });
    response.writeHead(200, artefactHeaders(type));
    const bytes = await store.files.part(found.digest, 0, LARGEST_IMAGE);
    const text = type === 'image/svg+xml' ? new TextDecoder().decode(bytes) : '';
    const shown = withFontFaces(text, fontFaces);
    response.end(shown === text ? bytes : shown);
  });
}

/** Answers with all bytes of an artefact, as a file to keep. @param name of the file */
export function replyDownload(
  project: LiveProject,
  request: PreviewRequest,
  name: string,
  response: ServerResponse,
): Promise<void> {
  return project.use(async (store) => {
    const found = findArtefact(request.digest, request.type, request.path, store);
    if (!found) throw notHere();
    if (store.files.isDirectory(found.digest)) {
      throw new Failure('usage', {
        fact: 'this artefact is a directory',
        fix: 'download its files, or use "vmfdag cache get"',
      });
    }
    const disposition = `attachment; filename*=UTF-8''${encodeURIComponent(name.replace(/[/\\\p{C}]/gu, '_'))}`;
    response.writeHead(200, {
      ...artefactHeaders('application/octet-stream'),
      'Content-Length': found.bytes,
      'Content-Disposition': disposition,
    });
    await pipeline(store.files.read(found.digest), response);
  });
}

function notHere(): Failure {
  return new Failure('usage', { fact: 'the cache does not have these bytes', fix: 'fetch them' });
}

function tooLarge(limit: number): Failure {
  return new Failure('usage', { fact: `it has more than ${limit} bytes`, fix: 'download it' });
}
