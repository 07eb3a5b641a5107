// Pages of List operations: where a page starts, which rows are on it, and the opaque nextToken that leads to the next.
// Before: a List operation with an iterator over its rows in key order. A token holds the last row's key and a digest of
// the query it belongs to, so a token that is used with other filters is refused rather than answered with a wrong page.
import { createHash } from 'node:crypto'
import { AwsError } from './error.ts'

/** A filter that few rows pass must not make one request walk a whole table: such a page is short, as AWS's may be. */
const MOST_ROWS_LOOKED_AT = 10_000

export type Page<Row> = { readonly rows: readonly Row[]; readonly nextToken?: string }

export type PageOptions<Row> = {
  /** Operation and filters, in one text: the same for each page of one listing. */
  readonly query: string
  /** The most rows on a page. */
  readonly limit: number
  readonly keyOf: (row: Row) => string
  /** Rows that don't pass are left out. */
  readonly where?: (row: Row) => boolean
}

const digest = (query: string): string => createHash('sha256').update(query).digest('base64url').slice(0, 16)

/** The key behind which the page starts, undefined for the first; throws InvalidParameterException, or what the service has for it, for another's token. */
export const startOfPage = (
  query: string,
  nextToken: string | undefined,
  code = 'InvalidParameterException',
): string | undefined => {
  if (nextToken === undefined || nextToken === '') return undefined
  const [of, key] = parts(nextToken)
  if (of !== digest(query) || key === undefined) throw new AwsError(code, 'Invalid token.')
  return key
}

/** Takes a page from `rows`, which begin behind `startOfPage`. Costs what is taken. */
export const pageOf = <Row>(rows: Iterable<Row>, options: PageOptions<Row>): Page<Row> => {
  const { query, limit, keyOf, where } = options
  const page: Row[] = []
  let last: string | undefined
  let lookedAt = 0
  for (const row of rows) {
    const wanted = where === undefined || where(row)
    if (last !== undefined && ((wanted && page.length === limit) || lookedAt === MOST_ROWS_LOOKED_AT)) {
      return { rows: page, nextToken: tokenOf(query, last) }
    }
    if (wanted) page.push(row)
    last = keyOf(row)
    lookedAt++
  }
  return { rows: page }
}

const tokenOf = (query: string, key: string): string =>
  Buffer.from(JSON.stringify([digest(query), key])).toString('base64url')

const parts = (nextToken: string): readonly [string?, string?] => {
  try {
    const [of, key] = JSON.parse(Buffer.from(nextToken, 'base64url').toString())
    return typeof of === 'string' && typeof key === 'string' ? [of, key] : []
  } catch {
    return []
  }
}
