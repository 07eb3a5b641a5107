// The load balancer that the quickstart's sample stands behind: made, found again, asked, and taken away.
// Before and after: quickstart.ts.
import { request } from 'node:http'
import { createServer } from 'node:net'
import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2'
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DeleteLoadBalancerCommand,
  DeleteTargetGroupCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  type ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'

/** The first of these that is free. */
const FIRST_PORT = 8080
const LAST_PORT = 8179

export type Balanced = { readonly targetGroupArn: string; readonly url: string }

/** An application load balancer, a target group and a listener of this name. Each that is there already stays as it is. */
export const balance = async (elb: ElasticLoadBalancingV2Client, name: string): Promise<Balanced> => {
  const subnets = await subnetsOf(elb)
  const { LoadBalancers = [] } = await elb.send(
    new CreateLoadBalancerCommand({ Name: name, Subnets: [...subnets.ids] }),
  )
  const { LoadBalancerArn, DNSName } = LoadBalancers[0] ?? {}
  const { TargetGroups = [] } = await elb.send(
    new CreateTargetGroupCommand({
      Name: name,
      Protocol: 'HTTP',
      Port: 80,
      VpcId: subnets.vpcId,
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
    }),
  )
  const { TargetGroupArn: targetGroupArn = '' } = TargetGroups[0] ?? {}
  // A sample's requests are short: nobody is to wait AWS's five minutes for `./quickstart down`.
  const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: '5' }]
  await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: targetGroupArn, Attributes }))
  const { Listeners = [] } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn }))
  const port = Listeners[0]?.Port ?? (await freePort())
  if (Listeners.length === 0) {
    const DefaultActions = [{ Type: 'forward' as const, TargetGroupArn: targetGroupArn }]
    await elb.send(new CreateListenerCommand({ LoadBalancerArn, Protocol: 'HTTP', Port: port, DefaultActions }))
  }
  return { targetGroupArn, url: `http://${DNSName}:${port}` }
}

/** Takes away what has this name; every load balancer and target group when there is none. */
export const unbalance = async (elb: ElasticLoadBalancingV2Client, name: string | undefined): Promise<void> => {
  const { LoadBalancers = [] } = await elb.send(new DescribeLoadBalancersCommand({}))
  for (const { LoadBalancerArn, LoadBalancerName } of LoadBalancers)
    if (name === undefined || name === LoadBalancerName)
      await elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }))
  const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({}))
  for (const { TargetGroupArn, TargetGroupName } of TargetGroups)
    if (name === undefined || name === TargetGroupName) await elb.send(new DeleteTargetGroupCommand({ TargetGroupArn }))
}

const subnetsOf = async (elb: ElasticLoadBalancingV2Client) => {
  const { endpoint, region, credentials } = elb.config
  const ec2 = new EC2Client({ region, credentials, ...(endpoint ? { endpoint } : {}) })
  const { Subnets = [] } = await ec2.send(
    new DescribeSubnetsCommand({ Filters: [{ Name: 'default-for-az', Values: ['true'] }] }),
  )
  ec2.destroy()
  return { ids: Subnets.map(({ SubnetId = '' }) => SubnetId), vpcId: Subnets[0]?.VpcId ?? '' }
}

const freePort = async (): Promise<number> => {
  for (let port = FIRST_PORT; port <= LAST_PORT; port++) if (await isFree(port)) return port
  throw new Error(`none of the ports ${FIRST_PORT} to ${LAST_PORT} is free`)
}

const isFree = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })

/** The page; undefined while there is none. Node's resolver does not know that *.localhost is this machine. */
export const pageAt = (url: string): Promise<string | undefined> => {
  const { host, port } = new URL(url)
  return new Promise(resolve => {
    const asked = request({ host: '127.0.0.1', port, headers: { host }, timeout: 2_000 }, answer => {
      let page = ''
      answer.setEncoding('utf8').on('data', text => {
        page += text
      })
      answer.on('end', () => resolve(answer.statusCode === 200 ? page : undefined))
    })
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => resolve(undefined))
    asked.end()
  })
}
