// Something that whoever started us has to put right: the message says what, and is all that they are shown. Anything else that
// keeps a command from its work is a bug, and shows its stack.
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
