import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { explainRefusals, unableToPlaceEvent, waitsForRoom } from './explain.ts'
import { dependsOnTasks } from './filters.ts'
import { type Candidate, type PlacementRequest, place, type Refusal } from './place.ts'
import { placementRequestOf } from './request.ts'
import { constraintProblem, definitionConstraintProblem, strategyProblem } from './supported.ts'

const candidate = (name: string, more: Partial<Candidate> & { readonly ports?: readonly string[] } = {}): Candidate => {
  const { ports = [], ...rest } = more
  return {
    arn: `arn:aws:ecs:us-east-1:000000000000:container-instance/default/${name}`,
    availabilityZone: 'us-east-1a',
    status: 'ACTIVE',
    agentConnected: true,
    attributes: [],
    agentVersion: '1.0.0',
    ec2InstanceId: 'i-1',
    registeredAt: 0,
    runningTasksCount: 0,
    hasTaskGroup: () => false,
    taskGroups: () => [],
    remainingCpu: 1024,
    remainingMemory: 1024,
    remainingGpus: 0,
    portTaken: (protocol, port) => ports.includes(`${protocol}:${port}`),
    groupTasksHere: 0,
    groupTasksInZone: 0,
    tasksHere: 0,
    ...rest,
  }
}

const request = (more: Partial<PlacementRequest> = {}): PlacementRequest => ({
  reservation: { cpu: 100, memory: 64, ports: [], portsUdp: [] },
  requiresAttributes: [],
  constraints: [],
  strategy: [],
  ...more,
})

const nameOf = (placement: ReturnType<typeof place>): string | undefined =>
  'arn' in placement ? placement.arn.split('/').at(-1) : undefined

const refusalsOf = (placement: ReturnType<typeof place>): readonly Refusal[] =>
  'refusals' in placement ? placement.refusals : []

const has = (name: string) => ({ type: 'memberOf' as const, expression: `attribute:${name} exists` })

const architecture = (value: string) => ({ name: 'ecs.cpu-architecture', value })

describe('filters', () => {
  const reservation = { cpu: 100, memory: 64, ports: [80], portsUdp: [53] }
  const cases: readonly [string, Partial<PlacementRequest>, Parameters<typeof candidate>[1], string | undefined][] = [
    ['fits', {}, {}, undefined],
    ['fits exactly', {}, { remainingCpu: 100, remainingMemory: 64 }, undefined],
    ['draining', {}, { status: 'DRAINING' }, 'INACTIVE'],
    ['agent away', {}, { agentConnected: false }, 'AGENT'],
    ['attribute missing', { requiresAttributes: ['a'] }, { attributes: [{ name: 'b' }] }, 'ATTRIBUTE'],
    ['another architecture', { cpuArchitecture: 'arm64' }, { attributes: [architecture('x86_64')] }, 'ATTRIBUTE'],
    ['its architecture', { cpuArchitecture: 'arm64' }, { attributes: [architecture('arm64')] }, undefined],
    ['attribute there', { requiresAttributes: ['a'] }, { attributes: [{ name: 'a', value: 'x' }] }, undefined],
    ['cpu short', {}, { remainingCpu: 99 }, 'RESOURCE:CPU'],
    ['memory short', {}, { remainingMemory: 63 }, 'RESOURCE:MEMORY'],
    ['GPUs short', { reservation: { ...request().reservation, gpus: 2 } }, { remainingGpus: 1 }, 'RESOURCE:GPU'],
    ['GPUs enough', { reservation: { ...request().reservation, gpus: 2 } }, { remainingGpus: 2 }, undefined],
    ['tcp port taken', { reservation }, { ports: ['tcp:80'] }, 'RESOURCE:PORTS'],
    ['udp port taken', { reservation }, { ports: ['udp:53'] }, 'RESOURCE:PORTS'],
    ['the other protocol', { reservation }, { ports: ['udp:80', 'tcp:53'] }, undefined],
    [
      'distinctInstance, taken',
      { constraints: [{ type: 'distinctInstance' }] },
      { groupTasksHere: 1 },
      'DistinctInstance placement constraint unsatisfied.',
    ],
    ['distinctInstance, free', { constraints: [{ type: 'distinctInstance' }] }, { tasksHere: 3 }, undefined],
    [
      'memberOf, a member',
      { constraints: [has('a'), has('b')] },
      { attributes: [{ name: 'a' }, { name: 'b' }] },
      undefined,
    ],
    [
      'memberOf, of one only',
      { constraints: [has('a'), has('b')] },
      { attributes: [{ name: 'a' }] },
      'MemberOf placement constraint unsatisfied.',
    ],
    [
      'memberOf of what cannot be read',
      { constraints: [{ type: 'memberOf', expression: '?' }] },
      {},
      'MemberOf placement constraint unsatisfied.',
    ],
  ]
  for (const [name, asked, offered, reason] of cases)
    test(name, () => {
      const placement = place(request(asked), [candidate('a', offered)])
      assert.deepEqual(
        refusalsOf(placement).map(refusal => refusal.reason),
        reason === undefined ? [] : [reason],
      )
      assert.equal(nameOf(placement), reason === undefined ? 'a' : undefined)
    })

  test('a refusal says what is short in figures', () => {
    const [refusal] = refusalsOf(place(request(), [candidate('a', { remainingCpu: 40 })]))
    assert.equal(refusal?.detail, '100 CPU units are needed, 40 are left')
  })

  test('without candidates there is nothing to refuse', () => {
    assert.deepEqual(place(request(), []), { refusals: [] })
  })
})

describe('strategies', () => {
  test('none: the zone with the fewest of the group, then the instance, then the emptiest', () => {
    const spread = [
      candidate('a1', { groupTasksInZone: 2, groupTasksHere: 0 }),
      candidate('b1', { groupTasksInZone: 1, groupTasksHere: 1, tasksHere: 1 }),
      candidate('b2', { groupTasksInZone: 1, groupTasksHere: 0, tasksHere: 9 }),
      candidate('b3', { groupTasksInZone: 1, groupTasksHere: 0, tasksHere: 4 }),
    ]
    assert.equal(nameOf(place(request(), spread)), 'b3')
  })

  test('spread: the own deployment first, then all of the service', () => {
    const rack = (value: string) => [{ name: 'rack', value }]
    const rollout = [
      candidate('a', {
        groupTasksInZone: 1,
        groupTasksHere: 1,
        revisionTasksInZone: 1,
        revisionTasksHere: 1,
        attributes: rack('1'),
      }),
      candidate('b', { groupTasksInZone: 3, groupTasksHere: 3, attributes: rack('2') }),
      candidate('c', { groupTasksInZone: 2, groupTasksHere: 2, attributes: rack('3') }),
    ]
    for (const field of ['', 'instanceId', 'attribute:ecs.availability-zone', 'attribute:rack']) {
      const strategy = field === '' ? [] : [{ type: 'spread', field } as const]
      assert.equal(nameOf(place(request({ strategy }), rollout)), 'c', field)
    }
  })

  test('binpack: the least left of cpu or memory', () => {
    const pack = [
      candidate('a', { remainingCpu: 300, remainingMemory: 900 }),
      candidate('b', { remainingCpu: 500, remainingMemory: 200 }),
    ]
    assert.equal(nameOf(place(request({ strategy: [{ type: 'binpack', field: 'cpu' }] }), pack)), 'a')
    assert.equal(nameOf(place(request({ strategy: [{ type: 'binpack', field: 'MEMORY' }] }), pack)), 'b')
  })

  test('spread over an attribute counts tasks on instances that are full, too', () => {
    const racks = [
      candidate('full', { attributes: [{ name: 'rack', value: '1' }], groupTasksHere: 5, remainingCpu: 0 }),
      candidate('one', { attributes: [{ name: 'rack', value: '1' }], tasksHere: 0 }),
      candidate('two', { attributes: [{ name: 'rack', value: '2' }], groupTasksHere: 1, tasksHere: 7 }),
    ]
    assert.equal(nameOf(place(request({ strategy: [{ type: 'spread', field: 'attribute:rack' }] }), racks)), 'two')
  })

  test('in order: the second decides among those that are equal by the first', () => {
    const strategy = [
      { type: 'spread', field: 'attribute:ecs.availability-zone' },
      { type: 'binpack', field: 'cpu' },
    ] as const
    const zones = [
      candidate('a', { groupTasksInZone: 1, remainingCpu: 100 }),
      candidate('b1', { groupTasksInZone: 0, remainingCpu: 800 }),
      candidate('b2', { groupTasksInZone: 0, remainingCpu: 300 }),
    ]
    assert.equal(nameOf(place(request({ strategy }), zones)), 'b2')
  })

  test('random: by the draw, and without one by the candidates themselves', () => {
    const three = ['a', 'b', 'c'].map(name => candidate(name))
    const strategy = [{ type: 'random' }] as const
    const drawn = [0, 0.34, 0.99].map(fraction => nameOf(place(request({ strategy, fraction }), three)))
    assert.deepEqual(drawn, ['a', 'b', 'c'])
    assert.ok(nameOf(place(request({ strategy }), three)))
  })

  test('whatever is picked passed every filter, and something is picked when one passes', () => {
    const offered = fc.record({
      remainingCpu: fc.integer({ min: 0, max: 300 }),
      remainingMemory: fc.integer({ min: 0, max: 200 }),
      agentConnected: fc.boolean(),
      groupTasksHere: fc.integer({ min: 0, max: 3 }),
      groupTasksInZone: fc.integer({ min: 0, max: 5 }),
      tasksHere: fc.integer({ min: 0, max: 5 }),
    })
    const strategy = fc.array(
      fc.constantFrom(
        { type: 'random' as const },
        { type: 'spread' as const, field: 'instanceId' },
        { type: 'spread' as const, field: 'attribute:rack' },
        { type: 'binpack' as const, field: 'cpu' },
      ),
      { maxLength: 3 },
    )
    fc.assert(
      fc.property(fc.array(offered, { maxLength: 8 }), strategy, (offers, asked) => {
        const candidates = offers.map((offer, at) => candidate(`i${at}`, offer))
        const fits = candidates.filter(
          one => one.agentConnected && one.remainingCpu >= 100 && one.remainingMemory >= 64,
        )
        const placement = place(request({ strategy: asked }), candidates)
        if ('arn' in placement) assert.ok(fits.some(({ arn }) => arn === placement.arn))
        else assert.deepEqual([fits.length, placement.refusals.length], [0, candidates.length])
      }),
    )
  })
})

describe('explanations', () => {
  const closestOf = (reason: string): string =>
    unableToPlaceEvent('web', { launchType: 'EC2' }, [
      { arn: 'x/far', reason: 'AGENT', detail: '', passed: 1 },
      { arn: 'x/near', reason, detail: '', passed: 3 },
    ])
  const start = '(service web) was unable to place a task because no container instance met all of its requirements.'
  const end = 'For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.'

  test('events are word for word', () => {
    const words: readonly [string, string][] = [
      ['RESOURCE:CPU', 'has insufficient CPU units available'],
      ['RESOURCE:MEMORY', 'has insufficient memory available'],
      ['RESOURCE:PORTS', 'is already using a port required by your task'],
      ['ATTRIBUTE', 'is missing an attribute required by your task'],
      ['AGENT', 'encountered error "AGENT"'],
    ]
    for (const [reason, said] of words)
      assert.equal(closestOf(reason), `${start} The closest matching (container-instance near) ${said}. ${end}`)
    assert.equal(
      unableToPlaceEvent('web', { launchType: 'EC2' }, []),
      `${start} Reason: No Container Instances were found in your cluster. ${end}`,
    )
    assert.equal(
      unableToPlaceEvent('web', { launchType: 'EC2', capacityProviderName: 'gpu' }, []),
      `${start} Reason: No Container Instances were found in your capacity provider. ${end}`,
    )
    assert.equal(
      unableToPlaceEvent('web', { launchType: 'FARGATE' }, []),
      '(service web) was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone.',
    )
  })

  test('what a task that goes may make room for', () => {
    const waits = [
      { remainingCpu: 0 },
      { remainingMemory: 0 },
      { portTaken: () => true },
      { groupTasksHere: 1 },
      { agentConnected: false },
      { status: 'DRAINING' } as const,
    ].map(more => {
      const asked = request({
        reservation: { cpu: 1, memory: 1, ports: [80], portsUdp: [] },
        constraints: [{ type: 'distinctInstance' }],
      })
      return waitsForRoom(explainRefusals(refusalsOf(place(asked, [candidate('a', more)]))))
    })
    assert.deepEqual(waits, [true, true, true, true, false, false])
    assert.equal(waitsForRoom(explainRefusals([])), false)
  })

  test('the row gets counts by reason and the closest with figures', () => {
    const refusals = refusalsOf(
      place(request(), [candidate('a', { agentConnected: false }), candidate('b', { remainingCpu: 9 })]),
    )
    assert.equal(
      explainRefusals(refusals),
      'None of 2 container instances will do (1 x AGENT, 1 x RESOURCE:CPU). b: RESOURCE:CPU, 100 CPU units are needed, 9 are left; a: AGENT, its agent is not connected.',
    )
  })
})

describe('constraints', () => {
  const long = 'Invalid expression at character 2001: an expression can have at most 2000 characters.'
  const memberOf = (expression?: string) => [
    { type: 'memberOf' as const, ...(expression === undefined ? {} : { expression }) },
  ]
  const table: readonly (readonly [string, Parameters<typeof constraintProblem>[0], string | undefined])[] = [
    ['distinctInstance', [{ type: 'distinctInstance' }], undefined],
    [
      'distinctInstance with an expression',
      [{ type: 'distinctInstance', expression: '' }],
      'distinctInstance expression should not be specified.',
    ],
    ['memberOf', memberOf('attribute:x == y'), undefined],
    ['memberOf without an expression', memberOf(), 'memberOf expression should be specified.'],
    ['memberOf with an empty one', memberOf(''), 'memberOf expression should be specified.'],
    [
      'memberOf with another thing',
      memberOf('x exists'),
      "Invalid expression at character 1: 'x' is no subject; subjects are agentConnected, agentVersion, ec2InstanceId, registeredAt, runningTasksCount, task:group and attribute:<name>.",
    ],
    ['memberOf with a long one', memberOf(`attribute:${'x'.repeat(2000)}`), long],
    ['no type', [{}], "constraint.type '' is not supported."],
    ['ten', Array.from({ length: 10 }, () => ({ type: 'distinctInstance' as const })), undefined],
    [
      'eleven',
      Array.from({ length: 11 }, () => ({ type: 'distinctInstance' as const })),
      'Maximum number of constraints is 10.',
    ],
  ]
  for (const [name, constraints, problem] of table)
    test(name, () => assert.equal(constraintProblem(constraints), problem))

  test("a task definition's count, and are of type memberOf only", () => {
    assert.equal(constraintProblem([{ type: 'distinctInstance' }], 10), 'Maximum number of constraints is 10.')
    assert.equal(definitionConstraintProblem(memberOf('attribute:x exists')), undefined)
    assert.match(definitionConstraintProblem(memberOf('x')) ?? '', /^Invalid expression/)
    const other = definitionConstraintProblem([{ type: 'distinctInstance' }])
    assert.equal(other, "constraint.type 'distinctInstance' is not supported.")
  })
})

describe('strategies', () => {
  const table: readonly (readonly [Parameters<typeof strategyProblem>[0], string | undefined])[] = [
    [[{ type: 'random' }, { type: 'spread', field: 'host' }, { type: 'spread', field: 'instanceId' }], undefined],
    [
      [
        { type: 'spread', field: 'attribute:ecs.availability-zone' },
        { type: 'binpack', field: 'MEMORY' },
      ],
      undefined,
    ],
    [[{ type: 'random', field: '' }], 'random field should not be specified.'],
    [[{ type: 'binpack', field: 'disk' }], "binpack field 'disk' is invalid."],
    [[{ type: 'binpack' }], "binpack field '' is invalid."],
    [[{ type: 'spread', field: 'zone' }], "spread field 'zone' is invalid."],
    [[{}], "strategy.type '' is not supported."],
    [Array.from({ length: 6 }, () => ({ type: 'random' as const })), 'Maximum number of strategies is 5.'],
  ]
  for (const [strategies, problem] of table)
    test(JSON.stringify(strategies), () => assert.equal(strategyProblem(strategies), problem))
})

test('a request has the constraints of the task and of its definition, on FARGATE neither', () => {
  const one = { type: 'memberOf', expression: 'attribute:a exists' } as const
  const own = { type: 'distinctInstance' } as const
  const constraintsFor = (launchType: 'EC2' | 'FARGATE', constraints: readonly (typeof own)[]) =>
    placementRequestOf(
      { reservation: request().reservation, launchType, placementConstraints: constraints, placementStrategy: [] },
      { requiresAttributes: [], placementConstraints: [one] },
      0,
    ).constraints
  assert.deepEqual(constraintsFor('EC2', [own]), [one, own])
  assert.deepEqual(constraintsFor('EC2', []), [one])
  assert.deepEqual(constraintsFor('FARGATE', []), [])
})

test('a request may depend on the tasks of an instance', () => {
  const depends = (expression: string) => dependsOnTasks({ constraints: [{ type: 'memberOf', expression }] })
  assert.equal(depends('task:group == a'), true)
  assert.equal(depends('attribute:a exists'), false)
  assert.equal(depends('not readable'), false)
  assert.equal(dependsOnTasks({ constraints: [{ type: 'distinctInstance' }] }), false)
})
