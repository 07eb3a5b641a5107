// The numbers that fence one instance's link. They come in blocks that are durable before the first is used, so that a number
// is never used twice, whatever crashes; the next block is asked for before the last one ends.
// Before: session.ts. After: connection.ts, which reserves them in the instance's row.

/** Numbers `first` to `last`, both included, that nobody else uses. */
export type SequenceBlock = { readonly first: number; readonly last: number }

/** Numbers left at which the next block is asked for: the write takes milliseconds, a payload a fraction of one. */
const RESERVE_AT = 250

export type LinkSequence = {
  /** The next number, greater than all before, or undefined until the next block is there. */
  readonly take: () => number | undefined
}

/** `reserve` gives the next block once it is durable, undefined when there is none to be had; then `arrived` is called. */
export const linkSequence = (
  first: SequenceBlock,
  reserve: () => Promise<SequenceBlock | undefined>,
  arrived: () => void,
): LinkSequence => {
  let next = first.first
  let last = first.last
  let reserving = false
  const extend = async (): Promise<void> => {
    reserving = true
    const block = await reserve().finally(() => {
      reserving = false
    })
    if (!block) return
    next = block.first
    last = block.last
    arrived()
  }
  return {
    take: () => {
      if (!reserving && last - next < RESERVE_AT) extend()
      return next <= last ? next++ : undefined
    },
  }
}
