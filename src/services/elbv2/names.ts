// Names of load balancers and target groups: 32 letters, digits and hyphens, the hyphens within.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
import { invalid } from './context.ts'

const LONGEST = 32

/** `what` as AWS begins its texts: `The load balancer name`, `Target group name`. */
export const checkName = (what: string, name: string | undefined): string => {
  if (!name) throw invalid(`${what} '' cannot be empty`)
  if (name.length > LONGEST) throw invalid(`${what} '${name}' cannot be longer than '${LONGEST}' characters`)
  if (!/^[A-Za-z0-9-]+$/.test(name))
    throw invalid(`${what} '${name}' can only contain characters that are alphanumeric characters and hyphens(-)`)
  if (/^-|-$/.test(name)) throw invalid(`${what} '${name}' cannot begin or end with a hyphen(-)`)
  return name
}
