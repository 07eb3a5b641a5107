// A certificate as callers are shown it: everything but its key.
import { createPublicKey, X509Certificate } from 'node:crypto'
import type { CertificateDetail, CertificateSummary, KeyAlgorithm } from '@aws-sdk/client-acm'
import type { Certificate } from '../../domain/load-balancing/certificate.ts'
import { listeners } from '../../store/load-balancing-tables.ts'
import type { Reader } from '../../store/store.ts'

/** The load balancers that serve it. */
export const usersOf = (reader: Reader, arn: string): string[] =>
  Object.keys(reader.sum(listeners, 'byCertificate', arn))

const CURVES: Readonly<Record<string, KeyAlgorithm>> = {
  prime256v1: 'EC_prime256v1',
  secp384r1: 'EC_secp384r1',
  secp521r1: 'EC_secp521r1',
}

const keyAlgorithmOf = (x509: X509Certificate): KeyAlgorithm | undefined => {
  const { asymmetricKeyType, asymmetricKeyDetails } = createPublicKey(x509.toString())
  if (asymmetricKeyType === 'ec') return CURVES[asymmetricKeyDetails?.namedCurve ?? '']
  return asymmetricKeyType === 'rsa' ? (`RSA_${asymmetricKeyDetails?.modulusLength}` as KeyAlgorithm) : undefined
}

const sharedOf = (certificate: Certificate, x509: X509Certificate, now: number) => {
  const keyAlgorithm = keyAlgorithmOf(x509)
  return {
    CertificateArn: certificate.arn,
    DomainName: certificate.domainNames[0] ?? '',
    Status: certificate.notAfter <= now ? ('EXPIRED' as const) : ('ISSUED' as const),
    Type: 'IMPORTED' as const,
    ...(keyAlgorithm === undefined ? {} : { KeyAlgorithm: keyAlgorithm }),
    RenewalEligibility: 'INELIGIBLE' as const,
    NotBefore: new Date(certificate.notBefore),
    NotAfter: new Date(certificate.notAfter),
    CreatedAt: new Date(certificate.createdAt),
    ImportedAt: new Date(certificate.importedAt),
  }
}

export const describeCertificateRow = (reader: Reader, certificate: Certificate, now: number): CertificateDetail => {
  const x509 = new X509Certificate(certificate.certificatePem)
  return {
    ...sharedOf(certificate, x509, now),
    SubjectAlternativeNames: [...certificate.domainNames],
    Serial: (x509.serialNumber.match(/../g) ?? []).join(':').toLowerCase(),
    Subject: x509.subject.split('\n').join(','),
    Issuer: /^O=(.+)$/m.exec(x509.issuer)?.[1] ?? /^CN=(.+)$/m.exec(x509.issuer)?.[1] ?? '',
    InUseBy: usersOf(reader, certificate.arn),
    Options: { CertificateTransparencyLoggingPreference: 'DISABLED' },
  }
}

export const summarise = (reader: Reader, certificate: Certificate, now: number): CertificateSummary => ({
  ...sharedOf(certificate, new X509Certificate(certificate.certificatePem), now),
  SubjectAlternativeNameSummaries: [...certificate.domainNames],
  HasAdditionalSubjectAlternativeNames: false,
  InUse: usersOf(reader, certificate.arn).length > 0,
  Exported: false,
})
