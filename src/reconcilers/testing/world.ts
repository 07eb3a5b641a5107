// A service with its deployments and tasks in a world without store, network or containers: plans are applied to plain
// arrays, and agents are a rule for what each task does next. Faults come in as calls. For tests of the deployment plan.
import { type Rule, type RuleState, weightsOf } from '../../domain/load-balancing/load-balancer.ts'
import { type Deployment, type Service, serviceTargetsOf } from '../../domain/service.ts'
import { isOver, newServiceDeployment, revisionArnOf, type ServiceDeployment } from '../../domain/service-deployment.ts'
import { changeTask, isStopped, stopTask, type Task } from '../../domain/task.ts'
import { fleetOf, occupiedBy } from '../deployment/fleet.ts'
import { type Forwardings, NO_FORWARDINGS } from '../deployment/forwarding.ts'
import { type Plan, planDeployments, type Snapshot } from '../deployment/plan.ts'
import type { Serving } from '../deployment/serving.ts'
import { DEPLOYMENT_SETTINGS, type DeploymentSettings } from '../deployment/settings.ts'
import { boundsOf, sum } from '../deployment/targets.ts'
import { deploymentRow, serviceRow, T0, taskRow } from './rows.ts'
import { worldHosts } from './world-hosts.ts'

/** What tasks of a deployment do once they have a host. `fail`: never run; `crash`: run a moment; `sick`: fail their check. */
export type Behaviour = 'run' | 'fail' | 'crash' | 'sick'

const ruleStateOf = (rule: Rule, since: number): RuleState => ({
  ruleArn: rule.arn,
  weights: weightsOf(rule),
  since,
})

export type World = ReturnType<typeof makeWorld>

export const makeWorld = (service: Partial<Service>, settings: DeploymentSettings = DEPLOYMENT_SETTINGS) => {
  let now = T0
  let made = 0
  const events: { at: number; message: string }[] = []
  const startedAt: number[] = []
  const behaviours = new Map<string, Behaviour>()
  let row = serviceRow(service)
  let deployments: Deployment[] = [deploymentRow(row, { id: idOf(1) })]
  let tasks: Task[] = []
  let history: ServiceDeployment[] = []
  const hosts = worldHosts()
  let servings: (task: Task) => Serving | undefined = () => undefined
  let forwardings: Forwardings = NO_FORWARDINGS

  // What CreateService and UpdateService write beside a deployment.
  const begin = (deployment: Deployment, sources: readonly Deployment[]): void => {
    const id = deployment.id.slice(-21)
    const spec = { service: row, deployment, sources: sources.map(revisionArnOf), id, now }
    const superseded = (one: ServiceDeployment): ServiceDeployment => ({
      ...one,
      status: one.status.startsWith('ROLLBACK') ? 'ROLLBACK_FAILED' : 'STOP_REQUESTED',
    })
    history = [...history.map(one => (isOver(one) ? one : superseded(one))), newServiceDeployment(spec)]
  }
  for (const deployment of deployments) begin(deployment, [])

  const snapshot = (): Snapshot => ({
    service: row,
    deployments: deployments.filter(one => one.status !== 'INACTIVE'),
    open: history.filter(one => !isOver(one)),
    lastCompleted: deployments.find(one => revisionArnOf(one) === row.lastCompletedRevisionArn),
    live: tasks.filter(task => !isStopped(task)),
    ended: tasks.filter(task => isStopped(task) && !task.settled),
    hosts: hosts.seen(),
    forwardings,
    servings: new Map(
      tasks.flatMap(task => {
        const serving = isStopped(task) || task.lastStatus !== 'RUNNING' ? undefined : servings(task)
        return serving === undefined ? [] : [[task.arn, serving] as const]
      }),
    ),
  })

  const put = (task: Task): void => {
    tasks = tasks.map(one => (one.arn === task.arn ? task : one))
  }

  const newTasks = (plan: Plan): Task[] =>
    plan.start.flatMap(({ deployment, count }) =>
      Array.from({ length: count }, () => {
        startedAt.push(now)
        const checked = behaviours.get(deployment.id) === 'sick'
        return taskRow(row, deployment, (++made).toString(16), {
          createdAt: now,
          ...hosts.place(made),
          container: { hasHealthCheck: checked },
        })
      }),
    )

  const apply = (plan: Plan): void => {
    for (const { task, reason, stopCode = 'ServiceSchedulerInitiated' } of plan.stop) {
      const asked = stopTask(task, { stopCode, stoppedReason: reason }, now, servings(task) !== undefined)
      put({ ...asked, settled: true })
    }
    for (const task of plan.served) put({ ...task, servedAt: now })
    for (const task of plan.settle) put({ ...(tasks.find(one => one.arn === task.arn) ?? task), settled: true })
    deployments = deployments.map(one => plan.deployments.find(({ id }) => id === one.id) ?? one)
    history = history.map(one => plan.serviceDeployments.find(({ arn }) => arn === one.arn) ?? one)
    tasks = [...tasks, ...newTasks(plan)]
    row = plan.service ?? row
    forwardings = new Map(
      [...forwardings].map(([name, one]) => [
        name,
        { ...one, rule: plan.rules.find(({ arn }) => arn === one.rule.arn) ?? one.rule },
      ]),
    )
    for (const message of plan.events) events.push({ at: now, message })
  }

  // What an agent reports next for a task: one step up, or down.
  const step = (task: Task): Task => {
    if (hosts.isGone(task)) return task
    if (task.containerInstanceArn === undefined) return changeTask(task, hosts.place(++made))
    const behaviour = behaviours.get(task.deploymentId ?? '') ?? 'run'
    if (task.desiredStatus === 'STOPPED')
      return task.lastStatus === 'STOPPING'
        ? changeTask(task, { lastStatus: 'STOPPED', stoppedAt: now })
        : changeTask(task, { lastStatus: 'STOPPING' })
    if (task.lastStatus === 'PENDING')
      return behaviour === 'fail'
        ? end(task, 'TaskFailedToStart', 1)
        : changeTask(task, { lastStatus: 'RUNNING', startedAt: now })
    if (behaviour === 'crash') return end(task, 'EssentialContainerExited', 1)
    return behaviour === 'sick' ? changeTask(task, { healthStatus: 'UNHEALTHY' }) : task
  }

  const end = (task: Task, stopCode: 'TaskFailedToStart' | 'EssentialContainerExited', exitCode: number): Task =>
    changeTask(task, {
      desiredStatus: 'STOPPED',
      stopCode,
      stoppedReason: 'for a test',
      stoppingAt: now,
      containers: task.containers.map(one => ({ ...one, lastStatus: 'STOPPED' as const, exitCode })),
    })

  const plan = (): Plan => planDeployments(snapshot(), now, settings)

  return {
    now: () => now,
    service: () => row,
    /** Oldest first. */
    history: () => history,
    /** What StopServiceDeployment writes. */
    stopDeployment: (status: 'ROLLBACK_REQUESTED' | 'STOP_REQUESTED'): void => {
      history = history.map(one =>
        one.status === 'PENDING' || one.status === 'IN_PROGRESS' ? { ...one, status } : one,
      )
    },
    deployments: () => deployments.filter(one => one.status !== 'INACTIVE'),
    primary: () => deployments.find(one => one.status === 'PRIMARY'),
    live: () => snapshot().live,
    running: () =>
      tasks.filter(task => task.lastStatus === 'RUNNING' && task.desiredStatus === 'RUNNING' && !hosts.isGone(task)),
    events: () => events.map(({ message }) => message),
    startedAt: () => startedAt,
    snapshot,
    plan,
    apply,
    /** Plans and applies until there is nothing to do; each plan is shown to `check` first. */
    settle: (check: (plan: Plan) => void = () => {}): Plan => {
      for (let passes = 0; passes < 50; passes++) {
        const next = plan()
        check(next)
        if (isIdle(next)) return next
        apply(next)
      }
      throw new Error('a plan is never content with what it made')
    },
    advance: (ms: number): void => {
      now += ms
    },
    /** Every live task takes its next step. */
    step: (): void => {
      tasks = tasks.map(task => (isStopped(task) ? task : step(task)))
    },
    behave: (deploymentId: string, behaviour: Behaviour): void => {
      behaviours.set(deploymentId, behaviour)
    },
    /** What ContinueServiceDeployment writes to the hook that is waited for. */
    answer: (status: 'SUCCEEDED' | 'FAILED'): void => {
      history = history.map(one => {
        const hooks = one.shift?.hooks.map(hook => ({ ...hook, status }))
        return isOver(one) || !one.shift || !hooks ? one : { ...one, shift: { ...one.shift, hooks } }
      })
    },
    /** What load balancers say of RUNNING tasks from now on; undefined for one that is behind none. */
    serve: (of: (task: Task) => Serving | undefined): void => {
      servings = of
    },
    /** The rules that traffic is shifted by, by the names that the service has for them. */
    balance: (rules: Readonly<Record<string, Rule>>): void => {
      forwardings = new Map(Object.entries(rules).map(([name, rule]) => [name, { rule, state: undefined }]))
    },
    /** The data plane does what the rules say. */
    forward: (): void => {
      forwardings = new Map([...forwardings].map(([name, { rule }]) => [name, { rule, state: ruleStateOf(rule, now) }]))
    },
    weights: (name: string): Readonly<Record<string, number>> => {
      const rule = forwardings.get(name)?.rule
      return rule ? ruleStateOf(rule, now).weights : {}
    },
    hosts: () => hosts.names,
    drain: (name: string, draining = true): void => hosts.set(name, { draining }),
    /** Silent for too long; and back again. */
    vanish: (name: string): void => {
      hosts.set(name, { gone: true })
      tasks = tasks.map(task =>
        hosts.isGone(task) && !isStopped(task) ? changeTask(task, { connectivity: 'DISCONNECTED' }) : task,
      )
    },
    back: (name: string): void => {
      hosts.set(name, { gone: false })
      tasks = tasks.map(task => {
        const { connectivity: _, ...known } = task
        return hosts.isGone(task) ? task : known
      })
    },
    isDraining: (task: Task): boolean => hosts.isDraining(task),
    protect: (task: Task, ms: number): void => put({ ...task, protectedUntil: now + ms }),
    kill: (task: Task): void => put(end(task, 'EssentialContainerExited', 137)),
    crash: (task: Task): void => put(end(task, 'EssentialContainerExited', 1)),
    update: (change: Partial<Service>): void => {
      row = { ...row, ...change }
    },
    deploy: (): string => {
      const id = idOf(deployments.length + 1)
      const before = deployments.find(one => revisionArnOf(one) === row.lastCompletedRevisionArn)?.loadBalancers
      const loadBalancers = row.loadBalancers && { loadBalancers: serviceTargetsOf(row, before) }
      const made = deploymentRow(row, { id, createdAt: now + deployments.length, ...loadBalancers })
      begin(
        made,
        deployments.filter(one => one.status !== 'INACTIVE'),
      )
      deployments = [
        ...deployments.map(one => (one.status === 'PRIMARY' ? { ...one, status: 'ACTIVE' as const } : one)),
        made,
      ]
      return id
    },
    counts: () => {
      // Without those that are over: a task of theirs on an instance that was gone is stopped when it is back.
      const current = deployments.filter(one => one.status !== 'INACTIVE')
      const fleets = current.map(one =>
        fleetOf(
          row,
          one,
          snapshot().live.filter(task => task.deploymentId === one.id),
          now,
          settings.healthyAfterMs,
          { servings: snapshot().servings },
        ),
      )
      return {
        healthy: new Set(fleets.flatMap(fleet => fleet.healthy)),
        occupied: sum(fleets, occupiedBy),
        bounds: boundsOf(row),
      }
    },
  }
}

const idOf = (number: number): string => `ecs-svc/${number.toString().padStart(19, '0')}`

export const isIdle = (plan: Plan): boolean =>
  plan.service === undefined &&
  [
    ...[plan.start, plan.stop, plan.settle, plan.served, plan.rules],
    ...[plan.deployments, plan.serviceDeployments, plan.events],
  ].every(list => list.length === 0)
