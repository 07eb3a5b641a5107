// Whether a certificate, its key and its chain belong together and can be served: before it is kept, so that no listener
// fails on it later. https://docs.aws.amazon.com/acm/latest/userguide/import-certificate-prerequisites.html
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { invalidCertificate } from './context.ts'

export type ReadCertificate = {
  readonly certificatePem: string
  readonly chainPem?: string
  readonly privateKeyPem: string
  readonly domainNames: readonly string[]
  readonly notBefore: number
  readonly notAfter: number
}

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

export const readCertificate = (
  given: { readonly certificate: Uint8Array; readonly privateKey: Uint8Array; readonly chain?: Uint8Array | undefined },
  now: number,
): ReadCertificate => {
  const [certificate, ...more] = parseAll(text(given.certificate), 'certificate')
  if (more.length > 0)
    throw invalidCertificate(
      'The certificate field contains more than one certificate. You can specify only one certificate in this field.',
    )
  if (!certificate) throw invalidCertificate('The certificate field does not hold a PEM-encoded certificate.')
  const privateKeyPem = text(given.privateKey)
  checkKey(certificate, privateKeyPem)
  const notBefore = Date.parse(certificate.validFrom)
  const notAfter = Date.parse(certificate.validTo)
  if (notAfter <= now) throw invalidCertificate('The certificate has expired.')
  if (notBefore > now) throw invalidCertificate('The certificate is not in effect yet.')
  const chain = given.chain === undefined ? [] : parseAll(text(given.chain), 'certificate chain')
  checkChain([certificate, ...chain])
  return {
    certificatePem: certificate.toString(),
    ...(chain.length === 0 ? {} : { chainPem: chain.map(String).join('') }),
    privateKeyPem: privateKeyPem.trim().concat('\n'),
    domainNames: namesOf(certificate),
    notBefore,
    notAfter,
  }
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')

const parseAll = (pem: string, field: string): X509Certificate[] => {
  try {
    return [...pem.matchAll(PEM)].map(([one]) => new X509Certificate(one))
  } catch {
    throw invalidCertificate(`The ${field} could not be read: it must be PEM-encoded X.509.`)
  }
}

const checkKey = (certificate: X509Certificate, pem: string): void => {
  let matches: boolean
  try {
    matches = certificate.checkPrivateKey(createPrivateKey(pem))
  } catch {
    throw invalidCertificate('The private key could not be read: it must be PEM-encoded and without a passphrase.')
  }
  if (!matches) throw invalidCertificate('The private key does not match the certificate.')
}

const checkChain = (links: readonly X509Certificate[]): void => {
  for (const [index, link] of links.slice(0, -1).entries()) {
    const issuer = links[index + 1]
    if (!issuer || !link.checkIssued(issuer) || !link.verify(issuer.publicKey))
      throw invalidCertificate('Could not validate the certificate with the certificate chain.')
  }
}

/** The subject's common name, then the alternative names that are DNS names. */
const namesOf = (certificate: X509Certificate): readonly string[] => {
  const common = /^CN=(.+)$/m.exec(certificate.subject)?.[1]
  const others =
    certificate.subjectAltName?.split(', ').flatMap(name => (name.startsWith('DNS:') ? [name.slice(4)] : [])) ?? []
  return [...new Set([...(common ? [common] : []), ...others])]
}
