// What one row of the conformance tables is: an operation with a request, and what is answered. The rows stand beside this,
// a file a noun; ../every-operation.test.ts sends them, and sees that none is missing.
import * as ecs from '@aws-sdk/client-ecs'
import type { World } from './world.ts'

type Ecs = typeof ecs
export type OperationName = { [Key in keyof Ecs]: Key extends `${infer Name}Command` ? Name : never }[keyof Ecs]
type CommandOf<Name extends OperationName> = Extract<Ecs[`${Name}Command`], new (...given: never[]) => unknown>
type InputOf<Name extends OperationName> = NonNullable<ConstructorParameters<CommandOf<Name>>[0]>

type From<Value> = Value | ((world: World) => Value | Promise<Value>)

export type Refusal = {
  readonly operation: OperationName
  readonly request: From<object>
  /** A documented error's name, and the whole of its message. */
  readonly error: string
  readonly message: From<string>
}

export type Success = {
  readonly operation: OperationName
  readonly request: From<object>
  /** Members that the answer has, among others. */
  readonly answer: From<object>
}

export type Case = Refusal | Success

/** A caller may leave out what AWS requires: the answer to that is one of the errors. */
type Request<Name extends OperationName> = From<{ [Member in keyof InputOf<Name>]?: InputOf<Name>[Member] }>

export const refuses = <Name extends OperationName>(
  operation: Name,
  error: string,
  message: From<string>,
  request: Request<Name>,
): Refusal => ({ operation, error, message, request })

export const answers = <Name extends OperationName>(
  operation: Name,
  request: Request<Name>,
  answer: From<object>,
): Success => ({ operation, request, answer })

export const given = async <Value>(from: From<Value>, world: World): Promise<Value> =>
  typeof from === 'function' ? (from as (world: World) => Value | Promise<Value>)(world) : from

/** Sends it as any caller of the SDK would. */
export const send = async (client: ecs.ECSClient, operation: OperationName, request: object): Promise<object> => {
  // biome-ignore lint/performance/noDynamicNamespaceImportAccess: a test is not bundled
  const Command = ecs[`${operation}Command`] as unknown as new (input: object) => ecs.ListClustersCommand
  return client.send(new Command(request))
}

export const NO_CLUSTER = 'Cluster not found.'
export const NO_SERVICE = 'Service not found.'

/** What a missing member that is required is told. */
export const missing = (member: string): string =>
  `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`
