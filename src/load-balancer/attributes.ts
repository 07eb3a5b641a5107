// The attributes of load balancers and target groups with their defaults, as numbers and truths.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html, API_TargetGroupAttribute.html
type Attributes = { readonly attributes: Readonly<Record<string, string>> }

export const isOn = ({ attributes }: Attributes, key: string, otherwise = false): boolean =>
  (attributes[key] ?? String(otherwise)) === 'true'

export const numberOf = ({ attributes }: Attributes, key: string, otherwise: number): number => {
  const text = attributes[key]
  return text === undefined || text === '' ? otherwise : Number(text)
}

export const textOf = ({ attributes }: Attributes, key: string, otherwise = ''): string => attributes[key] ?? otherwise

/** Seconds. */
export const idleTimeoutOf = (loadBalancer: Attributes): number =>
  numberOf(loadBalancer, 'idle_timeout.timeout_seconds', 60)

export const tcpIdleTimeoutOf = (listener: Attributes): number => numberOf(listener, 'tcp.idle_timeout.seconds', 350)
