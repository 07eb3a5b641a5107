// What store-crash-writer.ts writes and store-crash.test.ts reads.
import { defineTable } from '../src/store/table.ts'

export const WRITERS = 6
export const ACCOUNTS = 8
/** A writer deletes its row of this many transactions before. */
export const KEPT = 10

export type Account = { readonly key: string; readonly balance: number; readonly version: number }
export type Entry = { readonly key: string; readonly text: string }

export const accounts = defineTable<Account>({
  name: 'accounts',
  key: row => row.key,
  sums: {
    total: (row, add) => {
      add('all', 'balance', row.balance)
      add('all', 'version', row.version)
    },
  },
})
export const entries = defineTable<Entry>({
  name: 'entries',
  key: row => row.key,
  indexes: { byWriter: row => row.key.slice(0, row.key.lastIndexOf('/')) },
})

export const accountKey = (n: number): string => `account-${n}`
export const writerKey = (round: string, writer: number): string => `${round}/${writer}`
export const entryKey = (round: string, writer: number, n: number): string =>
  `${writerKey(round, writer)}/${n.toString().padStart(8, '0')}`
