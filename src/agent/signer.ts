// Signs what the agent says: API calls, websocket handshakes, telemetry frames. AWS Signature Version 4, service `ecs`.
// Before: api.ts, link.ts, telemetry.ts. After: the server's gateway verifies it.
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import type { Clock } from '../lib/clock.ts'

export type Credentials = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

export type Signer = {
  /** The headers to send: the given ones and those of the signature. `host` is among them. */
  readonly sign: (
    request: {
      readonly method: 'GET' | 'POST'
      readonly url: URL
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string
    },
    /** The ECS agent's websocket traffic does not carry its payload's hash as a header. */
    options?: { readonly payloadHashHeader: boolean },
  ) => Promise<Readonly<Record<string, string>>>
}

// A class because the signer makes its hashes with `new`.
class Sha256 {
  #hash: Hash | Hmac
  readonly #fresh: () => Hash | Hmac

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    const key = typeof secret === 'string' || secret === undefined ? secret : bytesOf(secret)
    this.#fresh = () => (key === undefined ? createHash('sha256') : createHmac('sha256', key))
    this.#hash = this.#fresh()
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(typeof data === 'string' ? data : bytesOf(data))
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }

  reset(): void {
    this.#hash = this.#fresh()
  }
}

const bytesOf = (data: ArrayBuffer | ArrayBufferView): Uint8Array =>
  ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data)

export const createSigner = (region: string, credentials: Credentials, clock: Clock): Signer => {
  const make = (applyChecksum: boolean) =>
    new SignatureV4({ service: 'ecs', region, credentials, sha256: Sha256, applyChecksum })
  const [withHash, withoutHash] = [make(true), make(false)]
  return {
    sign: async ({ method, url, headers = {}, body }, { payloadHashHeader } = { payloadHashHeader: true }) => {
      const request = {
        method,
        protocol: url.protocol,
        hostname: url.hostname,
        path: url.pathname,
        query: queryOf(url),
        headers: { ...headers, host: url.host },
        ...(body === undefined ? {} : { body }),
      }
      const signer = payloadHashHeader ? withHash : withoutHash
      const signed = await signer.sign(request, { signingDate: new Date(clock.now()) })
      return signed.headers
    },
  }
}

// Decoded here and encoded by the signer as RFC 3986 wants it; the URL itself may be form-encoded.
const queryOf = (url: URL): Record<string, string> => Object.fromEntries(url.searchParams)
