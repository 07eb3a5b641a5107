// What an error of SQLite or of the file system means for the journal, and what to do about it.
import type { DatabaseSync } from 'node:sqlite'
import { RowJournalFailure, type RowJournalFailureCode } from './row-journal.ts'

type Meaning = { readonly code: RowJournalFailureCode; readonly advice: string }

const FULL: Meaning = { code: 'DISK_FULL', advice: 'there is no room on its disk. Make room, then start again.' }
const LOCKED: Meaning = {
  code: 'LOCKED',
  advice: 'another process has it open. Stop that one, or use another data directory.',
}
const DAMAGED: Meaning = {
  code: 'DAMAGED',
  advice: 'it is damaged. Restore it (with its -wal file) from a backup.',
}
const REFUSED: Meaning = {
  code: 'IO',
  advice: 'it cannot be opened for writing. Check its owner, its mode and its mount.',
}
const FAILING: Meaning = {
  code: 'IO',
  advice: 'the disk failed. Check the disk and its file system, then start again.',
}

/** By primary result code: https://www.sqlite.org/rescode.html */
const BY_RESULT_CODE: Readonly<Record<number, Meaning>> = {
  3: REFUSED,
  5: LOCKED,
  6: LOCKED,
  8: REFUSED,
  10: FAILING,
  11: DAMAGED,
  13: FULL,
  14: REFUSED,
  26: DAMAGED,
}

const BY_ERRNO: Readonly<Record<string, Meaning>> = {
  ENOSPC: FULL,
  EDQUOT: FULL,
  EACCES: REFUSED,
  EPERM: REFUSED,
  EROFS: REFUSED,
  ENOTDIR: REFUSED,
}

export const failureOf = (file: string, error: unknown): RowJournalFailure => {
  if (error instanceof RowJournalFailure) return error
  const { code, advice } = meaningOf(error)
  const detail = error instanceof Error ? error.message : String(error)
  return new RowJournalFailure(code, `${file}: ${advice} (${detail})`, error)
}

const meaningOf = (error: unknown): Meaning => {
  if (!(error instanceof Error)) return FAILING
  // Extended codes carry the primary one in their low byte.
  if ('errcode' in error && typeof error.errcode === 'number') return BY_RESULT_CODE[error.errcode & 0xff] ?? FAILING
  if ('code' in error && typeof error.code === 'string') return BY_ERRNO[error.code] ?? FAILING
  return FAILING
}

export const damaged = (file: string, finding: string): RowJournalFailure =>
  new RowJournalFailure('DAMAGED', `${file} is damaged: ${finding}. Restore it (with its -wal file) from a backup.`)

export const pragma = (database: DatabaseSync, name: string): unknown =>
  database.prepare(`PRAGMA ${name}`).get()?.[name]
