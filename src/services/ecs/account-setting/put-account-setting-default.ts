// PutAccountSettingDefault: sets an account setting for all principals of the account that did not set it for themselves: it
// is kept as the root user's. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutAccountSettingDefault.html
import type { PutAccountSettingDefaultRequest, PutAccountSettingDefaultResponse } from '@aws-sdk/client-ecs'
import { type AccountSetting, rootArn } from '../../../domain/account-setting.ts'
import { accountSettings } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { invalid } from '../refuse.ts'
import { describeSetting } from './effective-setting.ts'
import { checkSettingValue } from './setting-values.ts'

export const putAccountSettingDefault: EcsOperation<PutAccountSettingDefaultRequest, PutAccountSettingDefaultResponse> =
  ({ store }) =>
  (request, { name, value = '' }) => {
    if (!name) throw invalid("Invalid setting 'name'")
    checkSettingValue(name, value)
    const row: AccountSetting = {
      region: request.region,
      principalArn: rootArn(request.accountId),
      name,
      value,
    }
    return store.write(tx => {
      tx.put(accountSettings, row)
      return { setting: describeSetting(row) }
    })
  }
