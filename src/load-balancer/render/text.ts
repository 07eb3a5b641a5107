// Words of HAProxy's configuration language: quoting, patterns.
// https://docs.haproxy.org/2.6/configuration.html#2.2

/** One word, whatever is in it. Line ends have no form in the configuration: the caller must not bring any. */
export const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** Literal text within a log-format expression. */
export const literal = (text: string): string => text.replaceAll('%', '%%')

const escapeRegex = (text: string): string =>
  text.replace(/[.+^${}()|[\]\\/#-]/g, '\\$&').replace(/\s/g, character => `\\x${hex(character)}`)

const hex = (character: string): string => character.charCodeAt(0).toString(16).padStart(2, '0')

/** AWS's wildcards: `*` stands for any text, `?` for one character, `\*` and `\?` for themselves. Not anchored. */
export const wildcards = (pattern: string): string =>
  [...pattern.matchAll(/\\[*?]|[*?]|[^*?\\]+|\\/g)]
    .map(([part]) => (part === '*' ? '.*' : part === '?' ? '.' : /^\\[*?]$/.test(part) ? part : escapeRegex(part)))
    .join('')

export const anchored = (regex: string): string => `^${regex}$`

export const lines = (...parts: readonly (string | readonly string[] | undefined | false)[]): readonly string[] =>
  parts.flatMap(part => (part === undefined || part === false ? [] : part))
