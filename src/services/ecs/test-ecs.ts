// ECS for tests: the real operations over a real store in memory, a clock that stands still, and one caller.
import type { RequestContext } from '../../aws/operation.ts'
import { type TestClock, testClock } from '../../lib/clock.ts'
import { seededIds } from '../../lib/ids.ts'
import type { Store } from '../../store/store.ts'
import { testStore } from '../../store/test-store.ts'
import type { EcsDependencies, EcsOperation } from './context.ts'

export const testRequest: RequestContext = {
  region: 'us-east-1',
  accountId: '123456789012',
  caller: {
    accountId: '123456789012',
    arn: 'arn:aws:iam::123456789012:root',
    userId: '123456789012',
    accessKeyId: 'AKIAEXAMPLE',
  },
  requestId: '00000000-0000-4000-8000-000000000001',
  endpoint: 'http://127.0.0.1:7700',
}

export type TestEcs = {
  readonly store: Store
  readonly clock: TestClock
  readonly dependencies: EcsDependencies
  /** Calls an operation as `testRequest`'s caller, or with the differences given. */
  readonly call: <Input, Output>(
    operation: EcsOperation<Input, Output>,
    input: Input,
    request?: Partial<RequestContext>,
  ) => Promise<Output>
}

export const testEcs = async (): Promise<TestEcs> => {
  const store = await testStore()
  const clock = testClock()
  const dependencies: EcsDependencies = { store, clock, ids: seededIds(1) }
  return {
    store,
    clock,
    dependencies,
    call: async (operation, input, request = {}) => operation(dependencies)({ ...testRequest, ...request }, input),
  }
}
