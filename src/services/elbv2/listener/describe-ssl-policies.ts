// DescribeSSLPolicies: what each policy is made of.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeSSLPolicies.html
import type { DescribeSSLPoliciesInput, DescribeSSLPoliciesOutput } from '@aws-sdk/client-elastic-load-balancing-v2'
import { SSL_POLICIES, sslPolicyNamed } from '../../../domain/load-balancing/ssl-policy.ts'
import { type Elbv2Operation, refusal } from '../context.ts'
import { behind, page } from '../page.ts'

const TYPES = ['application', 'network']

export const describeSSLPolicies: Elbv2Operation<DescribeSSLPoliciesInput, DescribeSSLPoliciesOutput> =
  () => (_request, input) => {
    const { Names = [], LoadBalancerType } = input
    for (const name of Names)
      if (!sslPolicyNamed(name)) throw refusal('SSLPolicyNotFound', `SSL policy '${name}' not found`)
    const named = SSL_POLICIES.filter(({ name }) => Names.length === 0 || Names.includes(name))
    const wanted = LoadBalancerType === 'gateway' ? [] : named
    const keyOf = ({ name }: (typeof SSL_POLICIES)[number]): string => name
    const { rows, marker } = page(input, {
      query: `DescribeSSLPolicies ${Names} ${LoadBalancerType}`,
      rowsFrom: after => behind(wanted, keyOf, after),
      keyOf,
    })
    return {
      SslPolicies: rows.map(({ name, protocols, ciphers }) => ({
        Name: name,
        SslProtocols: [...protocols],
        Ciphers: ciphers.map((Name, index) => ({ Name, Priority: index + 1 })),
        SupportedLoadBalancerTypes: TYPES,
      })),
      ...marker,
    }
  }
