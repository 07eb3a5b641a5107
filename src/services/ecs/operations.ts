// The ECS operations that are built, by name: the gateway's list and docs/coverage.md's.
import type { OperationTable } from '../../aws/operation.ts'
import type { EcsDependencies } from './context.ts'

export const ecsOperations = (_dependencies: EcsDependencies): OperationTable => ({})
