// DeleteCertificate: once no listener serves it. https://docs.aws.amazon.com/acm/latest/APIReference/API_DeleteCertificate.html
import type { DeleteCertificateRequest } from '@aws-sdk/client-acm'
import { AwsError } from '../../aws/error.ts'
import { certificates } from '../../store/load-balancing-tables.ts'
import { type AcmOperation, findCertificate } from './context.ts'
import { usersOf } from './describe.ts'

export const deleteCertificate: AcmOperation<DeleteCertificateRequest, void> =
  ({ store }) =>
  (request, input) =>
    store.write(tx => {
      const { arn } = findCertificate(tx, request, input.CertificateArn)
      if (usersOf(tx, arn).length > 0)
        throw new AwsError('ResourceInUseException', `Certificate ${arn} in account ${request.accountId} is in use.`)
      tx.delete(certificates, arn)
    })
