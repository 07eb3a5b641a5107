// What inputs name often enough that requests find something: what is in the store of plane.ts, and words that mean something.
import type { Store } from '../../src/store/store.ts'
import { containerInstances, deployments, serviceDeployments, serviceRevisions, tasks } from '../../src/store/tables.ts'
import type { Hints } from './shapes.ts'

const WORDS: Hints = {
  value: ['prod', 'enabled', 'disabled', 'on', '7', 'blocking'],
  nextToken: [''],
  principalArn: ['arn:aws:iam::123456789012:root'],
  targetType: ['container-instance'],
  deviceName: [],
  status: ['PENDING', 'RUNNING', 'STOPPED', 'ACTIVE', 'DRAINING', 'INACTIVE'],
  containerName: ['app', '~internal~ecs~pause'],
  name: ['rack', 'app', 'web', 'data', 'CPU', 'MEMORY', 'PORTS', 'PATH', 'stack'],
  image: ['fake/run', 'busybox:latest'],
  cpu: ['256', '1 vCPU', 128, 64],
  memory: ['512', '1GB', 64, 128],
  expression: [
    'attribute:stack == prod',
    'runningTasksCount > 0',
    'task:group == family:web and not(agentConnected == true)',
  ],
  filter: ['attribute:stack == prod', 'agentConnected == true', 'attribute:a =~ (a+)+b'],
  field: ['cpu', 'memory', 'instanceId', 'attribute:ecs.availability-zone', 'host'],
  subnets: ['subnet-1'],
  group: ['batch', 'service:shop'],
  platformVersion: ['LATEST', '1.4.0'],
  key: ['team', 'aws:team'],
  stringSetValue: ['22', '80', 'ssh'],
}

export const hintsOf = (store: Store): Hints => {
  const arn = (row: { readonly arn: string }): string => row.arn
  const taskArns = [...store.all(tasks)].map(arn)
  const instances = [...store.all(containerInstances)].map(arn)
  const sets = [...store.all(deployments)].flatMap(({ id, taskSet }) => (taskSet ? [id, taskSet.arn] : []))
  const services = ['shop', 'sets', 'shop', 'sets', 'arn:aws:ecs:us-east-1:123456789012:service/default/shop', 'new']
  // Often there, seldom not.
  const there = Array.from({ length: 4 }, () => 'default')
  const cluster = [...there, 'arn:aws:ecs:us-east-1:123456789012:cluster/default', 'other']
  const definition = 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:1'
  const definitions = ['web', 'web', 'web:1', 'sized', 'retired:1', 'web:9', definition]
  const listed = [...taskArns, ...taskArns.map(one => one.slice(-32))]
  return {
    cluster,
    clusters: cluster,
    service: services,
    services,
    serviceName: ['shop', 'sets', 'new', 'newer'],
    taskDefinition: definitions,
    taskDefinitions: definitions,
    family: ['web', 'sized', 'more'],
    task: listed,
    tasks: listed,
    containerInstance: instances,
    containerInstances: instances,
    targetId: instances,
    taskSet: sets,
    taskSets: sets,
    primaryTaskSet: sets,
    capacityProvider: ['rack', 'FARGATE', 'FARGATE_SPOT', 'new'],
    capacityProviders: ['rack', 'FARGATE', 'FARGATE_SPOT', 'new'],
    resourceArn: [...taskArns, ...instances, ...services, ...cluster],
    serviceDeploymentArn: [...store.all(serviceDeployments)].map(arn),
    serviceDeploymentArns: [...store.all(serviceDeployments)].map(arn),
    serviceRevisionArns: [...store.all(serviceRevisions)].map(arn),
    ...WORDS,
  }
}
