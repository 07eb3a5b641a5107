// Runs a program to its end, as a user would, and keeps what it said.
import { execFile } from 'node:child_process'
import { ROOT } from './stowage.ts'

export type Outcome = { readonly code: number; readonly stdout: string; readonly stderr: string }

/** Never rejects for an exit code: the test says which it wants. */
export const runCommand = (
  file: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly limitMs?: number } = {},
): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const settings = { cwd: ROOT, env: options.env ?? process.env, timeout: options.limitMs ?? 300_000 }
    execFile(file, args, settings, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(new Error(`${file}: ${error.message}\n${stdout}${stderr}`))
      else resolve({ code: error ? Number(error.code) : 0, stdout, stderr })
    })
  })
