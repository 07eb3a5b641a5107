// The account setting that holds for a principal: its own, else the account's (the root user's), else the built-in one.
// Before: ListAccountSettings, DeleteAccountSetting.
import type { Setting, SettingName } from '@aws-sdk/client-ecs'
import type { RequestContext } from '../../../aws/operation.ts'
import { type AccountSetting, accountSettingKey, BUILT_IN_SETTINGS, rootArn } from '../../../domain/account-setting.ts'
import type { Reader } from '../../../store/store.ts'
import { accountSettings } from '../../../store/tables.ts'

export const ownSetting = (
  reader: Reader,
  { region }: RequestContext,
  principalArn: string,
  name: SettingName,
): AccountSetting | undefined => reader.get(accountSettings, accountSettingKey({ region, principalArn, name }))

/** `principalArn` of the answer: whose setting it is. */
export const effectiveSetting = (
  reader: Reader,
  request: RequestContext,
  principalArn: string,
  name: SettingName,
): AccountSetting => {
  const root = rootArn(request.accountId)
  return (
    ownSetting(reader, request, principalArn, name) ??
    ownSetting(reader, request, root, name) ?? {
      region: request.region,
      principalArn: root,
      name,
      value: BUILT_IN_SETTINGS[name],
    }
  )
}

export const describeSetting = ({ name, value, principalArn }: AccountSetting): Setting => ({
  name,
  value,
  principalArn,
  // The only one that AWS sets itself.
  type: name === 'guardDutyActivate' ? 'aws_managed' : 'user',
})

export const isSettingName = (name: string): name is SettingName => Object.hasOwn(BUILT_IN_SETTINGS, name)
