// The process that store-crash.test.ts kills: writes transactions to a store as fast as it can, several at once, and prints
// the number of each one only when its promise resolves.
//
// Transaction n of writer w puts one row that is its own (`w/n`), moves one unit between two of eight shared accounts, and
// deletes its row of ten transactions before: so that half a transaction, or one out of order, shows.
import { writeSync } from 'node:fs'
import { silentLog } from '../src/lib/log.ts'
import { openStore } from '../src/store/open-store.ts'
import { sqliteJournal } from '../src/store/sqlite/sqlite-journal.ts'
import { ACCOUNTS, accountKey, accounts, entries, entryKey, KEPT, WRITERS } from './store-crash-tables.ts'

const [file = '', round = ''] = process.argv.slice(2)
const store = await openStore({ tables: [accounts, entries], journal: sqliteJournal({ file }), log: silentLog })
writeSync(1, 'open\n')

const write = async (writer: number): Promise<void> => {
  for (let n = 0; ; n++) {
    await store.write(tx => {
      const from = accountKey((writer + n) % ACCOUNTS)
      const to = accountKey((writer * 3 + n * 5 + 1) % ACCOUNTS)
      tx.put(entries, { key: entryKey(round, writer, n), text: 'x'.repeat((n * 37) % 3_000) })
      tx.delete(entries, entryKey(round, writer, n - KEPT))
      for (const [key, by] of [
        [from, -1],
        [to, 1],
      ] as const) {
        const account = tx.get(accounts, key) ?? { key, balance: 0, version: 0 }
        tx.put(accounts, { ...account, balance: account.balance + by, version: account.version + 1 })
      }
    })
    // Straight to the pipe: what has been printed was acknowledged, whenever the kill comes.
    writeSync(1, `${writer} ${n}\n`)
  }
}
await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)))
