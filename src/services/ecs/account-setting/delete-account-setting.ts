// DeleteAccountSetting: takes back what a principal set for itself, and answers what holds for it from now on. One that it
// did not set is no error. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteAccountSetting.html
import type { DeleteAccountSettingRequest, DeleteAccountSettingResponse } from '@aws-sdk/client-ecs'
import { accountSettingKey } from '../../../domain/account-setting.ts'
import { accountSettings } from '../../../store/tables.ts'
import type { EcsOperation } from '../context.ts'
import { invalid } from '../refuse.ts'
import { describeSetting, effectiveSetting } from './effective-setting.ts'
import { settingPrincipal } from './setting-principal.ts'

export const deleteAccountSetting: EcsOperation<DeleteAccountSettingRequest, DeleteAccountSettingResponse> =
  ({ store }) =>
  (request, { name, principalArn: named }) => {
    if (!name) throw invalid("Invalid setting 'name'")
    const principalArn = settingPrincipal(request, named)
    return store.write(tx => {
      tx.delete(accountSettings, accountSettingKey({ region: request.region, principalArn, name }))
      const { value } = effectiveSetting(tx, request, principalArn, name)
      return { setting: describeSetting({ region: request.region, principalArn, name, value }) }
    })
  }
