// A task as a service makes them, for bench/store.ts: about 1.7 kB of JSON, one of 300 services on one of 5,000 instances.
import type { Task } from '../src/domain/task.ts'
import type { Ids } from '../src/lib/ids.ts'

export const serviceTask = (ids: Ids, n: number): Task => {
  const cluster = `cluster-${n % 3}`
  const arn = (resource: string): string => `arn:aws:ecs:us-east-1:000000000000:${resource}`
  const id = ids.taskId(1_790_000_000_000 + n)
  const family = `family-${n % 100}`
  const service = `service-${n % 300}`
  const deploymentId = `ecs-svc/${(n % 300).toString().padStart(19, '0')}`
  return {
    arn: arn(`task/${cluster}/${id}`),
    id,
    clusterArn: arn(`cluster/${cluster}`),
    taskDefinitionArn: arn(`task-definition/${family}:3`),
    family,
    revision: 3,
    group: `service:${service}`,
    startedBy: deploymentId,
    serviceArn: arn(`service/${cluster}/${service}`),
    deploymentId,
    launchType: 'EC2',
    containerInstanceArn: arn(`container-instance/${cluster}/${(n % 5_000).toString(16).padStart(32, '0')}`),
    availabilityZone: 'us-east-1a',
    desiredStatus: 'RUNNING',
    lastStatus: 'RUNNING',
    healthStatus: 'UNKNOWN',
    containers: [
      {
        containerArn: arn(`container/${cluster}/${id}/${ids.uuid()}`),
        name: 'web',
        image: 'registry.internal/team/web:1.2.3',
        runtimeId: ids.hex32() + ids.hex32(),
        lastStatus: 'RUNNING',
        networkBindings: [{ bindIP: '0.0.0.0', containerPort: 80, hostPort: 32_768 + (n % 20_000), protocol: 'tcp' }],
        healthStatus: 'UNKNOWN',
        essential: true,
        hasHealthCheck: false,
        cpu: '128',
        memory: '256',
      },
    ],
    overrides: { containerOverrides: [], inferenceAcceleratorOverrides: [] },
    reservation: { cpu: 128, memory: 256, ports: [], portsUdp: [] },
    cpu: '128',
    memory: '256',
    placementConstraints: [],
    placementStrategy: [{ type: 'spread', field: 'attribute:ecs.availability-zone' }],
    attachments: [],
    enableExecuteCommand: false,
    tags: [
      { key: 'team', value: 'web' },
      { key: 'environment', value: 'production' },
    ],
    version: 4,
    createdAt: 1_760_000_000_000 + n,
    pullStartedAt: 1_760_000_000_100 + n,
    pullStoppedAt: 1_760_000_000_200 + n,
    startedAt: 1_760_000_000_300 + n,
  }
}
