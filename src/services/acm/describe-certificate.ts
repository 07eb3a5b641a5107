// DescribeCertificate. https://docs.aws.amazon.com/acm/latest/APIReference/API_DescribeCertificate.html
import type { DescribeCertificateRequest, DescribeCertificateResponse } from '@aws-sdk/client-acm'
import { type AcmOperation, findCertificate } from './context.ts'
import { describeCertificateRow } from './describe.ts'

export const describeCertificate: AcmOperation<DescribeCertificateRequest, DescribeCertificateResponse> =
  ({ store, clock }) =>
  (request, input) => ({
    Certificate: describeCertificateRow(store, findCertificate(store, request, input.CertificateArn), clock.now()),
  })
