// ImportCertificate: a new one, or in place of the one with the ARN that is given; listeners that have it serve the new one.
// https://docs.aws.amazon.com/acm/latest/APIReference/API_ImportCertificate.html
import type { ImportCertificateRequest, ImportCertificateResponse } from '@aws-sdk/client-acm'
import { AwsError } from '../../aws/error.ts'
import { certificates } from '../../store/load-balancing-tables.ts'
import { type AcmOperation, certificateArn, findCertificate } from './context.ts'
import { readCertificate } from './read-certificate.ts'
import { withTags } from './tags.ts'

export const importCertificate: AcmOperation<ImportCertificateRequest, ImportCertificateResponse> =
  ({ store, clock, ids }) =>
  (request, input) => {
    const { Certificate = new Uint8Array(), PrivateKey = new Uint8Array(), CertificateChain, CertificateArn } = input
    const now = clock.now()
    const read = readCertificate({ certificate: Certificate, privateKey: PrivateKey, chain: CertificateChain }, now)
    if (CertificateArn && input.Tags)
      throw new AwsError('InvalidParameterException', 'Tags can not be given when a certificate is imported again.')
    const tags = withTags([], input.Tags)
    return store.write(tx => {
      const known = CertificateArn ? findCertificate(tx, request, CertificateArn) : undefined
      const arn = known?.arn ?? certificateArn(request, ids.uuid())
      const made = known ? { tags: known.tags, createdAt: known.createdAt } : { tags, createdAt: now }
      tx.put(certificates, { ...read, ...made, arn, importedAt: now })
      return { CertificateArn: arn }
    })
  }
