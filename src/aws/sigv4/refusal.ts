// Why a signature is refused, in the codes and texts that AWS's two families of protocols answer.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html
import { AwsError } from '../error.ts'

/** Which family's words the answer is in: known before the service is. */
export type Dialect = 'json' | 'query'

const REFUSALS = {
  missing: { json: 'MissingAuthenticationTokenException', query: 'MissingAuthenticationToken', queryStatus: 403 },
  incomplete: { json: 'IncompleteSignatureException', query: 'IncompleteSignature', queryStatus: 400 },
  unknownKey: { json: 'UnrecognizedClientException', query: 'InvalidClientTokenId', queryStatus: 403 },
  mismatch: { json: 'InvalidSignatureException', query: 'SignatureDoesNotMatch', queryStatus: 403 },
} as const

export const refusal = (dialect: Dialect, kind: keyof typeof REFUSALS, message: string): AwsError => {
  const { json, query, queryStatus } = REFUSALS[kind]
  return dialect === 'json'
    ? new AwsError(json, message, { httpStatus: 400 })
    : new AwsError(query, message, { httpStatus: queryStatus })
}

export const missingToken = (dialect: Dialect): AwsError =>
  refusal(dialect, 'missing', 'Request is missing Authentication Token')

export const unknownKey = (dialect: Dialect): AwsError =>
  refusal(dialect, 'unknownKey', 'The security token included in the request is invalid.')

export const mismatch = (dialect: Dialect): AwsError =>
  refusal(
    dialect,
    'mismatch',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key ' +
      'and signing method. Consult the service documentation for details.',
  )
