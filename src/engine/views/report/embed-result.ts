import type { ArtefactDigest } from '../../base/digest.ts';
import type { Store } from '../../store/store.ts';
import { imageType } from '../live/previews/image-type.ts';
import { type PreviewRequest, preview } from '../live/previews/preview.ts';
import type { Result } from '../live/protocol.ts';
import { markdownToHtml } from './markdown.ts';
import type { EmbeddedPreview, ReportResult } from './report-content.ts';
import { svgImage } from './svg-image.ts';

/** A page that holds more than this opens in no browser. */
const LARGEST_EMBEDDED_BYTES = 64 * 1024 * 1024;

const SVG = 'image/svg+xml';

const ROWS_SHOWN = 100;
const TEXT_SHOWN = 256 * 1024;

/** A result with what a page without a server shows of it. */
export async function embedResult(result: Result, store: Store, fontFaces: string): Promise<ReportResult> {
  const { digest, type, isHere, bytes: size } = result;
  if (digest === null || !isHere) return { ...result, preview: undefined, download: undefined };
  const request = {
    digest: digest as ArtefactDigest,
    type,
    path: undefined,
    offset: 0,
    limit: type === 'csv' || type === 'arrow' ? ROWS_SHOWN : TEXT_SHOWN,
  };
  const isEmbedded = !store.files.isDirectory(request.digest) && (size ?? 0) <= LARGEST_EMBEDDED_BYTES;
  const bytes = isEmbedded ? store.artefact(request.digest) : undefined;
  return {
    ...result,
    preview: await embeddedPreview(request, bytes, store, fontFaces),
    download: bytes && dataAddress(bytes, 'application/octet-stream'),
  };
}

async function embeddedPreview(
  request: PreviewRequest,
  bytes: Uint8Array | undefined,
  store: Store,
  fontFaces: string,
): Promise<EmbeddedPreview> {
  const found = await preview(request, store);
  if (found.kind === 'document') return { kind: 'markdown', html: markdownToHtml(textOf(bytes)).text };
  if (found.kind !== 'image' || !bytes) return found;
  const mediaType = imageType(bytes) ?? (request.type === 'png' ? 'image/png' : SVG);
  const address = mediaType === SVG ? svgImage(textOf(bytes), fontFaces) : dataAddress(bytes, mediaType);
  return { ...found, address };
}

function textOf(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}

function dataAddress({ buffer, byteOffset, byteLength }: Uint8Array, mediaType: string): string {
  return `data:${mediaType};base64,${Buffer.from(buffer, byteOffset, byteLength).toString('base64')}`;
}
