// Ids of networks are looked up by themselves; another region's or account's are as good as not there.
import type { Scope } from '../../domain/arn.ts'

export const inScope = <Row extends Scope>(row: Row | undefined, { region, accountId }: Scope): Row | undefined =>
  row?.region === region && row.accountId === accountId ? row : undefined
