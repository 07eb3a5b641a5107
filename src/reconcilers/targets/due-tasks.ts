// Which tasks of which service are to be looked at, and from when: a run looks at what changed, not at all tasks of the service.
// In memory alone: what is lost with the process is found again at the start of the next, and each period.

export class DueTasks {
  readonly #byService = new Map<string, Map<string, number>>()

  /** The earliest time counts. */
  note(serviceArn: string, taskArn: string, at = 0): void {
    let own = this.#byService.get(serviceArn)
    if (own === undefined) {
      own = new Map()
      this.#byService.set(serviceArn, own)
    }
    own.set(taskArn, Math.min(at, own.get(taskArn) ?? at))
  }

  /** Takes those that are due out, `most` at a time. */
  take(serviceArn: string, now: number, most: number): readonly string[] {
    const own = this.#byService.get(serviceArn)
    const taken: string[] = []
    for (const [taskArn, at] of own ?? []) {
      if (taken.length === most) break
      if (at <= now) taken.push(taskArn)
    }
    for (const taskArn of taken) own?.delete(taskArn)
    if (own?.size === 0) this.#byService.delete(serviceArn)
    return taken
  }

  nextAt(serviceArn: string): number | undefined {
    const times = this.#byService.get(serviceArn)?.values() ?? []
    const first = Iterator.from(times).reduce((earliest, at) => Math.min(earliest, at), Number.POSITIVE_INFINITY)
    return Number.isFinite(first) ? first : undefined
  }

  services(): Iterable<string> {
    return [...this.#byService.keys()]
  }
}
