// The filters of placement, in the order in which they are asked. Each says whether an instance will do (`check`, cheap:
// it runs for every instance) and, asked only once it will not, why (`explain`). The order decides which instance is
// the closest match: status and agent first, then attributes, resources, constraints.
// Reasons are those of https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
import type { PlacementConstraint } from '@aws-sdk/client-ecs'
import type { Candidate, PlacementRequest, Refusal } from './place.ts'
import { compileQuery, type Query } from './query/compile-query.ts'
import { QueryError } from './query/query-error.ts'

export type Filter = {
  readonly name: string
  readonly check: (request: PlacementRequest, candidate: Candidate) => boolean
  readonly reason: string
  /** What is short, in figures. */
  readonly detail: (request: PlacementRequest, candidate: Candidate) => string
}

export const FILTERS: readonly Filter[] = [
  {
    name: 'status',
    check: (_, candidate) => candidate.status === 'ACTIVE',
    reason: 'INACTIVE',
    detail: (_, candidate) => `its status is ${candidate.status}`,
  },
  {
    name: 'agent',
    check: (_, candidate) => candidate.agentConnected,
    reason: 'AGENT',
    detail: () => 'its agent is not connected',
  },
  {
    name: 'daemon',
    check: (request, candidate) => request.first === true || candidate.awaitedDaemon === undefined,
    // Ours: AWS shows nobody an instance whose daemons do not run.
    reason: 'DAEMON',
    detail: (_, candidate) => `its daemon ${candidate.awaitedDaemon} does not run`,
  },
  {
    name: 'attributes',
    check: (request, candidate) =>
      (request.requiresAttributes.length === 0 && request.cpuArchitecture === undefined) ||
      !missing(request, candidate).length,
    reason: 'ATTRIBUTE',
    detail: (request, candidate) => `it lacks ${missing(request, candidate).join(', ')}`,
  },
  {
    name: 'cpu',
    check: (request, candidate) => request.reservation.cpu <= candidate.remainingCpu,
    reason: 'RESOURCE:CPU',
    detail: (request, candidate) =>
      `${request.reservation.cpu} CPU units are needed, ${candidate.remainingCpu} are left`,
  },
  {
    name: 'memory',
    check: (request, candidate) => request.reservation.memory <= candidate.remainingMemory,
    reason: 'RESOURCE:MEMORY',
    detail: (request, candidate) =>
      `${request.reservation.memory} MiB of memory are needed, ${candidate.remainingMemory} are left`,
  },
  {
    name: 'gpu',
    check: ({ reservation: { gpus = 0 } }, candidate) => gpus === 0 || gpus <= candidate.remainingGpus,
    reason: 'RESOURCE:GPU',
    detail: ({ reservation }, candidate) => `${reservation.gpus} GPUs are needed, ${candidate.remainingGpus} are left`,
  },
  {
    name: 'ports',
    check: ({ reservation }, candidate) =>
      (reservation.ports.length === 0 && reservation.portsUdp.length === 0) || !taken(reservation, candidate).length,
    reason: 'RESOURCE:PORTS',
    detail: ({ reservation }, candidate) => `host port ${taken(reservation, candidate).join(', ')} is in use`,
  },
  {
    name: 'distinctInstance',
    check: (request, candidate) =>
      candidate.groupTasksHere === 0 || !request.constraints.some(({ type }) => type === 'distinctInstance'),
    reason: 'DistinctInstance placement constraint unsatisfied.',
    detail: () => 'it has a task of this group already',
  },
  {
    name: 'memberOf',
    check: (request, candidate) => request.constraints.length === 0 || unmet(request, candidate) === undefined,
    reason: 'MemberOf placement constraint unsatisfied.',
    detail: (request, candidate) => `it does not satisfy '${unmet(request, candidate)?.expression}'`,
  },
]

export const passes = (request: PlacementRequest, candidate: Candidate): boolean => {
  for (const filter of FILTERS) if (!filter.check(request, candidate)) return false
  return true
}

const LASTING = new Set(['status', 'attributes', 'memberOf'])
const LASTING_FILTERS = FILTERS.filter(({ name }) => LASTING.has(name))

/** Whether the instance is one for this task by what it is, be it full or not connected at the moment. */
export const suits = (request: PlacementRequest, candidate: Candidate): boolean =>
  LASTING_FILTERS.every(filter => filter.check(request, candidate))

/** Why the candidate will not do: by the first filter that it does not pass. Undefined when it will. */
export const refusalOf = (request: PlacementRequest, candidate: Candidate): Refusal | undefined => {
  const passed = FILTERS.findIndex(filter => !filter.check(request, candidate))
  const filter = FILTERS[passed]
  if (filter === undefined) return undefined
  return { arn: candidate.arn, reason: filter.reason, detail: filter.detail(request, candidate), passed }
}

/** Whether the answer for an instance may change with the tasks on it, more than by what they take. */
export const dependsOnTasks = ({ constraints }: Pick<PlacementRequest, 'constraints'>): boolean =>
  constraints.some(({ type, expression = '' }) => type === 'memberOf' && queryOf(expression)?.dependsOnTasks)

const unmet = ({ constraints }: PlacementRequest, candidate: Candidate): PlacementConstraint | undefined =>
  constraints.find(({ type, expression = '' }) => type === 'memberOf' && !queryOf(expression)?.matches(candidate))

// Expressions are checked before they are stored (supported.ts). One that an older version took and this one does not read
// is satisfied nowhere: its tasks wait, with the expression as the reason.
const queryOf = (expression: string): Query | undefined => {
  try {
    return compileQuery(expression)
  } catch (error) {
    if (error instanceof QueryError) return undefined
    throw error
  }
}

// An attribute is required by name; whoever has it, with whatever value, has the capability.
const missing = (request: PlacementRequest, candidate: Candidate): readonly string[] => {
  const lacking = request.requiresAttributes.filter(
    name => !candidate.attributes.some(attribute => attribute.name === name),
  )
  const { cpuArchitecture: asked } = request
  const has = ({ name, value }: Candidate['attributes'][number]) => name === ARCHITECTURE && value === asked
  if (asked === undefined || candidate.attributes.some(has)) return lacking
  return [...lacking, `${ARCHITECTURE} ${asked}`]
}

const ARCHITECTURE = 'ecs.cpu-architecture'

const taken = (reservation: PlacementRequest['reservation'], candidate: Candidate): readonly string[] => [
  ...reservation.ports.filter(port => candidate.portTaken('tcp', port)).map(port => `${port}/tcp`),
  ...reservation.portsUdp.filter(port => candidate.portTaken('udp', port)).map(port => `${port}/udp`),
]
