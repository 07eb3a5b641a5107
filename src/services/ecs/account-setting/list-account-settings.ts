// ListAccountSettings: what a principal set for itself; or, with effectiveSettings, what holds for it, of every setting.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListAccountSettings.html
import type { ListAccountSettingsRequest, ListAccountSettingsResponse } from '@aws-sdk/client-ecs'
import { pageOf, startOfPage } from '../../../aws/paging.ts'
import { BUILT_IN_SETTINGS } from '../../../domain/account-setting.ts'
import type { EcsOperation } from '../context.ts'
import { checkPageSize } from '../page-size.ts'
import { invalid } from '../refuse.ts'
import { describeSetting, effectiveSetting, isSettingName, ownSetting } from './effective-setting.ts'
import { settingPrincipal } from './setting-principal.ts'

const PAGE = { most: 10, usual: 10 }

export const listAccountSettings: EcsOperation<ListAccountSettingsRequest, ListAccountSettingsResponse> =
  ({ store }) =>
  (request, input) => {
    const limit = checkPageSize(input.maxResults, PAGE)
    const { name, value, effectiveSettings = false } = input
    if (value && !name) throw invalid('A setting name must be specified to filter by value.')
    const principalArn = settingPrincipal(request, input.principalArn)
    const find = effectiveSettings ? effectiveSetting : ownSetting
    const query = [
      'ListAccountSettings',
      request.region,
      principalArn,
      name ?? '',
      value ?? '',
      effectiveSettings,
    ].join('|')
    const after = startOfPage(query, input.nextToken)
    const found = Object.keys(BUILT_IN_SETTINGS)
      .filter(isSettingName)
      .filter(one => (!name || one === name) && (after === undefined || one > after))
      .flatMap(one => find(store, request, principalArn, one) ?? [])
      .filter(setting => !value || setting.value === value)
    const page = pageOf(found, { query, limit, keyOf: setting => setting.name })
    return {
      settings: page.rows.map(describeSetting),
      ...(page.nextToken ? { nextToken: page.nextToken } : {}),
    }
  }
