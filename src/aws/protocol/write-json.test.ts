import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JsonCodec } from '@smithy/core/protocols'
import { serviceModel } from '../model/service-model.ts'
import { ecsWith } from '../test-gateway.ts'
import { writeJson } from './write-json.ts'

const model = await serviceModel(ecsWith({}))
const EPOCH_SECONDS = 7
const codec = new JsonCodec({ timestampFormat: { useTrait: true, default: EPOCH_SECONDS }, jsonName: false })

const asTheSdk = (operation: string, output: object): void => {
  const { output: schema, outputShape } = model.operation(operation)
  const writer = codec.createSerializer()
  writer.write(schema, output)
  assert.equal(writeJson(outputShape, output), String(writer.flush()), operation)
}

test('writes what the SDK’s codec writes', () => {
  const at = new Date(1_760_000_000_123)
  asTheSdk('DescribeTasks', {
    tasks: [
      {
        taskArn: 'arn',
        version: 4,
        createdAt: at,
        stoppedAt: undefined,
        unheardOf: 1,
        enableExecuteCommand: false,
        containers: [{ name: 'né "e"', exitCode: 0, networkBindings: [], networkInterfaces: undefined }],
        overrides: { containerOverrides: [{ name: 'a', environment: [{ name: 'A', value: '' }] }] },
        tags: [{ key: 'k', value: 'v' }],
      },
    ],
    failures: [],
  })
  asTheSdk('DescribeServices', {
    services: [
      { serviceArn: 'arn', events: [{ id: '1', createdAt: at, message: 'm' }], deployments: [{ createdAt: at }] },
    ],
  })
  asTheSdk('RegisterTaskDefinition', {
    taskDefinition: {
      registeredAt: at,
      containerDefinitions: [{ dockerLabels: { a: 'b', '': '' }, logConfiguration: { options: {} }, cpu: 0 }],
    },
  })
  asTheSdk('ListTasks', {})
})
