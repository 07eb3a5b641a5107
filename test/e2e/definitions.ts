// Task definitions that several tests and benchmarks run.
import type { ContainerDefinition, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs'
import { TEST_IMAGE } from './test-image.ts'

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
