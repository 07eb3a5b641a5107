// Decides who is calling, from the request's signature alone: there is no other way in. The credential scope also says
// which service and region the request is for. Before: http-request.ts. After: find-operation.ts.
import { timingSafeEqual } from 'node:crypto'
import type { Clock } from '../lib/clock.ts'
import type { HttpRequest } from './http-request.ts'
import type { Caller } from './operation.ts'
import { parseSignature } from './sigv4/parse-signature.ts'
import { type Dialect, unknownKey } from './sigv4/refusal.ts'
import { signingKeys } from './sigv4/signing-keys.ts'
import { verifySignature } from './sigv4/verify-signature.ts'

export type CredentialLookup = (accessKeyId: string) =>
  | {
      readonly secretAccessKey: string
      /** Of temporary credentials: must come with the request. */
      readonly sessionToken?: string
      readonly caller: Omit<Caller, 'accessKeyId'>
    }
  | undefined

export type Authenticated = { readonly caller: Caller; readonly region: string; readonly service: string }

export type Authenticate = (request: HttpRequest, dialect: Dialect) => Authenticated

/** Throws AwsError for a request without a right signature. */
export const authenticator = (options: { readonly lookup: CredentialLookup; readonly clock: Clock }): Authenticate => {
  const keys = signingKeys()
  return (request, dialect) => {
    const signature = parseSignature(request, dialect)
    const { accessKeyId, region, service } = signature
    const found = options.lookup(accessKeyId)
    if (!found || !sameToken(found.sessionToken, signature.sessionToken)) throw unknownKey(dialect)
    const { secretAccessKey } = found
    verifySignature(request, signature, { dialect, secretAccessKey, now: options.clock.now(), signingKeys: keys })
    return { caller: { ...found.caller, accessKeyId }, region, service }
  }
}

const sameToken = (expected: string | undefined, given: string | undefined): boolean => {
  if (expected === undefined || given === undefined) return expected === given
  const [a, b] = [Buffer.from(expected), Buffer.from(given)]
  return a.length === b.length && timingSafeEqual(a, b)
}
