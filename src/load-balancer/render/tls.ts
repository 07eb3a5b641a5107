// How a TLS listener ends connections: which certificate for which name, which versions and ciphers its policy allows.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
import type { Certificate } from '../../domain/load-balancing/certificate.ts'
import { DEFAULT_SSL_POLICY, type SslPolicy, sslPolicyNamed } from '../../domain/load-balancing/ssl-policy.ts'
import { assert } from '../../lib/assert.ts'
import type { PlacedListener } from '../desired.ts'
import { idOf } from '../names.ts'
import type { Files } from './files.ts'

/** Its key and all, in the order in which HAProxy wants them. */
const pemOf = ({ certificatePem, chainPem, privateKeyPem }: Certificate): string =>
  `${[certificatePem, chainPem, privateKeyPem].flatMap(part => (part === undefined ? [] : [part.trim()])).join('\n')}\n`

const lowest = (protocols: readonly string[]): string => (protocols.at(-1) ?? '').replace(/^TLSv1$/, 'TLSv1.0')

const versionsOf = ({ protocols }: SslPolicy): string =>
  `ssl-min-ver ${lowest(protocols)}${protocols.includes('TLSv1.3') ? '' : ' ssl-max-ver TLSv1.2'}`

/** Those of TLS 1.3 are an option of their own. */
const ciphersOf = ({ protocols, ciphers }: SslPolicy): string => {
  const [suites, older] = [true, false].map(newest => ciphers.filter(name => name.startsWith('TLS_') === newest))
  // OpenSSL 3 refuses TLS 1.0 and 1.1 above security level 0.
  const level = /TLSv1(\.1)?$/.test(protocols.at(-1) ?? '') ? ['@SECLEVEL=0'] : []
  const option = (name: string, values: readonly string[] = []): string =>
    values.length === 0 ? '' : ` ${name} ${values.join(':')}`
  return option('ciphers', older?.concat(level)) + option('ciphersuites', suites)
}

/** Options of a `bind` line. The listeners share a port, and speak TLS on it; the first one's policy holds. */
export const tlsOptions = (listeners: readonly PlacedListener[], alpn: string | undefined, files: Files): string => {
  const [first] = listeners
  if (first === undefined || first.certificates.length === 0) return ''
  const name = first.listener.sslPolicy ?? DEFAULT_SSL_POLICY
  const policy = sslPolicyNamed(name)
  assert(policy !== undefined, `there is no policy ${name}`)
  const paths = new Map<string, string>()
  for (const certificate of listeners.flatMap(({ certificates }) => certificates))
    paths.set(certificate.arn, files.add(`certificate-${idOf(certificate.arn)}.pem`, pemOf(certificate)))
  // Who asks for a load balancer by name gets its own default certificate, though another one shares the port.
  const entries = listeners.flatMap(({ certificates, loadBalancer }) =>
    certificates.map(({ arn }, place) => `${paths.get(arn)}${place === 0 ? ` ${loadBalancer.dnsName}` : ''}\n`),
  )
  const plain = `${paths.get(first.certificates[0]?.arn ?? '')}\n`
  const list = files.add(`certificates-${first.address}-${first.listener.port}.txt`, [plain, ...entries].join(''))
  const offered = alpn === undefined ? '' : ` alpn ${alpn}`
  return ` ssl crt-list ${list}${offered} ${versionsOf(policy)}${ciphersOf(policy)}`
}
