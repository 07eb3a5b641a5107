// Sends exactly these bytes, signed, to a test's gateway: what no SDK client would send.
import type { TestGateway } from './test-gateway.ts'
import { signedHeaders } from './test-sign.ts'

export const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

export type Answer = { status: number; headers: Headers; text: string; json: () => Record<string, unknown> }

/** A signed request with exactly these bytes. */
export const send = async (
  { endpoint }: TestGateway,
  {
    target = 'AmazonEC2ContainerServiceV20141113.ListTasks',
    body = '{}',
    service = 'ecs',
    headers = {},
    credentials = {},
    tamper = () => {},
  }: {
    target?: string
    body?: string | Uint8Array<ArrayBuffer>
    service?: string
    headers?: Record<string, string>
    credentials?: object
    /** Changes the headers after they were signed. */
    tamper?: (headers: Record<string, string>) => unknown
  } = {},
): Promise<Answer> => {
  const given = {
    'content-type': 'application/x-amz-json-1.1',
    ...(target ? { 'x-amz-target': target } : {}),
    ...headers,
  }
  const signed = await signedHeaders({ endpoint, service, headers: given, body, credentials })
  tamper(signed)
  const response = await fetch(endpoint, { method: 'POST', headers: signed, body })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) }
}
