// The files that a rendering makes beside the configuration: maps, bodies, certificates. Each is named once, where it is used.
import { join } from 'node:path'

export type RenderedFile = {
  readonly path: string
  readonly content: string
  /** It decides what HAProxy does, and changes only by a reload. The others (weights) change through the runtime socket. */
  readonly structural: boolean
}

export type Files = {
  readonly path: (name: string) => string
  /** Returns the path. */
  readonly add: (name: string, content: string, structural?: boolean) => string
  readonly map: (name: string, entries: Iterable<readonly [key: string, value: string]>, structural?: boolean) => string
  readonly all: () => readonly RenderedFile[]
}

export const filesIn = (folder: string): Files => {
  const files = new Map<string, RenderedFile>()
  const add: Files['add'] = (name, content, structural = true) => {
    const path = join(folder, name)
    files.set(path, { path, content, structural })
    return path
  }
  return {
    path: name => join(folder, name),
    add,
    map: (name, entries, structural) => {
      const text = [...entries].map(([key, value]) => `${key} ${value}\n`).join('')
      return add(name, text, structural)
    },
    all: () => [...files.values()],
  }
}
