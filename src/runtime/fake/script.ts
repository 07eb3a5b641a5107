// What happens to a container of the fake runtime, by its image's name. Before: fake-driver.ts.

export type Script = {
  readonly pulls: boolean
  readonly startMs: number
  /** Ends with this as soon as it ran; absent: runs until stopped. */
  readonly exitCode?: number
  readonly healthy: boolean
}

const RUN: Script = { pulls: true, startMs: 0, healthy: true }

export const scriptOf = (image: string): Script => {
  const [, word = '', number = ''] = /^fake\/([a-z-]*?)(?:-(\d+))?(?::.*)?$/.exec(image) ?? []
  switch (word) {
    case 'no-pull':
      return { ...RUN, pulls: false }
    case 'unhealthy':
      return { ...RUN, healthy: false }
    case 'exit':
      return number === '' ? RUN : { ...RUN, exitCode: Number(number) }
    case 'slow-start':
      return { ...RUN, startMs: Number(number) }
    default:
      return RUN
  }
}
