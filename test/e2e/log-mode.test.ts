// The account setting defaultLogDriverMode as the engine gets it: for a container whose log configuration names no mode.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  PutAccountSettingDefaultCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  waitUntilTasksRunning,
} from '@aws-sdk/client-ecs'
import { idleTask } from './definitions.ts'
import { type Stowage, startStowage } from './stowage.ts'
import { ensureTestImage, testDocker } from './test-image.ts'

let stowage: Stowage

before(async () => {
  await ensureTestImage(testDocker())
  stowage = await startStowage()
})
after(() => stowage?.dispose())

test('a container logs non-blocking unless the account or its own configuration says otherwise', async () => {
  const { ecs } = stowage
  const modeOf = async (options: Record<string, string>): Promise<string | undefined> => {
    const logConfiguration = { logDriver: 'json-file' as const, options: { 'max-size': '1m', ...options } }
    await ecs.send(new RegisterTaskDefinitionCommand(idleTask('logging', { logConfiguration })))
    const earlier = new Set(await stowage.containers())
    const { tasks = [] } = await ecs.send(new RunTaskCommand({ taskDefinition: 'logging' }))
    const arns = tasks.map(task => task.taskArn ?? '')
    await waitUntilTasksRunning({ client: ecs, maxWaitTime: 120, minDelay: 0.1, maxDelay: 0.5 }, { tasks: arns })
    const [id = ''] = (await stowage.containers()).filter(container => !earlier.has(container))
    const { HostConfig } = await testDocker().getContainer(id).inspect()
    const given = HostConfig.LogConfig?.Config
    assert.equal(given?.['max-size'], '1m')
    return given['mode']
  }
  assert.equal(await modeOf({}), 'non-blocking')
  assert.equal(await modeOf({ mode: 'blocking' }), 'blocking')
  await ecs.send(new PutAccountSettingDefaultCommand({ name: 'defaultLogDriverMode', value: 'blocking' }))
  assert.equal(await modeOf({}), 'blocking')
  assert.equal(await modeOf({ mode: 'non-blocking' }), 'non-blocking')
})
