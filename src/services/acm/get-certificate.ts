// GetCertificate: the certificate and its chain, never its key. https://docs.aws.amazon.com/acm/latest/APIReference/API_GetCertificate.html
import type { GetCertificateRequest, GetCertificateResponse } from '@aws-sdk/client-acm'
import { type AcmOperation, findCertificate } from './context.ts'

export const getCertificate: AcmOperation<GetCertificateRequest, GetCertificateResponse> =
  ({ store }) =>
  (request, input) => {
    const { certificatePem, chainPem } = findCertificate(store, request, input.CertificateArn)
    return { Certificate: certificatePem, ...(chainPem === undefined ? {} : { CertificateChain: chainPem }) }
  }
