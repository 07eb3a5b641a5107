// A page of a Describe operation: PageSize and Marker in, rows and NextMarker out.
// Before: the Describe operations. Marker is aws/paging.ts's token under this service's name for it.
import { AwsError } from '../../aws/error.ts'
import { pageOf, startOfPage } from '../../aws/paging.ts'
import { checkRange, invalid } from './context.ts'

/** The model's: the most of a page, and what a page has unless asked. */
const MOST = 400

export type Paged = { readonly Marker?: string | undefined; readonly PageSize?: number | undefined }

export const page = <Row>(
  { Marker, PageSize }: Paged,
  of: {
    /** Operation and filters: a marker that comes with others is refused. */
    readonly query: string
    readonly rowsFrom: (after: string | undefined) => Iterable<Row>
    readonly keyOf: (row: Row) => string
    readonly where?: (row: Row) => boolean
  },
): { readonly rows: readonly Row[]; readonly marker: { readonly NextMarker?: string } } => {
  checkRange('pageSize', PageSize, 1, MOST)
  const { rows, nextToken } = pageOf(of.rowsFrom(startOf(of.query, Marker)), { ...of, limit: PageSize ?? MOST })
  return { rows, marker: nextToken === undefined ? {} : { NextMarker: nextToken } }
}

const startOf = (query: string, marker: string | undefined): string | undefined => {
  try {
    return startOfPage(query, marker)
  } catch (error) {
    if (error instanceof AwsError) throw invalid(`Marker '${marker}' is not valid`)
    throw error
  }
}

/** For rows that are no table's, in their own order. */
export const behind = <Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  after: string | undefined,
): readonly Row[] => (after === undefined ? rows : rows.slice(rows.findIndex(row => keyOf(row) === after) + 1))
