// A certificate with its key, as ACM keeps it: what a TLS listener ends connections with.
// Before: services/acm/ writes it. After: the load-balancer loop writes it to a file of mode 0600 for the data plane.
// https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html
import type { Tag } from '@aws-sdk/client-acm'

export type Certificate = {
  /** `arn:aws:acm:<region>:<account>:certificate/<uuid>` */
  readonly arn: string
  readonly certificatePem: string
  readonly chainPem?: string
  /** Never answered by any operation, never logged. */
  readonly privateKeyPem: string
  /** Subject's common name first, then the alternative names. */
  readonly domainNames: readonly string[]
  readonly notBefore: number
  readonly notAfter: number
  readonly tags: readonly Tag[]
  readonly importedAt: number
  readonly createdAt: number
}
