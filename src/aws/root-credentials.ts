// The account's root key pair: made at the first start, or given by whoever runs the server; kept in the data directory.
// Before: the server's start. After: the gateway's credential lookup, and the profile that the quickstart writes.
//
// The file is readable by its owner only and replaced as a whole (written aside, synced, renamed), so a crash leaves the
// old pair or the new one, never half of one. Neither key goes into a log or an error's text.
import { chmod, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Ids } from '../lib/ids.ts'
import { UsageError } from '../lib/usage-error.ts'

export type RootCredentials = { readonly accessKeyId: string; readonly secretAccessKey: string }

const FILE = 'root-credentials.json'
const OWNER_ONLY = 0o600

/** AWS's form of a long-term access key id: AKIA and 16 characters of base 32. */
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

export const loadRootCredentials = async (options: {
  readonly dataDir: string
  readonly given?: RootCredentials
  readonly ids: Ids
}): Promise<RootCredentials> => {
  const file = join(options.dataDir, FILE)
  const kept = await readKept(file)
  const wanted = options.given ?? kept ?? newPair(options.ids)
  // A credential scope has slashes and the header commas, so an id with either could never be told apart in a request.
  if (!/^\w{1,128}$/.test(wanted.accessKeyId) || wanted.secretAccessKey === '') {
    throw new UsageError('The root access key id (letters, digits, _) and secret access key must both be given')
  }
  const unchanged = kept?.accessKeyId === wanted.accessKeyId && kept.secretAccessKey === wanted.secretAccessKey
  if (unchanged) await chmod(file, OWNER_ONLY)
  else await replaceFile(options.dataDir, file, wanted)
  return { accessKeyId: wanted.accessKeyId, secretAccessKey: wanted.secretAccessKey }
}

const newPair = (ids: Ids): RootCredentials => ({
  accessKeyId: `AKIA${Array.from(ids.bytes(16), byte => BASE32[byte & 31]).join('')}`,
  secretAccessKey: ids.bytes(30).toString('base64'),
})

const readKept = async (file: string): Promise<RootCredentials | undefined> => {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  const kept = parsed(text)
  // Making a new pair here would lock out everyone who has the old one.
  if (!kept)
    throw new UsageError(`${file} is not a key pair: put it back from a backup, or remove it to get a new pair`)
  return kept
}

const parsed = (text: string): RootCredentials | undefined => {
  try {
    const { accessKeyId, secretAccessKey } = JSON.parse(text)
    return typeof accessKeyId === 'string' && typeof secretAccessKey === 'string'
      ? { accessKeyId, secretAccessKey }
      : undefined
  } catch {
    return undefined
  }
}

const replaceFile = async (dataDir: string, file: string, credentials: RootCredentials): Promise<void> => {
  const aside = `${file}.new`
  const handle = await open(aside, 'w', OWNER_ONLY)
  try {
    await handle.chmod(OWNER_ONLY) // the file may be left from a crash, with another mode
    await handle.writeFile(`${JSON.stringify(credentials, null, 2)}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(aside, file)
  const directory = await open(dataDir, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
