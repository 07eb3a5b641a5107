// One section of an AWS configuration file, edited as text: every byte outside it stays as it was, comments and spacing
// included. Pure. Before: profile-file.ts.
// https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html

/** The header names of a profile: `[profile name]` in the config file (`[default]` for default), `[name]` in credentials. */
export type SectionName = string

/** What was put into a file: `inserted` stands there now, in the place of `replaced` (empty: there was no such section). */
export type SectionEdit = { readonly inserted: string; readonly replaced: string }

export const configSection = (profile: string): SectionName => (profile === 'default' ? profile : `profile ${profile}`)
export const credentialsSection = (profile: string): SectionName => profile

/** The file with the section set to exactly these lines, and what it takes to undo that. */
export const putSection = (
  text: string,
  name: SectionName,
  settings: Readonly<Record<string, string>>,
): { readonly text: string; readonly edit: SectionEdit } => {
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}\n`)
  const section = `[${name}]\n${lines.join('')}`
  const found = findSection(text, name)
  if (found) {
    // What stood between this section and the next one (blank lines, comments) belongs to the next one.
    const edit = { inserted: section, replaced: text.slice(found.start, found.end) }
    return { text: text.slice(0, found.start) + section + text.slice(found.end), edit }
  }
  const gap = text === '' ? '' : text.endsWith('\n') ? '\n' : '\n\n'
  return { text: text + gap + section, edit: { inserted: gap + section, replaced: '' } }
}

/** The file without what putSection put there; where somebody has changed the section since, without the section. */
export const undoSection = (text: string, name: SectionName, edit: SectionEdit): string => {
  const at = text.indexOf(edit.inserted)
  if (at >= 0) return text.slice(0, at) + edit.replaced + text.slice(at + edit.inserted.length)
  const found = findSection(text, name)
  if (!found || text.slice(found.start, found.end) === edit.replaced) return text
  return text.slice(0, found.start) + edit.replaced + text.slice(found.end)
}

/** From the header's first character to the end of the last line that says something. */
const findSection = (text: string, name: SectionName): { readonly start: number; readonly end: number } | undefined => {
  let start: number | undefined
  let end = 0
  let at = 0
  for (const line of text.split(/(?<=\n)/)) {
    const header = headerOf(line)
    if (start !== undefined && header !== undefined) break
    if (start === undefined && header === name) start = at
    at += line.length
    if (start !== undefined && !/^\s*([#;].*)?$/.test(line.replace(/\r?\n$/, ''))) end = at
  }
  return start === undefined ? undefined : { start, end }
}

/** `[profile "a"]` and `[ profile   a ]` are both profile a. */
const headerOf = (line: string): SectionName | undefined => {
  const inside = /^\s*\[([^\]]*)\]/.exec(line)?.[1]
  if (inside === undefined) return undefined
  const [first = '', ...rest] = inside.trim().split(/\s+/)
  return [first, rest.join(' ').replace(/^"(.*)"$/, '$1')].filter(part => part !== '').join(' ')
}
