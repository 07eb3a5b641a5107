// Looks for lost commits in SQLite's write-ahead log, before SQLite opens it.
//
// SQLite takes the log up to the first frame that is not as it was written, and drops the rest without a word: right after
// a power cut, where that rest is a commit that nobody was told of, but the same happens when the disk has spoilt a frame in
// the middle, and then acknowledged commits are gone. The two can be told apart: each commit is on disk before the next
// begins, so a power cut leaves at most one commit behind the first bad frame. More than one means damage.
// (Damage in the very last commit looks like a power cut, to this as to SQLite.)
// The format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
import { closeSync, existsSync, openSync, readSync } from 'node:fs'

/**
 * Of every page of a new file. A task's row takes 1.6 kB, and tasks that are made together change together: 42 µs of this thread's
 * CPU time for a task's three rows with pages of 4 KiB, 32 with 8, 28 with 16, of which a lone small write would write four times as much.
 */
export const PAGE_BYTES = 8192
const HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24
/** The magic number says in which byte order the checksums are computed. */
const MAGIC_LITTLE_ENDIAN = 0x377f0682
const MAGIC_BIG_ENDIAN = 0x377f0683

/**
 * How many commits of the file's log SQLite would drop beyond the one that a power cut may leave; 0 when all is well. Means
 * nothing while another process writes the log.
 */
export const lostCommits = (file: string): number => {
  const log = `${file}-wal`
  if (!existsSync(log)) return 0
  const pageBytes = pageBytesOf(file)
  const fd = openSync(log, 'r')
  try {
    return Math.max(0, commitsBehindFirstBadFrame(fd, pageBytes) - 1)
  } finally {
    closeSync(fd)
  }
}

// From the file itself and not from the log's header, which may be the part that is spoilt. A file whose own header is spoilt does
// not open, whatever its log says.
const pageBytesOf = (file: string): number => {
  const fd = openSync(file, 'r')
  try {
    const header = Buffer.alloc(18)
    const bytes = readSync(fd, header, 0, header.length, 0) === header.length ? header.readUInt16BE(16) : 0
    return bytes >= 512 ? bytes : PAGE_BYTES
  } finally {
    closeSync(fd)
  }
}

const commitsBehindFirstBadFrame = (fd: number, pageBytes: number): number => {
  const header = Buffer.alloc(HEADER_BYTES)
  if (readSync(fd, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) return 0
  const magic = header.readUInt32BE(0)
  const sum = checksum(magic === MAGIC_LITTLE_ENDIAN)
  let running = sum(header.subarray(0, 24), [0, 0])
  let good =
    (magic === MAGIC_LITTLE_ENDIAN || magic === MAGIC_BIG_ENDIAN) &&
    header.readUInt32BE(8) === pageBytes &&
    equals(running, header, 24)
  let salts: Buffer | undefined = good ? header.subarray(16, 24) : undefined
  let commits = 0
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + pageBytes)
  for (let at = HEADER_BYTES; readSync(fd, frame, 0, frame.length, at) === frame.length; at += frame.length) {
    // A spoilt header: the frames themselves say which generation of the log they belong to.
    salts ??= Buffer.from(frame.subarray(8, 16))
    // Frames of an earlier generation, which this one has not overwritten yet, are no loss: they are in the file.
    const ours = salts.equals(frame.subarray(8, 16))
    if (good) {
      running = sum(frame.subarray(FRAME_HEADER_BYTES), sum(frame.subarray(0, 8), running))
      good = ours && equals(running, frame, 16)
    }
    if (!good && ours && frame.readUInt32BE(4) !== 0) commits++
  }
  return commits
}

type Sum = readonly [number, number]

const checksum =
  (littleEndian: boolean) =>
  (bytes: Buffer, [first, second]: Sum): Sum => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    let a = first
    let b = second
    for (let at = 0; at < bytes.length; at += 8) {
      a = (a + view.getUint32(at, littleEndian) + b) >>> 0
      b = (b + view.getUint32(at + 4, littleEndian) + a) >>> 0
    }
    return [a, b]
  }

const equals = ([first, second]: Sum, bytes: Buffer, at: number): boolean =>
  bytes.readUInt32BE(at) === first && bytes.readUInt32BE(at + 4) === second
