// Every field that RunTask and StartTask can be sent, and what becomes of it (field-support.ts). What is refused is refused by
// this table (check-task-request.ts) and printed from it in docs/coverage.md.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
import type {
  ContainerOverride,
  ResourceRequirement,
  RunTaskRequest,
  StartTaskRequest,
  TaskOverride,
} from '@aws-sdk/client-ecs'
import {
  keyValueFields,
  networkConfigurationFields,
  placementConstraintFields,
  placementStrategyFields,
  strategyItemFields,
  tagFields,
} from '../common-fields.ts'
import { accepted, type FieldsOf, honoured, only, refused, within } from '../field-support.ts'

const resourceRequirementFields: FieldsOf<ResourceRequirement> = {
  type: only('GPU'),
  value: honoured,
  sharingStrategy: refused('a GPU belongs to one container'),
}

const containerOverrideFields: FieldsOf<ContainerOverride> = {
  name: honoured,
  command: honoured,
  environment: within(keyValueFields),
  environmentFiles: refused('there is no S3 to read them from'),
  cpu: honoured,
  memory: honoured,
  memoryReservation: honoured,
  resourceRequirements: within(resourceRequirementFields),
}

const overrideFields: FieldsOf<TaskOverride> = {
  containerOverrides: within(containerOverrideFields),
  cpu: honoured,
  memory: honoured,
  inferenceAcceleratorOverrides: refused(),
  executionRoleArn: accepted(
    'what it would be used for (secrets, private registries, awslogs) is refused where it is asked for',
  ),
  taskRoleArn: refused('tasks get no credentials of a role'),
  ephemeralStorage: accepted('tasks on Fargate are described with it; the disk of a task is not bounded'),
}

/** Of both requests: what one of them lacks it cannot be sent. */
export const taskRequestFields: FieldsOf<RunTaskRequest & StartTaskRequest> = {
  cluster: honoured,
  taskDefinition: honoured,
  containerInstances: honoured,
  count: honoured,
  clientToken: honoured,
  launchType: only('EC2', 'EXTERNAL', 'FARGATE'),
  capacityProviderStrategy: within(strategyItemFields),
  platformVersion: honoured,
  networkConfiguration: within(networkConfigurationFields),
  overrides: within(overrideFields),
  placementConstraints: within(placementConstraintFields),
  placementStrategy: within(placementStrategyFields),
  group: honoured,
  startedBy: honoured,
  enableECSManagedTags: honoured,
  propagateTags: honoured,
  tags: within(tagFields),
  enableExecuteCommand: refused(),
  volumeConfigurations: refused(),
  referenceId: accepted('AWS answers it nowhere'),
}
