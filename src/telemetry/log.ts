// Our own log: JSON lines on standard error, by pino. Secrets never reach it: nothing logs credentials, and the
// members that could carry them are struck out all the same.
import { type Logger, pino } from 'pino'
import type { Log } from '../lib/log.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export const createLog = (level: LogLevel): Log => {
  const options = {
    level,
    base: null,
    redact: { paths: ['authorization', '*.authorization', 'secretAccessKey', '*.secretAccessKey'], remove: true },
  }
  return wrap(pino(options, pino.destination({ fd: 2, sync: true })))
}

const wrap = (logger: Logger): Log => ({
  debug: (fields, message) => logger.debug(fields, message),
  info: (fields, message) => logger.info(fields, message),
  warn: (fields, message) => logger.warn(fields, message),
  error: (fields, message) => logger.error(fields, message),
  child: fields => wrap(logger.child(fields)),
})
