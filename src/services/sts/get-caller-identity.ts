// Who the caller is, from its key alone: what every client asks first. Needs no permission.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
import type { GetCallerIdentityRequest, GetCallerIdentityResponse } from '@aws-sdk/client-sts'
import type { Operation } from '../../aws/operation.ts'

export const getCallerIdentity: Operation<GetCallerIdentityRequest, GetCallerIdentityResponse> = ({ caller }) => ({
  UserId: caller.userId,
  Account: caller.accountId,
  Arn: caller.arn,
})
