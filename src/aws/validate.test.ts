import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stsService } from '../services/sts/service.ts'
import { serviceModel } from './model/service-model.ts'
import type { AwsService } from './operation.ts'
import { ecsWith } from './test-gateway.ts'
import { validate } from './validate.ts'

const check = async (service: AwsService, operation: string, input: unknown): Promise<void> => {
  const { inputShape } = (await serviceModel(service)).operation(operation)
  validate(service, operation, inputShape, input)
}
const ecs = ecsWith({})

test('a value outside its enum is told with its path and the values', async () => {
  await assert.rejects(check(ecs, 'CreateService', { serviceName: 'a', launchType: 'MOON' }), {
    code: 'InvalidParameterException',
    message:
      "1 validation error detected: Value 'MOON' at 'launchType' failed to satisfy constraint: Member must satisfy enum value set: [EC2, EXTERNAL, FARGATE, MANAGED_INSTANCES]",
  })
  const containerDefinitions = [{ name: 'a' }, { name: 'b', portMappings: [{ protocol: 'sctp' }] }]
  await assert.rejects(check(ecs, 'RegisterTaskDefinition', { containerDefinitions }), {
    message:
      "1 validation error detected: Value 'sctp' at 'containerDefinitions.2.member.portMappings.1.member.protocol' failed to satisfy constraint: Member must satisfy enum value set: [tcp, udp]",
  })
  await assert.rejects(
    check(ecs, 'DescribeClusters', { include: ['TAGS', 'ALL'] }),
    /Value 'ALL' at 'include\.2\.member'/,
  )
})

test('required members that are missing are told together', async () => {
  await assert.rejects(check(ecs, 'ExecuteCommand', { command: 'sh' }), {
    code: 'InvalidParameterException',
    message:
      "2 validation errors detected: Value null at 'interactive' failed to satisfy constraint: Member must not be null; Value null at 'task' failed to satisfy constraint: Member must not be null",
  })
})

test('what the operation answers in its own words is left to it', async () => {
  await check(ecs, 'RegisterTaskDefinition', {})
  await check(ecs, 'RegisterTaskDefinition', { family: 'a', containerDefinitions: [{}] })
  await check(ecs, 'DescribeTasks', {})
})

test('a Query service has its own code', async () => {
  await assert.rejects(check(stsService(), 'AssumeRole', { RoleArn: 'a' }), { code: 'ValidationError' })
})

test('a flood of wrong values makes a short answer', async () => {
  const include = Array.from({ length: 10_000 }, () => 'X')
  await assert.rejects(check(ecs, 'DescribeClusters', { include }), (error: Error) => error.message.length < 2_000)
})
