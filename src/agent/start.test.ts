import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { silentLog } from '../lib/log.ts'
import { startAgent } from './start.ts'
import {
  addressed,
  agentOf,
  clock,
  connected,
  inputFor,
  messages,
  peerFor,
  runtime,
  send,
  submitted,
  temporary,
} from './test-agent.ts'
import { CLUSTER, container, healthChecked, task, taskArnOf } from './test-host.ts'
import { INSTANCE } from './test-peer.ts'

describe('startAgent', () => {
  test('registers what the host has, and opens both links signed', async t => {
    const peer = await peerFor(t)
    const agent = await agentOf(t, peer, runtime())
    assert.equal(agent.containerInstanceArn, INSTANCE)
    await connected(peer)
    const [registration] = peer.calls
    assert.equal(registration?.operation, 'RegisterContainerInstance')
    assert.deepEqual(registration?.input['totalResources'], [
      { name: 'CPU', type: 'INTEGER', integerValue: 4096 },
      { name: 'MEMORY', type: 'INTEGER', integerValue: 8000 },
      { name: 'PORTS', type: 'STRINGSET', stringSetValue: ['22', '2375', '2376', '51678', '51679', '7700'] },
      { name: 'PORTS_UDP', type: 'STRINGSET', stringSetValue: [] },
    ])
    const acs = peer.upgrades.find(({ url }) => url.startsWith('/acs/ws?'))
    const query = new URLSearchParams(acs?.url.split('?')[1])
    assert.deepEqual(
      [...query.keys()],
      [
        'agentHash',
        'agentVersion',
        'clusterArn',
        'containerInstanceArn',
        'dockerVersion',
        'protocolVersion',
        'sendCredentials',
        'seqNum',
      ],
    )
    assert.match(acs?.url ?? '', /dockerVersion=DockerVersion%3A\+fake/)
    assert.match(String(acs?.headers.authorization), /SignedHeaders=host;x-amz-date, /)
    assert.equal(acs?.headers['x-amz-content-sha256'], undefined)
  })

  test('waits for a container engine that is not there yet, on a host that is known; else says so at once', async t => {
    const peer = await peerFor(t)
    const driver = runtime()
    const dir = await temporary(t)
    driver.setGone(true)
    await assert.rejects(agentOf(t, peer, driver, dir), { code: 'ECONNREFUSED' })
    driver.setGone(false)
    const first = await agentOf(t, peer, driver, dir)
    await first.stop()
    const { info } = driver
    let asked = 0
    const late = () => {
      if (++asked === 2) driver.setGone(false)
      return info()
    }
    driver.setGone(true)
    await agentOf(t, peer, Object.assign(driver, { info: late }), dir)
    const registrations = () => peer.calls.filter(({ operation }) => operation === 'RegisterContainerInstance')
    await peer.until(() => (registrations().length === 2 ? true : undefined))
    assert.ok(asked >= 2)
  })

  test('as a new container instance it tells of what another agent left running', async t => {
    const peer = await peerFor(t)
    const driver = runtime()
    const first = await agentOf(t, peer, driver)
    await connected(peer)
    send(peer, 1, task('a1', [container('web', 'fake/run'), container('ends', 'fake/exit-0', { essential: false })]))
    await peer.until(() => submitted(peer)[0])
    await first.stop()
    const said: string[] = []
    const warn = (fields: object, message: string): void => void said.push(`${JSON.stringify(fields)} ${message}`)
    const second = await startAgent({ ...inputFor(peer, driver), log: { ...silentLog, warn } })
    t.after(() => second.stop())
    const left = said.filter(line => line.includes('Containers of another agent run here'))
    assert.equal(left.length, 1)
    assert.match(left[0] ?? '', /"containers":1,"filter":"label=stowage\.agent=[0-9a-f]{32}"/)
  })

  test('acks a payload, runs its task, reports it; answers heartbeats', async t => {
    const peer = await peerFor(t)
    const driver = runtime()
    await agentOf(t, peer, driver, await temporary(t))
    await connected(peer)
    peer.send('acs', 'HeartbeatMessage', { messageId: 'h1', healthy: true })
    peer.send('acs', 'SomethingNew', { messageId: 'x' })
    send(peer, 5, task('a1', [container('web', 'fake/run')]))
    const report = await peer.until(() => submitted(peer)[0])
    assert.equal(report['status'], 'RUNNING')
    assert.equal(report['task'], taskArnOf('a1'))
    const ack = await peer.until(() => messages(peer, 'AckRequest')[0])
    assert.deepEqual(ack, { cluster: CLUSTER, containerInstance: INSTANCE, messageId: 'p5' })
    assert.deepEqual(messages(peer, 'HeartbeatAckRequest'), [{ messageId: 'h1' }])
  })

  test('the report of a crash does not wait', async t => {
    const peer = await peerFor(t)
    const driver = runtime()
    await agentOf(t, peer, driver)
    await connected(peer)
    const took: number[] = []
    // A machine may stall in one of them.
    for (let kill = 1; kill <= 5; kill++) {
      send(peer, kill, task(`a${kill}`, [container('web', 'fake/run')]))
      await peer.until(() => submitted(peer)[2 * kill - 2])
      const killedAt = clock.now()
      driver.kill(driver.containers().find(({ status }) => status === 'running')?.id ?? '')
      const stopped = await peer.until(() => submitted(peer)[2 * kill - 1])
      assert.deepEqual([stopped['task'], stopped['status']], [taskArnOf(`a${kill}`), 'STOPPED'])
      took.push(clock.now() - killedAt)
    }
    assert.ok(Math.min(...took) < 200, `${took.join(', ')} ms`)
  })

  test('asks before it stops what the manifest leaves out, ignores old manifests, takes the answer once', async t => {
    const peer = await peerFor(t)
    const driver = runtime()
    await agentOf(t, peer, driver)
    await connected(peer)
    send(peer, 10, task('a1', [container('web', 'fake/run')]), task('a2', [container('web', 'fake/run')]))
    await peer.until(() => (submitted(peer).length === 2 ? true : undefined))
    const manifest = (timeline: number, messageId: string) =>
      peer.send(
        'acs',
        'TaskManifestMessage',
        addressed({
          messageId,
          generatedAt: 1,
          timeline,
          tasks: [{ taskArn: taskArnOf('a2'), taskClusterArn: CLUSTER, desiredStatus: 'RUNNING' }],
        }),
      )
    manifest(10, 'old')
    manifest(11, 'new')
    const question = await peer.until(() => messages(peer, 'TaskStopVerificationMessage')[0])
    assert.deepEqual(question, {
      messageId: 'new',
      stopCandidates: [{ taskArn: taskArnOf('a1'), taskClusterArn: CLUSTER, desiredStatus: 'STOPPED' }],
    })
    const confirm = (messageId: string, id: string) =>
      peer.send('acs', 'TaskStopVerificationAck', {
        messageId,
        generatedAt: 1,
        stopTasks: [{ taskArn: taskArnOf(id), taskClusterArn: CLUSTER, desiredStatus: 'STOPPED' }],
      })
    confirm('old', 'a2')
    confirm('new', 'a1')
    confirm('new', 'a2')
    const end = await peer.until(() => submitted(peer)[2])
    assert.deepEqual([end['task'], end['status']], [taskArnOf('a1'), 'STOPPED'])
    assert.deepEqual(
      messages(peer, 'AckRequest').map(ack => ack.messageId),
      ['p10', 'new'],
    )
    assert.equal(driver.containers().filter(({ status }) => status === 'running').length, 1)
  })

  test('tells health at once, in a signed frame', async t => {
    const peer = await peerFor(t)
    const driver = runtime()
    await agentOf(t, peer, driver)
    await connected(peer)
    send(peer, 1, task('a1', [healthChecked('web', 'fake/healthy')]))
    const healthy = await peer.until(() =>
      messages(peer, 'PublishHealthRequest').find(({ tasks }) => tasks[0]?.containers[0]?.healthStatus === 'HEALTHY'),
    )
    assert.equal(healthy.tasks[0].taskArn, taskArnOf('a1'))
    assert.equal(healthy.metadata.fin, true)
    const frame = peer.frames.find(({ text }) => text.includes('PublishHealthRequest'))
    assert.match(
      frame?.text ?? '',
      /^Authorization: AWS4-HMAC-SHA256 .*\r\nHost: 127\.0\.0\.1:\d+\r\nX-Amz-Date: \w+\r\n\r\n\{/,
    )
  })

  test('after a restart it is the same instance, restarts nothing, and reports what died', async t => {
    const dataDir = await temporary(t)
    const driver = runtime()
    const first = await peerFor(t)
    const agent = await agentOf(t, first, driver, dataDir)
    await connected(first)
    send(first, 1, task('a1', [container('web', 'fake/run')]), task('a2', [container('web', 'fake/run')]))
    await first.until(() => (submitted(first).length === 2 ? true : undefined))
    await agent.stop()
    const [one, two] = driver.containers()
    driver.kill(one?.id ?? '')

    const second = await peerFor(t)
    const again = await agentOf(t, second, driver, dataDir)
    assert.equal(again.containerInstanceArn, INSTANCE)
    await second.until(() => submitted(second).find(({ status }) => status === 'STOPPED'))
    await connected(second)
    assert.equal(
      second.calls.find(call => call.operation === 'RegisterContainerInstance')?.input['containerInstanceArn'],
      INSTANCE,
    )
    assert.deepEqual(
      driver.containers().filter(({ status }) => status === 'running'),
      [two],
    )
  })

  test('goes on after frames that are no messages, and after a number that none could follow', async t => {
    const peer = await peerFor(t)
    await agentOf(t, peer, runtime())
    await connected(peer)
    for (const text of ['null', '7', '"a"', '[]', '{', '{"type":"PayloadMessage","message":null}'])
      peer.sendText('acs', text)
    const bad = { messageId: 'p0', seqNum: 0, tasks: [{ ...task('a0', []), containers: 7 }] }
    const text = JSON.stringify({ type: 'PayloadMessage', message: addressed(bad) })
    peer.sendText('acs', text.replace('"seqNum":0', '"seqNum":1e999'))
    send(peer, 1, task('a1', [container('web', 'fake/run')]))
    await peer.until(() => submitted(peer).find(report => report['status'] === 'RUNNING'))
    await peer.until(() => messages(peer, 'AckRequest').find(ack => ack.messageId === 'p1'))
    assert.match(
      String(submitted(peer).find(report => report['task'] === taskArnOf('a0'))?.['reason']),
      /containers is of a wrong type/,
    )
  })

  test('what a payload asks for beyond its means is refused, not ignored', async t => {
    const peer = await peerFor(t)
    await agentOf(t, peer, runtime())
    await connected(peer)
    const { portMappings: _, volumesFrom: __, ...bare } = container('web', 'fake/run')
    send(peer, 1, task('a1', [{ ...container('web', 'fake/run'), ...{ secrets: [{ name: 'X' }] } }]), {
      ...task('a2', []),
      containers: [{ ...bare, mountPoints: null }],
      volumes: null,
    })
    await peer.until(() => (submitted(peer).length === 2 ? true : undefined))
    const byTask = new Map(submitted(peer).map(report => [report['task'], report]))
    assert.match(String(byTask.get(taskArnOf('a1'))?.['reason']), /not supported: secrets/)
    assert.equal(byTask.get(taskArnOf('a2'))?.['status'], 'RUNNING')
  })
})
