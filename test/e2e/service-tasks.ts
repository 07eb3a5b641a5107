// What tests and benchmarks ask about the tasks of a service.
import { DescribeTasksCommand, type ECSClient, ListTasksCommand, type Task } from '@aws-sdk/client-ecs'
import { testDocker } from './test-image.ts'

export const runningTasks = async (ecs: ECSClient, serviceName: string): Promise<readonly Task[]> => {
  const { taskArns = [] } = await ecs.send(new ListTasksCommand({ serviceName }))
  if (taskArns.length === 0) return []
  const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ tasks: taskArns }))
  return tasks.filter(task => task.lastStatus === 'RUNNING' && task.desiredStatus === 'RUNNING')
}

/** SIGKILL to the container of the first of them, behind Stowage's back. */
export const killOne = async (tasks: readonly Task[]): Promise<void> => {
  const id = tasks[0]?.containers?.[0]?.runtimeId
  if (!id) throw new Error('the task has no container')
  await testDocker().getContainer(id).kill()
}
