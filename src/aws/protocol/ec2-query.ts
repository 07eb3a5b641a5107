// ec2Query: like awsQuery, with names of its own in requests (model/shape.ts), answers without a result element, and errors
// in a list. https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html
import { CONTENT_TYPE, escaped, membersXml, queryRequests, wireError } from './aws-query.ts'
import type { Protocol } from './protocol.ts'

export const ec2Query = (): Protocol => ({
  ...queryRequests(),
  dialect: 'ec2',
  encode: async ({ service, operation, model, output, requestId }) => {
    const namespace = service.xmlNamespace ?? ''
    const members = (await membersXml(namespace, model.output, output)) ?? ''
    const body = `<${operation}Response xmlns="${escaped(namespace)}"><requestId>${requestId}</requestId>${members}</${operation}Response>`
    return { status: 200, contentType: CONTENT_TYPE, body }
  },
  encodeError: (error, { model, requestId }) => {
    const { code, status } = wireError(error, model)
    const told = `<Error><Code>${escaped(code)}</Code><Message>${escaped(error.message)}</Message></Error>`
    const body = `<Response><Errors>${told}</Errors><RequestID>${requestId}</RequestID></Response>`
    return { status, contentType: CONTENT_TYPE, body }
  },
})
