// ARNs of ECS, in the long formats (the only ones AWS still issues), and the short forms that callers may use instead.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html#ecs-resource-ids

export type Scope = { readonly region: string; readonly accountId: string }

const arn = (scope: Scope, resource: string): string => `arn:aws:ecs:${scope.region}:${scope.accountId}:${resource}`

export const clusterArn = (scope: Scope, name: string): string => arn(scope, `cluster/${name}`)
export const taskDefinitionArn = (scope: Scope, family: string, revision: number): string =>
  arn(scope, `task-definition/${family}:${revision}`)
export const taskArn = (scope: Scope, cluster: string, id: string): string => arn(scope, `task/${cluster}/${id}`)
export const containerArn = (scope: Scope, cluster: string, taskId: string, uuid: string): string =>
  arn(scope, `container/${cluster}/${taskId}/${uuid}`)
export const serviceArn = (scope: Scope, cluster: string, name: string): string =>
  arn(scope, `service/${cluster}/${name}`)
export const taskSetArn = (scope: Scope, cluster: string, service: string, id: string): string =>
  arn(scope, `task-set/${cluster}/${service}/${id}`)
/** Of a service or a daemon, by its ARN. */
export const serviceDeploymentArn = (owner: string, id: string): string =>
  owner.replace(/:(service|daemon)\//, ':$1-deployment/').concat(`/${id}`)
export const serviceRevisionArn = (owner: string, digits: string): string =>
  owner.replace(/:(service|daemon)\//, ':$1-revision/').concat(`/${digits}`)
export const containerInstanceArn = (scope: Scope, cluster: string, id: string): string =>
  arn(scope, `container-instance/${cluster}/${id}`)

export const daemonArn = (scope: Scope, cluster: string, name: string): string =>
  arn(scope, `daemon/${cluster}/${name}`)
export const daemonTaskDefinitionArn = (scope: Scope, family: string, revision: number): string =>
  arn(scope, `daemon-task-definition/${family}:${revision}`)

export const isDaemonArn = (text: string): boolean => text.includes(':daemon/')

/** Where a definition's family counts its revisions: those of daemons are apart from the others of the region. */
export const familySpaceOf = (definitionArn: string): string => {
  const { region } = scopeOf(definitionArn)
  return definitionArn.includes(':daemon-task-definition/') ? daemonFamilySpace(region) : region
}

export const daemonFamilySpace = (region: string): string => `${region}:daemon`

export const capacityProviderArn = (scope: Scope, name: string): string => arn(scope, `capacity-provider/${name}`)

export type ParsedArn = Scope & {
  /** `task`, `service`, `cluster`, ... */
  readonly type: string
  /** What follows the type's slash: `default/0af1...`. */
  readonly resource: string
}

/** An ECS ARN's parts; undefined when it is not one. */
export const parseArn = (text: string): ParsedArn | undefined => {
  const match = /^arn:aws[a-z-]*:ecs:([a-z0-9-]*):([0-9]*):([a-z-]+)\/(.+)$/.exec(text)
  if (!match) return undefined
  const [, region = '', accountId = '', type = '', resource = ''] = match
  return { region, accountId, type, resource }
}

/** The part behind the last slash: a task's id, a service's or cluster's name. */
export const lastSegment = (text: string): string => text.slice(text.lastIndexOf('/') + 1)

const PARTS = /^[^:]*:[^:]*:[^:]*:([^:]*)(?::([^:]*))?/

/** Of any ARN, a dozen times a task: the expression takes less than half of what splitting it did. */
export const scopeOf = (text: string): Scope => {
  const [, region = '', accountId = ''] = PARTS.exec(text) ?? []
  return { region, accountId }
}

/** `default` of `...:cluster/default`. */
export const clusterNameOf = (arnOfCluster: string): string => lastSegment(arnOfCluster)
