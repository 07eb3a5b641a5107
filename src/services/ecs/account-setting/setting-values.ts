// Which value of an account setting can be honoured here, and what each then does. A value that would promise what nothing
// here keeps is refused with why; one that has nothing to change is taken, because what it promises holds already.
// Before: PutAccountSetting, PutAccountSettingDefault.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html
import type { SettingName } from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws/error.ts'
import { invalid } from '../refuse.ts'

type Rule = {
  /** As AWS has them. */
  readonly values: readonly string[]
  readonly refused?: { readonly values: readonly string[]; readonly why: string }
}

const SWITCH = ['enabled', 'disabled']
const LONG_ARNS: Rule = {
  values: SWITCH,
  refused: { values: ['disabled'], why: 'ARNs have the long format only, as on AWS since April 1, 2021' },
}

const RULES: Readonly<Record<SettingName, Rule>> = {
  serviceLongArnFormat: LONG_ARNS,
  taskLongArnFormat: LONG_ARNS,
  containerInstanceLongArnFormat: LONG_ARNS,
  // Lifts the number of network interfaces that an EC2 instance can have; hosts here have no such limit.
  awsvpcTrunking: { values: SWITCH },
  // What new clusters are described with. There are no CloudWatch metrics to write, whatever it says.
  containerInsights: { values: [...SWITCH, 'enhanced'] },
  fargateFIPSMode: {
    values: SWITCH,
    refused: { values: ['enabled'], why: 'nothing here was validated under FIPS 140' },
  },
  // Nothing here retires a FARGATE task for an update of its host: it is waited for ever, whatever the period or window.
  fargateTaskRetirementWaitPeriod: { values: ['0', '7', '14'] },
  fargateEventWindows: { values: SWITCH },
  tagResourceAuthorization: {
    values: ['on', 'off'],
    refused: { values: ['off'], why: 'authorization for tags cannot be left out, as on AWS since March 29, 2024' },
  },
  // The `mode` of a container's log driver where its logConfiguration names none: read by the dispatcher.
  defaultLogDriverMode: { values: ['blocking', 'non-blocking'] },
  guardDutyActivate: { values: [] },
}

/** InvalidParameterException for a value that AWS does not have either, or that can't be honoured here. */
export const checkSettingValue = (name: SettingName, value: string): void => {
  if (name === 'guardDutyActivate')
    throw invalid('guardDutyActivate is read-only: Amazon GuardDuty sets it, and there is none here.')
  const { values, refused } = RULES[name]
  if (!values.includes(value)) throw invalid("Invalid setting 'value'")
  if (refused?.values.includes(value))
    throw new AwsError('InvalidParameterException', `Stowage does not support ${name} '${value}': ${refused.why}.`)
}
