import type { StageProvenance } from '../../src/engine/views/provenance/provenance.ts';
import { counted, formatCount } from '../format/numbers.ts';
import { formatSeconds } from '../format/time.ts';
import { ColumnHeads } from './column-heads.tsx';
import { Params } from './params.tsx';
import { useAddress } from './route-context.ts';
import { Scroll } from './scroll.tsx';

interface Props {
  readonly stages: readonly StageProvenance[];
  /** What was made. */
  readonly label: string;
  /** Whether addresses of stages lead to these rows. */
  readonly isIndex?: boolean;
}

/** How something and everything upstream was made, by stage. */
export function ProvenanceTable({ stages, label, isIndex = false }: Props) {
  const address = useAddress();
  return (
    <Scroll label={label}>
      <table class="provenance">
        <ColumnHeads
          columns={[
            ['stage'],
            ['nodes', 'number'],
            ['time', 'number'],
            ['code'],
            ['computed by'],
            ['hosts'],
            ['params'],
          ]}
        />
        <tbody>
          {stages.map((part) => (
            <tr key={part.stage} id={isIndex ? `stage-${part.stage}` : undefined}>
              <th scope="row">{isIndex ? part.stage : <a href={address('stage', part.stage)}>{part.stage}</a>}</th>
              <td class="number">{formatCount(part.nodes)}</td>
              <td class="number">{formatSeconds(part.seconds)}</td>
              <td>
                <Fingerprints code={part.code} />
              </td>
              <td>{[...part.compute, ...part.environment].join(', ')}</td>
              <td>{part.hosts.join(', ')}</td>
              <td>
                <ParamsOfNodes params={part.params} otherParams={part.otherParams} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** Of code: as much of each as tells them apart. */
function Fingerprints({ code }: Pick<StageProvenance, 'code'>) {
  return (
    <>
      {code.map((fingerprint) => (
        <code key={fingerprint} title={fingerprint}>
          {fingerprint.slice(0, 12)}{' '}
        </code>
      ))}
    </>
  );
}

/** The params of a stage, for each group of nodes that has others. */
function ParamsOfNodes({ params: groups, otherParams }: Pick<StageProvenance, 'params' | 'otherParams'>) {
  const declared = groups.filter(({ params }) => Object.keys(params).length > 0);
  if (declared.length === 0) return <span class="quiet">none</span>;
  const summary = groups.length > 1 ? `${formatCount(groups.length + otherParams)} different ones` : 'show';
  return (
    <details>
      <summary>{summary}</summary>
      {groups.map(({ params, nodes }) => (
        <div key={JSON.stringify(params)}>
          {groups.length > 1 && <span class="quiet">{counted(nodes, 'node')}:</span>}
          <Params params={params} empty="none" />
        </div>
      ))}
      {otherParams > 0 && <p class="quiet">and {formatCount(otherParams)} more</p>}
    </details>
  );
}
