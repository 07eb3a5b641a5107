// The settings of a cluster as they are kept. There is one, containerInsights: as it was asked for (the last one counts), else as
// it was; a new cluster's is the caller's account setting. Nothing here acts on it: there are no CloudWatch metrics to write.
import type { ClusterSetting } from '@aws-sdk/client-ecs'
import type { RequestContext } from '../../../aws/operation.ts'
import { BUILT_IN_SETTINGS } from '../../../domain/account-setting.ts'
import type { Cluster } from '../../../domain/cluster.ts'
import type { Reader } from '../../../store/store.ts'
import { effectiveSetting } from '../account-setting/effective-setting.ts'

type Asked = readonly ClusterSetting[] | undefined

const settings = (asked: Asked, otherwise: string): ClusterSetting[] => [
  { name: 'containerInsights', value: asked?.at(-1)?.value ?? otherwise },
]

export const newSettings = (reader: Reader, request: RequestContext, asked: Asked): ClusterSetting[] =>
  settings(asked, effectiveSetting(reader, request, request.caller.arn, 'containerInsights').value)

export const changedSettings = (cluster: Pick<Cluster, 'settings'>, asked: Asked): ClusterSetting[] =>
  settings(asked, cluster.settings[0]?.value ?? BUILT_IN_SETTINGS.containerInsights)
