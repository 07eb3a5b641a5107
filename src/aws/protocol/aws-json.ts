// awsJson 1.0 and 1.1: a JSON body both ways, the operation in X-Amz-Target.
// https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
//
// Errors, whose schemas are seldom asked for, are written by the SDK's codec.
import { isUtf8 } from 'node:buffer'
import { JsonCodec } from '@smithy/core/protocols'
import type { NormalizedSchema } from '@smithy/core/schema'
import { AwsError } from '../error.ts'
import type { Protocol } from './protocol.ts'
import { readJson, serializationError } from './read-json.ts'
import { writeJson } from './write-json.ts'

const EPOCH_SECONDS = 7

const codec = new JsonCodec({ timestampFormat: { useTrait: true, default: EPOCH_SECONDS }, jsonName: false })
const writer = codec.createSerializer()

export const awsJson = (version: '1.0' | '1.1'): Protocol => {
  const contentType = `application/x-amz-json-${version}`
  return {
    dialect: 'json',
    operationName: (request, service) => {
      const target = request.headers.get('x-amz-target') ?? ''
      const [prefix, name = ''] = target.split('.', 2)
      if (prefix !== service.target || request.method !== 'POST') {
        throw unknownOperation(`The request names no operation of ${service.name}: X-Amz-Target is '${target}'.`)
      }
      return name
    },
    unknownOperation,
    notBuilt: message => new AwsError('UnsupportedFeatureException', message),
    decode: (request, model) => readJson(model.inputShape, parse(request.body) ?? {}),
    encode: ({ model, output }) => ({ status: 200, contentType, body: writeJson(model.outputShape, output ?? {}) }),
    encodeError: (error, { model }) => {
      const members = { ...error.members, message: error.message }
      const schema = model?.error(error.code)
      const shaped = schema ? JSON.parse(write(schema, members)) : members
      const body = JSON.stringify({ __type: error.code, ...shaped, message: error.message })
      return { status: error.httpStatus, contentType, body }
    },
  }
}

const unknownOperation = (message: string): AwsError =>
  new AwsError('UnknownOperationException', message, { httpStatus: 404 })

const parse = (body: Buffer): unknown => {
  if (body.length === 0) return undefined
  if (!isUtf8(body)) throw serializationError('The request body is not UTF-8.')
  try {
    return JSON.parse(body.toString())
  } catch {
    throw serializationError('The request body is not JSON.')
  }
}

const write = (schema: NormalizedSchema, value: unknown): string => {
  writer.write(schema, value)
  return String(writer.flush())
}
