// How many rows a page of a List operation has, as asked or as usual.
import { invalid } from './refuse.ts'

export const checkPageSize = (
  asked: number | undefined,
  page: { readonly most: number; readonly usual: number },
): number => {
  if (asked === undefined) return page.usual
  if (!Number.isInteger(asked) || asked < 1 || asked > page.most)
    throw invalid(`maxResults must be from 1 to ${page.most}.`)
  return asked
}
