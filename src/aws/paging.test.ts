import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { pageOf, startOfPage } from './paging.ts'

const all = Array.from({ length: 25 }, (_, index) => `arn-${index.toString().padStart(6, '0')}`)
const after = (key: string | undefined): string[] => all.filter(row => key === undefined || row > key)
const keyOf = (row: string): string => row

const walk = (limit: number, where?: (row: string) => boolean): string[][] => {
  const pages: string[][] = []
  let token: string | undefined
  do {
    const rows = after(startOfPage('q', token))
    const page = pageOf(rows, { query: 'q', limit, keyOf, ...(where ? { where } : {}) })
    pages.push([...page.rows])
    token = page.nextToken
  } while (token !== undefined)
  return pages
}

test('pages join up to the whole list, each but the last full, and the last has no token', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), limit => {
      const pages = walk(limit)
      assert.deepEqual(pages.flat(), all)
      assert.ok(pages.slice(0, -1).every(page => page.length === limit))
    }),
  )
})

test('a filter leaves rows out, and the last page ends the walk', () => {
  const even = (row: string): boolean => Number(row.slice(4)) % 2 === 0
  assert.deepEqual(walk(5, even).flat(), all.filter(even))
  assert.deepEqual(walk(13, even).length, 1)
})

test('a page looks at a bounded number of rows, however few pass the filter', () => {
  let lookedAt = 0
  const many = Array.from({ length: 30_000 }, (_, index) => index.toString().padStart(6, '0'))
  const page = pageOf(many, {
    query: 'q',
    limit: 10,
    keyOf,
    where: () => {
      lookedAt++
      return false
    },
  })
  assert.equal(page.rows.length, 0)
  assert.ok(page.nextToken)
  assert.ok(lookedAt <= 10_001)
  assert.equal(startOfPage('q', page.nextToken), '009999')
})

test('a token of another query, or none at all, is refused', () => {
  const { nextToken } = pageOf(all, { query: 'q', limit: 1, keyOf })
  for (const [query, token] of [
    ['other', nextToken],
    ['q', 'nonsense'],
    ['q', `${nextToken}AA`],
  ] as const) {
    assert.throws(() => startOfPage(query, token), { code: 'InvalidParameterException', message: 'Invalid token.' })
  }
  assert.equal(startOfPage('q', ''), undefined)
})

test('arbitrary tokens are refused or read, never a crash', () => {
  fc.assert(
    fc.property(fc.string(), token => {
      try {
        startOfPage('q', token)
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'InvalidParameterException')
      }
    }),
  )
})
