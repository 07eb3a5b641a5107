// The tables of fields by the operations that refuse by them, with the code that they answer: for docs/coverage.md, and for
// the test that holds every operation to its table.
import { capacityProviderFields } from './capacity-provider/fields.ts'
import { clusterFields } from './cluster/fields.ts'
import { daemonFields } from './daemon/fields.ts'
import type { Fields } from './field-support.ts'
import { serviceFields } from './service/fields.ts'
import { taskRequestFields } from './task/fields.ts'
import { taskSetFields } from './task-set/fields.ts'

export type RequestFields = {
  readonly operations: readonly string[]
  readonly fields: Fields
  /** UnsupportedFeatureException where the operation models it. */
  readonly code: 'UnsupportedFeatureException' | 'InvalidParameterException'
}

export const requestFields: readonly RequestFields[] = [
  { operations: ['CreateService', 'UpdateService'], fields: serviceFields, code: 'UnsupportedFeatureException' },
  { operations: ['CreateTaskSet'], fields: taskSetFields, code: 'UnsupportedFeatureException' },
  { operations: ['CreateDaemon', 'UpdateDaemon'], fields: daemonFields, code: 'UnsupportedFeatureException' },
  { operations: ['RunTask', 'StartTask'], fields: taskRequestFields, code: 'UnsupportedFeatureException' },
  {
    operations: ['CreateCluster', 'UpdateCluster', 'UpdateClusterSettings'],
    fields: clusterFields,
    code: 'InvalidParameterException',
  },
  {
    operations: ['CreateCapacityProvider', 'UpdateCapacityProvider', 'DeleteCapacityProvider'],
    fields: capacityProviderFields,
    code: 'UnsupportedFeatureException',
  },
]
