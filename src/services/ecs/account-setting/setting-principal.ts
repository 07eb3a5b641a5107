// Whose account settings a request is about. Before: every operation on account settings.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutAccountSetting.html
import { AwsError } from '../../../aws/error.ts'
import type { RequestContext } from '../../../aws/operation.ts'
import { rootArn } from '../../../domain/account-setting.ts'
import { invalid } from '../refuse.ts'

/** The principal named, or the caller. InvalidParameterException for what is no principal of this account. */
export const settingPrincipal = ({ caller, accountId }: RequestContext, principalArn: string | undefined): string => {
  if (!principalArn) return caller.arn
  const named = /^arn:aws[a-z-]*:iam::([0-9]{12}):(?:root|(?:user|role)\/\S+)$/.exec(principalArn)
  if (named?.[1] !== accountId) throw invalid('Invalid principalArn')
  if (principalArn !== caller.arn && caller.arn !== rootArn(accountId))
    throw new AwsError('AccessDeniedException', 'Only the root user can name a principal other than itself.')
  return principalArn
}
