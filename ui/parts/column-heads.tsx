interface Props {
  /** The name of each column, and the class of its cells. */
  readonly columns: readonly (readonly [name: string, className?: string])[];
}

/** The head of a table. */
export function ColumnHeads({ columns }: Props) {
  return (
    <thead>
      <tr>
        {columns.map(([name, className]) => (
          <th key={name} scope="col" class={className}>
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}
