import assert from 'node:assert/strict'
import { test } from 'node:test'
import { definitionRow } from '../reconcilers/testing/rows.ts'
import { withOverrides } from './task-overrides.ts'

const definition = definitionRow()
const [{ name = '' } = {}] = definition.containerDefinitions

test('overrides that only name their containers leave the definition itself, so that what was made of it is found again', () => {
  assert.equal(
    withOverrides(definition, { containerOverrides: [{ name }], inferenceAcceleratorOverrides: [] }),
    definition,
  )
})

test('an override of one member leaves the rest of its container, and the definition, as they are', () => {
  const before = structuredClone(definition)
  const over = withOverrides(definition, { cpu: '512', containerOverrides: [{ name, command: ['sleep', '1'] }] })
  assert.equal(over.cpu, '512')
  assert.deepEqual(over.containerDefinitions[0], { ...definition.containerDefinitions[0], command: ['sleep', '1'] })
  assert.deepEqual(definition, before)
})
