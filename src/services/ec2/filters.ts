// Filters of Describe calls: a row passes when each filter has a value that fits one of the row's own; `*` and `?` stand for any
// text and any character. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
import type { Filter, Tag } from '@aws-sdk/client-ec2'
import type { AwsError } from '../../aws/error.ts'
import { type Page, pageOf, startOfPage } from '../../aws/paging.ts'
import { invalidValue } from './context.ts'

/** By filter name: what a row has for it; of a list one must fit. */
export type Fields<Row> = Readonly<Record<string, (row: Row) => string | boolean | readonly string[] | undefined>>

type Tagged = { readonly id: string; readonly tags: readonly Tag[] }

type Listing<Row> = {
  readonly operation: string
  readonly Filters?: Filter[] | undefined
  readonly ids: readonly string[] | undefined
  /** `InvalidVpcID.NotFound`, and `The vpc ID '...' does not exist`. */
  readonly notFound: (id: string) => AwsError
  readonly fields: Fields<Row>
  readonly NextToken?: string | undefined
  readonly MaxResults?: number | undefined
}

const MOST = 1_000

/** The rows that are asked for, a page of them. All of `ids` must be there. */
export const listed = <Row extends Tagged>(rows: Iterable<Row>, listing: Listing<Row>): Page<Row> => {
  const { ids = [], Filters = [], fields, operation, notFound } = listing
  const query = `${operation} ${JSON.stringify([ids, Filters])}`
  const after = startOfPage(query, listing.NextToken, 'InvalidParameterValue')
  const all = [...rows]
  for (const id of ids) if (!all.some(row => row.id === id)) throw notFound(id)
  const tests = Filters.map(filter => testOf(filter, fields))
  const chosen = all.filter(
    row => (ids.length === 0 || ids.includes(row.id)) && tests.every(test => test(row)) && (!after || row.id > after),
  )
  return pageOf(
    chosen.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    { query, limit: Math.min(listing.MaxResults ?? MOST, MOST), keyOf: row => row.id },
  )
}

const testOf = <Row extends Tagged>(
  { Name = '', Values = [] }: Filter,
  fields: Fields<Row>,
): ((row: Row) => boolean) => {
  const patterns = Values.map(patternOf)
  const fits = (value: string): boolean => patterns.some(pattern => pattern.test(value))
  if (Name.startsWith('tag:')) {
    const key = Name.slice('tag:'.length)
    return row => row.tags.some(tag => tag.Key === key && fits(tag.Value ?? ''))
  }
  if (Name === 'tag-key') return row => row.tags.some(tag => fits(tag.Key ?? ''))
  const field = Object.hasOwn(fields, Name) ? fields[Name] : undefined
  if (!field) throw invalidValue(`The filter '${Name}' is invalid`)
  return row => {
    const value = field(row)
    return value !== undefined && [value].flat().some(one => fits(String(one)))
  }
}

const patternOf = (value: string): RegExp =>
  new RegExp(`^${RegExp.escape(value).replaceAll('\\*', '.*').replaceAll('\\?', '.')}$`, 's')
