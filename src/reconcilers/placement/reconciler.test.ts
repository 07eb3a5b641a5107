import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { containerInstances, deployments, services, taskDefinitions, tasks } from '../../store/tables.ts'
import { testPlane } from '../testing/plane.ts'
import { definitionRow, deploymentRow, instanceArn, instanceRow, serviceRow, taskRow } from '../testing/rows.ts'

const SMALL = { cpu: 100, memory: 1024, ports: [], portsUdp: [] }
const stopped = { desiredStatus: 'STOPPED', lastStatus: 'STOPPED', stopCode: 'UserInitiated' } as const

const plane = async (name = 'web', desiredCount = 2, more: Parameters<typeof serviceRow>[0] = {}) => {
  const made = await testPlane(['placement'])
  const service = serviceRow({ name, desiredCount, ...more })
  const deployment = deploymentRow(service)
  const waiting = Array.from({ length: desiredCount }, (_, at) => taskRow(service, deployment, `${at + 1}`))
  const create = async () => {
    await made.store.write(tx => {
      tx.put(services, service)
      tx.put(deployments, deployment)
      for (const task of waiting) tx.put(tasks, task)
    })
    await made.settled()
  }
  const where = () => made.tasks().map(task => task.containerInstanceArn?.split('/').at(-1))
  return { ...made, service, create, where, waiting }
}

describe('placement', () => {
  test('spreads over zones, tells who was started, leaves PENDING tasks with a host and a zone', async () => {
    const { register, create, where, tasks: rows, events, waiting, stop } = await plane('web', 3)
    await register(instanceRow('a1'), instanceRow('a2'), instanceRow('b1', { availabilityZone: 'us-east-1b' }))
    await create()
    assert.deepEqual(where(), ['a1', 'b1', 'a2'])
    assert.deepEqual(
      rows().map(task => [task.lastStatus, task.availabilityZone, task.version]),
      [
        ['PENDING', 'us-east-1a', 2],
        ['PENDING', 'us-east-1b', 2],
        ['PENDING', 'us-east-1a', 2],
      ],
    )
    const ids = waiting.map(({ id }) => `(task ${id})`).join(' ')
    assert.deepEqual(events(), [`(service web) has started 3 tasks: ${ids}.`])
    await stop()
  })

  test('goes elsewhere than where tasks of the deployment failed to start lately, as long as there is room', async () => {
    const { register, service, store, clock, settled, where, stop } = await plane('web', 0)
    await register(instanceRow('a'), instanceRow('b', { registered: { ...SMALL, cpu: 250 } }))
    const shunned = [{ containerInstanceArn: instanceArn('a'), until: clock.now() + 1_000 }]
    const deployment = deploymentRow(service, { shunned })
    await store.write(tx => {
      tx.put(services, service)
      tx.put(deployments, deployment)
      for (const id of ['1', '2', '3']) tx.put(tasks, taskRow(service, deployment, id))
    })
    await settled()
    assert.deepEqual(where(), ['b', 'b', 'a'])
    await stop()
  })

  test('without any instance says so once, and places when one registers', async () => {
    const { register, create, where, tasks: rows, events, advance, stop } = await plane('web', 1)
    await create()
    await advance(120_000)
    const told = [
      '(service web) was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found in your cluster. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.',
    ]
    assert.deepEqual(events(), told)
    assert.equal(rows()[0]?.placementExplanation, 'There is no container instance to place it on.')
    await register(instanceRow('a', { agentConnected: false }))
    assert.deepEqual(where(), [undefined])
    await register(instanceRow('a'))
    assert.deepEqual(where(), ['a'])
    assert.equal(rows()[0]?.placementExplanation, undefined)
    await stop()
  })

  test('when no instance has room: the event names the closest, the row says what is short everywhere', async () => {
    const one = await plane()
    await one.register(instanceRow('a', { registered: SMALL }), instanceRow('z', { agentConnected: false }))
    await one.create()
    assert.deepEqual(one.where(), ['a', undefined])
    const [, waiting] = one.waiting
    assert.deepEqual(one.events(), [
      `(service web) has started 1 tasks: (task ${one.waiting[0]?.id}).`,
      '(service web) was unable to place a task because no container instance met all of its requirements. The closest matching (container-instance a) has insufficient CPU units available. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.',
    ])
    assert.equal(
      one.store.get(tasks, waiting?.arn ?? '')?.placementExplanation,
      'None of 2 container instances will do (1 x RESOURCE:CPU, 1 x AGENT). a: RESOURCE:CPU, 100 CPU units are needed, 0 are left; z: AGENT, its agent is not connected.',
    )
    await one.stop()
  })

  test('a task that ends makes room: only its instance is looked at', async () => {
    const one = await plane()
    const full = instanceRow('a', { registered: SMALL })
    await one.register(
      full,
      ...Array.from({ length: 200 }, (_, at) => instanceRow(`x${at}`, { agentConnected: false })),
    )
    await one.create()
    assert.deepEqual(one.where(), ['a', undefined])
    one.rowsRead()
    await one.report(one.tasks().slice(0, 1), stopped)
    assert.deepEqual(one.where(), ['a', 'a'])
    assert.ok(one.rowsRead() <= 10)
    assert.equal(one.deployments()[0]?.notices?.unplaced, undefined)
    await one.stop()
  })

  test('the event is told again when the reason is another one', async () => {
    const { register, create, events, store, settled, advance, stop } = await plane('web', 1)
    await register(instanceRow('a', { registered: { ...SMALL, cpu: 50 } }))
    await create()
    await store.write(tx => tx.put(containerInstances, instanceRow('a', { registered: { ...SMALL, memory: 10 } })))
    await settled()
    await advance(60_000)
    assert.deepEqual(
      events().map(message => /\) ([a-z ]+ available|[a-z ]+CPU units available)/.exec(message)?.[1]),
      ['has insufficient CPU units available', 'has insufficient memory available'],
    )
    await stop()
  })

  test('fixed ports and distinctInstance keep equal tasks apart', async () => {
    const one = await plane('web', 3, { placementConstraints: [{ type: 'distinctInstance' }] })
    await one.register(instanceRow('a'), instanceRow('b'))
    await one.create()
    assert.deepEqual(one.where().toSorted(), ['a', 'b', undefined])
    // One that is only asked to stop no longer counts.
    await one.report(
      one.tasks().filter(task => task.containerInstanceArn === instanceArn('a')),
      { desiredStatus: 'STOPPED' },
    )
    assert.deepEqual(one.where().toSorted(), ['a', 'a', 'b'])
    await one.stop()
  })

  test('memberOf: waits for an instance that satisfies the expression, and says so', async () => {
    const expression = 'attribute:stack == prod and agentVersion >= 1.2'
    const {
      register,
      create,
      where,
      tasks: rows,
      events,
      stop,
    } = await plane('web', 2, {
      placementConstraints: [{ type: 'memberOf', expression }],
    })
    const versionInfo = { agentVersion: '1.10.0' }
    await register(instanceRow('a', { attributes: [{ name: 'stack', value: 'test' }], versionInfo }))
    await create()
    assert.match(events()[0] ?? '', /encountered error "MemberOf placement constraint unsatisfied\."/)
    assert.match(rows()[0]?.placementExplanation ?? '', /it does not satisfy 'attribute:stack == prod/)
    await register(instanceRow('a', { attributes: [{ name: 'stack', value: 'prod' }] }))
    assert.deepEqual(where(), [undefined, undefined])
    await register(instanceRow('a', { attributes: [{ name: 'stack', value: 'prod' }], versionInfo }))
    assert.deepEqual(where(), ['a', 'a'])
    await stop()
  })

  test('memberOf of a task group: follows a task of that group as soon as it has a host', async () => {
    const follow = await plane('web', 1, {
      placementConstraints: [{ type: 'memberOf', expression: 'task:group == service:db' }],
    })
    await follow.register(instanceRow('a'), instanceRow('b'))
    await follow.create()
    assert.deepEqual(follow.where(), [undefined])
    const db = serviceRow({
      name: 'db',
      placementConstraints: [{ type: 'memberOf', expression: 'not(task:group == service:web)' }],
    })
    const deployment = deploymentRow(db)
    await follow.store.write(tx => {
      tx.put(services, db)
      tx.put(deployments, deployment)
      tx.put(tasks, taskRow(db, deployment, '5'))
    })
    await follow.settled()
    const [web, other] = follow.where()
    assert.ok(web !== undefined && web === other)
    await follow.stop()
  })

  test("the task definition's constraints hold too", async () => {
    const { store, register, create, where, stop } = await plane('web', 1)
    await store.write(tx =>
      tx.put(taskDefinitions, {
        ...definitionRow(),
        placementConstraints: [{ type: 'memberOf', expression: 'attribute:gpu exists' }],
      }),
    )
    await register(instanceRow('a'), instanceRow('b', { attributes: [{ name: 'gpu' }] }), instanceRow('c'))
    await create()
    assert.deepEqual(where(), ['b'])
    await stop()
  })

  test('FARGATE tasks go wherever there is capacity for them, EC2 tasks only within their cluster', async () => {
    const other = 'arn:aws:ecs:us-east-1:000000000000:cluster/other'
    const fargate = await plane('web', 1, { launchType: 'FARGATE' })
    await fargate.create()
    assert.match(
      fargate.events()[0] ?? '',
      /^\(service web\) was unable to place a task\. Reason: Capacity is unavailable/,
    )
    await fargate.register(instanceRow('a', { clusterArn: other }))
    assert.deepEqual(fargate.where(), [undefined])
    await fargate.register(instanceRow('f', { clusterArn: other, fargateCapacity: true }))
    assert.deepEqual(fargate.where(), ['f'])
    await fargate.stop()
    const ec2 = await plane('web', 1)
    await ec2.register(instanceRow('f', { clusterArn: other, fargateCapacity: true }))
    await ec2.create()
    assert.deepEqual(ec2.where(), [undefined])
    await ec2.stop()
  })

  test('more tasks than one commit takes are placed all the same, none twice', async () => {
    const one = await plane('web', 450)
    await one.register(instanceRow('a', { registered: { cpu: 1e6, memory: 1e6, ports: [], portsUdp: [] } }))
    await one.create()
    assert.ok(one.where().every(name => name === 'a'))
    assert.equal(one.store.sum(tasks, 'usage', instanceArn('a'))['pending'], 450)
    await one.stop()
  })

  test('tasks that wait under other rules than before are tried anew, at once', async () => {
    const impossible = [{ type: 'memberOf', expression: 'attribute:gone exists' }] as const
    const one = await plane('web', 2, { placementConstraints: impossible })
    await one.register(instanceRow('a'))
    await one.create()
    assert.deepEqual(one.where(), [undefined, undefined])
    // As UpdateService leaves them.
    await one.store.write(tx => {
      for (const { placementExplanation: _, ...task } of [...tx.all(tasks)])
        tx.put(tasks, { ...task, placementConstraints: [] })
    })
    await one.settled()
    assert.deepEqual(one.where(), ['a', 'a'])
    await one.stop()
  })

  test('tasks that wait at a restart are found', async () => {
    const one = await plane('web', 1)
    await one.stop()
    await one.create()
    await one.register(instanceRow('a'))
    assert.deepEqual(one.where(), [undefined])
    one.start()
    await one.settled()
    assert.deepEqual(one.where(), ['a'])
    await one.stop()
  })
})
