// How a container's output gets to its log driver where its logConfiguration does not say: as the account setting
// defaultLogDriverMode has it. `non-blocking` keeps an application running when its driver can't follow, at the price of lines.
// Before: session.ts. After: payload.ts.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html#default-log-driver-mode
import { accountSettingKey, BUILT_IN_SETTINGS, rootArn } from '../domain/account-setting.ts'
import { scopeOf } from '../domain/arn.ts'
import type { Task } from '../domain/task.ts'
import type { TaskDefinition } from '../domain/task-definition.ts'
import type { Reader } from '../store/store.ts'
import { accountSettings } from '../store/tables.ts'

const name = 'defaultLogDriverMode'

/** The account's: who started a task is not known any more when it is sent. */
export const defaultLogDriverMode = (reader: Reader, task: Pick<Task, 'arn'>): string => {
  const { region, accountId } = scopeOf(task.arn)
  const row = reader.get(accountSettings, accountSettingKey({ region, principalArn: rootArn(accountId), name }))
  return row?.value ?? BUILT_IN_SETTINGS[name]
}

/** The definition with this mode in every log configuration that has none. */
export const withLogDriverMode = (definition: TaskDefinition, mode: string): TaskDefinition => {
  const lacks = definition.containerDefinitions.some(({ logConfiguration: log }) => log && !log.options?.['mode'])
  if (!lacks) return definition
  return {
    ...definition,
    containerDefinitions: definition.containerDefinitions.map(container => {
      const { logConfiguration: log } = container
      if (!log || log.options?.['mode']) return container
      return { ...container, logConfiguration: { ...log, options: { ...log.options, mode } } }
    }),
  }
}
