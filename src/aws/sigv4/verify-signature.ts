// Decides whether a request's signature is right, now, for a secret key.
// Before: parse-signature.ts, and the lookup of the key. After: authenticate.ts, which makes the caller of it.
import { hash, timingSafeEqual } from 'node:crypto'
import type { HttpRequest } from '../http-request.ts'
import { canonicalRequest } from './canonical-request.ts'
import { basicFormat, type ParsedSignature } from './parse-signature.ts'
import { type Dialect, mismatch, refusal } from './refusal.ts'
import type { SigningKeys } from './signing-keys.ts'

/** How far apart the caller's clock and ours may be, as AWS has it. */
const SKEW_MS = 5 * 60_000

const HASH_OF_NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

export type Verification = {
  readonly dialect: Dialect
  readonly secretAccessKey: string
  readonly now: number
  readonly signingKeys: SigningKeys
}

/** Returns when the signature is right, throws AwsError when it is not. */
export const verifySignature = (request: HttpRequest, signature: ParsedSignature, by: Verification): void => {
  checkTime(signature, by)
  checkSignedHeaders(request, signature, by.dialect)
  const bodyHash = request.body.length === 0 ? HASH_OF_NOTHING : hash('sha256', request.body)
  // Of the services here none takes UNSIGNED-PAYLOAD, so a hash that is given is the body's or wrong.
  const givenHash = request.headers.get('x-amz-content-sha256')
  if (givenHash !== undefined && givenHash !== bodyHash) throw mismatch(by.dialect)
  const canonical = canonicalRequest(request, signature.signedHeaders, bodyHash)
  const toSign = `AWS4-HMAC-SHA256\n${signature.date}\n${signature.scope}\n${hash('sha256', canonical)}`
  const expected = by.signingKeys.keyFor(by.secretAccessKey, signature)(toSign)
  // Both are 64 hex digits: parse-signature.ts lets no other through.
  if (!timingSafeEqual(Buffer.from(expected), Buffer.from(signature.signature))) throw mismatch(by.dialect)
}

const checkTime = ({ signedAt, date, expiresMs }: ParsedSignature, { now, dialect }: Verification): void => {
  const goodFor = expiresMs ?? SKEW_MS
  if (now > signedAt + goodFor) {
    const text = `Signature expired: ${date} is now earlier than ${basicFormat(now - goodFor)} (${basicFormat(now)} - ${spoken(goodFor)}.)`
    throw refusal(dialect, 'mismatch', text)
  }
  if (signedAt > now + SKEW_MS) {
    const text = `Signature not yet current: ${date} is still later than ${basicFormat(now + SKEW_MS)} (${basicFormat(now)} + 5 min.)`
    throw refusal(dialect, 'mismatch', text)
  }
}

const spoken = (ms: number): string => (ms % 60_000 === 0 ? `${ms / 60_000} min` : `${ms / 1000} sec`)

/** Without these a signature could be taken from one request and used on another. */
const checkSignedHeaders = (request: HttpRequest, { signedHeaders }: ParsedSignature, dialect: Dialect): void => {
  const names = `;${signedHeaders};`
  if (!names.includes(';host;')) {
    throw refusal(dialect, 'mismatch', "'Host' must be a 'SignedHeader' in the AWS Authorization.")
  }
  if (request.headers.has('x-amz-target') && !names.includes(';x-amz-target;')) {
    throw refusal(dialect, 'mismatch', "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization.")
  }
}
