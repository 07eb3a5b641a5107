// How a TLS listener ends connections: which certificate for which name, which versions and ciphers its policy allows.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
import type { Certificate } from '../../domain/load-balancing/certificate.ts'
import type { PlacedListener } from '../desired.ts'
import { idOf } from '../names.ts'
import type { Files } from './files.ts'

/** Its key and all, in the order in which HAProxy wants them. */
const pemOf = ({ certificatePem, chainPem, privateKeyPem }: Certificate): string =>
  `${[certificatePem, chainPem, privateKeyPem].flatMap(part => (part === undefined ? [] : [part.trim()])).join('\n')}\n`

const versionsOf = (policy: string): string => {
  if (/TLS13-1-3/.test(policy)) return 'ssl-min-ver TLSv1.3'
  const least = /TLS13-1-([012])/.exec(policy)?.[1] ?? /-(?:TLS|FS)-1-([12])/.exec(policy)?.[1] ?? '0'
  // Policies whose name does not say TLS13 end at TLS 1.2.
  return `ssl-min-ver TLSv1.${least}${/TLS13/.test(policy) ? '' : ' ssl-max-ver TLSv1.2'}`
}

const GCM =
  'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384'
const CBC2 = 'ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES256-SHA384'
const CBC1 = 'ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA'
const RSA = 'AES128-GCM-SHA256:AES128-SHA256:AES256-GCM-SHA384:AES256-SHA256:AES128-SHA:AES256-SHA'

const ciphersOf = (policy: string): string => {
  if (/Res/.test(policy)) return GCM
  const old = /1-[01]|2016-08/.test(policy) && !/1-2/.test(policy)
  const forwardSecret = /-FS-/.test(policy)
  // OpenSSL 3 refuses TLS 1.0 and 1.1 above security level 0.
  return [
    GCM,
    CBC2,
    ...(old || /Ext2/.test(policy) ? [CBC1] : []),
    ...(forwardSecret || /TLS13-1-2-2021/.test(policy) ? [] : [RSA]),
  ]
    .join(':')
    .concat(old ? ':@SECLEVEL=0' : '')
}

const DEFAULT_POLICY = 'ELBSecurityPolicy-2016-08'

/** Options of a `bind` line. The listeners share a port, and speak TLS on it; the first one's policy holds. */
export const tlsOptions = (listeners: readonly PlacedListener[], alpn: string | undefined, files: Files): string => {
  const [first] = listeners
  if (first === undefined || first.certificates.length === 0) return ''
  const policy = first.listener.sslPolicy ?? DEFAULT_POLICY
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
  return ` ssl crt-list ${list}${offered} ${versionsOf(policy)} ciphers ${ciphersOf(policy)}`
}
