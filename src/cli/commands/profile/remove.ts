// `stowage profile remove`: takes out what `stowage profile write` put in. After: profile-file.ts.
import { takeProfile } from './profile-file.ts'

export type ProfileRemoveOptions = {
  readonly profile: string
  /** The data directory that `write` was given: it remembers there what it changed. */
  readonly data: string
}

export const removeProfile = async (
  options: ProfileRemoveOptions,
  { stdout }: { readonly stdout: { write(text: string): unknown } },
): Promise<void> => {
  const removed = await takeProfile({ dataDir: options.data, profile: options.profile })
  stdout.write(removed ? `profile ${options.profile} removed\n` : `there is no profile ${options.profile} of ours\n`)
}
