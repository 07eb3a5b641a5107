// Sends exactly these bytes, signed, to a running Stowage: what no SDK client would send.
import { signedHeaders } from '../../src/aws/test-sign.ts'
import { KEYS, type Stowage } from '../e2e/stowage.ts'

export type Answer = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: () => { readonly __type?: string; readonly message?: string } & Record<string, unknown>
}

export type Request = {
  /** An ECS operation's name. */
  readonly operation?: string
  readonly body?: string
  readonly service?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly credentials?: { readonly accessKeyId?: string; readonly secretAccessKey?: string }
  /** Changes what was signed, after it was signed. */
  readonly tamper?: (sent: { headers: Record<string, string>; body: string }) => void
}

export const send = async (stowage: Stowage, request: Request): Promise<Answer> => {
  const given = {
    'content-type': 'application/x-amz-json-1.1',
    ...(request.operation && { 'x-amz-target': `AmazonEC2ContainerServiceV20141113.${request.operation}` }),
    ...request.headers,
  }
  const body = request.body ?? '{}'
  const headers = await signedHeaders({
    endpoint: stowage.endpoint,
    service: request.service ?? 'ecs',
    headers: given,
    body,
    credentials: { ...KEYS, ...request.credentials },
  })
  const sent = { headers: { ...headers }, body }
  request.tamper?.(sent)
  const answer = await fetch(stowage.endpoint, { method: 'POST', headers: sent.headers, body: sent.body })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, text, json: () => JSON.parse(text) }
}
