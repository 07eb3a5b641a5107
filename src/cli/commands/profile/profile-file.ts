// Puts a profile into the AWS configuration files and takes it out again. What was changed is kept in the data directory, so
// that `remove` leaves both files byte for byte as they were, and removes those that it made itself.
// Before: write.ts, remove.ts. After: section.ts (the text), the file system.
import { chmod, chown, mkdir, readFile, realpath, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  configSection,
  credentialsSection,
  putSection,
  type SectionEdit,
  type SectionName,
  undoSection,
} from './section.ts'

export type Environment = Readonly<Record<string, string | undefined>>

type Change = {
  readonly file: string
  readonly section: SectionName
  readonly edit: SectionEdit
  /** The file, and the folders above it, that were not there before. */
  readonly madeFile: boolean
  readonly madeFolders: readonly string[]
}

const OWNER_ONLY = 0o600

export const awsFiles = (env: Environment): { readonly config: string; readonly credentials: string } => {
  const home = env['HOME'] ?? '/'
  const path = (given: string | undefined, usual: string) =>
    given ? given.replace(/^~(?=\/|$)/, home) : join(home, '.aws', usual)
  return {
    config: path(env['AWS_CONFIG_FILE'], 'config'),
    credentials: path(env['AWS_SHARED_CREDENTIALS_FILE'], 'credentials'),
  }
}

/** Sets the profile in both files. What an earlier call did is undone first, so doing it again changes nothing. */
export const putProfile = async (
  options: { readonly dataDir: string; readonly profile: string; readonly env: Environment },
  settings: {
    readonly config: Readonly<Record<string, string>>
    readonly credentials: Readonly<Record<string, string>>
  },
): Promise<void> => {
  const { dataDir, profile, env } = options
  const files = awsFiles(env)
  const wanted = [
    { file: files.config, section: configSection(profile), settings: settings.config },
    { file: files.credentials, section: credentialsSection(profile), settings: settings.credentials },
  ]
  const before = await readChanges(dataDir, profile)
  const elsewhere = before.filter(change => !wanted.some(({ file }) => file === change.file))
  for (const change of elsewhere) await undo(change)
  const changes: Change[] = []
  const texts: string[] = []
  for (const { file, section, settings: lines } of wanted) {
    const earlier = before.find(change => change.file === file)
    const there = await readText(file)
    const clean = earlier ? undoSection(there ?? '', earlier.section, earlier.edit) : (there ?? '')
    const { text, edit } = putSection(clean, section, lines)
    const madeFolders = earlier?.madeFolders ?? (await missingFolders(dirname(file)))
    changes.push({ file, section, edit, madeFile: earlier?.madeFile ?? there === undefined, madeFolders })
    texts.push(text)
  }
  // First what it takes to undo it, then the files: a crash in between leaves nothing that cannot be undone.
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  await replaceFile(changesFile(dataDir, profile), `${JSON.stringify(changes, null, 2)}\n`)
  for (const [index, change] of changes.entries()) {
    const text = texts[index] ?? ''
    if (text === (await readText(change.file))) continue
    await mkdir(dirname(change.file), { recursive: true, mode: 0o700 })
    await replaceFile(change.file, text)
  }
}

/** False where there is nothing that we put. */
export const takeProfile = async (options: {
  readonly dataDir: string
  readonly profile: string
}): Promise<boolean> => {
  const changes = await readChanges(options.dataDir, options.profile)
  for (const change of changes) await undo(change)
  await rm(changesFile(options.dataDir, options.profile), { force: true })
  return changes.length > 0
}

const undo = async (change: Change): Promise<void> => {
  const there = await readText(change.file)
  if (there !== undefined) {
    const text = undoSection(there, change.section, change.edit)
    if (text === '' && change.madeFile) await rm(change.file)
    else if (text !== there) await replaceFile(change.file, text)
  }
  // Innermost first; one that holds something by now stays.
  for (const folder of [...change.madeFolders].reverse()) {
    const gone = await rmdir(folder).then(
      () => true,
      error => isMissing(error),
    )
    if (!gone) return
  }
}

const changesFile = (dataDir: string, profile: string): string => join(dataDir, `aws-profile.${profile}.json`)

const readChanges = async (dataDir: string, profile: string): Promise<readonly Change[]> => {
  const text = await readText(changesFile(dataDir, profile))
  return text === undefined ? [] : JSON.parse(text)
}

const readText = async (file: string): Promise<string | undefined> => {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

const missingFolders = async (folder: string): Promise<readonly string[]> => {
  const there = await stat(folder).catch(error => {
    if (isMissing(error)) return undefined
    throw error
  })
  return there ? [] : [...(await missingFolders(dirname(folder))), folder]
}

/** As a whole, so that nobody ever reads half of it. A link stays a link, a file keeps its mode and owner; a new one is its owner's only. */
const replaceFile = async (file: string, text: string): Promise<void> => {
  const target = await realpath(file).catch(() => file)
  const old = await stat(target).catch(() => undefined)
  const owner = old ?? (await stat(dirname(target)))
  const aside = `${target}.stowage-new`
  await writeFile(aside, text, { mode: OWNER_ONLY })
  await chmod(aside, old ? old.mode & 0o777 : OWNER_ONLY)
  const made = await stat(aside)
  if (made.uid !== owner.uid || made.gid !== owner.gid) await chown(aside, owner.uid, owner.gid)
  await rename(aside, target)
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT'
