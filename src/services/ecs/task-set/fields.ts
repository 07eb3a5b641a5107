// Every field that CreateTaskSet can be sent, and what becomes of it (field-support.ts).
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateTaskSet.html
import type { CreateTaskSetRequest, Scale } from '@aws-sdk/client-ecs'
import { loadBalancerFields, networkConfigurationFields, strategyItemFields, tagFields } from '../common-fields.ts'
import { type FieldsOf, honoured, only, refused, within } from '../field-support.ts'

const scaleFields: FieldsOf<Scale> = { value: honoured, unit: honoured }

export const taskSetFields: FieldsOf<CreateTaskSetRequest> = {
  cluster: honoured,
  service: honoured,
  externalId: honoured,
  taskDefinition: honoured,
  loadBalancers: within(loadBalancerFields),
  serviceRegistries: refused(),
  networkConfiguration: within(networkConfigurationFields),
  launchType: only('EC2', 'EXTERNAL', 'FARGATE'),
  capacityProviderStrategy: within(strategyItemFields),
  platformVersion: honoured,
  scale: within(scaleFields),
  clientToken: honoured,
  tags: within(tagFields),
}
