// What an EC2 instance identity document says of a host. Informational only: who an agent is follows from the credentials
// that signed its request, never from the document. Agents outside EC2 send an empty one.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-identity-documents.html
export type InstanceIdentity = { readonly instanceId?: string; readonly availabilityZone?: string }

export const readIdentity = (document: string | undefined): InstanceIdentity => {
  if (!document) return {}
  try {
    const said: unknown = JSON.parse(document)
    if (typeof said !== 'object' || said === null) return {}
    const { instanceId, availabilityZone } = said as Readonly<Record<string, unknown>>
    return {
      ...(typeof instanceId === 'string' && instanceId ? { instanceId } : {}),
      ...(typeof availabilityZone === 'string' && availabilityZone ? { availabilityZone } : {}),
    }
  } catch {
    return {}
  }
}
