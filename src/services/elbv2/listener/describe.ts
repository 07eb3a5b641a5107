// A listener as callers see it; its default actions are its default rule's.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Listener.html
import type { Listener as ListenerAnswer } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Listener } from '../../../domain/load-balancing/load-balancer.ts'
import type { Reader } from '../../../store/store.ts'
import { defaultRuleOf } from '../find.ts'
import { isSecure } from './check-listener.ts'

export const describeListener = (reader: Reader, row: Listener): ListenerAnswer => {
  const [CertificateArn] = row.certificateArns
  return {
    ListenerArn: row.arn,
    LoadBalancerArn: row.loadBalancerArn,
    Port: row.port,
    Protocol: row.protocol,
    ...(isSecure(row.protocol) ? { Certificates: [{ CertificateArn }], SslPolicy: row.sslPolicy } : {}),
    DefaultActions: [...(defaultRuleOf(reader, row)?.actions ?? [])],
    ...(row.alpnPolicy ? { AlpnPolicy: [...row.alpnPolicy] } : {}),
    ...(row.protocol === 'HTTPS' ? { MutualAuthentication: { Mode: 'off' } } : {}),
  }
}
