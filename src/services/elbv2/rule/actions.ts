// The actions of a rule: exactly one, which ends it (forward, redirect, fixed-response); checked against its listener and
// filled out as callers are shown it. Before: CreateListener, ModifyListener, CreateRule, ModifyRule. After: forwards.ts
// checks the target groups; the row.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Action.html
import type {
  Action,
  FixedResponseActionConfig,
  ForwardActionConfig,
  TargetGroupTuple,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { isHttp } from '../../../domain/load-balancing/attributes.ts'
import type { Listener } from '../../../domain/load-balancing/load-balancer.ts'
import { checkRange, invalid, refusal } from '../context.ts'
import { checkBuilt } from '../fields.ts'
import { LIMITS } from '../limits.ts'
import { redirectOf } from './redirect.ts'

export type ListenerProtocol = Listener['protocol']

export const invalidAction = (message: string) => refusal('InvalidLoadBalancerAction', message)

export const checkActions = (protocol: ListenerProtocol, asked: readonly Action[] | undefined): Action[] => {
  const [action, ...more] = asked ?? []
  if (!action) throw invalid('An action must be specified')
  for (const each of [action, ...more]) checkBuilt('Action', each)
  if (more.length > 0)
    throw refusal('TooManyActions', 'A rule must have exactly one forward, redirect or fixed-response action')
  checkRange('actions.order', action.Order, 1, 50_000)
  if (!isHttp(protocol) && action.Type !== 'forward')
    throw invalidAction(`Actions of type '${action.Type}' are not supported on ${protocol} listeners`)
  return [{ ...actionOf(protocol, action), ...(action.Order === undefined ? {} : { Order: action.Order }) }]
}

const actionOf = (protocol: ListenerProtocol, action: Action): Action => {
  const { Type, TargetGroupArn, ForwardConfig, RedirectConfig, FixedResponseConfig } = action
  const own = {
    forward: ForwardConfig ?? TargetGroupArn,
    redirect: RedirectConfig,
    'fixed-response': FixedResponseConfig,
  }
  for (const [type, config] of Object.entries(own))
    if ((config !== undefined) !== (type === Type))
      throw invalidAction(
        config === undefined
          ? `The configuration of a '${type}' action must be specified`
          : `The configuration of a '${type}' action cannot be specified for an action of type '${Type}'`,
      )
  if (RedirectConfig) return { Type: 'redirect', RedirectConfig: redirectOf(protocol, RedirectConfig) }
  if (FixedResponseConfig) return { Type: 'fixed-response', FixedResponseConfig: fixedResponseOf(FixedResponseConfig) }
  return forwardOf(TargetGroupArn, ForwardConfig)
}

const MAX_BODY = 1_024
const CONTENT_TYPES = ['text/plain', 'text/css', 'text/html', 'application/javascript', 'application/json']

const fixedResponseOf = ({
  StatusCode = '',
  ContentType,
  MessageBody,
}: FixedResponseActionConfig): FixedResponseActionConfig => {
  if (!/^[245]\d\d$/.test(StatusCode)) throw invalid(`The status code '${StatusCode}' must be 2XX, 4XX or 5XX`)
  if (ContentType !== undefined && !CONTENT_TYPES.includes(ContentType))
    throw invalid(`The content type '${ContentType}' must be one of '[${CONTENT_TYPES.join(', ')}]'`)
  if ((MessageBody?.length ?? 0) > MAX_BODY)
    throw invalid(`The message body cannot be longer than '${MAX_BODY}' characters`)
  return {
    StatusCode,
    ...(ContentType === undefined ? {} : { ContentType }),
    ...(MessageBody === undefined ? {} : { MessageBody }),
  }
}

/** Both forms of it, as it is answered; `TargetGroupArn` where there is one group. */
const forwardOf = (arn: string | undefined, config: ForwardActionConfig = {}): Action => {
  const groups = config.TargetGroups?.length ? config.TargetGroups : [{ TargetGroupArn: arn }]
  const agree = arn === undefined || (groups.length === 1 && groups[0]?.TargetGroupArn === arn)
  if (!agree)
    throw invalidAction('The target group of a forward action must be the same in TargetGroupArn and in ForwardConfig')
  if (groups.length > LIMITS.targetGroupsPerAction)
    throw invalidAction(`A forward action can have at most ${LIMITS.targetGroupsPerAction} target groups`)
  const TargetGroups = groups.map(tupleOf)
  const names = TargetGroups.map(({ TargetGroupArn }) => TargetGroupArn)
  if (new Set(names).size < names.length)
    throw invalid('A target group was specified more than once in a forward action')
  return {
    Type: 'forward',
    ...(names.length === 1 ? { TargetGroupArn: names[0] } : {}),
    ForwardConfig: { TargetGroups, TargetGroupStickinessConfig: stickinessOf(config) },
  }
}

const tupleOf = ({ TargetGroupArn, Weight = 1 }: TargetGroupTuple): TargetGroupTuple => {
  if (!TargetGroupArn) throw invalid('A target group ARN must be specified')
  checkRange('weight', Weight, 0, 999)
  return { TargetGroupArn, Weight }
}

const stickinessOf = ({
  TargetGroupStickinessConfig,
}: ForwardActionConfig): NonNullable<ForwardActionConfig['TargetGroupStickinessConfig']> => {
  const { Enabled = false, DurationSeconds } = TargetGroupStickinessConfig ?? {}
  checkRange('durationSeconds', DurationSeconds, 1, 604_800)
  if (Enabled && DurationSeconds === undefined)
    throw invalid('The duration of target group stickiness must be specified when it is enabled')
  return { Enabled, ...(DurationSeconds === undefined ? {} : { DurationSeconds }) }
}
