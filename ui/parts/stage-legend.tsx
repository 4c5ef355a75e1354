interface Props {
  /** The name and the class of the colour of each. */
  readonly stages: readonly { readonly name: string; readonly colour: string }[];
}

/** Which stage has which colour in a timeline. */
export function StageLegend({ stages }: Props) {
  return (
    <ul class="legend" aria-label="Stages">
      {stages.map(({ name, colour }) => (
        <li key={name}>
          <svg class="sign" viewBox="0 0 12 12" aria-hidden="true">
            <rect class={colour} width="12" height="12" rx="2" />
          </svg>
          {name}
        </li>
      ))}
    </ul>
  );
}
