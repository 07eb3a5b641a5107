// awsQuery: form fields in, XML out. The operation is the field Action.
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
import type { XmlShapeSerializer } from '@aws-sdk/core/protocols'
import { AwsError } from '../error.ts'
import type { HttpRequest } from '../http-request.ts'
import type { OperationModel, ServiceModel } from '../model/service-model.ts'
import type { Protocol } from './protocol.ts'
import { readQuery } from './read-query.ts'

export const CONTENT_TYPE = 'text/xml'
const RFC_3339 = 5

/** What the two Query protocols read alike. */
export const queryRequests = (): Omit<Protocol, 'encode' | 'encodeError'> => {
  const fieldsOf = fieldsOnce()
  return {
    dialect: 'query',
    operationName: (request, service) => {
      const fields = fieldsOf(request)
      const action = fields.get('Action')
      if (!action) {
        throw new AwsError('MissingAction', 'The request is missing an action or a required parameter.')
      }
      const version = fields.get('Version')
      if (version !== null && version !== service.target) {
        throw unknownOperation(`Could not find operation ${action} for version ${version}`)
      }
      return action
    },
    unknownOperation,
    notBuilt: message => new AwsError('UnsupportedOperation', message),
    decode: (request, model) => readQuery(model.inputShape, fieldsOf(request)),
  }
}

export const awsQuery = (): Protocol => ({
  ...queryRequests(),
  encode: async ({ service, operation, model, output, requestId }) => {
    const namespace = service.xmlNamespace ?? ''
    const result = await membersXml(namespace, model.output, output)
    const resultElement = result === undefined ? '' : `<${operation}Result>${result}</${operation}Result>`
    const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`
    const body = `<${operation}Response xmlns="${escaped(namespace)}">${resultElement}${metadata}</${operation}Response>`
    return { status: 200, contentType: CONTENT_TYPE, body }
  },
  encodeError: (error, { service, model, requestId }) => {
    const { code, status } = wireError(error, model)
    const type = status >= 500 ? 'Receiver' : 'Sender'
    const namespace = service?.xmlNamespace ? ` xmlns="${escaped(service.xmlNamespace)}"` : ''
    const told = `<Type>${type}</Type><Code>${escaped(code)}</Code><Message>${escaped(error.message)}</Message>`
    const body = `<ErrorResponse${namespace}><Error>${told}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`
    return { status, contentType: CONTENT_TYPE, body }
  },
})

const unknownOperation = (message: string): AwsError => new AwsError('InvalidAction', message)

/** The name and the decoding each want the fields of the same request; they are parsed once. */
const fieldsOnce = (): ((request: HttpRequest) => URLSearchParams) => {
  const parsed = new WeakMap<HttpRequest, URLSearchParams>()
  return request => {
    const known = parsed.get(request)
    if (known) return known
    const fields = new URLSearchParams(request.method === 'POST' ? request.body.toString() : request.query)
    parsed.set(request, fields)
    return fields
  }
}

/** Errors that any service may answer, where the Query protocols call them something else. */
const COMMON_CODES: Readonly<Record<string, { code: string; status: number }>> = {
  AccessDeniedException: { code: 'AccessDenied', status: 403 },
  RequestEntityTooLargeException: { code: 'RequestEntityTooLarge', status: 413 },
  ServiceUnavailableException: { code: 'ServiceUnavailable', status: 503 },
}

/** The model may give an error another code and status on the Query wire than its shape's name. */
export const wireError = (error: AwsError, model: ServiceModel | undefined): { code: string; status: number } => {
  const traits: Readonly<Record<string, unknown>> = model?.error(error.code)?.getMergedTraits() ?? {}
  const modelled = traits['awsQueryError']
  if (Array.isArray(modelled)) return { code: String(modelled[0]), status: Number(modelled[1]) }
  return COMMON_CODES[error.code] ?? { code: error.code, status: error.httpStatus }
}

/** The members of an answer as XML, without an element around them; undefined for an operation that answers nothing. */
export const membersXml = async (
  xmlNamespace: string,
  schema: OperationModel['output'],
  value: unknown,
): Promise<string | undefined> =>
  schema.isStructSchema() ? inner(await write(xmlNamespace, schema, value ?? {})) : undefined

// Loaded when the first Query answer is written: a server that is only asked for ECS does without.
const write = async (
  xmlNamespace: string,
  schema: Parameters<XmlShapeSerializer['write']>[0],
  value: unknown,
): Promise<string> => {
  const { XmlShapeSerializer } = await import('@aws-sdk/core/protocols')
  const writer = new XmlShapeSerializer({
    xmlNamespace,
    serviceNamespace: xmlNamespace,
    timestampFormat: { useTrait: true, default: RFC_3339 },
  })
  writer.write(schema, value)
  return String(writer.flush())
}

/** The serializer wraps the members in an element of the structure's name; the protocol wants another one. */
const inner = (xml: string): string => {
  const start = xml.indexOf('>') + 1
  const end = xml.lastIndexOf('</')
  return end < start ? '' : xml.slice(start, end)
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

export const escaped = (text: string): string =>
  text
    .replaceAll(/[&<>"']/g, char => ESCAPES[char] ?? char)
    // Not allowed in XML 1.0, whatever the escape.
    .replaceAll(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\u{FFFD}')
