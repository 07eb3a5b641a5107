// What a listener's protocol asks for and allows: certificate, policy, ALPN.
// Before: CreateListener, ModifyListener, within their transactions. After: the row.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html
import type { Certificate, MutualAuthenticationAttributes } from '@aws-sdk/client-elastic-load-balancing-v2'
import { type Scope, scopeOf } from '../../../domain/arn.ts'
import type { Listener, LoadBalancer } from '../../../domain/load-balancing/load-balancer.ts'
import { DEFAULT_SSL_POLICY, sslPolicyNamed } from '../../../domain/load-balancing/ssl-policy.ts'
import { certificates } from '../../../store/load-balancing-tables.ts'
import type { Reader } from '../../../store/store.ts'
import { checkRange, invalid, refusal } from '../context.ts'
import { checkBuilt } from '../fields.ts'

/** What CreateListener and ModifyListener ask alike. */
export type AskedListener = {
  readonly Port?: number | undefined
  readonly Protocol?: string | undefined
  readonly SslPolicy?: string | undefined
  readonly Certificates?: readonly Certificate[] | undefined
  readonly AlpnPolicy?: readonly string[] | undefined
  readonly MutualAuthentication?: MutualAuthenticationAttributes | undefined
}

export type ListenerSettings = Pick<Listener, 'port' | 'protocol' | 'certificateArns' | 'sslPolicy' | 'alpnPolicy'>

const PROTOCOLS = { application: ['HTTP', 'HTTPS'], network: ['TCP', 'TLS'] } as const
const ALPN = ['HTTP1Only', 'HTTP2Only', 'HTTP2Optional', 'HTTP2Preferred', 'None']

export const isSecure = (protocol: Listener['protocol']): boolean => protocol === 'HTTPS' || protocol === 'TLS'

/** What is asked, else what `before` has, else the default. */
export const listenerSettings = (
  reader: Reader,
  scope: Scope,
  { type }: LoadBalancer,
  asked: AskedListener,
  before?: Listener,
): ListenerSettings => {
  checkBuilt('CreateListenerInput', asked)
  checkBuilt('MutualAuthenticationAttributes', asked.MutualAuthentication)
  const port = asked.Port ?? before?.port
  if (port === undefined) throw invalid('A port must be specified')
  checkRange('port', port, 1, 65_535)
  const protocol = protocolOf(type, asked.Protocol ?? before?.protocol)
  const own = { port, protocol, ...alpnOf(protocol, asked, before) }
  if (!isSecure(protocol)) {
    if (asked.SslPolicy) throw invalid(`An SSL policy cannot be specified for ${protocol} listeners`)
    if (asked.Certificates?.length) throw invalid(`A certificate cannot be specified for ${protocol} listeners`)
    return { ...own, certificateArns: [] }
  }
  const sslPolicy = asked.SslPolicy ?? before?.sslPolicy ?? DEFAULT_SSL_POLICY
  if (!sslPolicyNamed(sslPolicy)) throw refusal('SSLPolicyNotFound', `SSL policy '${sslPolicy}' not found`)
  return { ...own, sslPolicy, certificateArns: certificatesOf(reader, scope, protocol, asked, before) }
}

const protocolOf = (type: LoadBalancer['type'], asked: string | undefined): Listener['protocol'] => {
  if (!asked) throw invalid('A listener protocol must be specified')
  const allowed: readonly Listener['protocol'][] = PROTOCOLS[type]
  const found = allowed.find(protocol => protocol === asked)
  if (found) return found
  throw invalid(`Listener protocol '${asked}' must be one of '${allowed.join(', ')}'`)
}

const alpnOf = (
  protocol: Listener['protocol'],
  { AlpnPolicy }: AskedListener,
  before: Listener | undefined,
): Pick<Listener, 'alpnPolicy'> => {
  if (protocol !== 'TLS') {
    if (AlpnPolicy?.length) throw invalid(`An ALPN policy cannot be specified for ${protocol} listeners`)
    return {}
  }
  const policy = AlpnPolicy ?? before?.alpnPolicy
  if (!policy?.length) return {}
  const [name = '', ...more] = policy
  if (more.length > 0) throw invalid('You can specify one ALPN policy')
  if (!ALPN.includes(name)) throw refusal('ALPNPolicyNotSupported', `ALPN policy '${name}' is not supported`)
  return { alpnPolicy: [name] }
}

/** The default one first; those that were added for SNI stay. */
const certificatesOf = (
  reader: Reader,
  scope: Scope,
  protocol: Listener['protocol'],
  { Certificates: asked }: AskedListener,
  before: Listener | undefined,
): readonly string[] => {
  const had = before?.certificateArns ?? []
  if (!asked?.length) {
    if (had.length === 0) throw invalid(`A certificate must be specified for ${protocol} listeners`)
    return had
  }
  if (asked.length > 1) throw invalid('You can specify one certificate, the default one')
  const [first = ''] = checkCertificates(reader, scope, asked)
  return [first, ...had.slice(1).filter(arn => arn !== first)]
}

/** Their ARNs; CertificateNotFound for one that was not imported. */
export const checkCertificates = (reader: Reader, scope: Scope, asked: readonly Certificate[]): readonly string[] =>
  asked.map(({ CertificateArn = '', IsDefault }) => {
    if (IsDefault !== undefined) throw invalid("'IsDefault' cannot be specified")
    const { region, accountId } = scopeOf(CertificateArn)
    const own = region === scope.region && accountId === scope.accountId
    if (!own || !reader.get(certificates, CertificateArn))
      throw refusal('CertificateNotFound', `Certificate '${CertificateArn}' not found`)
    return CertificateArn
  })
