// Requests of every kind to every operation that is built, of every AWS service: none crashes the server or keeps it, what is
// refused is refused by an error that AWS documents and has changed nothing, and the loops can work on what was accepted.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { everySequence } from './budget.ts'
import { type Built, builtOperations, makePlane, rowsOf } from './plane.ts'
import { inputsOf } from './shapes.ts'

/** Asked of one server in a row, so that what one request makes the next ones find. */
const IN_A_ROW = 25

/** Of no operation in particular: what does not fit the model. */
const OF_ANY = ['SerializationException', 'ValidationException', 'ValidationError', 'MalformedInput']

const isDocumented = ({ service, operation }: Built, code: string): boolean => {
  // Of the others, EC2's model documents none, and what is not built is said in whatever word a service has for that.
  if (service.name !== 'ecs') return true
  return OF_ANY.includes(code) || service.constraints.operations[operation]?.errors.includes(code) === true
}

/** Names only, so that what a failing run prints can be read. */
type Request = { readonly service: string; readonly operation: string; readonly input: unknown }

const plane = await makePlane()
const built = await builtOperations(plane)
const byName = new Map(built.map(one => [`${one.service.name}:${one.operation}`, one]))
const inputs = inputsOf(plane.hints)
const requestsTo = ({ service, operation, model }: Built): fc.Arbitrary<Request> =>
  inputs(model.operation(operation).inputShape).map(input => ({ service: service.name, operation, input }))
await plane.store.close()

const holds = async (requests: readonly Request[]): Promise<void> => {
  const { store, ask, services, liveOn } = await makePlane()
  for (const { service: of, operation, input } of requests) {
    const asked = byName.get(`${of}:${operation}`) ?? assert.fail()
    // The same service, over this store.
    const service = services.find(({ name }) => name === of) ?? assert.fail()
    const before = rowsOf(store)
    const error = await ask({ ...asked, service }, input)
    if (!error) continue
    assert(isDocumented(asked, error.code), `${operation} answers ${error.code}: ${error.message}`)
    const after = rowsOf(store)
    const same = after.length === before.length && after.every((row, at) => row === before[at])
    assert(same, `${operation} refused with ${error.code}: ${error.message}, and changed something`)
  }
  await liveOn()
  await store.close()
}

const families = [
  ['agents', 0.1, built.filter(({ operation }) => /^(Submit|Register|Discover)/.test(operation))],
  ['services, tasks and task sets', 0.2, built.filter(({ operation }) => /Service|Task/.test(operation))],
  ['every operation', 0.3, built],
] as const

for (const [what, share, operations] of families)
  test(`requests: ${what}`, () =>
    everySequence(
      share,
      IN_A_ROW,
      fc.constantFrom(...operations.map(requestsTo)).chain(one => one),
      holds,
    ))
