// Fields of task definitions on real containers: what each asks for is seen in the container, and nothing is left of it.
import assert from 'node:assert/strict'
import { access, readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import {
  type ContainerDefinition,
  DescribeTasksCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  RunTaskCommand,
  StopTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs'
import { IDLE } from './definitions.ts'
import { type Stowage, startStowage } from './stowage.ts'
import { ensureTestImage, TEST_IMAGE, testDocker } from './test-image.ts'
import { waitFor } from './wait-for.ts'

/** AWS's least period of a restart policy. */
const PERIOD_SECONDS = 60

const docker = testDocker()
let stowage: Stowage
/** Started first and looked at last: it is to have run for the period by then. */
let restarted: string

before(async () => {
  await ensureTestImage(docker)
  // What is stopped is removed at once, so that a test can see that nothing is left.
  stowage = await startStowage({ args: ['--task-cleanup-wait', '1'] })
  const restartPolicy = { enabled: true, restartAttemptPeriod: PERIOD_SECONDS, ignoredExitCodes: [0] }
  restarted = await run('restart', [
    of('again', { restartPolicy, essential: false }),
    of('ignored', { restartPolicy, essential: false }),
    of('main'),
  ])
})
after(() => stowage?.dispose())

const of = (name: string, change: Partial<ContainerDefinition> = {}): ContainerDefinition => ({
  name,
  image: TEST_IMAGE,
  memory: 16,
  command: IDLE,
  ...change,
})
const sh = (script: string): string[] => ['sh', '-c', `trap "exit 0" TERM; ${script}; sleep 1000000 & wait`]

const run = async (
  family: string,
  containerDefinitions: ContainerDefinition[],
  change: Partial<RegisterTaskDefinitionCommandInput> = {},
): Promise<string> => {
  await stowage.ecs.send(new RegisterTaskDefinitionCommand({ family, containerDefinitions, ...change }))
  const { tasks = [], failures } = await stowage.ecs.send(new RunTaskCommand({ taskDefinition: family }))
  assert.deepEqual(failures, [])
  return tasks[0]?.taskArn ?? ''
}

const look = async (taskArn: string): Promise<Task> => {
  const { tasks = [] } = await stowage.ecs.send(new DescribeTasksCommand({ tasks: [taskArn] }))
  assert(tasks[0])
  return tasks[0]
}

const reach = (taskArn: string, status: string): Promise<Task> =>
  waitFor(`the task is ${status}`, async () => {
    const task = await look(taskArn)
    assert(task.lastStatus !== 'STOPPED' || status === 'STOPPED', JSON.stringify(task))
    return task.lastStatus === status ? task : undefined
  })

const stop = async (taskArn: string): Promise<Task> => {
  await stowage.ecs.send(new StopTaskCommand({ task: taskArn }))
  return reach(taskArn, 'STOPPED')
}

const engineContainer = (task: Task, name: string) =>
  docker.getContainer(task.containers?.find(each => each.name === name)?.runtimeId ?? '')

const logsOf = async (task: Task, name: string): Promise<string> => {
  const raw = await engineContainer(task, name).logs({ stdout: true, stderr: true })
  // Frames of eight bytes of header, the last four of them the length, and the text.
  let text = ''
  for (let at = 0; at + 8 <= raw.length; at += 8 + raw.readUInt32BE(at + 4)) {
    text += raw.toString('utf8', at + 8, at + 8 + raw.readUInt32BE(at + 4))
  }
  return text
}

const says = (task: Task, name: string, text: string): Promise<string> =>
  waitFor(`${name} says ${text}`, async () => {
    const logs = await logsOf(task, name)
    return logs.includes(text) ? logs : undefined
  })

const volumeIsThere = (name: string): Promise<boolean> =>
  docker
    .getVolume(name)
    .inspect()
    .then(
      () => true,
      () => false,
    )

test('volumes of the engine, volumesFrom and links', async () => {
  const shared = `stowage-test-${stowage.accountId}`
  const volumes = [
    { name: 'own', dockerVolumeConfiguration: { scope: 'task' as const, driver: 'local', labels: { team: 'blue' } } },
    {
      name: 'memory',
      dockerVolumeConfiguration: { driver: 'local', driverOpts: { type: 'tmpfs', device: 'tmpfs', o: 'size=1m' } },
    },
    { name: shared, dockerVolumeConfiguration: { scope: 'shared' as const, autoprovision: true, driver: 'local' } },
  ]
  try {
    const taskArn = await run(
      'volumes',
      [
        of('db', {
          command: sh('echo from-own >/own/a; echo from-shared >/shared/a; cd /own; httpd -p 80'),
          mountPoints: [
            { sourceVolume: 'own', containerPath: '/own' },
            { sourceVolume: shared, containerPath: '/shared' },
            { sourceVolume: 'memory', containerPath: '/memory' },
          ],
        }),
        of('web', {
          links: ['db:database'],
          volumesFrom: [{ sourceContainer: 'db', readOnly: true }],
          command: sh(
            'until [ -s /shared/a ]; do sleep 0.1; done; cat /own/a /shared/a; touch /own/b 2>/dev/null || echo read-only; until busybox wget -qO- http://database/a 2>/dev/null; do sleep 0.1; done; echo linked',
          ),
        }),
      ],
      { volumes },
    )
    const task = await reach(taskArn, 'RUNNING')
    const logs = await says(task, 'web', 'linked')
    // Of standard output alone: the engine does not keep the order between it and standard error.
    assert.equal(logs, 'from-own\nfrom-shared\nread-only\nfrom-own\nlinked\n')
    const { Mounts } = await engineContainer(task, 'db').inspect()
    const nameAt = (path: string) => Mounts.find(mount => mount.Destination === path)?.Name ?? ''
    assert.equal(nameAt('/shared'), shared)
    assert.equal((await docker.getVolume(nameAt('/own')).inspect()).Labels['team'], 'blue')
    assert.equal((await docker.getVolume(nameAt('/memory')).inspect()).Options?.['type'], 'tmpfs')
    await stop(taskArn)
    await waitFor('its volumes are gone', async () => !(await volumeIsThere(nameAt('/own'))) || undefined)
    assert.equal(await volumeIsThere(shared), true)
    // The next task finds it, whether it may make one or not.
    const found = { name: shared, dockerVolumeConfiguration: { scope: 'shared' as const } }
    const again = await run(
      'shared',
      [of('a', { command: sh('cat /s/a'), mountPoints: [{ sourceVolume: shared, containerPath: '/s' }] })],
      { volumes: [found] },
    )
    await says(await reach(again, 'RUNNING'), 'a', 'from-shared')
    await stop(again)
    await waitFor('nothing holds it', async () => {
      const holders = await docker.listContainers({ all: true, filters: { volume: [shared] } })
      return holders.length === 0 || undefined
    })
  } finally {
    // Held still when a check above has failed: that failure is the one to report, and stowage.close() removes what is left.
    await docker
      .getVolume(shared)
      .remove({ force: true })
      .catch(() => {})
  }
})

test('a shared volume that is not there and not to be made fails the task', async () => {
  const volumes = [{ name: 'nowhere', dockerVolumeConfiguration: { scope: 'shared' as const } }]
  const taskArn = await run('nowhere', [of('a', { mountPoints: [{ sourceVolume: 'nowhere', containerPath: '/s' }] })], {
    volumes,
  })
  const { containers } = await reach(taskArn, 'STOPPED')
  assert.equal(containers?.[0]?.reason, 'CannotCreateVolumeError: no such volume: nowhere')
})

/** Where the engine's cgroups can be had: version 1, kept by the engine itself. */
const hasTaskGroups = async (): Promise<boolean> => {
  const { CgroupDriver, CgroupVersion = '1' } = await docker.info()
  return CgroupDriver === 'cgroupfs' && CgroupVersion === '1' && process.getuid?.() === 0
}
const groupFile = (taskId: string, file: string): string => {
  const [controller = ''] = file.split('.')
  return `/sys/fs/cgroup/${controller}/ecs/${taskId}/${file}`
}

test("a task's size bounds its containers together", async t => {
  if (!(await hasTaskGroups())) return t.skip('no cgroups of version 1 here that root may write')
  // Each of them may have 48 MiB; both together no more than 64.
  const takes = (name: string) =>
    of(name, {
      essential: false,
      memory: 48,
      memoryReservation: 8,
      stopTimeout: 1,
      command: sh('dd if=/dev/zero of=/dev/null bs=40M count=1000000; echo ended $?'),
    })
  const taskArn = await run('size', [of('main', { stopTimeout: 1 }), takes('one'), takes('two')], {
    cpu: '256',
    memory: '64',
  })
  const task = await reach(taskArn, 'RUNNING')
  const id = taskArn.split('/').at(-1) ?? ''
  assert.equal(await readFile(groupFile(id, 'memory.limit_in_bytes'), 'utf8'), `${64 * 1024 * 1024}\n`)
  assert.equal(await readFile(groupFile(id, 'cpu.cfs_quota_us'), 'utf8'), '25000\n')
  assert.equal((await engineContainer(task, 'one').inspect()).HostConfig.CgroupParent, `/ecs/${id}`)
  await waitFor('one of them is killed', async () => {
    const logs = await Promise.all(['one', 'two'].map(name => logsOf(task, name)))
    return logs.some(text => text.includes('ended 137')) || undefined
  })
  await stop(taskArn)
  await waitFor('its cgroup is gone', () =>
    access(groupFile(id, 'memory.failcnt')).then(
      () => undefined,
      () => true,
    ),
  )
})

test("namespaces of processes and shared memory, the host's and the task's own; no network", async () => {
  const taskArn = await run(
    'namespaces',
    [
      of('a', { command: sh('touch /dev/shm/from-a; busybox ip link; echo ready'), disableNetworking: true }),
      of('b', {
        dependsOn: [{ containerName: 'a', condition: 'START' }],
        command: sh(
          // The list of processes shows this text: its last word is one that only the shell puts together.
          'until test -e /dev/shm/from-a; do sleep 0.1; done; echo shared; busybox ps; busybox ip link; echo all" "done',
        ),
      }),
    ],
    { pidMode: 'task', ipcMode: 'task' },
  )
  const task = await reach(taskArn, 'RUNNING')
  const logs = await says(task, 'b', 'all done')
  assert.match(logs, /shared/)
  // It sees the processes of the other one, and has a network of its own.
  assert.match(logs, /touch .dev.shm.from-a/)
  assert.match(logs, /eth0/)
  assert.doesNotMatch(await says(task, 'a', 'ready'), /eth0/)
  assert.deepEqual(
    task.containers?.map(({ name }) => name),
    ['a', 'b'],
  )
  await stop(taskArn)
  const onHost = await run('host-namespaces', [of('a')], { pidMode: 'host', ipcMode: 'none' })
  const { HostConfig } = await engineContainer(await reach(onHost, 'RUNNING'), 'a').inspect()
  assert.deepEqual([HostConfig.PidMode, HostConfig.IpcMode], ['host', 'none'])
  await stop(onHost)
})

test('a task for another architecture is not placed here', async () => {
  const cpuArchitecture = process.arch === 'arm64' ? 'X86_64' : 'ARM64'
  const definition = {
    family: 'foreign',
    containerDefinitions: [of('a')],
    runtimePlatform: { cpuArchitecture } as const,
  }
  await stowage.ecs.send(new RegisterTaskDefinitionCommand(definition))
  const { tasks, failures } = await stowage.ecs.send(new RunTaskCommand({ taskDefinition: 'foreign' }))
  assert.deepEqual([tasks, failures?.map(({ reason }) => reason)], [[], ['ATTRIBUTE']])
})

test('a restart policy, over kill -9 of Stowage', async () => {
  const taskArn = restarted
  const task = await reach(taskArn, 'RUNNING')
  const inspect = (name: string) => engineContainer(task, name).inspect()
  const first = await inspect('again')
  await waitFor(
    'they ran for the period',
    () => Date.now() - Date.parse(first.State.StartedAt) > (PERIOD_SECONDS + 1) * 1000 || undefined,
    (PERIOD_SECONDS + 60) * 1000,
  )
  await engineContainer(task, 'ignored').kill({ signal: 'SIGTERM' })
  await waitFor('it ended', async () => {
    const { containers } = await look(taskArn)
    return containers?.find(({ name }) => name === 'ignored')?.exitCode === 0 || undefined
  })
  // It ends while no agent is there to see it.
  await stowage.kill()
  await engineContainer(task, 'again').kill()
  await stowage.start()
  await stowage.connected()
  const second = await waitFor('it runs again', async () => {
    const now = await inspect('again')
    return now.State.Running && now.State.StartedAt !== first.State.StartedAt ? now : undefined
  })
  assert.equal(second.Id, first.Id)
  assert.equal((await look(taskArn)).containers?.find(({ name }) => name === 'again')?.lastStatus, 'RUNNING')
  // Too soon after its last start: this end is its last.
  await engineContainer(task, 'again').kill()
  await waitFor('it ended', async () => {
    const { containers, lastStatus } = await look(taskArn)
    const again = containers?.find(({ name }) => name === 'again')
    return (again?.lastStatus === 'STOPPED' && again.exitCode === 137 && lastStatus === 'RUNNING') || undefined
  })
  await stop(taskArn)
})
