// Every field that CreateDaemon and UpdateDaemon can be sent, and what becomes of it (field-support.ts).
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateDaemon.html
import type {
  CreateDaemonRequest,
  DaemonAlarmConfiguration,
  DaemonDeploymentConfiguration,
  UpdateDaemonRequest,
} from '@aws-sdk/client-ecs'
import { tagFields } from '../common-fields.ts'
import { accepted, type FieldsOf, honoured, refused, within } from '../field-support.ts'

const alarmFields: FieldsOf<DaemonAlarmConfiguration> = {
  alarmNames: accepted('only read where it is enabled, which is refused'),
  enable: refused('there are no CloudWatch alarms to look at'),
}

const deploymentConfigurationFields: FieldsOf<DaemonDeploymentConfiguration> = {
  drainPercent: honoured,
  alarms: within(alarmFields),
  bakeTimeInMinutes: honoured,
}

/** Of both requests: what one of them lacks it cannot be sent. */
export const daemonFields: FieldsOf<CreateDaemonRequest & UpdateDaemonRequest> = {
  daemonName: honoured,
  daemonArn: honoured,
  clusterArn: honoured,
  daemonTaskDefinitionArn: honoured,
  capacityProviderArns: honoured,
  deploymentConfiguration: within(deploymentConfigurationFields),
  tags: within(tagFields),
  propagateTags: honoured,
  enableECSManagedTags: honoured,
  enableExecuteCommand: refused(),
  clientToken: honoured,
  critical: honoured,
}
