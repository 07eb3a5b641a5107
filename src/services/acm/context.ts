// What every ACM operation is made from, and how a certificate is found.
import { AwsError } from '../../aws/error.ts'
import type { Operation, RequestContext } from '../../aws/operation.ts'
import type { Certificate } from '../../domain/load-balancing/certificate.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Ids } from '../../lib/ids.ts'
import { certificates } from '../../store/load-balancing-tables.ts'
import type { Reader, Store } from '../../store/store.ts'

export type AcmDependencies = { readonly store: Store; readonly clock: Clock; readonly ids: Ids }

export type AcmOperation<Input, Output> = (dependencies: AcmDependencies) => Operation<Input, Output>

export const certificateArn = (
  { region, accountId }: Pick<RequestContext, 'region' | 'accountId'>,
  id: string,
): string => `arn:aws:acm:${region}:${accountId}:certificate/${id}`

/** InvalidArnException for what is no certificate's ARN, ResourceNotFoundException for one that is not here. */
export const findCertificate = (reader: Reader, request: RequestContext, arn: string | undefined): Certificate => {
  if (!/^arn:[\w-]+:acm:[\w-]+:\d{12}:certificate\/[\w-]+$/.test(arn ?? ''))
    throw new AwsError('InvalidArnException', `The certificate arn '${arn}' is invalid.`)
  const certificate = reader.get(certificates, arn ?? '')
  if (
    !certificate ||
    certificate.arn !== certificateArn(request, certificate.arn.slice(certificate.arn.lastIndexOf('/') + 1))
  )
    throw new AwsError(
      'ResourceNotFoundException',
      `Could not find certificate ${arn} in account ${request.accountId}, region ${request.region}.`,
    )
  return certificate
}

export const invalidCertificate = (message: string): AwsError => new AwsError('ValidationException', message)
