import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SANDBOX_NAME, sandboxAddress } from '../../domain/sandbox.ts'
import { awsvpcTask, container, type TestHost, task, taskArnOf, testHost } from '../test-host.ts'
import { withSandbox } from './sandbox.ts'

const settle = async (host: TestHost, ms = 0): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await host.clock.advance(ms / 20)
}

const WEB = container('web', 'fake/run', { portMappings: [{ containerPort: 80, hostPort: 80, protocol: 'tcp' }] })
const SIDE = container('side', 'fake/run')

const running = async () => {
  const host = testHost()
  const agent = await host.start()
  const payload = awsvpcTask('a1', [WEB, SIDE])
  agent.accept(payload)
  await settle(host)
  return { host, agent, payload }
}

/** `web`, `side` or `sandbox`, by what the engine calls it. */
const nameOf = (host: TestHost, idOrName: string): string => {
  const known = host.runtime.containers().find(({ id, name }) => id === idOrName || name === idOrName)
  const part = (known?.name ?? idOrName).split('-')[3] ?? ''
  return part === 'internalecspause' ? 'sandbox' : part
}
const stepsOf = (host: TestHost): string[] =>
  host.calls.map(call => {
    const [verb = '', subject = ''] = call.split(' ')
    return `${verb} ${verb === 'pull' ? subject : nameOf(host, subject)}`
  })
const sandboxId = (host: TestHost): string =>
  host.runtime.containers().find(({ name }) => name.includes('internalecspause'))?.id ?? ''

test('shared memory of one task is as large as its most demanding container asks for', () => {
  const asking = (name: string, ShmSize?: number) =>
    container(name, 'fake/run', {
      dockerConfig: { version: '1.22', config: '{}', hostConfig: JSON.stringify({ NetworkMode: 'bridge', ShmSize }) },
    })
  const sizeFor = (ipcMode: 'task' | 'none') => {
    const { containers } = withSandbox(
      task('a1', [asking('a', 1024), asking('b', 4096), asking('c')], { ipcMode, pidMode: 'task' }),
    )
    return JSON.parse(containers[0]?.dockerConfig.hostConfig ?? '').ShmSize
  }
  assert.deepEqual([sizeFor('task'), sizeFor('none')], [4096, undefined])
})

describe('a task with network mode awsvpc', () => {
  test('starts its sandbox first, joins it, and tells the address with RUNNING', async () => {
    const { host } = await running()
    const [web, side] = ['start web', 'start side'].map(step => stepsOf(host).indexOf(step))
    assert.ok(Math.min(web ?? -1, side ?? -1) > stepsOf(host).indexOf('start sandbox'))
    assert.equal(stepsOf(host)[2], 'pull stowage/sandbox:1')
    const [report] = host.reports
    assert.deepEqual([host.reports.length, report?.status], [1, 'RUNNING'])
    assert.deepEqual(report?.attachments, [{ attachmentArn: 'attachment/a1', status: 'ATTACHED' }])
    const sandbox = host.runtime.containers().find(({ id }) => id === sandboxId(host))
    assert.deepEqual(sandboxAddress([...(report?.containers ?? [])]), sandbox?.address)
    assert.equal(sandbox?.labels['stowage.container-type'], 'CNI_PAUSE')
    const told = report?.containers?.find(({ containerName }) => containerName === 'web')
    assert.equal(told?.networkBindings, undefined)
  })

  test('stops it last, by killing it, and removes it with the rest', async () => {
    const { host, agent, payload } = await running()
    host.calls.length = 0
    agent.accept({ ...payload, desiredStatus: 'STOPPED' })
    await settle(host)
    const stops = new Set(stepsOf(host).filter(step => step.startsWith('stop ')))
    assert.deepEqual([...stops], ['stop web', 'stop side', 'stop sandbox'])
    assert.equal(host.reports.at(-1)?.status, 'STOPPED')
    await settle(host, 70_000)
    assert.deepEqual(host.runtime.containers(), [])
  })

  test('ends when its sandbox is lost', async () => {
    const { host } = await running()
    host.runtime.kill(sandboxId(host))
    await settle(host)
    assert.equal(host.reports.at(-1)?.status, 'STOPPED')
  })

  test('goes on untouched after a crash, and is started once after one in the middle', async () => {
    const { host, agent } = await running()
    agent.cut()
    host.calls.length = 0
    const again = await host.start()
    await settle(host)
    assert.deepEqual(stepsOf(host), ['list ', 'listVolumes '])
    again.accept(awsvpcTask('a2', [container('web', 'fake/slow-start-100')]))
    await settle(host)
    again.cut()
    await host.start()
    await settle(host, 1_000)
    const second = host.reports.filter(({ task }) => task === taskArnOf('a2'))
    assert.equal(second.at(-1)?.status, 'RUNNING')
    assert.ok(sandboxAddress([...(second.at(-1)?.containers ?? [])]))
    assert.equal(host.runtime.containers().length, 5)
  })

  test('tells the address of a task whose images take their time', async () => {
    const host = testHost()
    const agent = await host.start()
    agent.accept(awsvpcTask('a1', [container('web', 'fake/slow-start-5000')]))
    await settle(host, 2_000)
    const [report] = host.reports
    assert.equal(report?.status, 'PENDING')
    assert.ok(sandboxAddress([...(report?.containers ?? [])]))
  })

  test('says why of the task itself when there is no sandbox', async () => {
    const host = testHost()
    const agent = await host.start()
    agent.accept(awsvpcTask('a1', [WEB]))
    // Removed between its creation and its start.
    for (let turn = 0; turn < 50 && sandboxId(host) === ''; turn++) await Promise.resolve()
    host.runtime.lose(sandboxId(host))
    await settle(host, 2_000)
    const last = host.reports.at(-1)
    assert.equal(last?.status, 'STOPPED')
    assert.ok(last?.reason)
    assert.ok(
      last?.containers?.every(({ containerName, status }) => containerName === SANDBOX_NAME || status === 'STOPPED'),
    )
  })
})
