// The day's signing keys: four HMACs from the secret, which all requests of a key, day, region and service share.
import { createHmac } from 'node:crypto'
import { type Hmac, hmacSha256 } from '../../lib/hmac.ts'
import type { ParsedSignature } from './parse-signature.ts'

/** Each caller uses a few regions and services a day. The oldest goes when it is full: making one takes 20 µs. */
const MOST_KEYS = 1_000

export type SigningKeys = {
  readonly keyFor: (
    secretAccessKey: string,
    scope: Pick<ParsedSignature, 'accessKeyId' | 'scope' | 'day' | 'region' | 'service'>,
  ) => Hmac
}

export const signingKeys = (): SigningKeys => {
  const kept = new Map<string, { readonly secretAccessKey: string; readonly key: Hmac }>()
  return {
    keyFor: (secretAccessKey, { accessKeyId, scope, day, region, service }) => {
      const name = `${accessKeyId}/${scope}`
      const found = kept.get(name)
      if (found?.secretAccessKey === secretAccessKey) return found.key
      const key = hmacSha256(hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, day), region), service), 'aws4_request'))
      kept.set(name, { secretAccessKey, key })
      const [oldest] = kept.keys()
      if (kept.size > MOST_KEYS && oldest !== undefined) kept.delete(oldest)
      return key
    },
  }
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
