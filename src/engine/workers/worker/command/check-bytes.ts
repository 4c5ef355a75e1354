import type { ArtefactType } from '../../../stage/artefact.ts';
import { json } from '../../../stage/codecs/json.ts';
import { png } from '../../../stage/codecs/png.ts';
import { readHeader } from '../../../stage/codecs/safetensors-header.ts';
import { csv, markdown, svg } from '../../../stage/codecs/text.ts';

const ARROW = 'ARROW1';

/**
 * Whether bytes are of a type. A command writes them itself, so nothing has encoded them.
 * @throws {Error} that says what they are not
 */
export function checkBytes(type: ArtefactType, bytes: Uint8Array): void {
  switch (type) {
    case 'json':
      json().decode(bytes);
      return;
    case 'csv':
    case 'markdown':
    case 'svg':
      ({ csv, markdown, svg })[type].decode(bytes);
      return;
    case 'png':
      png.encode(bytes);
      return;
    case 'safetensors':
      readHeader(bytes);
      return;
    case 'arrow': {
      // Decoding would load a hundred modules. A file that was cut off lacks its end.
      const [start, end] = [bytes.subarray(0, ARROW.length), bytes.subarray(-ARROW.length)];
      if ([start, end].some((part) => Buffer.from(part).toString('latin1') !== ARROW)) {
        throw new TypeError('it does not begin and end as an Arrow IPC file does');
      }
      return;
    }
    case 'bytes':
    case 'file':
    case 'directory':
      return;
  }
}
