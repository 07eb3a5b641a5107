import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SettingName } from '@aws-sdk/client-ecs'
import { testEcs, testRequest } from '../test-ecs.ts'
import { deleteAccountSetting } from './delete-account-setting.ts'
import { listAccountSettings } from './list-account-settings.ts'
import { putAccountSetting } from './put-account-setting.ts'
import { putAccountSettingDefault } from './put-account-setting-default.ts'

const ROOT = 'arn:aws:iam::123456789012:root'
const USER = 'arn:aws:iam::123456789012:user/ada'
const name = 'awsvpcTrunking'
const REFUSED = 'InvalidParameterException'

test('a principal has its own value, else the account has, else the built-in one holds', async () => {
  const { call } = await testEcs()
  const effective = async (principalArn?: string) => {
    const { settings } = await call(listAccountSettings, { name, principalArn, effectiveSettings: true })
    return settings
  }
  assert.deepEqual(await effective(USER), [{ name, value: 'disabled', principalArn: ROOT, type: 'user' }])
  const byDefault = await call(putAccountSettingDefault, { name, value: 'enabled' })
  assert.deepEqual(byDefault, { setting: { name, value: 'enabled', principalArn: ROOT, type: 'user' } })
  assert.deepEqual(await effective(USER), [byDefault.setting])
  const own = await call(putAccountSetting, { name, value: 'disabled', principalArn: USER })
  assert.deepEqual(own, { setting: { name, value: 'disabled', principalArn: USER, type: 'user' } })
  assert.deepEqual(await effective(USER), [own.setting])
  assert.deepEqual(await effective(), [byDefault.setting])
  assert.deepEqual((await call(listAccountSettings, { principalArn: USER })).settings, [own.setting])
  const gone = await call(deleteAccountSetting, { name, principalArn: USER })
  assert.deepEqual(gone, { setting: { name, value: 'enabled', principalArn: USER, type: 'user' } })
  assert.deepEqual((await call(listAccountSettings, { principalArn: USER })).settings, [])
  assert.equal((await call(deleteAccountSetting, { name })).setting?.value, 'disabled')
  assert.equal((await call(deleteAccountSetting, { name })).setting?.value, 'disabled')
})

test('the root user sets for the account without naming itself; another region is another matter', async () => {
  const { call } = await testEcs()
  await call(putAccountSetting, { name, value: 'enabled' })
  const { settings } = await call(listAccountSettings, { principalArn: USER, name, effectiveSettings: true })
  assert.equal(settings?.[0]?.value, 'enabled')
  const there = await call(listAccountSettings, { name, effectiveSettings: true }, { region: 'eu-west-1' })
  assert.equal(there.settings?.[0]?.value, 'disabled')
})

test('all effective settings, in pages, filtered by value', async () => {
  const { call } = await testEcs()
  const first = await call(listAccountSettings, { effectiveSettings: true })
  const second = await call(listAccountSettings, { effectiveSettings: true, nextToken: first.nextToken })
  assert.equal(first.settings?.length, 10)
  assert.equal(second.nextToken, undefined)
  const all = [...(first.settings ?? []), ...(second.settings ?? [])]
  assert.deepEqual(
    all.map(setting => `${setting.name}=${setting.value}`),
    [
      'awsvpcTrunking=disabled',
      'containerInsights=disabled',
      'containerInstanceLongArnFormat=enabled',
      'defaultLogDriverMode=non-blocking',
      'fargateEventWindows=disabled',
      'fargateFIPSMode=disabled',
      'fargateTaskRetirementWaitPeriod=7',
      'guardDutyActivate=off',
      'serviceLongArnFormat=enabled',
      'tagResourceAuthorization=on',
      'taskLongArnFormat=enabled',
    ],
  )
  assert.equal(all.find(setting => setting.name === 'guardDutyActivate')?.type, 'aws_managed')
  const filtered = await call(listAccountSettings, { effectiveSettings: true, name, value: 'enabled' })
  assert.deepEqual(filtered, { settings: [] })
  await assert.rejects(call(listAccountSettings, { value: 'enabled' }), { code: REFUSED })
  await assert.rejects(call(listAccountSettings, { maxResults: 11 }), { code: REFUSED })
})

test('values are refused that AWS does not have, or that nothing here keeps', async () => {
  const { call } = await testEcs()
  const put = (setting: SettingName, value: string) => call(putAccountSetting, { name: setting, value })
  await assert.rejects(put('taskLongArnFormat', 'ENABLED'), { code: REFUSED, message: "Invalid setting 'value'" })
  await assert.rejects(put('fargateTaskRetirementWaitPeriod', '3'), { code: REFUSED })
  for (const [setting, value] of [
    ['taskLongArnFormat', 'disabled'],
    ['fargateFIPSMode', 'enabled'],
    ['tagResourceAuthorization', 'off'],
  ] as const) {
    const refusal = { code: REFUSED, message: new RegExp(`^Stowage does not support ${setting} '${value}': .+\\.$`) }
    await assert.rejects(put(setting, value), refusal)
    await assert.rejects(call(putAccountSettingDefault, { name: setting, value }), refusal)
  }
  await assert.rejects(put('guardDutyActivate', 'on'), { code: REFUSED, message: /read-only/ })
  for (const [setting, value] of [
    ['serviceLongArnFormat', 'enabled'],
    ['fargateTaskRetirementWaitPeriod', '14'],
    ['containerInsights', 'enhanced'],
    ['fargateEventWindows', 'enabled'],
    ['defaultLogDriverMode', 'blocking'],
  ] as const)
    assert.equal((await put(setting, value)).setting?.value, value)
})

test('principals: of this account only, and only the root user names another', async () => {
  const { call } = await testEcs()
  const blocking = { name: 'defaultLogDriverMode', value: 'blocking' } as const
  await assert.rejects(call(putAccountSetting, { ...blocking, principalArn: USER }), { code: REFUSED })
  for (const principalArn of ['ada', 'arn:aws:iam::999999999999:user/ada', 'arn:aws:iam::123456789012:group/x'])
    await assert.rejects(call(putAccountSetting, { name, value: 'enabled', principalArn }), { code: REFUSED })
  const caller = { ...testRequest.caller, arn: USER }
  await call(putAccountSetting, { name, value: 'enabled', principalArn: USER }, { caller })
  await assert.rejects(call(putAccountSetting, { name, value: 'enabled', principalArn: ROOT }, { caller }), {
    code: 'AccessDeniedException',
  })
})
