// Asks HAProxy through one of its sockets: one connection a question, ended by HAProxy.
// Before: process.ts, servers. https://docs.haproxy.org/2.6/management.html#9.3
import { connect } from 'node:net'
import type { Clock } from '../../lib/clock.ts'

/** An answer takes milliseconds; a process that gives none in this time is as good as gone. */
const ANSWER_WITHIN_MS = 5_000
/** A question must fit into a buffer of HAProxy's (16,384 bytes). */
const QUESTION_BYTES = 12_000

export class HaproxySilent extends Error {
  override readonly name = 'HaproxySilent'
}

export const ask = (socketPath: string, question: string, clock: Clock, withinMs = ANSWER_WITHIN_MS): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(socketPath)
    let answer = ''
    const timer = clock.after(withinMs, () => socket.destroy(new HaproxySilent('HAProxy does not answer')))
    socket
      .setEncoding('utf8')
      .on('connect', () => socket.end(`${question}\n`))
      .on('data', text => {
        answer += text
      })
      .on('error', error => reject(error))
      .on('close', failed => {
        timer.cancel()
        if (!failed) resolve(answer)
      })
  })

/** Joins commands into as few questions as there may be. */
export const questionsOf = (commands: readonly string[]): readonly string[] => {
  const questions: string[] = []
  let current = ''
  for (const command of commands) {
    if (current !== '' && current.length + command.length > QUESTION_BYTES) {
      questions.push(current)
      current = ''
    }
    current = current === '' ? command : `${current}; ${command}`
  }
  return current === '' ? questions : [...questions, current]
}
