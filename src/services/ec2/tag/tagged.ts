// The networks that CreateTags and DeleteTags change, whichever kind each is.
import type { Tag } from '@aws-sdk/client-ec2'
import { AwsError } from '../../../aws/error.ts'
import type { Scope } from '../../../domain/arn.ts'
import type { Network } from '../../../domain/network.ts'
import { securityGroups, subnets, vpcs } from '../../../store/network-tables.ts'
import type { Transaction } from '../../../store/store.ts'
import type { Table } from '../../../store/table.ts'
import { inScope } from '../in-scope.ts'

/** Lays what `tagged` makes of its tags onto each of `ids`; throws, with nothing changed, when one is not there. */
export const retag = (
  tx: Transaction,
  scope: Scope,
  ids: readonly string[],
  tagged: (tags: readonly Tag[]) => readonly Tag[],
): void => {
  for (const id of ids) {
    const found = change(tx, vpcs, id, scope, tagged) || change(tx, subnets, id, scope, tagged)
    if (!found && !change(tx, securityGroups, id, scope, tagged))
      throw new AwsError('InvalidID', `The ID '${id}' is not valid`)
  }
}

const change = <Row extends Network & { readonly id: string }>(
  tx: Transaction,
  table: Table<Row>,
  id: string,
  scope: Scope,
  tagged: (tags: readonly Tag[]) => readonly Tag[],
): boolean => {
  const row = inScope(tx.get(table, id), scope)
  if (row) tx.put(table, { ...row, tags: tagged(row.tags) })
  return row !== undefined
}
