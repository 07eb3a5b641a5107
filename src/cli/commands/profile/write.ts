// `stowage profile write`: an AWS CLI and SDK profile that reaches this Stowage with its root keys. Reads the key pair that the
// server keeps in its data directory. After: profile-file.ts.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../../../lib/usage-error.ts'
import { awsFiles, type Environment, putProfile } from './profile-file.ts'

export type ProfileWriteOptions = {
  /** The profile's name. */
  readonly profile: string
  /** The server's data directory. */
  readonly data: string
  /** `http://127.0.0.1:7700` */
  readonly endpoint: string
  readonly region: string
}

export const writeProfile = async (
  options: ProfileWriteOptions,
  { stdout, env }: { readonly stdout: { write(text: string): unknown }; readonly env: Environment },
): Promise<void> => {
  if (!/^[A-Za-z0-9_.-]+$/.test(options.profile))
    throw new UsageError(`${options.profile} cannot be the name of a profile: letters, digits, and _ . - make one`)
  const keys = await rootKeys(options, env)
  await putProfile(
    { dataDir: options.data, profile: options.profile, env },
    {
      config: { region: options.region, endpoint_url: options.endpoint },
      credentials: { aws_access_key_id: keys.accessKeyId, aws_secret_access_key: keys.secretAccessKey },
    },
  )
  const files = awsFiles(env)
  stdout.write(`profile ${options.profile} written to ${files.config} and ${files.credentials}\n`)
}

const rootKeys = async (options: ProfileWriteOptions, env: Environment) => {
  const [accessKeyId, secretAccessKey] = [env['STOWAGE_ROOT_ACCESS_KEY_ID'], env['STOWAGE_ROOT_SECRET_ACCESS_KEY']]
  if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey }
  const file = join(options.data, 'root-credentials.json')
  const kept = parsed(
    await readFile(file, 'utf8').catch(error => {
      throw new UsageError(
        `cannot read the root key pair (has the server been started with this data directory?): ${error.message}`,
      )
    }),
  )
  if (typeof kept === 'object' && kept !== null && 'accessKeyId' in kept && 'secretAccessKey' in kept) {
    return { accessKeyId: String(kept.accessKeyId), secretAccessKey: String(kept.secretAccessKey) }
  }
  throw new UsageError(`${file} is not a key pair`)
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
