import { useMemo, useRef, useState } from 'preact/hooks';
import type { ExperimentRow, ExperimentTable, MetricCurve } from '../../../src/engine/views/live/protocol.ts';
import { addressOf } from '../../address/routes.ts';
import { counted } from '../../format/numbers.ts';
import { useAction } from '../../parts/actions.tsx';
import { Curves } from '../../parts/curves.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { useLive } from '../../parts/live-context.ts';
import { Preview } from '../../parts/preview.tsx';
import { Loading, Problem } from '../../parts/problem.tsx';
import { useOptions } from '../../parts/route-context.ts';
import { Scroll } from '../../parts/scroll.tsx';
import { StateMark } from '../../parts/states.tsx';
import { useResource } from '../../parts/use-resource.ts';
import { useVirtualRows } from '../../parts/virtual-list.tsx';
import { type Column, chosenColumns, columnsFor, filterRows, sortRows } from './table.ts';

const ROW = 34;
/** More runs than this over each other tell nothing. */
const MOST_COMPARED = 8;

/** Runs with the params that differ and their metrics; those that are chosen over each other. */
export function ExperimentsView() {
  const { overview, generation } = useLive();
  const version = `${generation} ${overview?.head.state}`;
  const { value, problem, reload } = useResource<ExperimentTable>('experiments', {}, version);
  return (
    <>
      <h1 tabIndex={-1}>Experiments</h1>
      {problem && <Problem problem={problem} />}
      {value ? <Experiments table={value} reload={reload} /> : !problem && <Loading what="the runs" />}
    </>
  );
}

function Experiments({ table, reload }: { readonly table: ExperimentTable; readonly reload: () => void }) {
  const [options, choose] = useOptions();
  const all = useMemo(() => columnsFor(table.params, table.metrics), [table]);
  const columns = chosenColumns(all, options.columns, table.rows);
  const rows = useMemo(
    () => sortRows(filterRows(table.rows, all, options.filter ?? ''), all, options.sort),
    [table, all, options.filter, options.sort],
  );
  const compared = useMemo(() => new Set((options.compare ?? '').split(',').filter(Boolean)), [options.compare]);
  const toggle = (run: string) => {
    const next = new Set(compared);
    if (!next.delete(run)) next.add(run);
    choose({ compare: [...next].join(',') });
  };
  if (table.rows.length === 0) return <p class="quiet">There is no run yet.</p>;
  return (
    <>
      <div class="toolbar">
        <label class="grows">
          Filter
          <input
            type="search"
            value={options.filter ?? ''}
            placeholder="such as lr>0.01 state=failed"
            onInput={(event) => choose({ filter: event.currentTarget.value })}
          />
        </label>
        <ColumnChoice all={all} columns={columns} onChange={(ids) => choose({ columns: ids })} />
        <span class="quiet" role="status">
          {rows.length === table.rows.length
            ? counted(rows.length, 'run')
            : `${rows.length} of ${counted(table.rows.length, 'run')}`}
        </span>
      </div>
      <Table
        rows={rows}
        columns={columns}
        sort={options.sort}
        onSort={(sort) => choose({ sort })}
        compared={compared}
        onToggle={toggle}
        onTagged={reload}
      />
      <Comparison
        rows={table.rows.filter(({ run }) => compared.has(run)).slice(0, MOST_COMPARED)}
        metrics={table.metrics}
        metric={options.metric}
        onMetric={(metric) => choose({ metric })}
      />
    </>
  );
}

interface TableProps {
  readonly rows: readonly ExperimentRow[];
  readonly columns: readonly Column[];
  readonly sort: string | undefined;
  readonly onSort: (sort: string) => void;
  readonly compared: ReadonlySet<string>;
  readonly onToggle: (run: string) => void;
  readonly onTagged: () => void;
}

function Table({ rows, columns, sort, onSort, compared, onToggle, onTagged }: TableProps) {
  const scroller = useRef<HTMLElement>(null);
  const { items, height } = useVirtualRows(scroller, rows.length, ROW);
  const [tagged, setTagged] = useState<ExperimentRow>();
  const { overview } = useLive();
  const above = items[0]?.start ?? 0;
  const below = height - (items.at(-1)?.end ?? 0);
  return (
    <Scroll element={scroller} className="experiments" label="Runs">
      <table aria-rowcount={rows.length + 1}>
        <thead>
          <tr>
            <th scope="col">
              <span class="only-read">compare</span>
            </th>
            {columns.map((column) => (
              <SortHeader key={column.id} column={column} sort={sort} onSort={onSort} />
            ))}
            {overview?.mayAct && (
              <th scope="col">
                <span class="only-read">name and note</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {above > 0 && <tr class="space" style={{ height: `${above}px` }} />}
          {items.map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            const name = row.name ?? row.run;
            return (
              <tr key={row.run} aria-rowindex={item.index + 2} class={compared.has(row.run) ? 'chosen' : ''}>
                <td>
                  <input
                    type="checkbox"
                    aria-label={`Compare ${name}`}
                    checked={compared.has(row.run)}
                    onChange={() => onToggle(row.run)}
                  />
                </td>
                {columns.map((column) => (
                  <td
                    key={column.id}
                    class={typeof column.value(row) === 'number' ? 'number' : column.id}
                    title={tipOf(column, row)}
                  >
                    {column.id === 'name' ? (
                      <a href={addressOf({ view: 'overview', name: '', options: { run: row.run } })}>
                        {column.text(row)}
                      </a>
                    ) : column.id === 'state' ? (
                      <StateMark state={row.state} />
                    ) : (
                      column.text(row)
                    )}
                  </td>
                ))}
                {overview?.mayAct && (
                  <td>
                    <button
                      type="button"
                      class="plain link"
                      onClick={() => setTagged(row)}
                      aria-label={`tag ${name} with a name and a note`}
                    >
                      tag
                    </button>
                  </td>
                )}
              </tr>
            );
          })}
          {below > 0 && <tr class="space" style={{ height: `${below}px` }} />}
        </tbody>
      </table>
      <TagDialog row={tagged} onClose={() => setTagged(undefined)} onTagged={onTagged} />
    </Scroll>
  );
}

function tipOf(column: Column, row: ExperimentRow): string | undefined {
  if (column.id === 'state') return row.reason ?? undefined;
  if (column.id === 'name') return row.note ?? row.run;
  return undefined;
}

interface SortHeaderProps {
  readonly column: Column;
  readonly sort: string | undefined;
  readonly onSort: (sort: string) => void;
}

/** One click sorts from the least, the next from the greatest, the third as it was. */
function SortHeader({ column, sort, onSort }: SortHeaderProps) {
  const order = sort === column.id ? 'ascending' : sort === `-${column.id}` ? 'descending' : 'none';
  const next = order === 'none' ? column.id : order === 'ascending' ? `-${column.id}` : '';
  return (
    <th scope="col" aria-sort={order} class={column.kind === 'number' ? 'number' : ''} title={column.id}>
      <button type="button" class="plain" onClick={() => onSort(next)}>
        {column.label}
        <span aria-hidden="true" class="order">
          {order === 'ascending' ? '↑' : order === 'descending' ? '↓' : ''}
        </span>
      </button>
    </th>
  );
}

interface ColumnChoiceProps {
  readonly all: readonly Column[];
  readonly columns: readonly Column[];
  readonly onChange: (ids: string) => void;
}

function ColumnChoice({ all, columns, onChange }: ColumnChoiceProps) {
  const shown = new Set(columns.map(({ id }) => id));
  return (
    <details class="menu">
      <summary>Columns</summary>
      <fieldset>
        <legend class="only-read">Columns that are shown</legend>
        {all.map(({ id, label }) => (
          <label key={id}>
            <input
              type="checkbox"
              checked={shown.has(id)}
              onChange={() => {
                const next = all.filter((each) => (each.id === id ? !shown.has(id) : shown.has(each.id)));
                onChange(next.map((each) => each.id).join(','));
              }}
            />
            {label}
          </label>
        ))}
        <button type="button" onClick={() => onChange('')}>
          The usual ones
        </button>
      </fieldset>
    </details>
  );
}

interface ComparisonProps {
  readonly rows: readonly ExperimentRow[];
  readonly metrics: readonly string[];
  readonly metric: string | undefined;
  readonly onMetric: (metric: string) => void;
}

/** The chosen runs: curves of a metric over each other, and their figures side by side. */
function Comparison({ rows, metrics, metric, onMetric }: ComparisonProps) {
  const reported = metrics.filter((name) => rows.some((row) => row.metrics[name]));
  const shown = reported.find((name) => name === metric) ?? reported[0];
  const nodes = rows.flatMap(({ run, metrics: own }) =>
    (shown === undefined ? [] : (own[shown]?.nodes ?? [])).slice(0, 4).map((node) => `${run}:${node}`),
  );
  const { value, problem } = useResource<readonly MetricCurve[]>(nodes.length > 0 ? 'series' : undefined, {
    nodes,
    metric: shown,
  });
  if (rows.length === 0) {
    return <p class="quiet">Choose runs by their boxes to see their curves over each other, and their figures.</p>;
  }
  const nameOf = (run: string) => {
    const row = rows.find((each) => each.run === run);
    return row?.name ?? run;
  };
  const severalNodes = rows.some((row) => (shown === undefined ? 0 : (row.metrics[shown]?.nodes.length ?? 0)) > 1);
  const paths = [...new Set(rows.flatMap(({ figures }) => figures.map(({ path }) => path)))];
  return (
    <section>
      <h2>Compared</h2>
      {reported.length > 1 && (
        <div class="toolbar">
          <label>
            Metric
            <select value={shown} onChange={(event) => onMetric(event.currentTarget.value)}>
              {reported.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        </div>
      )}
      {problem && <Problem problem={problem} />}
      {shown !== undefined && value && value.length > 0 && (
        <Curves
          title={shown}
          xLabel="step"
          height={320}
          curves={value.map(({ run, node, series }) => ({
            label: severalNodes ? `${nameOf(run)} ${node}` : nameOf(run),
            x: series.steps,
            y: series.values,
            group: rows.findIndex((row) => row.run === run),
          }))}
        />
      )}
      {paths.map((path) => (
        <div key={path}>
          <h3>{path}</h3>
          <div class="side-by-side">
            {rows.map((row) => {
              const figure = row.figures.find((each) => each.path === path);
              return (
                <figure key={row.run}>
                  <figcaption>
                    {row.name ?? row.run}
                    {figure && (
                      <>
                        {', '}
                        <a href={addressOf({ view: 'node', name: figure.node, options: { run: row.run } })}>
                          {figure.node}
                        </a>
                      </>
                    )}
                  </figcaption>
                  {figure ? (
                    <Preview digest={figure.digest} type={figure.type} name={`${path} of ${row.name ?? row.run}`} />
                  ) : (
                    <p class="quiet">It was not made.</p>
                  )}
                </figure>
              );
            })}
          </div>
        </div>
      ))}
    </section>
  );
}

interface TagProps {
  readonly row: ExperimentRow | undefined;
  readonly onClose: () => void;
  readonly onTagged: () => void;
}

function TagDialog({ row, onClose, onTagged }: TagProps) {
  const perform = useAction();
  return (
    <Dialog title={`Name and note of ${row?.name ?? row?.run}`} isOpen={row !== undefined} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!row) return;
          const fields = new FormData(event.currentTarget);
          const read = (name: string) => String(fields.get(name) ?? '').trim() || null;
          onClose();
          void perform({ action: 'tag', run: row.run, name: read('name'), note: read('note') }).then(onTagged);
        }}
      >
        <label class="field">
          Name
          <input name="name" defaultValue={row?.name ?? ''} />
        </label>
        <label class="field">
          Note
          <textarea name="note" rows={3} defaultValue={row?.note ?? ''} />
        </label>
        <p class="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit">Save</button>
        </p>
      </form>
    </Dialog>
  );
}
