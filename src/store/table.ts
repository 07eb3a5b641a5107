// What a table is: its name in the journal, its rows' key, its indexes.

export type Table<Row> = {
  readonly name: string
  readonly key: (row: Row) => string
  /** By name: the value under which a row is found, or undefined when the index does not hold it. */
  readonly indexes: Readonly<Record<string, (row: Row) => string | undefined>>
  /** Sums kept over rows, by name. */
  readonly sums: Readonly<Record<string, Sum<Row>>>
}

/**
 * Numbers added up over the rows of one group, kept current by every put and delete: what a host has in use, how many
 * tasks of a deployment run. Calls `add` for each whole number that a row counts with; not at all when it does not count.
 */
export type Sum<Row> = (row: Row, add: (group: string, name: string, value: number) => void) => void

export const defineTable = <Row>(table: {
  readonly name: string
  readonly key: (row: Row) => string
  readonly indexes?: Table<Row>['indexes']
  readonly sums?: Table<Row>['sums']
}): Table<Row> => ({ indexes: {}, sums: {}, ...table })
