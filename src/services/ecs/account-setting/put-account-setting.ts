// PutAccountSetting: sets an account setting for the caller, or, asked by the root user, for another principal. The root
// user's own hold for the whole account. What each value does here: setting-values.ts.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutAccountSetting.html
import type { PutAccountSettingRequest, PutAccountSettingResponse } from '@aws-sdk/client-ecs'
import { type AccountSetting, rootArn } from '../../../domain/account-setting.ts'
import { accountSettings } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { invalid } from '../refuse.ts'
import { describeSetting } from './effective-setting.ts'
import { settingPrincipal } from './setting-principal.ts'
import { checkSettingValue } from './setting-values.ts'

export const putAccountSetting: EcsOperation<PutAccountSettingRequest, PutAccountSettingResponse> =
  ({ store }) =>
  (request, { name, value = '', principalArn }) => {
    if (!name) throw invalid("Invalid setting 'name'")
    checkSettingValue(name, value)
    const principal = settingPrincipal(request, principalArn)
    // Who started a task is not known any more where this is read.
    if (name === 'defaultLogDriverMode' && principal !== rootArn(request.accountId))
      throw invalid(`Stowage reads ${name} of the whole account only: set it with PutAccountSettingDefault.`)
    const row: AccountSetting = {
      region: request.region,
      principalArn: principal,
      name,
      value,
    }
    return store.write(tx => {
      tx.put(accountSettings, row)
      return { setting: describeSetting(row) }
    })
  }
