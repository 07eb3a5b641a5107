import assert from 'node:assert/strict'
import { createServer, request as httpRequest } from 'node:http'
import { describe, test } from 'node:test'
import type { AwsError } from './error.ts'
import { startTestGateway } from './test-gateway.ts'
import { signedHeaders } from './test-sign.ts'

describe('websocket handshakes', () => {
  const upgrade = async (
    path: string,
    change: (headers: Record<string, string>) => void = () => {},
  ): Promise<string> => {
    const gateway = await startTestGateway({})
    const server = createServer()
    server.on('upgrade', (message, socket) => {
      gateway.gateway.authenticateUpgrade(message).then(
        context =>
          socket.end(
            `HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ${context.region.length}\r\n\r\n${context.region}`,
          ),
        (error: AwsError) =>
          socket.end(
            `HTTP/1.1 403 No\r\nconnection: close\r\ncontent-length: ${error.code.length}\r\n\r\n${error.code}`,
          ),
      )
    })
    await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
    const address = server.address()
    const endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
    const signed = await signedHeaders({ endpoint, service: 'ecs', method: 'GET', path, headers: {} })
    change(signed)
    const text = await new Promise<string>((resolve, reject) => {
      const headers = { ...signed, connection: 'Upgrade', upgrade: 'websocket' }
      const sent = httpRequest(`${endpoint}${path}`, { headers }, response => {
        response.setEncoding('utf8').on('data', resolve)
      })
      sent.on('error', reject).end()
    })
    server.close()
    await gateway.stop()
    return text
  }

  test('a signed one is vouched for', async () => {
    assert.equal(await upgrade('/acs/ws'), 'eu-west-1')
  })

  test('others are refused', async () => {
    assert.equal(
      await upgrade('/acs/ws', headers => delete headers['authorization']),
      'MissingAuthenticationTokenException',
    )
    const broken = await upgrade('/acs/ws', headers => {
      headers['authorization'] = `${headers['authorization']?.slice(0, -4)}0000`
    })
    assert.equal(broken, 'InvalidSignatureException')
  })
})
