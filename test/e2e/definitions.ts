// Task definitions that several tests and benchmarks run.
import type { ContainerDefinition, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs'
import { TEST_IMAGE, WEB_IMAGE } from './test-image.ts'

/** Waits until it is told to stop, and then ends at once (a bare `sleep` as process 1 would ignore SIGTERM). */
export const IDLE = ['sh', '-c', 'trap "exit 0" TERM; sleep 1000000 & wait']

export const idleTask = (
  family: string,
  change: Partial<ContainerDefinition> = {},
): RegisterTaskDefinitionCommandInput => ({
  family,
  containerDefinitions: [{ name: 'idle', image: TEST_IMAGE, memory: 16, command: IDLE, ...change }],
})

/** Answers HTTP with `text`, on a host port that the engine chooses. */
export const webTask = (family: string, text: string): RegisterTaskDefinitionCommandInput => ({
  family,
  containerDefinitions: [
    {
      name: 'web',
      image: TEST_IMAGE,
      // Its server forks for each request: room for as many as a slow machine has under way.
      memory: 64,
      command: ['sh', '-c', `trap "exit 0" TERM; cd /tmp; echo ${text} >index.html; httpd -f -p 80 & wait`],
      portMappings: [{ containerPort: 80 }],
    },
  ],
})

const SERVER = `global
  maxconn 1000
defaults
  mode http
  timeout client 60s
  timeout http-request 60s
frontend web
  bind :80
`

/** The same with a server that answers thousands of requests a second and keeps connections (ensureWebImage). */
export const busyWebTask = (family: string, text: string): RegisterTaskDefinitionCommandInput => {
  const { containerDefinitions = [] } = webTask(family, text)
  const configuration = `${SERVER}  http-request return status 200 content-type text/plain string ${text}\n`
  const command = ['sh', '-c', `echo '${configuration}' >/tmp/web.cfg; exec /usr/sbin/haproxy -f /tmp/web.cfg`]
  return {
    family,
    containerDefinitions: containerDefinitions.map(one => ({ ...one, image: WEB_IMAGE, memory: 64, command })),
  }
}
