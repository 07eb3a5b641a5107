import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HOST_ADDRESS_ATTRIBUTE } from '../../domain/container-instance.ts'
import { type Target, targetKey } from '../../domain/load-balancing/target-group.ts'
import type { Service } from '../../domain/service.ts'
import { stopTask, type Task } from '../../domain/task.ts'
import { hasTargets, rules, targetGroups, targetHealth, targets } from '../../store/load-balancing-tables.ts'
import { taskDefinitions, tasks } from '../../store/tables.ts'
import { groupArn, groupRow, healthRow, putLoadBalancer, targetRow } from '../testing/load-balancing-rows.ts'
import { testPlane } from '../testing/plane.ts'
import { definitionRow, deploymentRow, instanceRow, serviceRow } from '../testing/rows.ts'

const HOST = 'i-0123456789abcdef0'
const WEB = groupArn('web')
const ID = 'ecs-svc/0000000000000000001'
const balanced: Partial<Service> = {
  desiredCount: 1,
  loadBalancers: [{ targetGroupArn: WEB, containerName: 'app', containerPort: 80 }],
}

const host = instanceRow('a', {
  ec2InstanceId: HOST,
  attributes: [{ name: HOST_ADDRESS_ATTRIBUTE, value: '10.1.2.3' }],
})

const makePlane = async (
  service: Partial<Service> = {},
  loops: Parameters<typeof testPlane>[0] = ['deployment', 'placement', 'targets'],
) => {
  const plane = await testPlane(loops)
  await plane.store.write(tx => putLoadBalancer(tx, groupRow('web')))
  await plane.register(host)
  const row = serviceRow({ ...balanced, ...service })
  await plane.createService(row, deploymentRow(row))
  const rowsOf = (): Target[] => [...plane.store.all(targets)]
  return {
    ...plane,
    targets: rowsOf,
    run: async (of: readonly Task[], hostPort = 32768): Promise<void> => {
      await plane.store.write(tx => {
        for (const [at, { arn }] of of.entries()) {
          const task = tx.get(tasks, arn)
          if (!task) continue
          const networkBindings = [
            { bindIP: '0.0.0.0', containerPort: 80, hostPort: hostPort + at, protocol: 'tcp' as const },
          ]
          const containers = task.containers.map(one => ({ ...one, lastStatus: 'RUNNING' as const, networkBindings }))
          tx.put(tasks, { ...task, containers, lastStatus: 'RUNNING', startedAt: plane.clock.now() })
        }
      })
      await plane.settled()
    },
    /** What the load-balancer loop observes. */
    observe: async (of: readonly Target[], state: 'healthy' | 'unhealthy'): Promise<void> => {
      await plane.store.write(tx => {
        for (const target of of) tx.put(targetHealth, healthRow(target, state))
      })
      await plane.settled()
    },
    /** What the load-balancer loop does when a target's last request is done. */
    drained: async (of: readonly Target[]): Promise<void> => {
      await plane.store.write(tx => {
        for (const target of of) {
          tx.delete(targets, targetKey(target))
          tx.delete(targetHealth, targetKey(target))
        }
      })
      await plane.settled()
    },
    stopByUser: async (task: Task): Promise<void> => {
      await plane.store.write(tx => {
        const row = tx.get(tasks, task.arn) ?? assert.fail()
        const why = { stopCode: 'UserInitiated', stoppedReason: 'x' } as const
        tx.put(tasks, stopTask(row, why, plane.clock.now(), hasTargets(tx, row)))
      })
      await plane.settled()
    },
    statusOf: (task: Task | undefined): string => {
      const row = plane.store.get(tasks, task?.arn ?? '')
      return `${row?.desiredStatus} ${row?.lastStatus}`
    },
  }
}

describe('a service behind a load balancer', () => {
  test('registers, is complete when healthy, drains in order, and is told word for word', async () => {
    const plane = await makePlane()
    const [task] = plane.tasks()
    await plane.run(plane.tasks())
    assert.deepEqual(plane.targets(), [
      {
        targetGroupArn: WEB,
        id: HOST,
        port: 32768,
        address: '10.1.2.3',
        availabilityZone: 'us-east-1a',
        taskArn: task?.arn,
        registeredAt: plane.clock.now(),
      },
    ])
    await plane.advance(10_000)
    assert.equal(plane.deployments()[0]?.rolloutState, 'IN_PROGRESS')
    await plane.observe(plane.targets(), 'healthy')
    assert.equal(plane.deployments()[0]?.rolloutState, 'COMPLETED')

    await plane.updateService({ desiredCount: 0 })
    assert.equal(plane.statusOf(task), 'STOPPED DEACTIVATING')
    assert.equal(plane.targets()[0]?.deregisteredAt, plane.clock.now())
    await plane.advance(10_000)
    assert.equal(plane.statusOf(task), 'STOPPED DEACTIVATING')
    await plane.drained(plane.targets())
    assert.equal(plane.statusOf(task), 'STOPPED STOPPING')
    assert.deepEqual(plane.events(), [
      `(service web) has started 1 tasks: (task ${task?.id}).`,
      `(service web) registered 1 targets in (target-group ${WEB})`,
      `(service web) (deployment ${ID}) deployment completed.`,
      '(service web) has reached a steady state.',
      `(service web) has stopped 1 running tasks: (task ${task?.id}).`,
      '(service web) has reached a steady state.',
      `(service web) deregistered 1 targets in (target-group ${WEB})`,
      `(service web, taskSet ${ID}) has begun draining connections on 1 tasks.`,
    ])
    await plane.stop()
  })

  test('registers in each of its target groups', async () => {
    const admin = { targetGroupArn: groupArn('admin'), containerName: 'app', containerPort: 80 }
    const plane = await makePlane({ loadBalancers: [...(balanced.loadBalancers ?? []), admin] })
    await plane.store.write(tx => putLoadBalancer(tx, groupRow('web'), groupRow('admin')))
    await plane.run(plane.tasks())
    assert.equal(plane.targets().length, 2)
    await plane.observe(plane.targets().slice(0, 1), 'healthy')
    assert.equal(plane.deployments()[0]?.rolloutState, 'IN_PROGRESS')
    await plane.observe(plane.targets(), 'healthy')
    assert.equal(plane.deployments()[0]?.rolloutState, 'COMPLETED')
    const [task] = plane.tasks()
    await plane.stopByUser(task ?? assert.fail())
    await plane.drained(plane.targets().slice(0, 1))
    assert.equal(plane.statusOf(task), 'STOPPED DEACTIVATING')
    await plane.drained(plane.targets())
    assert.equal(plane.statusOf(task), 'STOPPED STOPPING')
    await plane.stop()
  })

  test('replaces a task whose target turns unhealthy, the new one first', async () => {
    const plane = await makePlane()
    const [sick] = plane.tasks()
    await plane.run(plane.tasks())
    await plane.observe(plane.targets(), 'healthy')
    await plane.observe(plane.targets(), 'unhealthy')
    assert.equal(plane.statusOf(sick), 'RUNNING RUNNING')
    const next = plane.tasks().filter(({ arn }) => arn !== sick?.arn)
    assert.equal(next.length, 1)
    await plane.run(next, 40_000)
    await plane.observe(
      plane.targets().filter(({ taskArn }) => taskArn === next[0]?.arn),
      'healthy',
    )
    assert.equal(plane.statusOf(sick), 'STOPPED DEACTIVATING')
    assert.equal(
      plane.store.get(tasks, sick?.arn ?? '')?.stoppedReason,
      `Task failed ELB health checks in (target-group ${WEB})`,
    )
    await plane.stop()
  })
})

describe('the end of a task with targets', () => {
  test('by a user waits for the drain', async () => {
    const plane = await makePlane()
    const [task] = plane.tasks()
    await plane.run(plane.tasks())
    await plane.stopByUser(task ?? assert.fail())
    assert.equal(plane.statusOf(task), 'STOPPED DEACTIVATING')
    const own = plane.targets().filter(({ taskArn }) => taskArn === task?.arn)
    await plane.drained(own)
    assert.equal(plane.statusOf(task), 'STOPPED STOPPING')
    await plane.stop()
  })

  test('is waited for no longer than the deregistration delay, whoever drains or does not', async () => {
    const plane = await makePlane()
    await plane.store.write(tx =>
      tx.put(targetGroups, groupRow('web', { attributes: { 'deregistration_delay.timeout_seconds': '20' } })),
    )
    const [task] = plane.tasks()
    await plane.run(plane.tasks())
    await plane.stopByUser(task ?? assert.fail())
    await plane.advance(79_000)
    assert.equal(plane.statusOf(task), 'STOPPED DEACTIVATING')
    await plane.advance(1_000)
    assert.equal(plane.statusOf(task), 'STOPPED STOPPING')
    assert.equal(plane.targets().filter(({ taskArn }) => taskArn === task?.arn).length, 0)
    await plane.stop()
  })

  test('is not waited for where no listener uses the target group', async () => {
    const plane = await makePlane()
    const [task] = plane.tasks()
    await plane.run(plane.tasks())
    await plane.stopByUser(task ?? assert.fail())
    assert.equal(plane.statusOf(task), 'STOPPED DEACTIVATING')
    await plane.store.write(tx => {
      for (const rule of [...tx.all(rules)]) tx.delete(rules, rules.key(rule))
    })
    await plane.settled()
    assert.equal(plane.statusOf(task), 'STOPPED STOPPING')
    await plane.stop()
  })

  test('by itself takes its target away at once', async () => {
    const plane = await makePlane()
    const [task] = plane.tasks()
    await plane.run(plane.tasks())
    const gone = { ...(plane.tasks()[0] ?? assert.fail()) }
    await plane.report(plane.tasks(), {
      desiredStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
      containers: gone.containers.map(one => ({ ...one, lastStatus: 'STOPPED' as const, exitCode: 1 })),
    })
    assert.equal(plane.targets().length, 0)
    assert.equal(plane.statusOf(task), 'STOPPED RUNNING')
    assert.ok(plane.events().includes(`(service web) deregistered 1 targets in (target-group ${WEB})`))
    assert.ok(!plane.events().some(message => message.includes('draining')))
    await plane.stop()
  })

  test('goes on in the next process, wherever the last one was killed', async () => {
    const plane = await makePlane()
    const [task] = plane.tasks()
    await plane.run(plane.tasks())
    await plane.stop()
    // Killed before the targets loop saw it.
    await plane.stopByUser(task ?? assert.fail())
    assert.equal(plane.targets()[0]?.deregisteredAt, undefined)
    plane.start()
    await plane.settled()
    const own = plane.targets().filter(({ taskArn }) => taskArn === task?.arn)
    assert.equal(own[0]?.deregisteredAt, plane.clock.now())
    await plane.stop()
    // Killed when the target was gone and the task not told.
    await plane.drained(own)
    assert.equal(plane.statusOf(task), 'STOPPED DEACTIVATING')
    plane.start()
    await plane.settled()
    assert.equal(plane.statusOf(task), 'STOPPED STOPPING')
    await plane.stop()
  })

  test('whose row is gone leaves no target behind', async () => {
    const plane = await makePlane()
    const [task] = plane.tasks()
    await plane.run(plane.tasks())
    await plane.store.write(tx => tx.delete(tasks, task?.arn ?? ''))
    await plane.settled()
    assert.equal(
      plane.targets().some(({ taskArn }) => taskArn === task?.arn),
      false,
    )
    await plane.stop()
  })
})

describe('registration', () => {
  test('of tasks with addresses of their own', async () => {
    const plane = await makePlane({ desiredCount: 0 })
    await plane.store.write(tx => {
      tx.put(targetGroups, groupRow('web', { targetType: 'ip' }))
      tx.put(taskDefinitions, definitionRow({ networkMode: 'awsvpc' }))
    })
    await plane.updateService({ desiredCount: 1 })
    const details = [{ name: 'privateIPv4Address', value: '172.17.0.5' }]
    await plane.report(plane.tasks(), {
      attachments: [{ id: 'a', type: 'ElasticNetworkInterface', status: 'ATTACHED', details }],
    })
    await plane.run(plane.tasks())
    const [row] = plane.targets()
    assert.deepEqual([row?.id, row?.address, row?.port], ['172.17.0.5', '172.17.0.5', 80])
    await plane.stop()
  })

  test('waits for the address of the host, says so once, and goes on by itself', async () => {
    const plane = await makePlane()
    await plane.register(instanceRow('a', { ec2InstanceId: HOST }))
    await plane.run(plane.tasks())
    await plane.advance(10_000)
    assert.equal(plane.targets().length, 0)
    const failed = `service web failed to register targets in target-group ${WEB} with (error The address of the container instance is not known)`
    assert.equal(plane.events().filter(message => message === failed).length, 1)
    await plane.register(host)
    await plane.advance(2_000)
    assert.equal(plane.targets().length, 1)
    await plane.stop()
  })

  test('takes over what a task that has ended left behind, and not what another one has', async () => {
    const plane = await makePlane({ desiredCount: 2 })
    const [first, second] = plane.tasks()
    await plane.store.write(tx => {
      const left = targetRow('web', { id: HOST, taskArn: 'arn:aws:ecs:us-east-1:123456789012:task/default/gone' })
      tx.put(targets, left)
      tx.put(targetHealth, healthRow(left, 'healthy'))
    })
    await plane.settled()
    await plane.run(first ? [first] : [])
    await plane.run(second ? [second] : [])
    assert.deepEqual(
      plane.targets().map(({ taskArn }) => taskArn),
      [first?.arn],
    )
    assert.equal(plane.store.size(targetHealth), 0)
    assert.ok(plane.events().some(message => message.includes('failed to register targets')))
    await plane.stop()
  })

  test('follows a container that was started again on another port', async () => {
    const plane = await makePlane()
    await plane.run(plane.tasks())
    await plane.run(plane.tasks(), 50_000)
    assert.deepEqual(
      plane.targets().map(({ port }) => port),
      [50_000],
    )
    await plane.stop()
  })

  test('is made again when somebody took the target away', async () => {
    const plane = await makePlane()
    await plane.run(plane.tasks())
    await plane.drained(plane.targets())
    assert.equal(plane.targets().length, 1)
    await plane.stop()
  })
})
