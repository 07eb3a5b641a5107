// What a loop could not do for now, though nothing is broken: `code` says what. The loop logs it and tries again later.

export class OperationalError extends Error {
  override readonly name = 'OperationalError'
  readonly code: string

  constructor(code: string, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}
