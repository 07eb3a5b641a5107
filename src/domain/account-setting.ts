// Account settings: per region, what a principal set for itself, what the root user set for the whole account, and what holds
// without either. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html
import type { SettingName } from '@aws-sdk/client-ecs'

export type AccountSetting = {
  readonly region: string
  /** The root user's is the account's default. */
  readonly principalArn: string
  readonly name: SettingName
  readonly value: string
}

export const accountSettingKey = (row: Omit<AccountSetting, 'value'>): string =>
  `${row.region}|${row.principalArn}|${row.name}`

export const rootArn = (accountId: string): string => `arn:aws:iam::${accountId}:root`

/** What holds when nobody set anything, in the order in which they are listed. */
export const BUILT_IN_SETTINGS: Readonly<Record<SettingName, string>> = {
  awsvpcTrunking: 'disabled',
  containerInsights: 'disabled',
  containerInstanceLongArnFormat: 'enabled',
  // Since June 25, 2025; blocking before.
  defaultLogDriverMode: 'non-blocking',
  fargateEventWindows: 'disabled',
  fargateFIPSMode: 'disabled',
  fargateTaskRetirementWaitPeriod: '7',
  guardDutyActivate: 'off',
  serviceLongArnFormat: 'enabled',
  tagResourceAuthorization: 'on',
  taskLongArnFormat: 'enabled',
}
