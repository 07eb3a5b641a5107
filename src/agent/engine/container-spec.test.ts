import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { container, task, taskArnOf } from '../test-host.ts'
import { containerSpec, whyInvalid } from './container-spec.ts'

const specOf = (...given: Parameters<typeof container>) => {
  const only = container(...given)
  return containerSpec('agent-1', task('a1', [only]), only)
}

const dockerConfig = (config: object, hostConfig: object = {}) => ({
  dockerConfig: { version: '1.17', config: JSON.stringify(config), hostConfig: JSON.stringify(hostConfig) },
})

describe('a container spec', () => {
  test('carries the labels by which it is found, over those of the definition', () => {
    const { labels, engineConfig } = specOf(
      'web',
      'i',
      dockerConfig({ Labels: { team: 'a', 'stowage.agent': 'x' }, User: '1' }),
    )
    assert.deepEqual(labels, {
      team: 'a',
      'stowage.agent': 'agent-1',
      'com.amazonaws.ecs.task-arn': taskArnOf('a1'),
      'com.amazonaws.ecs.container-name': 'web',
      'com.amazonaws.ecs.task-definition-family': 'web',
      'com.amazonaws.ecs.task-definition-version': '1',
      'com.amazonaws.ecs.cluster': 'arn:aws:ecs:us-east-1:000000000000:cluster/default',
    })
    assert.deepEqual(engineConfig, { User: '1' })
  })

  test('has the same name for the same task and container, and another for another', () => {
    assert.equal(specOf('w_e b', 'i').name, specOf('w_e b', 'i').name)
    assert.match(specOf('w_e b', 'i').name, /^ecs-web-1-web-[0-9a-f]{20}$/)
    const other = container('web', 'i')
    assert.notEqual(containerSpec('agent-1', task('a2', [other]), other).name, specOf('web', 'i').name)
  })

  test('an overriding command replaces the command', () => {
    assert.deepEqual(specOf('web', 'i', { command: ['a'], overrides: '{"command":["b","c"]}' }).command, ['b', 'c'])
  })

  test('cpu and memory stay within what the engine takes', () => {
    assert.equal(specOf('web', 'i', { cpu: 0 }).cpuShares, 2)
    assert.equal(specOf('web', 'i', { cpu: 999_999 }).cpuShares, 262_144)
    assert.equal(specOf('web', 'i', { memory: 1 }).memoryBytes, 4 * 1024 * 1024)
    assert.equal(specOf('web', 'i', { memory: 0 }).memoryBytes, undefined)
  })

  test("a task's size bounds its containers", () => {
    const only = container('web', 'i', { memory: 0 })
    const spec = containerSpec('agent-1', task('a1', [only], { cpu: 0.25, memory: 512 }), only)
    assert.equal(spec.memoryBytes, 512 * 1024 * 1024)
    assert.equal(spec.engineHostConfig['NanoCpus'], 250_000_000)
  })

  test('ranges of ports stand beside single ones, on a bridge; one that is none is refused', () => {
    const range = { containerPortRange: '8000-8009', hostPort: 0, protocol: 'udp' } as const
    const single = { containerPort: 80, hostPort: 0, protocol: 'tcp' } as const
    const { portMappings, portRanges } = specOf('web', 'i', { portMappings: [range, single] })
    assert.deepEqual(portMappings, [single])
    assert.deepEqual(portRanges, [{ first: 8000, last: 8009, protocol: 'udp' }])
    const wrong = container('web', 'i', { portMappings: [{ ...range, containerPortRange: '9-8' }] })
    assert.match(whyInvalid(task('a1', [wrong])) ?? '', /container web has the invalid port range 9-8$/)
  })

  test('a GPU is for the container that the payload names', () => {
    const [one, two] = [container('one', 'i'), container('two', 'i')]
    const content = { value: '', encoding: 'base64' } as const
    const associations = [{ name: 'GPU-a', type: 'gpu', content, containers: ['two'] }] as const
    const both = task('a1', [one, two], { associations })
    assert.deepEqual(
      [one, two].map(each => containerSpec('agent-1', both, each).gpuIds),
      [undefined, ['GPU-a']],
    )
  })

  test('links and volumesFrom name the containers as the engine knows them', () => {
    const db = container('db', 'i')
    const app = container('app', 'i', {
      links: ['db:database'],
      volumesFrom: [{ sourceContainer: 'db', readOnly: true }],
    })
    const { engineHostConfig } = containerSpec('agent-1', task('a1', [db, app]), app)
    const name = containerSpec('agent-1', task('a1', [db, app]), db).name
    assert.deepEqual(engineHostConfig['Links'], [`${name}:database`])
    assert.deepEqual(engineHostConfig['VolumesFrom'], [`${name}:ro`])
  })

  test('mounts name a path or the volume that the agent makes', () => {
    const only = container('web', 'i', {
      mountPoints: [
        { sourceVolume: 'given', containerPath: '/g', readOnly: true },
        { sourceVolume: 'empty', containerPath: '/e', readOnly: false },
      ],
    })
    const volumes = [
      { name: 'given', type: 'host', host: { sourcePath: '/srv' } },
      { name: 'empty', type: 'host', host: {} },
    ] as const
    const { mounts } = containerSpec('agent-1', task('a1', [only], { volumes }), only)
    assert.deepEqual(mounts[0], { source: '/srv', containerPath: '/g', readOnly: true })
    assert.match(mounts[1]?.source ?? '', /^ecs-web-1-volume-empty-[0-9a-f]{20}$/)
  })
})

describe('a task is invalid', () => {
  const reason = (...containers: Parameters<typeof task>[1]) => whyInvalid(task('a1', containers))
  const depends = (name: string) => ({ dependsOn: [{ containerName: name, condition: 'START' as const }] })

  test('when something of it cannot be done', () => {
    assert.equal(reason(container('a', 'i')), undefined)
    assert.match(reason() ?? '', /^UnrecogniedTaskError: Error loading task - a task has at least one container/)
    assert.match(
      reason(container('a', 'i', dockerConfig({}, { NetworkMode: 'awsvpc' }))) ?? '',
      /network mode awsvpc in a task of bridge/,
    )
    assert.match(
      reason(container('a', 'i', dockerConfig({}, { NetworkMode: 'default' }))) ?? '',
      /default is not supported/,
    )
    assert.match(reason(container('a', 'i', { healthCheckType: 'docker' })) ?? '', /no health check/)
    assert.match(reason(container('a', 'i', depends('b'))) ?? '', /unknown container b/)
    assert.match(
      reason(container('a', 'i', depends('b')), container('b', 'i', depends('a'))) ?? '',
      /depends on itself/,
    )
    assert.match(
      reason(container('a', 'i', { mountPoints: [{ sourceVolume: 'v', containerPath: '/', readOnly: false }] })) ?? '',
      /unknown volume v/,
    )
  })
})
