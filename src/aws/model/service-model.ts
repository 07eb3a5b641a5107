// A service's model, ready to use: its operations' input and output by name, from the SDK package's schemas, which are
// loaded when the service is first called. Before: find-operation.ts. After: decoding, encoding.
import { NormalizedSchema } from '@smithy/core/schema'
import type { AwsService } from '../operation.ts'
import { type Shape, type Shapes, shapesOf } from './shape.ts'

export type OperationModel = {
  readonly input: NormalizedSchema
  readonly inputShape: Shape
  readonly output: NormalizedSchema
  readonly outputShape: Shape
}

export type ServiceModel = {
  readonly operation: (name: string) => OperationModel
  /** The schema of an error, undefined for one that the service does not model. */
  readonly error: (code: string) => NormalizedSchema | undefined
}

type SchemaRef = Parameters<typeof NormalizedSchema.of>[0]

// @smithy/core's static schemas are tuples; their first element says which.
const OPERATION = 9
const ERROR = -3

export const serviceModel = async (service: AwsService): Promise<ServiceModel> => {
  const exports = await service.schemas()
  const shapes: Shapes = shapesOf(service.constraints, service.protocol)
  const operations = new Map<string, OperationModel>()
  return {
    operation: name => {
      const known = operations.get(name)
      if (known) return known
      const made = operationModel(exports[`${name}$`], name, shapes)
      operations.set(name, made)
      return made
    },
    error: code => {
      const schema = exports[`${code}$`]
      return isTuple(schema) && schema[0] === ERROR ? NormalizedSchema.of(schema as SchemaRef) : undefined
    },
  }
}

const isTuple = (value: unknown): value is readonly unknown[] => Array.isArray(value)

const operationModel = (schema: unknown, name: string, shapes: Shapes): OperationModel => {
  if (!isTuple(schema) || schema[0] !== OPERATION) throw new Error(`the SDK package has no operation schema ${name}$`)
  const input = NormalizedSchema.of(schema[4] as SchemaRef)
  const output = NormalizedSchema.of(schema[5] as SchemaRef)
  return { input, inputShape: shapes.of(input), output, outputShape: shapes.of(output) }
}
