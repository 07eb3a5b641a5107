// Signs requests for tests that send bytes no SDK client would.
import { createHash, createHmac } from 'node:crypto'
import { HttpRequest as SdkRequest } from '@smithy/core/protocols'
import { SignatureV4 } from '@smithy/signature-v4'
import { TEST_KEYS } from './test-gateway.ts'

export class Sha256 {
  readonly hash
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = secret ? createHmac('sha256', Buffer.from(secret as Uint8Array)) : createHash('sha256')
  }
  update(data: Uint8Array): void {
    this.hash.update(data)
  }
  async digest(): Promise<Uint8Array> {
    return this.hash.digest()
  }
}

export const signer = (service: string, credentials: object = TEST_KEYS): SignatureV4 =>
  new SignatureV4({ credentials: { ...TEST_KEYS, ...credentials }, region: 'eu-west-1', service, sha256: Sha256 })

/** Headers for a request to `endpoint`, signed now. */
export const signedHeaders = async (request: {
  readonly endpoint: string
  readonly service: string
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly credentials?: object
}): Promise<Record<string, string>> => {
  const { host, hostname } = new URL(request.endpoint)
  const signed = await signer(request.service, request.credentials).sign(
    new SdkRequest({
      method: request.method ?? 'POST',
      path: request.path ?? '/',
      hostname,
      headers: { host, ...request.headers },
      body: request.body ?? '',
    }),
  )
  return signed.headers
}
