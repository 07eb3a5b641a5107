// Why an expression cannot be read: what rule it breaks, and where. Operational: the expression is a caller's. Thrown by this
// folder alone; services/ecs answers it as InvalidParameterException or ClientException.

export class QueryError extends Error {
  override readonly name = 'QueryError'
  readonly code = 'INVALID_EXPRESSION'
  /** The character of the expression at which it goes wrong, from 1. */
  readonly position: number
  readonly rule: string

  constructor(position: number, rule: string) {
    super(`Invalid expression at character ${position}: ${rule}.`)
    this.position = position
    this.rule = rule
  }
}

/** A caller's own text in a message: quoted, and cut where it is long. */
export const excerpt = (text: string): string => {
  const characters = [...text]
  return characters.length > LONGEST_EXCERPT ? `'${characters.slice(0, LONGEST_EXCERPT).join('')}...'` : `'${text}'`
}

const LONGEST_EXCERPT = 40
