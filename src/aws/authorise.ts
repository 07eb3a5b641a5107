// Decides whether the caller may do what it asks. While there are no IAM users, roles and policies, AWS's own rule for the
// one identity there is settles it: the account's root user may do everything in its account, and nobody else anything.
// Before: validate.ts. After: run.ts.
import { AwsError } from './error.ts'
import type { RequestContext } from './operation.ts'

/** `action` as policies name it: `ecs:CreateService`. Throws AwsError. */
export const authorise = ({ caller, accountId }: RequestContext, action: string): void => {
  if (caller.accountId === accountId && caller.arn === `arn:aws:iam::${accountId}:root`) return
  throw new AwsError('AccessDeniedException', `User: ${caller.arn} is not authorized to perform: ${action}`)
}
