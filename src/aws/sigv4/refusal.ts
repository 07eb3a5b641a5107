// Why a signature is refused, in the codes, statuses and texts that AWS's families of protocols answer: JSON services say 400
// for all of it, Query services 403 but for a signature that is not whole, and EC2 has a code of its own for an unknown key.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html
// https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
import { AwsError } from '../error.ts'

/** Which family's words the answer is in: known before the request is vouched for. */
export type Dialect = 'json' | 'query' | 'ec2'

export type Refusal = 'missing' | 'incomplete' | 'unknownKey' | 'mismatch'

type Told = { readonly code: string; readonly status: number }

const QUERY: Readonly<Record<Refusal, Told>> = {
  missing: { code: 'MissingAuthenticationToken', status: 403 },
  incomplete: { code: 'IncompleteSignature', status: 400 },
  unknownKey: { code: 'InvalidClientTokenId', status: 403 },
  mismatch: { code: 'SignatureDoesNotMatch', status: 403 },
}

export const REFUSALS: Readonly<Record<Dialect, Readonly<Record<Refusal, Told>>>> = {
  json: {
    missing: { code: 'MissingAuthenticationTokenException', status: 400 },
    incomplete: { code: 'IncompleteSignatureException', status: 400 },
    unknownKey: { code: 'UnrecognizedClientException', status: 400 },
    mismatch: { code: 'InvalidSignatureException', status: 400 },
  },
  query: QUERY,
  ec2: { ...QUERY, unknownKey: { code: 'AuthFailure', status: 401 } },
}

export const refusal = (dialect: Dialect, kind: Refusal, message: string): AwsError => {
  const { code, status } = REFUSALS[dialect][kind]
  return new AwsError(code, message, { httpStatus: status })
}

export const missingToken = (dialect: Dialect): AwsError =>
  refusal(dialect, 'missing', 'Request is missing Authentication Token')

export const unknownKey = (dialect: Dialect): AwsError =>
  refusal(
    dialect,
    'unknownKey',
    dialect === 'ec2'
      ? 'AWS was not able to validate the provided access credentials'
      : 'The security token included in the request is invalid.',
  )

export const mismatch = (dialect: Dialect): AwsError =>
  refusal(
    dialect,
    'mismatch',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key ' +
      'and signing method. Consult the service documentation for details.',
  )
