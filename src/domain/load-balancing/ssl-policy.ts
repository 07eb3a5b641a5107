// The security policies of HTTPS and TLS listeners: which protocol versions and which ciphers, in order of preference, with
// OpenSSL's names. Before: a listener's `sslPolicy`. After: DescribeSSLPolicies; the load-balancer loop writes them out.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html

export type SslPolicy = {
  readonly name: string
  readonly protocols: readonly string[]
  readonly ciphers: readonly string[]
}

const TLS13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256']

/** Forward secret, authenticated: the strictest of TLS 1.2. */
const FS_GCM = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
]

const FS_SHA2 = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES128-SHA256',
  'ECDHE-RSA-AES128-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES256-SHA384',
  'ECDHE-RSA-AES256-SHA384',
]

const FS_ALL = [
  ...FS_SHA2.slice(0, 4),
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  ...FS_SHA2.slice(4),
  'ECDHE-RSA-AES256-SHA',
  'ECDHE-ECDSA-AES256-SHA',
]

const RSA_SHA2 = ['AES128-GCM-SHA256', 'AES128-SHA256', 'AES256-GCM-SHA384', 'AES256-SHA256']

const RSA_ALL = ['AES128-GCM-SHA256', 'AES128-SHA256', 'AES128-SHA', 'AES256-GCM-SHA384', 'AES256-SHA256', 'AES256-SHA']

const ALL = [...FS_ALL, ...RSA_ALL]

const VERSIONS = ['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1']

/** From the newest to the oldest version of a policy. */
const from = (newest: string, oldest: string): readonly string[] =>
  VERSIONS.slice(VERSIONS.indexOf(newest), VERSIONS.indexOf(oldest) + 1)

const policy = (suffix: string, protocols: readonly string[], ciphers: readonly string[]): SslPolicy => ({
  name: `ELBSecurityPolicy-${suffix}`,
  protocols,
  ciphers: protocols.includes('TLSv1.3') ? [...TLS13, ...ciphers] : ciphers,
})

export const SSL_POLICIES: readonly SslPolicy[] = [
  policy('2016-08', from('TLSv1.2', 'TLSv1'), ALL),
  policy('TLS13-1-2-2021-06', from('TLSv1.3', 'TLSv1.2'), FS_SHA2),
  policy('TLS13-1-2-Res-2021-06', from('TLSv1.3', 'TLSv1.2'), FS_GCM),
  policy('TLS13-1-2-Ext1-2021-06', from('TLSv1.3', 'TLSv1.2'), [...FS_SHA2, ...RSA_SHA2]),
  policy('TLS13-1-2-Ext2-2021-06', from('TLSv1.3', 'TLSv1.2'), ALL),
  policy('TLS13-1-1-2021-06', from('TLSv1.3', 'TLSv1.1'), ALL),
  policy('TLS13-1-0-2021-06', from('TLSv1.3', 'TLSv1'), ALL),
  policy('TLS13-1-3-2021-06', ['TLSv1.3'], []),
  policy('TLS-1-2-2017-01', ['TLSv1.2'], [...FS_SHA2, ...RSA_SHA2]),
  policy('TLS-1-1-2017-01', from('TLSv1.2', 'TLSv1.1'), ALL),
  policy('TLS-1-2-Ext-2018-06', ['TLSv1.2'], ALL),
  policy('FS-2018-06', from('TLSv1.2', 'TLSv1'), FS_ALL),
  policy('FS-1-1-2019-08', from('TLSv1.2', 'TLSv1.1'), FS_ALL),
  policy('FS-1-2-2019-08', ['TLSv1.2'], FS_ALL),
  policy('FS-1-2-Res-2019-08', ['TLSv1.2'], FS_SHA2),
  policy('FS-1-2-Res-2020-10', ['TLSv1.2'], FS_GCM),
]

/** What a listener has when none is named. */
export const DEFAULT_SSL_POLICY = 'ELBSecurityPolicy-2016-08'

export const sslPolicyNamed = (name: string): SslPolicy | undefined => SSL_POLICIES.find(one => one.name === name)
