// Finds a request's signature, in the Authorization header or (presigned) in the query, and reads its parts. Decides
// nothing about whether it is right. Before: authenticate.ts. After: verify-signature.ts.
import type { HttpRequest } from '../http-request.ts'
import { decodeForm } from './canonical-request.ts'
import { type Dialect, mismatch, missingToken, refusal } from './refusal.ts'

export type ParsedSignature = {
  readonly accessKeyId: string
  /** `<yyyymmdd>/<region>/<service>/aws4_request` and its parts. */
  readonly scope: string
  readonly day: string
  readonly region: string
  readonly service: string
  /** As listed: lower-case names joined with semicolons. */
  readonly signedHeaders: string
  readonly signature: string
  /** `20150830T123600Z`, and the same in milliseconds. */
  readonly date: string
  readonly signedAt: number
  readonly sessionToken: string | undefined
  /** Presigned: how long it is to be good for. */
  readonly expiresMs: number | undefined
}

const ALGORITHM = 'AWS4-HMAC-SHA256'

/** A week, as AWS allows at most. */
const MOST_EXPIRES_SECONDS = 604_800

export const parseSignature = (request: HttpRequest, dialect: Dialect): ParsedSignature => {
  const authorization = request.headers.get('authorization')
  if (authorization !== undefined) return fromHeader(request, authorization, dialect)
  const query = new Map<string, string>()
  for (const pair of request.query.split('&')) {
    const [name = '', ...value] = pair.split('=')
    if (/^X-Amz-/i.test(name)) query.set(decodeForm(name), decodeForm(value.join('=')))
  }
  if (!query.has('X-Amz-Signature') && !query.has('X-Amz-Algorithm')) throw missingToken(dialect)
  return fromQuery(query, dialect)
}

/** The service in the credential scope of a request, whatever else is right or wrong with it; empty where there is none. */
export const claimedService = ({ headers, query }: HttpRequest): string => {
  const text = headers.get('authorization') ?? decodeForm(query)
  return /Credential=[^/\s,&]*\/[^/]*\/[^/]*\/([^/\s,&]*)\//.exec(text)?.[1] ?? ''
}

/** As every SDK writes it. */
const USUAL = /^AWS4-HMAC-SHA256 Credential=([^\s,]+), ?SignedHeaders=([^\s,]+), ?Signature=([^\s,]+)$/

const fromHeader = (request: HttpRequest, authorization: string, dialect: Dialect): ParsedSignature => {
  const usual = USUAL.exec(authorization)
  const [credential, signedHeaders, signature] = usual ? usual.slice(1) : fieldsOf(authorization, dialect)
  const date = request.headers.get('x-amz-date') ?? basicDate(request.headers.get('date'))
  if (!credential || !signedHeaders || !signature || !date) {
    const lacks = Object.entries({ Credential: credential, Signature: signature, SignedHeaders: signedHeaders })
      .filter(([, value]) => !value)
      .map(([name]) => `Authorization header requires '${name}' parameter.`)
    if (!date) lacks.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    throw refusal(dialect, 'incomplete', `${lacks.join(' ')} Authorization=${ALGORITHM}`)
  }
  const sessionToken = request.headers.get('x-amz-security-token')
  return parsed(dialect, { credential, signature, signedHeaders, date, sessionToken, expiresMs: undefined })
}

// In any order, with whatever between them.
const fieldsOf = (authorization: string, dialect: Dialect): readonly (string | undefined)[] => {
  const [algorithm = ''] = authorization.split(' ', 1)
  if (algorithm !== ALGORITHM) throw unsupported(algorithm, dialect)
  const fields = new Map<string, string>()
  for (const field of authorization.slice(ALGORITHM.length).split(/[\s,]+/)) {
    if (field === '') continue
    const mark = field.indexOf('=')
    if (mark === -1) {
      const text = `'${field}' not a valid key=value pair (missing equal-sign) in Authorization header.`
      throw refusal(dialect, 'incomplete', text)
    }
    fields.set(field.slice(0, mark), field.slice(mark + 1))
  }
  return [fields.get('Credential'), fields.get('SignedHeaders'), fields.get('Signature')]
}

const fromQuery = (query: ReadonlyMap<string, string>, dialect: Dialect): ParsedSignature => {
  const algorithm = query.get('X-Amz-Algorithm') ?? ''
  if (algorithm !== '' && algorithm !== ALGORITHM) throw unsupported(algorithm, dialect)
  const lacks = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Signature', 'X-Amz-SignedHeaders', 'X-Amz-Date']
    .filter(name => !query.get(name))
    .map(name => `AWS query-string parameters must include '${name}'.`)
  if (lacks.length > 0) {
    throw refusal(dialect, 'incomplete', `${lacks.join(' ')} Re-examine the query-string parameters.`)
  }
  const expires = query.get('X-Amz-Expires')
  const seconds = Number(expires)
  if (expires !== undefined && !(/^\d{1,6}$/.test(expires) && seconds >= 1 && seconds <= MOST_EXPIRES_SECONDS)) {
    throw refusal(dialect, 'incomplete', `X-Amz-Expires must be between 1 and ${MOST_EXPIRES_SECONDS} seconds.`)
  }
  return parsed(dialect, {
    credential: query.get('X-Amz-Credential') ?? '',
    signature: query.get('X-Amz-Signature') ?? '',
    signedHeaders: query.get('X-Amz-SignedHeaders') ?? '',
    date: query.get('X-Amz-Date') ?? '',
    sessionToken: query.get('X-Amz-Security-Token'),
    expiresMs: expires === undefined ? undefined : seconds * 1000,
  })
}

type Given = Pick<ParsedSignature, 'signature' | 'signedHeaders' | 'date' | 'sessionToken' | 'expiresMs'> & {
  readonly credential: string
}

const parsed = (dialect: Dialect, given: Given): ParsedSignature => {
  const { credential, signature, signedHeaders, date, sessionToken, expiresMs } = given
  const elements = credential.split('/')
  const [accessKeyId = '', day = '', region = '', service = '', terminator = ''] = elements
  if (elements.length !== 5) {
    const text = `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`
    throw refusal(dialect, 'incomplete', text)
  }
  const signedAt = epochOf(date)
  if (signedAt === undefined) {
    throw refusal(dialect, 'incomplete', `Date must be in ISO-8601 'basic format'. Got '${date}'.`)
  }
  if (day !== date.slice(0, 8)) {
    const text = `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${day}' != '${date.slice(0, 8)}', from '${date}'.`
    throw refusal(dialect, 'mismatch', text)
  }
  // It becomes part of every ARN.
  if (!/^[a-z0-9-]{1,64}$/.test(region)) {
    throw refusal(dialect, 'mismatch', 'Credential should be scoped to a valid region.')
  }
  if (terminator !== 'aws4_request') {
    const text = `Credential should be scoped with a valid terminator: 'aws4_request', not '${terminator}'.`
    throw refusal(dialect, 'mismatch', text)
  }
  if (!/^[0-9a-f]{64}$/.test(signature)) throw mismatch(dialect)
  const scope = `${day}/${region}/${service}/${terminator}`
  return { accessKeyId, scope, day, region, service, signedHeaders, signature, date, signedAt, sessionToken, expiresMs }
}

const unsupported = (algorithm: string, dialect: Dialect) =>
  refusal(dialect, 'incomplete', `Unsupported AWS 'algorithm': '${algorithm}'.`)

const epochOf = (date: string): number | undefined => {
  if (!/^\d{8}T\d{6}Z$/.test(date)) return undefined
  const [day, time] = [date.slice(0, 8), date.slice(9, 15)]
  const epoch = Date.parse(
    `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}Z`,
  )
  return Number.isNaN(epoch) ? undefined : epoch
}

export const basicFormat = (epoch: number): string =>
  `${new Date(epoch).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`

const basicDate = (date: string | undefined): string | undefined => {
  const epoch = date === undefined ? Number.NaN : Date.parse(date)
  return Number.isNaN(epoch) ? undefined : basicFormat(epoch)
}
