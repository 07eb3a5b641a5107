// The network interface of a task with network mode awsvpc, as an attachment of the task: made with the task from the subnet
// it names, real once its host's agent reports the address, deleted with the task's end. Pure.
// Before: new-task.ts makes it, task-report.ts moves it on. After: DescribeTasks, and the dispatcher's payload.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Attachment.html
//
// The address is one of the subnet (store/subnet-address.ts), and is told to callers once the task's host has it. It is reachable
// from that host; security groups are kept and answered, and have no other effect until there are networks across hosts.
import type { Attachment, NetworkConfiguration } from '@aws-sdk/client-ecs'
import { type Scope, scopeOf } from './arn.ts'

const TYPE = 'ElasticNetworkInterface'

/** What a host gave the task. */
export type TaskAddress = { readonly ipv4: string; readonly mac: string }

/** Before the task has a host: only its subnet is known. A service's tasks are spread over its subnets by chance. */
export const newNetworkInterface = (uuid: string, configuration: NetworkConfiguration): Attachment => {
  const subnets = configuration.awsvpcConfiguration?.subnets ?? []
  const subnet = subnets[Number.parseInt(uuid.slice(0, 8), 16) % subnets.length] ?? ''
  return { id: uuid, type: TYPE, status: 'PRECREATED', details: [{ name: 'subnetId', value: subnet }] }
}

export const networkInterfaceOf = (attachments: readonly Attachment[]): Attachment | undefined =>
  attachments.find(attachment => attachment.type === TYPE)

export const subnetOf = ({ details = [] }: Attachment): string | undefined =>
  details.find(({ name }) => name === 'subnetId')?.value

/** `eni-` and 17 hex digits. Part of the attachment's own id, so that each names the other. */
export const networkInterfaceId = ({ id = '' }: Attachment): string => `eni-0${id.replaceAll('-', '').slice(-16)}`

export const attachmentArn = (taskArn: string, { id = '' }: Attachment): string => {
  const { region, accountId } = scopeOf(taskArn)
  return `arn:aws:ecs:${region}:${accountId}:attachment/${id}`
}

/** With the address that the task's host reported; the same list when that is known already, or comes too late. */
export const attach = (
  attachments: readonly Attachment[],
  address: TaskAddress,
  scope: Scope,
): readonly Attachment[] => {
  const known = networkInterfaceOf(attachments)
  if (known?.status !== 'PRECREATED') return attachments
  const details = [
    ...(known.details ?? []),
    { name: 'networkInterfaceId', value: networkInterfaceId(known) },
    { name: 'macAddress', value: address.mac },
    { name: 'privateDnsName', value: privateDnsName(address, scope) },
    { name: 'privateIPv4Address', value: address.ipv4 },
  ]
  return attachments.map(each => (each === known ? { ...known, status: 'ATTACHED', details } : each))
}

/** As it is when its task has stopped; what it was is still told. */
export const detach = (attachments: readonly Attachment[]): readonly Attachment[] => {
  const known = networkInterfaceOf(attachments)
  if (known === undefined || known.status === 'DELETED') return attachments
  return attachments.map(each => (each === known ? { ...known, status: 'DELETED' } : each))
}

/** Undefined until the host has given one. */
export const privateIpv4Of = (attachment: Attachment): string | undefined =>
  attachment.details?.find(({ name }) => name === 'privateIPv4Address')?.value

/** AWS's form of the name: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html. No resolver of ours knows it yet. */
const privateDnsName = ({ ipv4 }: TaskAddress, { region }: Scope): string => {
  const domain = region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`
  return `ip-${ipv4.replaceAll('.', '-')}.${domain}`
}
