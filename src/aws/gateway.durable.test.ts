import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { describe, test } from 'node:test'
import { type Log, silentLog } from '../lib/log.ts'
import { AwsError } from './error.ts'
import { startTestGateway, TEST_KEYS } from './test-gateway.ts'
import { FORM, send } from './test-send.ts'

const recordingLog = (lines: string[]): Log => {
  const log: Log = {
    ...silentLog,
    error: (fields, message) => lines.push(`${message} ${JSON.stringify(fields)}`),
    child: () => log,
  }
  return log
}

describe('what answers rest on', () => {
  test('no answer leaves before what it rests on is durable, an error neither', async () => {
    let durable = (): void => {}
    const waits: string[] = []
    const gateway = await startTestGateway({
      operations: {
        ListTasks: () => ({}),
        StopTask: () => {
          throw new AwsError('ClusterNotFoundException', 'Cluster not found.')
        },
      },
      durable: () =>
        new Promise(resolve => {
          waits.push('asked')
          durable = resolve
        }),
    })
    for (const [operation, status] of [
      ['ListTasks', 200],
      ['StopTask', 400],
    ] as const) {
      const before = waits.length
      let answered = false
      const target = `AmazonEC2ContainerServiceV20141113.${operation}`
      const sent = send(gateway, { target, body: '{"task":"x"}' }).then(answer => {
        answered = true
        return answer
      })
      while (waits.length === before) await new Promise(setImmediate)
      for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
      assert.equal(answered, false)
      durable()
      assert.equal((await sent).status, status)
    }
    await gateway.stop()
  })

  test('a stopped store is 503 in either protocol', async () => {
    class StoreFailure extends Error {
      override readonly name = 'StoreFailure'
      readonly code = 'DISK_FULL'
    }
    const failure = new StoreFailure('No space is left for the journal.')
    const gateway = await startTestGateway({
      operations: {
        ListTasks: () => ({}),
        RunTask: () => {
          throw failure
        },
      },
      durable: async () => {
        throw failure
      },
    })
    for (const target of ['ListTasks', 'RunTask']) {
      const body = '{"taskDefinition":"a"}'
      const answer = await send(gateway, { target: `AmazonEC2ContainerServiceV20141113.${target}`, body })
      assert.equal(answer.status, 503)
      assert.deepEqual(answer.json(), {
        __type: 'ServiceUnavailableException',
        message: 'Stowage is not serving: No space is left for the journal.',
      })
    }
    const query = await send(gateway, { service: 'sts', target: '', headers: FORM, body: 'Action=GetCallerIdentity' })
    assert.equal(query.status, 503)
    assert.match(query.text, /<Type>Receiver<\/Type><Code>ServiceUnavailable<\/Code>/)
    await gateway.stop()
  })

  test('an unexpected error is logged with its request id, and the caller is told only that', async () => {
    const lines: string[] = []
    const gateway = await startTestGateway({
      log: recordingLog(lines),
      operations: {
        ListTasks: () => {
          throw new TypeError('secret detail')
        },
      },
    })
    const answer = await send(gateway)
    assert.equal(answer.status, 500)
    assert.equal(answer.json()['__type'], 'ServerException')
    assert.doesNotMatch(answer.text, /secret detail/)
    const requestId = answer.headers.get('x-amzn-requestid') ?? ''
    assert.ok(lines.some(line => line.includes(requestId) && line.includes('secret detail')))
    assert.ok(!lines.some(line => line.includes(TEST_KEYS.secretAccessKey)))
    await gateway.stop()
  })

  test('who is not the account root may do nothing yet', async () => {
    const gateway = await startTestGateway({
      operations: { ListTasks: () => ({}) },
      lookup: () => ({
        secretAccessKey: TEST_KEYS.secretAccessKey,
        caller: { accountId: '000000000000', arn: 'arn:aws:iam::000000000000:user/eve', userId: 'AIDA' },
      }),
    })
    const answer = await send(gateway)
    assert.equal(answer.json()['__type'], 'AccessDeniedException')
    assert.equal(
      answer.json()['message'],
      'User: arn:aws:iam::000000000000:user/eve is not authorized to perform: ecs:ListTasks',
    )
    await gateway.stop()
  })

  test('a caller that goes away within its request leaves nothing behind', async () => {
    const gateway = await startTestGateway({ operations: { ListTasks: () => ({}) } })
    const socket = connect(gateway.port, '127.0.0.1')
    await new Promise<void>(connected => socket.once('connect', connected))
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{')
    socket.destroy()
    assert.equal((await send(gateway)).status, 200)
    await gateway.stop()
  })
})
