import assert from 'node:assert/strict'
import { test } from 'node:test'
import constraints from './model.generated.json' with { type: 'json' }
import { ECS_THROTTLING } from './throttling.ts'

test('every bucket names operations of ECS, and no operation is in two', () => {
  const names = ECS_THROTTLING.flatMap(bucket => bucket.operations)
  assert.deepEqual(
    names.filter(name => !Object.hasOwn(constraints.operations, name)),
    [],
  )
  assert.equal(new Set(names).size, names.length)
})
