// The log that every part is given. `main.ts` passes pino (`telemetry/log.ts`); tests pass `silentLog` or their own.

export type LogFields = Readonly<Record<string, unknown>>

export type Log = {
  readonly debug: (fields: LogFields, message: string) => void
  readonly info: (fields: LogFields, message: string) => void
  readonly warn: (fields: LogFields, message: string) => void
  readonly error: (fields: LogFields, message: string) => void
  /** A log whose lines all carry `fields`. */
  readonly child: (fields: LogFields) => Log
}

export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLog,
}
