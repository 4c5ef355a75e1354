import type { JsonValue } from '../../src/engine/base/json.ts';
import type { Preview, TensorSummary } from '../../src/engine/views/live/protocol.ts';
import type { EmbeddedPreview } from '../../src/engine/views/report/report-content.ts';
import { counted, formatBytes, formatCount, formatNumber } from '../format/numbers.ts';
import { ColumnHeads } from './column-heads.tsx';
import { Scroll, ScrollText } from './scroll.tsx';

interface Props {
  readonly preview: Preview | EmbeddedPreview;
  /** What it is, for readers who do not see it. */
  readonly name: string;
  /** Show another part. Missing where there is only this one. */
  readonly onOffset?: ShowPart;
  readonly onPath?: (path: string) => void;
}

type ShowPart = (offset: number) => void;

/** What there is to see of an artefact. */
export function PreviewContent({ preview, name, onOffset, onPath }: Props) {
  switch (preview.kind) {
    case 'image':
      return <Figure address={preview.address} caption={preview.caption} name={name} />;
    case 'document':
      return <iframe class="document" sandbox="" src={preview.address} title={name} />;
    case 'markdown':
      // HTML of artefacts is text in it (views/report/markdown.ts).
      return <div class="markdown" dangerouslySetInnerHTML={{ __html: preview.html }} />;
    case 'table':
      return <TablePreview preview={preview} name={name} onOffset={onOffset} />;
    case 'text':
    case 'json':
      return <TextPreview preview={preview} name={name} onOffset={onOffset} />;
    case 'tensors':
      return (
        <>
          <Tensors tensors={preview.tensors} name={name} />
          {preview.count > preview.tensors.length && (
            <p class="quiet">and {formatCount(preview.count - preview.tensors.length)} more</p>
          )}
        </>
      );
    case 'directory':
      return (
        <>
          <ul class="files">
            {preview.entries.map((entry) => (
              <li key={entry.path}>
                {onPath ? (
                  <button type="button" class="plain link" onClick={() => onPath(entry.path)}>
                    {entry.path}
                  </button>
                ) : (
                  <code>{entry.path}</code>
                )}{' '}
                <span class="quiet">{formatBytes(entry.bytes)}</span>
              </li>
            ))}
          </ul>
          <Pages
            offset={preview.offset}
            shown={preview.entries.length}
            count={preview.count}
            noun="file"
            onOffset={onOffset}
          />
        </>
      );
    case 'bytes':
      return (
        <ScrollText label={`First bytes of ${name}`}>
          {preview.head.replace(/(..)/g, '$1 ').replace(/((?:.. ){16})/g, '$1\n')}
        </ScrollText>
      );
    case 'missing':
      return <p class="quiet">The cache does not have these bytes.</p>;
    case 'too large':
      return <p class="quiet">Larger than {formatBytes(preview.limit)}: download it to look at it.</p>;
    case 'unreadable':
      return <p class="problem">{preview.fact}</p>;
  }
}

interface FigureProps {
  readonly address: string;
  readonly caption: string | null;
  readonly name: string;
}

/** A figure on white, as it will be printed; a click shows it large. Browsers open no `data:` address, so the page does that itself. */
function Figure({ address, caption, name }: FigureProps) {
  const image = <img src={address} alt={caption === null ? name : `${name}: ${caption}`} />;
  return (
    <figure>
      {address.startsWith('data:') ? (
        <button type="button" class="sheet" title="Show large">
          {image}
        </button>
      ) : (
        <a class="sheet" href={address} target="_blank" rel="noreferrer">
          {image}
        </a>
      )}
      {caption !== null && <figcaption>{caption}</figcaption>}
    </figure>
  );
}

function TablePreview({
  preview,
  name,
  onOffset,
}: {
  readonly preview: Extract<Preview, { kind: 'table' }>;
  readonly name: string;
  readonly onOffset: ShowPart | undefined;
}) {
  const shown = preview.values[0]?.length ?? 0;
  const isNumber = preview.values.map((column) => column.every((value) => typeof value === 'number' || value === null));
  return (
    <>
      <Scroll className="table-preview" label={`Rows of ${name}`}>
        <table>
          <thead>
            <tr>
              {preview.columns.map((column, at) => (
                <th key={column.name} class={isNumber[at] ? 'number' : ''} title={column.type} scope="col">
                  {column.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {Array.from({ length: shown }, (_, row) => (
              <tr key={row}>
                {preview.values.map((column, at) => (
                  <td key={preview.columns[at]?.name} class={isNumber[at] ? 'number' : ''}>
                    {writeValue(column[row])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <Pages offset={preview.offset} shown={shown} count={preview.rows} noun="row" onOffset={onOffset} />
    </>
  );
}

function writeValue(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number') return formatNumber(value, 5);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function TextPreview({
  preview,
  name,
  onOffset,
}: {
  readonly preview: Extract<Preview, { kind: 'text' | 'json' }>;
  readonly name: string;
  readonly onOffset: ShowPart | undefined;
}) {
  const { offset, next } = preview;
  return (
    <>
      <ScrollText label={`Text of ${name}`}>{preview.text}</ScrollText>
      {(offset > 0 || next !== null) && (
        <p class="pages">
          {onOffset && offset > 0 && (
            <button type="button" onClick={() => onOffset(0)}>
              From the start
            </button>
          )}{' '}
          {onOffset && next !== null && (
            <button type="button" onClick={() => onOffset(next)}>
              Next part
            </button>
          )}{' '}
          <span class="quiet">
            {next === null || offset > 0 ? 'from' : 'up to'} {formatBytes(offset > 0 ? offset : next)} of{' '}
            {formatBytes(preview.bytes)}
          </span>
        </p>
      )}
    </>
  );
}

interface PagesProps {
  readonly offset: number;
  readonly shown: number;
  readonly count: number | null;
  readonly noun: string;
  readonly onOffset: ShowPart | undefined;
}

function Pages({ offset, shown, count, noun, onOffset }: PagesProps) {
  if (offset === 0 && (count ?? 0) <= shown) {
    return count === null ? null : <p class="quiet">{counted(count, noun)}</p>;
  }
  return (
    <p class="pages">
      {onOffset && (
        <>
          <button type="button" disabled={offset === 0} onClick={() => onOffset(Math.max(0, offset - shown))}>
            Previous
          </button>{' '}
          <button
            type="button"
            disabled={count !== null && offset + shown >= count}
            onClick={() => onOffset(offset + shown)}
          >
            Next
          </button>{' '}
        </>
      )}
      <span class="quiet">
        {noun}s {formatCount(offset + 1)}–{formatCount(offset + shown)}
        {count === null ? '' : ` of ${formatCount(count)}`}
      </span>
    </p>
  );
}

function Tensors({ tensors, name }: { readonly tensors: readonly TensorSummary[]; readonly name: string }) {
  return (
    <Scroll label={`Tensors of ${name}`}>
      <table class="tensors">
        <ColumnHeads
          columns={[
            ['tensor'],
            ['type'],
            ['shape'],
            ['values'],
            ['mean', 'number'],
            ['least', 'number'],
            ['greatest', 'number'],
          ]}
        />
        <tbody>
          {tensors.map((tensor) => (
            <tr key={tensor.name}>
              <th scope="row">{tensor.name}</th>
              <td>{tensor.dtype}</td>
              <td>{tensor.shape.join(' × ') || 'scalar'}</td>
              <td>
                <Histogram tensor={tensor} />
                {tensor.notFinite > 0 && <span class="problem"> {formatCount(tensor.notFinite)} not finite</span>}
              </td>
              <td class="number">{formatNumber(tensor.mean)}</td>
              <td class="number">{formatNumber(tensor.min)}</td>
              <td class="number">{formatNumber(tensor.max)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

const [BIN, TALL] = [4, 26];

/** Where the values lie, from the least to the greatest. */
function Histogram({ tensor: { name, histogram, isSampled } }: { readonly tensor: TensorSummary }) {
  const most = histogram.reduce((a, b) => Math.max(a, b), 0);
  if (most === 0) return null;
  return (
    <svg
      class="histogram"
      width={histogram.length * BIN}
      height={TALL}
      role="img"
      aria-label={`Distribution of ${name}${isSampled ? ', of a part of its values' : ''}`}
    >
      {histogram.map((count, bin) => {
        const height = count === 0 ? 0 : Math.max(1, (count / most) * (TALL - 1));
        return <rect key={bin} x={bin * BIN} y={TALL - height} width={BIN - 1} height={height} />;
      })}
    </svg>
  );
}
